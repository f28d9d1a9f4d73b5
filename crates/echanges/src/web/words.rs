//! From what the domain knows to what the pages show.

use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};
use kernel::ApplicationId;
use serde_json::Value;

use super::pages::{ChannelRow, FileRow, Health, KeyRow, Line, MessageLine, OptionRow};
use crate::{
    connectors,
    model::{Application, ApplicationStatus, Delivery, DeliveryState, FAILURES_TO_OPEN},
    store::{FileLine, Key},
};

/// What waits for each application.
pub(super) struct Counts {
    by: HashMap<(ApplicationId, &'static str), i64>,
    next: HashMap<ApplicationId, Timestamp>,
}

impl Counts {
    pub(super) fn new(counts: Vec<(ApplicationId, DeliveryState, i64)>, next: Vec<(ApplicationId, Timestamp)>) -> Self {
        let by = counts.into_iter().map(|(application, state, n)| ((application, state.code()), n)).collect();
        Self { by, next: next.into_iter().collect() }
    }

    fn of(&self, application: ApplicationId, state: DeliveryState) -> i64 {
        self.by.get(&(application, state.code())).copied().unwrap_or(0)
    }
}

/// The lines of the list, worst first.
pub(super) fn lines(applications: Vec<Application>, counts: &Counts, now: Timestamp, zone: &TimeZone) -> Vec<Line> {
    let mut lines: Vec<Line> = applications.iter().map(|application| line(application, counts, now, zone)).collect();
    lines.sort_by(|a, b| (a.health, &a.name).cmp(&(b.health, &b.name)));
    lines
}

pub(super) fn line(application: &Application, counts: &Counts, now: Timestamp, zone: &TimeZone) -> Line {
    let waiting = counts.of(application.id, DeliveryState::Waiting) + counts.of(application.id, DeliveryState::Paused);
    let set_aside = counts.of(application.id, DeliveryState::SetAside);
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let has_failed = application.failures > 0;
    Line {
        slug: application.slug.clone(),
        name: application.name.clone(),
        channel: connectors::find(&application.channel).map(|c| c.label().to_owned()).unwrap_or_default(),
        contact: application.contact.clone(),
        health: health(application, waiting, set_aside),
        is_paused: application.status == ApplicationStatus::Paused,
        reason: application.status_reason.clone(),
        since: application.down_since.filter(|_| has_failed),
        since_today: application.down_since.is_some_and(|since| day(since) == day(now)),
        waiting,
        set_aside,
        last_error: application.last_error.clone(),
        next_try: counts.next.get(&application.id).copied().filter(|_| has_failed),
        last_success: application.last_success_at,
    }
}

fn health(application: &Application, waiting: i64, set_aside: i64) -> Health {
    match application.status {
        ApplicationStatus::Active if application.failures >= FAILURES_TO_OPEN => Health::Down,
        ApplicationStatus::Active | ApplicationStatus::Paused if set_aside > 0 => Health::Aside,
        ApplicationStatus::Active if application.failures > 0 => Health::Shaky,
        ApplicationStatus::Active => Health::Good,
        ApplicationStatus::Paused => Health::Paused,
        ApplicationStatus::Unset if waiting > 0 => Health::Unset,
        ApplicationStatus::Unset => Health::Paused,
    }
}

pub(super) fn message(delivery: Delivery) -> MessageLine {
    MessageLine {
        id: delivery.id.to_string(),
        dossier: delivery.dossier.to_string(),
        event: delivery.event_name,
        state: delivery.state.code(),
        attempts: delivery.attempts,
        created_at: delivery.created_at,
        next_at: (delivery.state == DeliveryState::Waiting).then_some(delivery.next_at),
        delivered_at: delivery.delivered_at,
        error: delivery.last_error,
    }
}

pub(super) fn file(file: FileLine) -> FileRow {
    FileRow {
        name: file.name,
        is_accepted: file.is_accepted,
        reason: file.reason,
        dossier: file.dossier.map(|dossier| dossier.to_string()),
        received_at: file.received_at,
    }
}

pub(super) fn key(key: Key) -> KeyRow {
    KeyRow { hash: key.hash, hint: key.hint, created_at: key.created_at, expires_at: key.expires_at }
}

/// The connectors, with the one that is chosen.
pub(super) fn channels(chosen: &str) -> Vec<ChannelRow> {
    let all = connectors::all().iter();
    all.map(|c| ChannelRow { value: c.kind(), label: c.label(), selected: c.kind() == chosen }).collect()
}

/// What the chosen connector must be told, and what it was.
pub(super) fn options(chosen: &str, values: &Value, is_kept: &dyn Fn(&str) -> bool) -> Vec<OptionRow> {
    let fields = connectors::find(chosen).map(|connector| connector.options()).unwrap_or_default();
    let row = |field: &connectors::OptionField| {
        let value = values.get(field.name).and_then(Value::as_str).filter(|_| !field.is_secret);
        OptionRow {
            name: field.name,
            label: field.label,
            hint: field.hint,
            value: value.unwrap_or_default().to_owned(),
            is_secret: field.is_secret,
            is_kept: field.is_secret && is_kept(field.name),
            is_optional: field.is_optional,
        }
    };
    fields.iter().map(row).collect()
}

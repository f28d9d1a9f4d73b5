//! `/mes-donnees/lectures`: all the readings, day by day, page by page.

use axum::response::Response;
use jiff::{Timestamp, tz::TimeZone};
use kernel::{
    EventId, Result,
    journal::Recorded,
    templates::{Page, french},
    web::{Form, SignedUsager},
};
use serde::Serialize;

use crate::{
    read,
    readings::{Reading, Words, lines},
};

const PAGE: u32 = 50;

/// The readings of a day.
#[derive(Clone, Serialize)]
pub(super) struct DayView {
    /// "jeudi 3 décembre 2026"
    title: String,
    readings: Vec<Reading>,
}

/// All the readings.
#[derive(Serialize)]
pub(super) struct ReadingsPage {
    days: Vec<DayView>,
    /// Whether this is the first page.
    is_first: bool,
    next: Option<String>,
}

impl DayView {
    pub(super) fn samples() -> Vec<Self> {
        let reading = Reading {
            at: Timestamp::UNIX_EPOCH,
            who: "Caisse des écoles".into(),
            verb: "a lu".into(),
            what: "votre quotient familial".into(),
            why: "Pour : calculer le tarif de la cantine".into(),
            basis: "Fondement : une mission d’intérêt public".into(),
        };
        let opened = Reading {
            who: "Service des mobilités".into(),
            verb: "a ouvert".into(),
            what: "votre demande".into(),
            basis: String::new(),
            ..reading.clone()
        };
        vec![
            Self { title: "jeudi 3 décembre 2026".into(), readings: vec![reading.clone(), opened] },
            Self { title: "mercredi 2 décembre 2026".into(), readings: vec![reading] },
        ]
    }
}

impl Page for ReadingsPage {
    const TEMPLATE: &'static str = "referentiel/usager/lectures.html";
    fn samples() -> Vec<Self> {
        vec![
            Self { days: vec![], is_first: true, next: None },
            Self { days: DayView::samples(), is_first: true, next: None },
            Self { days: DayView::samples(), is_first: false, next: Some("/mes-donnees/lectures?avant=evt_1".into()) },
        ]
    }
}

/// `GET /mes-donnees/lectures?avant=…`
pub(super) async fn show(cx: SignedUsager, query: Form) -> Result<Response> {
    let before = query.filled("avant").map(str::parse::<EventId>).transpose()?;
    let (read, next, words) = cx
        .read(async |tx| {
            let ids = read::aliases(tx, cx.usager).await?;
            let (read, next) = lines(tx, &ids, PAGE, before).await?;
            let words = Words::load(tx, &read).await?;
            Ok((read, next, words))
        })
        .await?;
    let next = next.map(|last| format!("/mes-donnees/lectures?avant={last}"));
    cx.page(&ReadingsPage { days: days(&read, &words, &cx.tenant.zone()), is_first: before.is_none(), next })
}

/// The lines, newest first, grouped by the day where the collectivité is.
pub(super) fn days(lines: &[Recorded], words: &Words, zone: &TimeZone) -> Vec<DayView> {
    let mut days: Vec<DayView> = vec![];
    for line in lines {
        let title = weekday(line.at, zone);
        match days.last_mut() {
            Some(day) if day.title == title => day.readings.push(words.reading(line)),
            _ => days.push(DayView { title, readings: vec![words.reading(line)] }),
        }
    }
    days
}

fn weekday(at: Timestamp, zone: &TimeZone) -> String {
    const NAMES: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    let date = at.to_zoned(zone.clone()).date();
    let name = usize::try_from(date.weekday().to_monday_zero_offset()).ok().and_then(|at| NAMES.get(at)).copied().unwrap_or_default();
    format!("{name} {}", french::date(date))
}

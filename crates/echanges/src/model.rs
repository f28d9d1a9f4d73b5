//! Applications and deliveries as values: what an outcome makes of them. No SQL, no clock, no network.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kernel::{ApplicationId, DeliveryId, DossierId, Error, EventId, Result};
use serde::{Deserialize, Serialize};

use crate::Format;

/// Failures in a row after which only one try at a time is made.
pub(crate) const FAILURES_TO_OPEN: i64 = 5;
/// Deaths of the process after which a delivery is set aside: it may be what kills it.
pub(crate) const LOSSES: i64 = 3;
/// How long one attempt may hold a delivery.
pub(crate) const CLAIM: SignedDuration = SignedDuration::from_secs(75);
/// How long the former signing secret still signs after a rotation.
pub(crate) const ROTATION: SignedDuration = SignedDuration::from_hours(48);

/// A system that exchanges with us.
#[derive(Debug, Clone)]
pub struct Application {
    /// Which.
    pub id: ApplicationId,
    /// Its name in packages.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Which connector; empty while nobody has set it up.
    pub channel: String,
    /// What the connector needs, but for secrets.
    pub options: serde_json::Value,
    /// Secrets, sealed.
    pub(crate) sealed: Option<Vec<u8>>,
    /// Whom to call when it fails.
    pub contact: String,
    /// Whether anything may leave.
    pub status: ApplicationStatus,
    /// Why it is paused, in words.
    pub status_reason: String,
    /// Failures in a row.
    pub failures: i64,
    /// Since when it does not answer.
    pub down_since: Option<Timestamp>,
    /// While it is down: not before this instant.
    pub probe_at: Option<Timestamp>,
    /// What it said last when it failed.
    pub last_error: String,
    /// When it last took something.
    pub last_success_at: Option<Timestamp>,
}

/// Whether anything may leave for an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationStatus {
    /// Yes.
    Active,
    /// Not now: what is for it waits.
    Paused,
    /// A package names it, nobody has given its address: what is for it waits.
    Unset,
}

/// One sending.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// To whom.
    pub application: ApplicationId,
    /// About which dossier.
    pub dossier: DossierId,
    /// Since which event: the idempotency key of the receiver.
    pub event: EventId,
    /// As in the package.
    pub event_name: String,
    /// Id of the liaison in the package.
    pub liaison: String,
    /// Who builds the body.
    pub source: String,
    /// How it is written.
    pub format: Format,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts that failed.
    pub attempts: i64,
    /// Times that the process died.
    pub lost: i64,
    /// When it is tried next.
    pub next_at: Timestamp,
    /// Until when an attempt holds it.
    pub claimed_until: Option<Timestamp>,
    /// Why it failed last.
    pub last_error: String,
    /// SHA-256 of what was sent last.
    pub fingerprint: String,
    /// When the event happened.
    pub created_at: Timestamp,
    /// When the application took it.
    pub delivered_at: Option<Timestamp>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Will be tried, or is being tried.
    Waiting,
    /// Waits for its application to be set up or resumed.
    Paused,
    /// The application has it.
    Delivered,
    /// Not tried any more: somebody must look.
    SetAside,
    /// Somebody, or its builder, said that it need not leave.
    GivenUp,
}

/// Why an attempt failed; the reason is for the page of exchanges and holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Try later, not before what the other side asked.
    Retry {
        /// What it asked.
        after: Option<Duration>,
        /// In words.
        reason: String,
    },
    /// This message will never be taken.
    Refused {
        /// In words.
        reason: String,
    },
    /// No message will be taken until somebody acts: 410, a refused key, a changed host key.
    Blocked {
        /// In words.
        reason: String,
    },
}

/// What an attempt makes of a delivery.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Again then.
    At(Timestamp),
    /// Set aside, for this cause.
    Aside(&'static str),
    /// Kept until somebody acts.
    Kept,
}

impl Application {
    /// Whether this instant is not one of those left to a target that is down.
    pub(crate) fn may_try(&self, now: Timestamp) -> bool {
        self.failures < FAILURES_TO_OPEN || self.probe_at.is_none_or(|at| at <= now)
    }

    /// After one failure more: when the next try may be made, if the circuit is open.
    pub(crate) fn next_probe(failures: i64, now: Timestamp) -> Option<Timestamp> {
        let doublings = u32::try_from(failures - FAILURES_TO_OPEN).ok()?;
        let wait = 30_i64.saturating_mul(1 << doublings.min(10)).min(600);
        now.checked_add(SignedDuration::from_secs(wait)).ok()
    }
}

impl Delivery {
    /// What a failed attempt leads to. `chance` is drawn in 0..=1 and spreads the delay by ± 20 %.
    pub(crate) fn after(&self, failure: &Failure, now: Timestamp, chance: f64) -> Next {
        match failure {
            Failure::Refused { .. } => Next::Aside("refused"),
            Failure::Blocked { .. } => Next::Kept,
            Failure::Retry { after, .. } => match kernel::jobs::retry_after(self.attempts + 1) {
                None => Next::Aside("exhausted"),
                Some(delay) => {
                    let delay = delay.mul_f64(0.8 + 0.4 * chance).max(after.unwrap_or_default());
                    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::from_hours(24));
                    Next::At(now.checked_add(delay).unwrap_or(now))
                }
            },
        }
    }
}

impl Failure {
    /// In words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason, .. } | Self::Refused { reason } | Self::Blocked { reason } => reason,
        }
    }

    pub(crate) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { after: None, reason: reason.into() }
    }
}

macro_rules! codes {
    ($($type:ident { $($variant:ident $code:literal)* })*) => {$(
        impl $type {
            /// As in the database.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub(crate) fn read(code: &str) -> Result<Self> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    _ => Err(Error::internal(format!("unknown state {code}"))),
                }
            }
        }
    )*};
}
codes! {
    ApplicationStatus { Active "active" Paused "paused" Unset "unset" }
    DeliveryState { Waiting "waiting" Paused "paused" Delivered "delivered" SetAside "set_aside" GivenUp "given_up" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn delivery(attempts: i64) -> Delivery {
        let uuid = uuid::Uuid::nil();
        Delivery {
            id: uuid.into(),
            application: uuid.into(),
            dossier: uuid.into(),
            event: uuid.into(),
            event_name: "depot".into(),
            liaison: "acte".into(),
            source: "dossiers".into(),
            format: Format::Json,
            state: DeliveryState::Waiting,
            attempts,
            lost: 0,
            next_at: at(0),
            claimed_until: None,
            last_error: String::new(),
            fingerprint: String::new(),
            created_at: at(0),
            delivered_at: None,
        }
    }

    #[test]
    fn delays_follow_the_common_schedule_then_somebody_must_look() {
        let failure = Failure::retry("500");
        let delays: Vec<Next> = (0..11).map(|attempts| delivery(attempts).after(&failure, at(0), 0.5)).collect();
        let wanted = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 86_400, 86_400].map(|s| Next::At(at(s)));
        assert_eq!(delays[..10], wanted);
        assert_eq!(delays[10], Next::Aside("exhausted"));
    }

    #[test]
    fn what_the_other_side_asks_wins_when_it_is_later() {
        let asked = |s| Failure::Retry { after: Some(Duration::from_secs(s)), reason: "429".into() };
        assert_eq!(delivery(0).after(&asked(7), at(0), 0.5), Next::At(at(7)));
        assert_eq!(delivery(1).after(&asked(7), at(0), 0.5), Next::At(at(30)));
    }

    #[test]
    fn a_target_that_is_down_is_tried_more_and_more_rarely() {
        let probes: Vec<_> = (4..12).map(|failures| Application::next_probe(failures, at(0))).collect();
        let wanted = [None, Some(30), Some(60), Some(120), Some(240), Some(480), Some(600), Some(600)];
        assert_eq!(probes, wanted.map(|s| s.map(at)));
    }
}

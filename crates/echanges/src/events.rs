//! The events of exchanges: ids, codes and names of values; never a value, an address or a text.

use kernel::{ApplicationId, DeliveryId, DossierId, Event, Subject};
use serde::Serialize;

/// An application was registered, changed, paused or resumed, or its keys changed.
#[derive(Debug, Serialize)]
pub struct ApplicationChanged {
    /// Which.
    pub application: ApplicationId,
    /// `registered`, `named`, `changed`, `paused`, `resumed`, `key-added`, `key-closed`, `secret-rotated`, `replay-all`.
    pub change: &'static str,
}

impl Event for ApplicationChanged {
    const KIND: &'static str = "ApplicationChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// A document is about to leave; written before it does, at each attempt.
#[derive(Debug, Serialize)]
pub struct DeliveryAttempted {
    /// Which.
    pub delivery: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
    /// To whom.
    pub application: ApplicationId,
    /// From 1.
    pub attempt: i64,
    /// Names of what it says.
    pub fields: Vec<String>,
}

/// The application has it.
#[derive(Debug, Serialize)]
pub struct DeliverySucceeded {
    /// Which.
    pub delivery: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
    /// To whom.
    pub application: ApplicationId,
    /// SHA-256 of what was sent.
    pub fingerprint: String,
}

/// It will not be tried again by itself.
#[derive(Debug, Serialize)]
pub struct DeliverySetAside {
    /// Which.
    pub delivery: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
    /// To whom.
    pub application: ApplicationId,
    /// `refused`, `exhausted`, `lost`, `unbuildable`, `given-up`.
    pub cause: &'static str,
}

/// It will not leave: nothing waits for it any more.
#[derive(Debug, Serialize)]
pub struct DeliveryGivenUp {
    /// Which.
    pub delivery: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
    /// To whom.
    pub application: ApplicationId,
    /// Why: a code.
    pub cause: &'static str,
}

/// Somebody asked that it be tried again.
#[derive(Debug, Serialize)]
pub struct DeliveryReplayed {
    /// Which.
    pub delivery: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
}

/// An application answered about a dossier.
#[derive(Debug, Serialize)]
pub struct AnswerReceived {
    /// Which application.
    pub application: ApplicationId,
    /// About which dossier.
    pub dossier: DossierId,
    /// The word of the package.
    pub answer: String,
}

/// A file of an application became a dossier, or was refused.
#[derive(Debug, Serialize)]
pub struct FileReceived {
    /// Which application.
    pub application: ApplicationId,
    /// What it became; none: refused.
    pub dossier: Option<DossierId>,
    /// SHA-256 of its content.
    pub fingerprint: String,
}

macro_rules! of_dossier {
    ($($event:ident)*) => {$(
        impl Event for $event {
            const KIND: &'static str = stringify!($event);
            fn subject(&self) -> Subject {
                Subject::Dossier(self.dossier)
            }
        }
    )*};
}
of_dossier!(DeliveryAttempted DeliverySucceeded DeliverySetAside DeliveryGivenUp DeliveryReplayed AnswerReceived);

impl Event for FileReceived {
    const KIND: &'static str = "FileReceived";
    fn subject(&self) -> Subject {
        self.dossier.map_or(Subject::Tenant, Subject::Dossier)
    }
}

//! Takes a démarche off: nobody can begin it any more; the dossiers under way keep their version.

use crate::{PUBLISH, store};
use kernel::{Error, Event, Result, Subject, Tx};
use serde::Serialize;

/// A démarche is no longer offered.
#[derive(Serialize)]
pub struct TeleserviceTakenOff {
    pub teleservice: String,
}

impl Event for TeleserviceTakenOff {
    const KIND: &'static str = "TeleserviceTakenOff";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// `NotFound` when it was not online.
pub async fn take_off(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.allow_any(PUBLISH)?;
    if !store::take_off(tx, slug).await? {
        return Err(Error::NotFound);
    }
    tx.emit(&TeleserviceTakenOff { teleservice: slug.to_owned() }).await.map(drop)
}

//! The journal, read by who has the right to: what happened, to whom, by whom, when; never a value.

use kernel::{
    Event, EventId, Result, Subject, Tx,
    journal::{self, Filter, Recorded},
};
use serde::Serialize;

use crate::AUDIT;

/// Lines of the journal left the program in a file.
#[derive(Serialize)]
pub struct JournalExported {
    /// Kinds that were asked for; none: all.
    pub kinds: Vec<String>,
    /// Subjects that were asked for; none: all.
    pub subjects: Vec<String>,
}

impl Event for JournalExported {
    const KIND: &'static str = "JournalExported";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// The lines that a filter lets through, newest first; at most `limit`, before a line if one is given.
pub async fn read_journal(tx: &mut Tx, filter: &Filter, limit: u32, before: Option<EventId>) -> Result<Vec<Recorded>> {
    tx.allow_any(AUDIT)?;
    journal::find(tx, filter, limit, before).await
}

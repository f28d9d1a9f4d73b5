//! What every table that holds personal data promises: how long it keeps, what it hands over to the person, how it erases.

use std::{future::Future, pin::Pin};

use kernel::{Result, Tx, UsagerId};
use serde::Serialize;

/// How long something is kept, why, and what happens then.
#[derive(Debug, Clone, Serialize)]
pub struct Retention {
    /// The table.
    pub table: &'static str,
    /// In words: "un an après la clôture".
    pub kept: &'static str,
    /// The text or the reason.
    pub because: &'static str,
}

/// A domain's personal data; the list is in `parvis/src/registries.rs`.
pub trait PersonalData: Send + Sync {
    /// One line per table that holds some.
    fn retention(&self) -> &'static [Retention];
    /// All that is held about a person (under all his identifiers), for the right of access, GDPR article 15.
    fn export<'a>(
        &'a self, tx: &'a mut Tx, ids: &'a [UsagerId],
    ) -> Pin<Box<dyn Future<Output = Result<serde_json::Value>> + Send + 'a>>;
}

//! What the domains on the right show of a person on his page for agents: his dossiers, and later his payments,
//! his appointments. The list is in `parvis/src/registries.rs`.

use std::{future::Future, pin::Pin};

use kernel::{Result, Tx, UsagerId};
use serde::Serialize;

/// One part of the page of a person.
#[derive(Debug, Clone, Serialize)]
pub struct Panel {
    /// "Dossiers".
    pub title: String,
    /// What is said when there is no line.
    pub empty: String,
    /// Its lines, the most useful first.
    pub lines: Vec<PanelLine>,
    /// Where all of them are, if they are not all here.
    pub more: Option<String>,
    /// What the actor may do there for this person.
    pub act: Option<PanelAct>,
}

/// A button of a part.
#[derive(Debug, Clone, Serialize)]
pub struct PanelAct {
    /// A verb.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// One line of a part.
#[derive(Debug, Clone, Serialize)]
pub struct PanelLine {
    /// Name of an icon; empty for none.
    pub icon: &'static str,
    /// First words.
    pub label: String,
    /// Second line; empty for none.
    pub sub: String,
    /// Where it leads; empty when the actor may not go there.
    pub href: String,
    /// At the right: a state.
    pub note: String,
}

/// A domain that has something to show of a person. What the actor may not see is left out by the domain itself.
pub trait UsagerPanel: Send + Sync {
    /// Its part for this person, under all his identifiers; none when the actor may see nothing of it.
    fn panel<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Pin<Box<dyn Future<Output = Result<Option<Panel>>> + Send + 'a>>;
}

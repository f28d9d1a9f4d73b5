//! `liaisons.toml`: what goes to applications and what comes back.

use super::Question;
use crate::package::flaw::Place;
use crate::package::formula::Formula;
use crate::package::reader::Located;
use echanges::Format;

/// Which event goes to which application, and which answers come back.
#[derive(Clone, Debug)]
pub struct Liaison {
    pub id: String,
    pub label: String,
    pub event: LiaisonEvent,
    /// Slug of the application; its address and secrets are the tenant's.
    pub application: String,
    /// Code of the purpose, which the exit check looks for in the habilitation of the application.
    pub purpose: String,
    pub condition: Option<Formula>,
    pub format: Format,
    /// Root element in XML.
    pub root: String,
    pub fields: Vec<LiaisonField>,
    pub answers: Vec<LiaisonAnswer>,
    pub place: Place,
}

/// What sets a liaison off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiaisonEvent {
    /// The deposit of the dossier.
    Deposit,
    /// A transition, by its id.
    Transition(String),
}

/// The formats of the package, in its own words.
pub(crate) const FORMATS: [(&str, Format); 3] = [("csv", Format::Csv), ("xml", Format::Xml), ("json", Format::Json)];

/// One value sent: where it goes, what it is.
#[derive(Clone, Debug)]
pub struct LiaisonField {
    /// Column of a CSV, or path: `Demandeur/Nom`, `Titulaire[2]/Nom`, `@attribut`.
    pub path: String,
    pub formula: Formula,
    pub place: Place,
}

/// An answer the application may give, and what it does to the dossier.
#[derive(Clone, Debug)]
pub struct LiaisonAnswer {
    pub word: String,
    /// What comes with the word.
    pub received: Vec<Question>,
    pub condition: Option<Formula>,
    pub transition: Located,
    /// Field of the transition → formula over what was received.
    pub fields: Vec<(Located, Formula)>,
    /// Motif given with the transition: formula over what was received.
    pub motif: Option<Formula>,
    pub place: Place,
}

/// A kind of file that an application leaves, and where its values go: a demand that comes from elsewhere.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub id: String,
    pub label: String,
    /// Slug of the application that leaves such files.
    pub application: String,
    /// XML or JSON.
    pub format: Format,
    /// Root element, in XML.
    pub root: String,
    /// How the demand came, kept with the dossier.
    pub channel: String,
    /// Path of the sender's own identifier: a second file with it makes nothing.
    pub identifier: Option<String>,
    pub fields: Vec<ArrivalField>,
    pub place: Place,
}

/// One value received: from where, to which question.
#[derive(Clone, Debug)]
pub struct ArrivalField {
    pub question: Located,
    /// Part of a kind with several controls: `code_postal` of an address.
    pub part: String,
    pub from: ArrivalFrom,
    /// Codes of the sender → what the question takes; empty: as it comes.
    pub values: Vec<(String, String)>,
}

/// Where a value received is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrivalFrom {
    /// At this path of the file.
    Path(String),
    /// Always this text.
    Always(String),
}

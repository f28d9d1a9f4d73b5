//! GDPR by construction: habilitations, consents, oppositions, and the one door by which personal data leaves.
//! It knows neither the attributes' values nor the persons: `referentiel` reads, with the `Permit` given here.
//!
//! Invariants: a `Permit` has no public constructor; its journal line is in the same transaction; an unknown person,
//! another tenant's person and a person without a link to the partner cannot be told apart.

mod actors;
mod answer_right;
mod consent;
mod disclose;
mod habilitation;
mod jobs;
mod opposition;
mod personal;
mod read_journal;
pub mod rights_request;
mod store;
mod web;

pub use actors::Actors;
pub use answer_right::{RightsRequestAnswered, answer_right};
pub use consent::{Consent, ConsentGiven, ConsentWithdrawn, Offer, consents, give, offers, withdraw};
pub use disclose::{Disclosed, PROBLEMS, Permit, disclose};
pub use habilitation::{
    Basis, Habilitation, HabilitationClosed, HabilitationGranted, NewHabilitation, UsagerInformed, close, every_habilitation, grant, habilitations,
    inform,
};
pub use jobs::jobs;
pub use opposition::{Opposition, OppositionMade, oppose, oppositions};
pub use personal::{PersonalData, Retention, Rights};
pub use read_journal::{JournalExported, read_journal};
pub use rights_request::{RightsRequest, RightsRequestMade, ask_right, request, requests, requests_of};
pub use web::{Templates, pages, routes};

use std::{future::Future, pin::Pin};

use kernel::{Result, Right, Tx, journal::Recorded};
use serde::Serialize;

/// May grant and close habilitations.
pub const HABILITATE: Right = Right("rgpd.habiliter");
/// May read the journal and the accesses to a person's record, and answer persons about their data.
pub const AUDIT: Right = Right("rgpd.auditer");

/// The rights of this domain, in words.
pub const RIGHTS: &[(Right, &str)] =
    &[(HABILITATE, "Ouvrir et fermer les contrats de service"), (AUDIT, "Lire le journal et répondre aux demandes sur les données")];

/// What the domains on the right tell this one; the lists are in `parvis/src/registries.rs`.
#[derive(Clone, Copy)]
pub struct Registry {
    /// Who holds personal data.
    pub personal: &'static [&'static dyn PersonalData],
    /// Kinds of events, in words.
    pub events: &'static [(&'static str, &'static str)],
    /// Tells lines of the journal in the words of their domains, one for each, in the order given.
    pub tell: for<'a> fn(&'a mut Tx, &'a [Recorded]) -> Telling<'a, Vec<Told>>,
    /// The subject that somebody typed: an id, or what people call it.
    pub find: for<'a> fn(&'a mut Tx, &'a str) -> Telling<'a, String>,
}

/// A reading of the domains on the right.
pub type Telling<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A line of the journal, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What it is about.
    pub about: String,
    /// Where that is read.
    pub href: Option<String>,
    /// What else was written.
    pub details: Vec<Detail>,
}

/// A member of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// What it is.
    pub label: String,
    /// Its value.
    pub text: String,
    /// Where that is read.
    pub href: Option<String>,
}

//! The référentiel: persons, and what is known of them as sourced facts. The record is computed, never stored.
//! It decides nothing about who may read: `rgpd` gives permits; sign-in is in `comptes`.
//!
//! Invariants: a value without a source cannot exist; a fact is never overwritten; merging joins facts by aliases and
//! rewrites no other table.

mod api;
pub mod attributes;
mod consult;
mod correct;
mod create;
mod foyer;
mod france_connect;
mod jobs;
mod model;
mod notice;
mod panel;
mod personal;
mod read;
pub mod readings;
mod record_facts;
mod search;
mod sign_in;
mod store;
mod take_copy;
pub mod web;
mod withdraw_facts;

pub use attributes::{Attribute, attribute};
pub use consult::{Consultation, UsagerConsulted, consult};
pub use correct::{can_correct, correct};
pub use create::{Identity, attach, create, of_compte};
pub use foyer::{FoyerChanged, FoyerRole, Member, found_foyer, foyer_of};
pub use france_connect::{Linking, Pivot, join, linking};
pub use jobs::jobs;
pub use model::{Fact, Golden, Level, Record, Source};
pub use notice::{Notice, notices, public_readings};
pub use panel::{Panel, PanelAct, PanelLine, UsagerPanel};
pub use personal::{Accounts, Persons, Sessions};
pub use read::{Disclosure, aliases, facts, read, record};
pub use record_facts::{FactProposed, NewFact, UsagerChanged, record_facts};
pub use search::{Card, PAGE, PersonsSearched, card, cards, display_name, identity_level, search, show, shown};
pub use sign_in::actor_of_compte;
pub use store::Found;
pub use take_copy::{PersonalDataCopied, take_copy};
pub use web::{pages, routes};
pub use withdraw_facts::{answer_request, can_take_back, take_back};

use kernel::Right;
use rgpd::PersonalData;

/// The templates of this domain.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// May open the record of a person.
pub const CONSULT: Right = Right("referentiel.consulter");
/// May correct a fact, with a reason.
pub const CORRECT: Right = Right("referentiel.corriger");

/// The rights of this domain, in words.
pub const RIGHTS: &[(Right, &str)] = &[(CONSULT, "Chercher une personne et ouvrir sa fiche"), (CORRECT, "Corriger la fiche d’une personne")];

/// What the domains on the right give to this one; the lists are in `parvis/src/registries.rs`.
#[derive(Clone, Copy)]
pub struct Registry {
    /// Who holds personal data: what "all that is held" means.
    pub personal: &'static [&'static dyn PersonalData],
    /// Who has something to show of a person.
    pub panels: &'static [&'static dyn UsagerPanel],
}

//! The référentiel: persons, and what is known of them as sourced facts. The record is computed, never stored.
//! It decides nothing about who may read: `rgpd` gives permits; sign-in is in `comptes`.
//!
//! Invariants: a value without a source cannot exist; a fact is never overwritten; merging joins facts by aliases and
//! rewrites no other table.

pub mod attributes;
mod create;
mod france_connect;
mod model;
mod read;
mod record_facts;
mod sign_in;
mod store;
pub mod web;

pub use attributes::{Attribute, attribute};
pub use create::{Identity, attach, create, of_compte};
pub use france_connect::{Linking, Pivot, join, linking};
pub use model::{Fact, Golden, Level, Record, Source};
pub use read::{Disclosure, aliases, facts, read, record};
pub use record_facts::{FactProposed, NewFact, UsagerChanged, record_facts};
pub use sign_in::actor_of_compte;
pub use store::{Found, search};
pub use web::{pages, routes};

use kernel::Right;

/// The templates of this domain.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// May open the record of a person.
pub const CONSULT: Right = Right("referentiel.consulter");
/// May correct a fact, with a reason.
pub const CORRECT: Right = Right("referentiel.corriger");

/// The rights of this domain, in words.
pub const RIGHTS: &[(Right, &str)] = &[(CONSULT, "Ouvrir la fiche d’une personne"), (CORRECT, "Corriger une information, avec un motif")];

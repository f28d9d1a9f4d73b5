//! Kinds of value (text, date, IBAN, address…) shared by the questions of a form and the attributes of the registry.
//!
//! A kind reads what a person wrote, says in French what is wrong with it, shows a value, fills the controls again,
//! exports it and gives it to the rules. It knows no database, no page and no domain: labels, hints and the words
//! around a question belong to the téléservice, the drawing of the controls to `kernel::web::question`.
//!
//! To add a kind: one file here with its samples, one line in [`all`]; a new [`Control`] only if none fits.

pub mod adresse;
mod choix;
mod choix_multiple;
mod clean;
mod commune;
mod courriel;
pub mod date;
pub mod date_partielle;
mod decimal;
pub mod fold;
pub mod iban;
mod kind;
mod montant;
mod nombre;
mod oui_non;
mod rule;
mod telephone;
mod texte;
mod texte_long;

pub use kind::{Control, Expect, FeelValue, Hints, Input, Kind, Refusal, Sample, control_name, gather, read_answer};
pub use montant::euros;
pub use rule::{Bound, Choice, Pattern, Rule};

/// Every kind of value, in the order in which the studio offers them.
pub fn all() -> &'static [&'static dyn Kind] {
    &[
        &texte::Texte,
        &texte_long::TexteLong,
        &nombre::Nombre,
        &montant::Montant,
        &date::Date,
        &date_partielle::DatePartielle,
        &oui_non::OuiNon,
        &choix::Choix,
        &choix_multiple::ChoixMultiple,
        &courriel::Courriel,
        &telephone::Telephone,
        &adresse::Adresse,
        &commune::Commune,
        &iban::Iban,
    ]
}

/// The kind of this name, if there is one.
pub fn kind(name: &str) -> Option<&'static dyn Kind> {
    all().iter().copied().find(|kind| kind.name() == name)
}

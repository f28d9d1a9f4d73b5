//! Crosses the files of a package: names, formulas, order, circuit, law, letters, liaisons, essais.
//! What is wrong within one file was said by `read`.

mod choices;
mod circuit;
mod courriers;
mod eligibility;
mod essais;
mod formulas;
mod law;
mod liaisons;
mod names;

use super::files::Files;
use super::flaw::{Place, Report};
use super::model::{Card, Deposit};
use super::read::Raw;
use super::setting::Words;
use super::{Package, Step};
use std::cell::RefCell;

/// Makes the package when nothing stands in the way of its use; all flaws go to the report.
pub(super) fn cross(mut raw: Raw, files: &Files, words: &Words, report: &RefCell<Report>) -> Option<Package> {
    if !raw.is_whole {
        return None;
    }
    names::unique(&raw, report);
    names::inherit(&mut raw, report);
    let computed_order = formulas::compile(&mut raw, files, report);
    if report.borrow().has_errors() {
        // Formulas that do not compile would make the rest say nonsense; structure is still looked at.
        structure(&raw, files, report);
        return None;
    }
    choices::check(&raw, report);
    let order = names::order(&raw, &computed_order, report);
    structure(&raw, files, report);
    let card = raw.card?;
    let mut package = Package {
        card,
        pages: raw.pages,
        rules: raw.rules,
        pieces: raw.pieces,
        circuit: raw.circuit,
        motifs: raw.motifs,
        liaisons: raw.liaisons,
        arrivals: raw.arrivals,
        courriers: raw.courriers,
        texts: raw.texts,
        essais: raw.essais,
        order,
        words: words.clone(),
        eligibility_longest: 0,
    };
    if !report.borrow().has_errors() {
        package.eligibility_longest = eligibility::explore(&package, report);
    }
    Some(package)
}

/// What can be said without evaluating anything.
fn structure(raw: &Raw, files: &Files, report: &RefCell<Report>) {
    if let Some(card) = &raw.card {
        deposit(card, raw, report);
        law::check(card, raw, report);
    }
    circuit::check(raw, report);
    courriers::check(raw, files, report);
    liaisons::check(raw, report);
    essais::check(raw, report);
}

/// A démarche deposited here has pages and a circuit; one deposited elsewhere has neither.
fn deposit(card: &Card, raw: &Raw, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    match card.deposit {
        Deposit::Here => {
            if raw.pages.is_empty() {
                report.error(
                    &card.place,
                    "ce téléservice n’a pas de page",
                    "écrivez pages/01-….toml, ou depot = \"ailleurs\" si la demande se dépose ailleurs",
                );
            }
            if raw.circuit.is_none() {
                report.error(
                    &Place::file("circuit.toml"),
                    "il n’y a pas de fichier « circuit.toml » lisible",
                    "c’est lui qui dit ce que devient une demande envoyée",
                );
            }
        }
        Deposit::Elsewhere { .. } => {
            for (there, file) in [
                (!raw.pages.is_empty(), "pages"),
                (raw.circuit.is_some(), "circuit.toml"),
                (!raw.pieces.is_empty(), "pieces.toml"),
                (!raw.liaisons.is_empty(), "liaisons.toml"),
            ] {
                if there {
                    report.error(
                        &card.place,
                        format!("une démarche déposée ailleurs n’a pas de « {file} »"),
                        "retirez-le, ou mettez depot = \"ici\"",
                    );
                }
            }
        }
    }
}

/// The order of the walk, once the formulas say what depends on what.
pub(super) type Order = Vec<Step>;

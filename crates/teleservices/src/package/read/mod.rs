//! Fills the model from the files, one file of the format each. It says what is misspelt or lacking in
//! a file; what must agree between two files is `check`'s affair.

mod card;
mod circuit;
mod courriers;
mod essais;
mod liaisons;
mod pages;
mod pieces;
pub(crate) mod question;
mod rules;

use super::files::Files;
use super::flaw::{Place, Report};
use super::formula::Formula;
use super::model::{Arrival, Card, Circuit, Courrier, Delai, Essai, Liaison, Motif, Page, Piece, Rules};
use super::reader::{Located, Source, Table};
use super::setting::Words;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything a package says, before it is crossed.
pub(crate) struct Raw {
    pub card: Option<Card>,
    pub pages: Vec<Page>,
    pub rules: Rules,
    pub pieces: Vec<Piece>,
    pub circuit: Option<Circuit>,
    pub motifs: Vec<Motif>,
    pub liaisons: Vec<Liaison>,
    pub arrivals: Vec<Arrival>,
    pub courriers: BTreeMap<String, Courrier>,
    pub texts: BTreeMap<String, String>,
    pub essais: Vec<Essai>,
    /// Whether every file could be read as TOML: if not, what it declares is unknown and nothing can be crossed.
    pub is_whole: bool,
}

/// Reads all files of a package.
pub(crate) fn read(files: &Files, words: &Words, report: &RefCell<Report>) -> Raw {
    let from = Reading { files, words, report, unread: Cell::new(false) };
    let (liaisons, arrivals) = from.file("liaisons.toml", liaisons::liaisons).unwrap_or_default();
    let mut raw = Raw {
        card: from.file("teleservice.toml", card::card).flatten(),
        pages: from.folder("pages", pages::page),
        rules: from.file("regles.toml", rules::rules).unwrap_or_default(),
        pieces: from.file("pieces.toml", pieces::pieces).unwrap_or_default(),
        circuit: from.file("circuit.toml", circuit::circuit),
        motifs: from.file("motifs.toml", circuit::motifs).unwrap_or_default(),
        liaisons,
        arrivals,
        courriers: courriers::courriers(&from),
        texts: courriers::texts(&from),
        essais: from.folder("essais", essais::essais).into_iter().flatten().collect(),
        is_whole: true,
    };
    raw.is_whole = !from.unread.get();
    raw
}

pub(crate) struct Reading<'a> {
    pub files: &'a Files,
    pub words: &'a Words,
    pub report: &'a RefCell<Report>,
    unread: Cell<bool>,
}

impl Reading<'_> {
    pub fn source<'a>(&'a self, path: &str, text: &'a str) -> Source<'a> {
        Source { file: Arc::from(path), text, report: self.report, words: self.words }
    }

    fn file<T>(&self, path: &str, read: impl FnOnce(&Table) -> T) -> Option<T> {
        self.open(path, self.files.get(path)?, read)
    }

    /// Opens one file; one that is not TOML is remembered.
    pub fn open<T>(&self, path: &str, text: &str, read: impl FnOnce(&Table) -> T) -> Option<T> {
        let value = self.source(path, text).open(read);
        self.unread.set(self.unread.get() || value.is_none());
        value
    }

    fn folder<T>(&self, folder: &str, read: impl Fn(&Table, &str) -> T) -> Vec<T> {
        let files: Vec<(&str, &str)> = self.files.under(folder).collect();
        files.into_iter().filter_map(|(path, text)| self.open(path, text, |root| read(root, path))).collect()
    }
}

/// A formula under a key.
pub(crate) fn formula(table: &Table, key: &'static str) -> Option<Formula> {
    table.raw(key).map(Formula::new)
}

/// A formula that must be there.
pub(crate) fn formula_needed(table: &Table, key: &'static str) -> Formula {
    Formula::new(table.raw_needed(key))
}

/// An id: what formulas, URLs and other files call a thing by.
pub(crate) fn id(table: &Table, key: &'static str) -> String {
    let located = table.raw_needed(key);
    if table.has(key) {
        check_id(table, &located);
    }
    located.text
}

fn check_id(table: &Table, located: &Located) {
    if !is_id(&located.text) {
        table.error(
            &located.place,
            format!("« {} » ne peut pas servir de nom", located.text),
            "un nom s’écrit en minuscules sans accent, chiffres et _, commence par une lettre et a 40 caractères au plus",
        );
    }
}

pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A slug: as an id, with hyphens.
pub(crate) fn slug(table: &Table, key: &'static str) -> Located {
    let located = table.raw_needed(key);
    if table.has(key) && !is_id(&located.text.replace('-', "_")) {
        table.error(
            &located.place,
            format!("« {} » ne peut pas servir dans une adresse", located.text),
            "écrivez en minuscules sans accent, chiffres et tirets, 40 caractères au plus",
        );
    }
    located
}

/// A delay such as « 2 mois ».
pub(crate) fn delay(table: &Table, key: &'static str) -> Option<Delai> {
    let located = table.raw(key)?;
    let delay = Delai::parse(&located.text);
    if delay.is_none() {
        table.error(
            &located.place,
            format!("« {} » n’est pas un délai", located.text),
            "écrivez par exemple \"2 mois\", \"30 jours\", \"5 jours ouvrés\" ou \"1 an\"",
        );
    }
    delay
}

/// The name in a path: `velo` for `pages/02-velo.toml`.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.split('.').next().unwrap_or(name);
    name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-')
}

/// The beginning of a file.
pub(crate) fn top(path: &str) -> Place {
    Place::file(path)
}

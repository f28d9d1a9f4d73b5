//! The text of a téléservice: a folder of readable files, checked as a whole, then applied by `engine`.
//! Pure: no database, no clock, no network; it reads a folder only when asked to.

mod check;
mod files;
mod flaw;
mod formula;
mod model;
mod read;
mod reader;
mod setting;
mod themes;
mod toml_words;

pub use files::{Files, MAX_FILE, MAX_FILES, MAX_TOTAL};
pub use flaw::{Flaw, Gravity, Place, Report};
pub use formula::{Formula, Known, Truth};
pub use model::*;
pub use reader::Located;
pub use setting::{Setting, Words};
pub use themes::{THEMES, Theme, theme};

pub(crate) use flaw::distance;
pub(crate) use setting::{at, of};

use std::cell::RefCell;
use std::collections::BTreeMap;

/// A package that was read, crossed and compiled: nothing in it can be wrong any more.
#[derive(Debug)]
pub struct Package {
    pub card: Card,
    pub pages: Vec<Page>,
    pub rules: Rules,
    pub pieces: Vec<Piece>,
    /// Absent when the démarche is deposited elsewhere.
    pub circuit: Option<Circuit>,
    pub motifs: Vec<Motif>,
    pub liaisons: Vec<Liaison>,
    /// Files that make a demand, left by other applications.
    pub arrivals: Vec<Arrival>,
    pub courriers: BTreeMap<String, Courrier>,
    /// Markdown of `textes/`, by name: `presentation`, `suite`, `confirmation`, `avant`.
    pub texts: BTreeMap<String, String>,
    pub essais: Vec<Essai>,
    /// Pages, questions and computed values in the order in which each can be known.
    pub(crate) order: Vec<Step>,
    /// The tenant's words, for letters and states.
    pub(crate) words: Words,
    /// The greatest number of questions the eligibility may ask.
    pub eligibility_longest: usize,
}

/// One step of the walk through the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Page(usize),
    Question(usize, usize),
    Computed(usize),
}

/// What `check` says: the package when it can be published, and every flaw or remark.
#[derive(Debug)]
pub struct Checked {
    pub package: Option<Package>,
    pub report: Report,
}

impl Package {
    /// Reads and checks; the words of the tenant are put in the texts.
    pub fn check(files: &Files, words: &Words) -> Checked {
        let report = RefCell::new(Report::default());
        let raw = read::read(files, words, &report);
        let package = check::cross(raw, files, words, &report);
        let mut report = report.into_inner();
        report.settle();
        match report.has_errors() {
            true => Checked { package: None, report },
            false => Checked { package, report },
        }
    }

    /// As [`Package::check`], for those who only want the package.
    pub fn load(files: &Files, words: &Words) -> Result<Package, Report> {
        let checked = Package::check(files, words);
        checked.package.ok_or(checked.report)
    }

    /// The question of a page, by id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }

    /// All questions of the form, in order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.pages.iter().flat_map(|page| &page.questions)
    }

    /// The question in which the requester gives an attribute of his own: `courriel`, `nom_naissance`, `prenoms`,
    /// `telephone`, `adresse`… as `[[reprend]]` and `[[donne]]` say.
    pub fn about_requester(&self, attribute: &str) -> Option<&Question> {
        let prefills = self.card.prefills.iter().map(|prefill| (&prefill.attribute, &prefill.question));
        let gives = self.card.gives.iter().map(|give| (&give.attribute, &give.question));
        let (_, question) = prefills.chain(gives).find(|(known, _)| *known == attribute)?;
        self.question(&question.text)
    }

    /// The page of an id.
    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The piece of an id.
    pub fn piece(&self, id: &str) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.id == id)
    }

    /// The motif of an id.
    pub fn motif(&self, id: &str) -> Option<&Motif> {
        self.motifs.iter().find(|motif| motif.id == id)
    }

    /// The state of an id.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.circuit.as_ref()?.states.iter().find(|state| state.id == id)
    }

    /// The transition of an id.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.circuit.as_ref()?.transitions.iter().find(|transition| transition.id == id)
    }

    /// The liaison of an id.
    pub fn liaison(&self, id: &str) -> Option<&Liaison> {
        self.liaisons.iter().find(|liaison| liaison.id == id)
    }

    /// What a question, a computed value or a field of a transition is called.
    pub fn label(&self, id: &str) -> Option<String> {
        let computed = || self.rules.computed.iter().find(|c| c.id == id).map(|c| c.label.clone());
        let asked = || self.rules.eligibility.as_ref()?.questions.iter().find(|q| q.id == id).map(|q| q.label.clone());
        let field = || self.fields().find(|f| f.id == id).map(|f| f.label.clone());
        self.question(id).map(|q| q.label.clone()).or_else(computed).or_else(asked).or_else(field)
    }

    /// Every field of every transition.
    pub fn fields(&self) -> impl Iterator<Item = &Question> {
        self.circuit.iter().flat_map(|circuit| &circuit.transitions).flat_map(|transition| &transition.fields)
    }
}

//! `pages/`, `regles.toml` and `pieces.toml`: what is asked, computed, joined.

use crate::package::flaw::Place;
use crate::package::formula::Formula;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One page of the form.
#[derive(Clone, Debug)]
pub struct Page {
    /// `velo` for `pages/02-velo.toml`: its segment in the URL.
    pub id: String,
    pub title: String,
    /// Markdown.
    pub intro: Option<String>,
    pub condition: Option<Formula>,
    pub questions: Vec<Question>,
    pub notes: Vec<Note>,
    pub place: Place,
}

/// Something the person should know once these answers are given: said on the page, before she goes on. It stops nobody.
#[derive(Clone, Debug)]
pub struct Note {
    pub id: String,
    pub condition: Formula,
    /// Markdown.
    pub text: String,
    pub place: Place,
}

/// One question of a page, of the eligibility, or one field of a transition.
#[derive(Clone)]
pub struct Question {
    pub id: String,
    pub kind: &'static dyn kinds::Kind,
    /// In the eligibility: written with its id alone, it takes everything from the question of the form.
    pub(crate) inherits: bool,
    pub label: String,
    pub hint: Option<String>,
    /// Markdown, behind « Pourquoi cette question ? ».
    pub why: Option<String>,
    pub required: bool,
    pub condition: Option<Formula>,
    pub rule: kinds::Rule,
    /// Choices offered only when a condition holds: value → condition.
    pub choice_conditions: Vec<(String, Formula)>,
    /// What is proposed when nothing was answered yet: a formula over what is known.
    pub proposed: Option<Formula>,
    /// The requester says it of himself; without it nothing may reach the registry.
    pub own: bool,
    /// WCAG 1.3.5 purpose, for what the requester says of himself.
    pub autocomplete: Option<String>,
    pub place: Place,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Question({}: {})", self.id, self.kind.name())
    }
}

/// `regles.toml`.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub eligibility: Option<Eligibility>,
    pub computed: Vec<Computed>,
}

/// Questions and rules that say, before any form, oui, non, or what is missing.
#[derive(Clone, Debug)]
pub struct Eligibility {
    pub title: String,
    pub intro: Option<String>,
    pub questions: Vec<Question>,
    pub rules: Vec<EligibilityRule>,
    pub place: Place,
}

/// The first rule whose condition holds gives the answer.
#[derive(Clone, Debug)]
pub struct EligibilityRule {
    pub id: String,
    pub condition: Formula,
    pub verdict: Verdict,
    /// What the answer says first, where the words of the verdict would not do.
    pub title: Option<String>,
    pub reason: String,
    pub article: Option<String>,
    /// Markdown: where to go, what to do.
    pub guidance: Option<String>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Oui,
    Non,
    IlManque,
}

impl Verdict {
    pub(crate) const WORDS: [(&'static str, Verdict); 3] = [("oui", Verdict::Oui), ("non", Verdict::Non), ("il manque", Verdict::IlManque)];
}

/// A value that the answers give: the amount of an aid.
#[derive(Clone)]
pub struct Computed {
    pub id: String,
    pub label: String,
    pub kind: &'static dyn kinds::Kind,
    pub rule: kinds::Rule,
    pub formula: Formula,
    /// Shown to the usager with the summary.
    pub shown: bool,
    pub place: Place,
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Computed({} = {})", self.id, self.formula.text)
    }
}

/// `pieces.toml`: a pièce justificative, asked at deposit or only on a written doubt.
#[derive(Clone, Debug)]
pub struct Piece {
    pub id: String,
    pub label: String,
    pub hint: Option<String>,
    pub condition: Option<Formula>,
    /// The text that lets the service ask for it.
    pub legal_text: String,
    /// The file cannot be processed without it (L114-5-1).
    pub indispensable: bool,
    pub when: PieceWhen,
    pub formats: Vec<&'static str>,
    pub max_size: u64,
    pub max_files: u16,
    /// Destroyed as soon as the agent has checked it.
    pub erase_after_check: bool,
    pub models: Vec<PieceModel>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceWhen {
    /// Asked from everybody, before sending.
    Depot,
    /// Never asked but by an agent who writes why.
    Doute,
}

impl PieceWhen {
    pub(crate) const WORDS: [(&'static str, PieceWhen); 2] = [("dépôt", PieceWhen::Depot), ("doute", PieceWhen::Doute)];
}

/// A ready sentence to ask for a piece again.
#[derive(Clone, Debug)]
pub struct PieceModel {
    pub label: String,
    pub text: String,
}

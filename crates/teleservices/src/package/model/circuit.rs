//! `circuit.toml`, `motifs.toml` and `courriers/`: what becomes of a dossier that was sent.

use super::Question;
use crate::package::flaw::Place;
use crate::package::formula::Formula;
use crate::package::reader::Located;
use serde::{Deserialize, Serialize};

/// `circuit.toml`: the path of a dossier after its deposit.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The state of a dossier just sent.
    pub start: Located,
    pub states: Vec<State>,
    pub transitions: Vec<Transition>,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub struct State {
    pub id: String,
    /// Words for the usager; may hold `{{ name of a field }}`.
    pub name: Located,
    /// Words for the agent.
    pub agent: Located,
    pub phase: Phase,
    /// Markdown for the usager under the name of the state.
    pub text: Option<Located>,
    pub place: Place,
}

/// What the law knows of the life of a dossier; a state of a circuit hangs on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Brouillon,
    Depose,
    EnInstruction,
    AttenteUsager,
    Accepte,
    Refuse,
    SansSuite,
    Retire,
}

impl Phase {
    pub(crate) const WORDS: [(&'static str, Phase); 7] = [
        ("depose", Phase::Depose),
        ("en_instruction", Phase::EnInstruction),
        ("attente_usager", Phase::AttenteUsager),
        ("accepte", Phase::Accepte),
        ("refuse", Phase::Refuse),
        ("sans_suite", Phase::SansSuite),
        ("retire", Phase::Retire),
    ];

    /// The word of the format, of the database and of the API.
    pub fn code(self) -> &'static str {
        Phase::WORDS.iter().find(|(_, phase)| *phase == self).map_or("brouillon", |(word, _)| word)
    }

    /// Nothing is expected from anybody any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Phase::Accepte | Phase::Refuse | Phase::SansSuite | Phase::Retire)
    }
}

/// One step from a state to another.
#[derive(Clone, Debug)]
pub struct Transition {
    pub id: String,
    pub from: Vec<Located>,
    pub to: Located,
    pub who: Vec<Who>,
    /// The verb on the button.
    pub label: String,
    pub hint: Option<String>,
    pub condition: Option<Formula>,
    /// What whoever acts must fill.
    pub fields: Vec<Question>,
    /// Motifs one of which must be chosen.
    pub motifs: Vec<Located>,
    /// Letter produced, to preview and send.
    pub courrier: Option<Located>,
    /// Mail sent to the usager.
    pub mail: Option<Located>,
    /// When the system does it by itself.
    pub trigger: Option<Trigger>,
    pub place: Place,
}

/// Who may take a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Agent,
    Application,
    Usager,
    Systeme,
}

impl Who {
    pub(crate) const WORDS: [(&'static str, Who); 4] =
        [("agent", Who::Agent), ("application", Who::Application), ("usager", Who::Usager), ("système", Who::Systeme)];
}

/// What makes the system take a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The legal delay has passed without a decision.
    Silence,
    /// The usager has not sent in time what was asked.
    ComplementEchu,
}

impl Trigger {
    pub(crate) const WORDS: [(&'static str, Trigger); 2] = [("silence", Trigger::Silence), ("complément échu", Trigger::ComplementEchu)];
}

/// A legal reason given with a decision.
#[derive(Clone, Debug)]
pub struct Motif {
    pub id: String,
    /// For the agent who chooses.
    pub label: String,
    /// For the letter; may hold merge fields.
    pub text: Located,
    pub article: Option<String>,
    pub place: Place,
}

/// `courriers/<id>.md`: a letter or a mail with merge fields.
#[derive(Clone, Debug)]
pub struct Courrier {
    pub id: String,
    pub title: String,
    /// Subject line, with merge fields.
    pub subject: Located,
    /// Markdown with merge fields.
    pub body: Located,
    pub place: Place,
}

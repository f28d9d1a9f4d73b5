//! A question as pages show it: its words, its control, what was answered and what is wrong with it. The template
//! writes `{{ q|question }}`, or `{{ q|question("q") }}` when the question is the title of its page; `q.name`,
//! `q.label` and `q.why` can be read besides. Drawn here and not by macros: a form has a dozen of them, and each would
//! be half a dozen calls of the template engine.

mod draw;

use std::sync::Arc;

use kinds::{Control, Hints, Kind, control_name};
use minijinja::value::{Object, ObjectRepr, Value};
use serde::{Serialize, Serializer};

pub(crate) use draw::draw;

/// A question, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Question {
    /// Name of its controls; also their id.
    pub name: String,
    /// What it is answered with.
    pub control: Control,
    /// How a browser helps, whoever the question is about.
    pub hints: Hints,
    /// The question.
    pub label: String,
    /// Help under the label.
    pub hint: Option<String>,
    /// Markdown, behind "Pourquoi cette question ?".
    pub why: Option<String>,
    /// Whether it must be answered.
    pub required: bool,
    /// What is wrong, in French.
    pub error: Option<String>,
    /// Choices, for the controls that have some.
    pub choices: Vec<Choice>,
    /// The controls of a question of several.
    pub parts: Vec<Part>,
    /// Text of the only control.
    pub value: String,
    /// Purpose of the answer, where the browser may help (WCAG 1.3.5); "off" where it must not.
    pub autocomplete: Option<String>,
    /// Where the answer comes from, as a sentence.
    pub source: Option<String>,
    /// Characters at most, for a long text.
    pub max_length: Option<usize>,
    /// Shown, not asked.
    pub readonly: bool,
}

/// One control of a question of several.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name of the control; also its id.
    pub name: String,
    /// What stands above it, in French.
    pub label: &'static str,
    /// How a browser helps.
    pub hints: Hints,
    /// Its text.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Help under it.
    pub hint: Option<String>,
    /// Whether it is the answer.
    pub checked: bool,
}

impl Question {
    /// A compulsory question of a kind, not answered yet.
    pub fn new(kind: &dyn Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        let hints = kind.hints();
        let part = |suffix: &&'static str| Part {
            name: control_name(&name, suffix),
            label: kind.part_label(suffix),
            hints: kind.part_hints(suffix),
            value: String::new(),
            error: None,
        };
        let parts = if kind.parts() == [""] { Vec::new() } else { kind.parts().iter().map(part).collect() };
        Self {
            parts,
            name,
            control: kind.control(),
            hints,
            label: label.into(),
            hint: None,
            why: None,
            required: true,
            error: None,
            choices: Vec::new(),
            value: String::new(),
            autocomplete: hints.autocomplete.map(str::to_owned),
            source: None,
            max_length: None,
            readonly: false,
        }
    }

    /// The same by the name of its kind, for the examples of pages; a text if there is no such kind.
    pub fn example(kind: &str, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(kinds::kind(kind).unwrap_or(kinds::all()[0]), name, label)
    }

    /// Writes the texts of the controls, by suffix, as [`Kind::fill`] gives them.
    pub fn fill<'a>(&mut self, texts: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (suffix, text) in texts {
            match self.part(suffix) {
                Some(part) => part.value = text.to_owned(),
                None if suffix.is_empty() => self.value = text.to_owned(),
                None => {}
            }
        }
    }

    /// The part of this suffix.
    pub fn part(&mut self, suffix: &str) -> Option<&mut Part> {
        let name = control_name(&self.name, suffix);
        self.parts.iter_mut().find(|part| part.name == name)
    }
}

impl Choice {
    /// A choice without help.
    pub fn new(value: impl Into<String>, label: impl Into<String>, checked: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, checked }
    }
}

/// In a page, the question itself goes to the template, whole.
impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_object(self.clone()).serialize(serializer)
    }
}

impl Object for Question {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "name" => Some(Value::from(self.name.as_str())),
            "label" => Some(Value::from(self.label.as_str())),
            "why" => Some(Value::from(self.why.clone())),
            _ => None,
        }
    }
}

//! A question as the templates want it: what was just typed, or the answer kept, and what is wrong with it.

use std::collections::BTreeMap;

use kernel::FieldErrors;
use kinds::control_name;
use serde::Serialize;
use serde_json::Value as Json;

use crate::{engine::input::Texts, package::Question};

/// A question as `parts.question` draws it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct QuestionView {
    /// Name of its controls; also their id.
    pub name: String,
    /// Name of its kind: which template draws it.
    pub kind: &'static str,
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
    /// Choices, for the kinds that have some.
    pub choices: Vec<ChoiceView>,
    /// Controls, one or several.
    pub parts: Vec<PartView>,
    /// Text of the only control.
    pub value: String,
    /// HTML type of the control.
    pub input_type: &'static str,
    /// Keyboard of a phone.
    pub inputmode: Option<&'static str>,
    /// WCAG 1.3.5.
    pub autocomplete: Option<String>,
    /// Provenance line.
    pub source: Option<String>,
    /// Lines of a long text.
    pub rows: u8,
    /// Characters at most.
    pub max_length: Option<usize>,
    /// Shown, not asked.
    pub readonly: bool,
}

/// One control of a question of several.
#[derive(Clone, Debug, Serialize)]
pub struct PartView {
    /// Name of the control.
    pub name: String,
    /// Which part.
    pub suffix: &'static str,
    /// Its text.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// One choice.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceView {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Help under it.
    pub hint: Option<String>,
    /// Whether it is the answer.
    pub checked: bool,
}

/// What a question shows now.
pub struct Showing<'a> {
    /// The question.
    pub question: &'a Question,
    /// Its rule as it stands: the choices offered.
    pub rule: kinds::Rule,
    /// The answer kept.
    pub answer: Option<&'a Json>,
    /// What was just typed; it wins.
    pub typed: Option<&'a Texts>,
    /// What is wrong with the form.
    pub faults: &'a FieldErrors,
    /// Where the answer comes from, as a sentence.
    pub source: Option<String>,
}

impl Showing<'_> {
    /// As the template wants it.
    pub fn view(&self) -> QuestionView {
        let question = self.question;
        let texts = self.texts();
        let hints = question.kind.hints();
        let is_date = question.kind.name().starts_with("date");
        let parts: Vec<PartView> = question.kind.parts().iter().map(|suffix| self.part(suffix, &texts)).collect();
        let of_part = parts.iter().find_map(|part| part.error.clone());
        let error = self.faults.of(&question.id).map(str::to_owned).or_else(|| of_part.filter(|_| is_date));
        QuestionView {
            name: question.id.clone(),
            kind: question.kind.name(),
            label: question.label.clone(),
            hint: question.hint.clone(),
            why: question.why.clone(),
            required: self.rule.required,
            error,
            choices: self.choices(&texts),
            value: texts.get("").and_then(|texts| texts.first()).cloned().unwrap_or_default(),
            parts,
            input_type: hints.input_type,
            inputmode: hints.inputmode,
            autocomplete: Some(self.autocomplete(hints.autocomplete)),
            source: self.source.clone(),
            rows: 5,
            max_length: self.rule.max_length,
            readonly: false,
        }
    }

    /// A browser helps only with what the person says of himself.
    fn autocomplete(&self, of_kind: Option<&'static str>) -> String {
        let own = self.question.autocomplete.clone().or_else(|| of_kind.map(str::to_owned));
        own.filter(|_| self.question.own).unwrap_or_else(|| "off".to_owned())
    }

    fn part(&self, suffix: &'static str, texts: &BTreeMap<String, Vec<String>>) -> PartView {
        let name = control_name(&self.question.id, suffix);
        PartView {
            error: self.faults.of(&name).filter(|_| !suffix.is_empty()).map(str::to_owned),
            value: texts.get(suffix).and_then(|texts| texts.first()).cloned().unwrap_or_default(),
            name,
            suffix,
        }
    }

    fn choices(&self, texts: &BTreeMap<String, Vec<String>>) -> Vec<ChoiceView> {
        let chosen = texts.get("").cloned().unwrap_or_default();
        let view = |choice: &kinds::Choice| ChoiceView {
            value: choice.value.clone(),
            label: choice.label.clone(),
            hint: choice.hint.clone(),
            checked: chosen.contains(&choice.value),
        };
        self.rule.choices.iter().map(view).collect()
    }

    /// How long a text may be and still be shown again when it is refused: a page pasted where a line goes can be
    /// shortened, megabytes are not sent back.
    fn shown_again(&self) -> usize {
        self.rule.max_length.unwrap_or(0).saturating_mul(4).max(10_000)
    }

    /// The texts of the controls, by part.
    fn texts(&self) -> BTreeMap<String, Vec<String>> {
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if let Some(typed) = self.typed {
            for part in self.question.kind.parts() {
                let mut of_part = typed.get(&control_name(&self.question.id, part)).cloned().unwrap_or_default();
                of_part.retain(|text| text.chars().count() <= self.shown_again());
                texts.insert((*part).to_owned(), of_part);
            }
        } else if let Some(answer) = self.answer {
            for (part, text) in self.question.kind.fill(answer) {
                texts.entry(part).or_default().push(text);
            }
        }
        texts
    }
}

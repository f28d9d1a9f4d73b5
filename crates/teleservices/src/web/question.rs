//! A question of a package as a page shows it: what was just typed, or the answer kept, and what is wrong with it.

use std::collections::BTreeMap;

use kernel::{
    FieldErrors,
    web::question::{Choice, Question},
};
use kinds::{Control, control_name};
use serde_json::Value as Json;

use crate::{engine::input::Texts, package};

/// What a question shows now.
pub struct Showing<'a> {
    /// The question.
    pub question: &'a package::Question,
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
    /// As the page draws it.
    pub fn view(&self) -> Question {
        let asked = self.question;
        let texts = self.texts();
        let mut question = Question::new(asked.kind, asked.id.as_str(), asked.label.as_str());
        question.fill(texts.iter().filter_map(|(part, texts)| Some((part.as_str(), texts.first()?.as_str()))));
        for part in &mut question.parts {
            part.error = self.faults.of(&part.name).map(str::to_owned);
        }
        let of_box = question.parts.iter().find_map(|part| part.error.clone()).filter(|_| question.control == Control::Boxes);
        question.error = self.faults.of(&asked.id).map(str::to_owned).or(of_box);
        question.hint = asked.hint.clone();
        question.why = asked.why.clone();
        question.required = self.rule.required;
        question.choices = self.choices(&texts);
        question.autocomplete = Some(self.autocomplete(question.hints.autocomplete));
        question.source = self.source.clone();
        question.max_length = self.rule.max_length;
        question
    }

    /// A browser helps only with what the person says of himself.
    fn autocomplete(&self, of_kind: Option<&'static str>) -> String {
        let own = self.question.autocomplete.clone().or_else(|| of_kind.map(str::to_owned));
        own.filter(|_| self.question.own).unwrap_or_else(|| "off".to_owned())
    }

    fn choices(&self, texts: &BTreeMap<String, Vec<String>>) -> Vec<Choice> {
        let chosen = texts.get("").cloned().unwrap_or_default();
        let view = |choice: &kinds::Choice| Choice {
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

//! « Vérifier mes réponses »: what was answered, in words, page by page, with what is computed.

use super::{Answers, View};
use crate::package::{Package, Setting};
use serde::Serialize;
use serde_json::Value as Json;

/// One page of the summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Id of the page to come back to.
    pub page: String,
    pub title: String,
    pub lines: Vec<Line>,
}

/// One answer, or one computed value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub id: String,
    pub label: String,
    /// Empty when nothing was answered.
    pub shown: String,
}

impl Package {
    /// The answers to the questions that are asked.
    pub fn summary(&self, answers: &Answers, setting: &Setting) -> Vec<Section> {
        let view = self.view(answers, setting);
        let line = |question: &crate::package::Question| Line {
            id: question.id.clone(),
            label: question.label.clone(),
            shown: question.show(answers.get(&question.id)),
        };
        let section = |visible: &super::VisiblePage| Section {
            page: visible.page.id.clone(),
            title: visible.page.title.clone(),
            lines: visible.questions.iter().map(|question| line(question)).collect(),
        };
        view.pages.iter().map(section).collect()
    }

    /// The computed values that are known and shown to the usager.
    pub fn computed_lines(&self, view: &View) -> Vec<Line> {
        let shown = |(computed, value): &(&crate::package::Computed, Option<Json>)| {
            let value = value.as_ref().filter(|value| !value.is_null() && computed.shown)?;
            Some(Line { id: computed.id.clone(), label: computed.label.clone(), shown: computed.kind.show(value, &computed.rule) })
        };
        view.computed.iter().filter_map(shown).collect()
    }
}

impl crate::package::Question {
    /// An answer in words; empty when there is none.
    pub fn show(&self, value: Option<&Json>) -> String {
        match value {
            None | Some(Json::Null) => String::new(),
            Some(value) => self.kind.show(value, &self.rule),
        }
    }
}

//! What comes in: a page of the form, a whole set of answers. One path checks them, whatever the door.

use super::walk::Walk;
use super::{Answers, Form};
use crate::package::{Known, Package, Question, Setting, Step};
use kernel::{FieldError, FieldErrors};
use kinds::{Refusal, control_name, gather, read_answer};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Name of the hidden control that lists the questions a page showed, separated by spaces.
pub const SHOWN: &str = "_questions";

/// Name of the hidden control that lists the notes a page showed, separated by spaces.
pub const NOTES: &str = "_notes";
/// Texts that a form sent, by name of control.
pub type Texts = BTreeMap<String, Vec<String>>;

/// What reading a page gave.
#[derive(Debug, Default)]
pub struct PageRead {
    /// The answers of this page that are accepted, `null` for what was left blank; to save even when others are refused.
    pub answers: Answers,
    pub errors: FieldErrors,
    /// Questions that these answers make visible and that the page did not show: show it again, without an error.
    pub revealed: Vec<String>,
    /// Notes that these answers call for and that the page did not show: show it again, once.
    pub notes: Vec<String>,
}

impl PageRead {
    /// Whether the person may go on.
    pub fn is_done(&self) -> bool {
        self.errors.is_empty() && self.revealed.is_empty() && self.notes.is_empty()
    }
}

/// What checking a whole set of answers gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// The answers to questions that are asked; what became invisible is gone.
    pub answers: Answers,
    pub errors: FieldErrors,
    /// The first page where something is refused.
    pub page: Option<String>,
    /// Ids of the questions refused, in order.
    pub refused: Vec<String>,
}

impl Package {
    /// Reads one page of the form; `answers` are those saved so far.
    pub fn read_page(&self, page: &str, form: Form, answers: &Answers, setting: &Setting) -> PageRead {
        let mut read = PageRead::default();
        let shown = form(SHOWN);
        let shown: Option<Vec<&str>> = (!shown.is_empty()).then(|| shown.iter().flat_map(|names| names.split(' ')).collect());
        let mut walk = Walk::new(self, setting);
        for step in &self.order {
            let on_page = matches!(step, Step::Question(p, _) if self.pages[*p].id == page);
            walk.step(*step, |question, known| match on_page {
                true if shown.as_ref().is_some_and(|shown| !shown.contains(&question.id.as_str())) => {
                    read.revealed.push(question.id.clone());
                    None
                }
                true => read.question(question, form, known, setting),
                false => answers.get(&question.id).cloned(),
            });
        }
        if shown.is_some() {
            let told: Vec<&str> = form(NOTES).into_iter().flat_map(|ids| ids.split(' ')).collect();
            let notes = self.notes(page, &walk.end().known);
            read.notes = notes.into_iter().map(|note| note.id.clone()).filter(|id| !told.contains(&id.as_str())).collect();
        }
        read
    }

    /// Reads what was answered elsewhere to questions that this form would ask; what is absent or refused is left out.
    pub fn read_given(&self, form: Form, answers: &Answers, setting: &Setting) -> Answers {
        let mut given = Answers::new();
        let mut walk = Walk::new(self, setting);
        for step in &self.order {
            walk.step(*step, |question, known| {
                let input = gather(question.kind, &question.id, form);
                let read = read_answer(question.kind, &input, &question.rule_now(known, setting)).ok().flatten();
                let Some(value) = read else { return answers.get(&question.id).cloned() };
                given.insert(question.id.clone(), value.clone());
                Some(value)
            });
        }
        given
    }

    /// Checks every answer again, as when sending.
    pub fn check_all(&self, answers: &Answers, setting: &Setting) -> Checked {
        self.each(answers, setting, |question, value, known| {
            let rule = question.rule_now(known, setting);
            question.kind.check(value, &rule).map(|()| value.clone())
        })
    }

    /// Answers that came by the API or an import, put in their canonical form, then checked.
    pub fn accept(&self, answers: &Answers, setting: &Setting) -> Checked {
        let mut checked = self.each(answers, setting, |question, value, known| question.kind.normalize(value, &question.rule_now(known, setting)));
        for name in answers.keys().filter(|name| self.question(name).is_none()) {
            checked.errors.push(name.as_str(), "Cette question n’existe pas dans ce téléservice.");
        }
        checked
    }

    fn each(&self, answers: &Answers, setting: &Setting, check: impl Fn(&Question, &Json, &Known) -> Result<Json, Refusal>) -> Checked {
        let mut checked = Checked::default();
        let mut walk = Walk::new(self, setting);
        for step in &self.order {
            walk.step(*step, |question, known| {
                let result = match answers.get(&question.id) {
                    None | Some(Json::Null) if question.is_required(setting) => Err(Refusal::new(question.kind.missing())),
                    None | Some(Json::Null) => Ok(Json::Null),
                    Some(value) => check(question, value, known),
                };
                match result {
                    Ok(value) => {
                        checked.answers.insert(question.id.clone(), value.clone());
                        Some(value)
                    }
                    Err(refusal) => {
                        let page = self.pages.iter().find(|page| page.questions.iter().any(|q| q.id == question.id));
                        checked.page = checked.page.take().or_else(|| page.map(|page| page.id.clone()));
                        checked.refused.push(question.id.clone());
                        checked.errors.0.push(error(question, refusal));
                        None
                    }
                }
            });
        }
        checked
    }
}

impl PageRead {
    fn question(&mut self, question: &Question, form: Form, known: &Known, setting: &Setting) -> Option<Json> {
        let rule = question.rule_now(known, setting);
        let input = gather(question.kind, &question.id, form);
        match read_answer(question.kind, &input, &rule) {
            Ok(value) => {
                let value = complete(question, value.unwrap_or(Json::Null), setting);
                self.answers.insert(question.id.clone(), value.clone());
                Some(value)
            }
            Err(refusal) => {
                self.errors.0.push(error(question, refusal));
                None
            }
        }
    }
}

/// The commune of the tenant named without its postal code: it is known.
fn complete(question: &Question, mut value: Json, setting: &Setting) -> Json {
    let is_here = |name: &Json| {
        let key = |text: &str| kinds::fold::search_key(text);
        name.as_str().is_some_and(|name| key(name) == key(&setting.collectivite))
    };
    if question.kind.name() == "commune"
        && let Some(parts) = value.as_object_mut()
        && parts.len() == 1
        && !setting.code_postal.is_empty()
        && parts.get("nom").is_some_and(is_here)
    {
        parts.insert("code_postal".to_owned(), setting.code_postal.clone().into());
    }
    value
}

/// A refusal on the control it points at.
pub(super) fn error(question: &Question, refusal: Refusal) -> FieldError {
    let part = refusal.part.or_else(|| question.kind.parts().first().copied()).unwrap_or_default();
    FieldError { field: control_name(&question.id, part), sentence: refusal.sentence }
}

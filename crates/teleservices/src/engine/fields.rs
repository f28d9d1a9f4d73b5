//! The fields and the motif of a transition: read from an agent's form, or checked when they come by the API.

use super::input::error;
use super::{Answers, Form, View};
use crate::package::{Known, Motif, Package, Question, Setting, Transition};
use kernel::FieldErrors;
use kinds::{Refusal, gather, read_answer};
use serde_json::Value as Json;

/// Name of the control that holds the motif.
pub const MOTIF: &str = "motif";

/// A transition with what it wants, accepted.
#[derive(Debug)]
pub struct Applied<'p> {
    pub transition: &'p Transition,
    pub fields: Answers,
    pub motif: Option<&'p Motif>,
}

/// A field that a form shows.
pub struct AskedField<'p> {
    pub question: &'p Question,
    /// Its rule as it stands, with the choices offered.
    pub rule: kinds::Rule,
    /// What the package proposes for it.
    pub proposed: Option<Json>,
}

impl Transition {
    /// The fields to show: the condition of each sees what was typed in those before it, or else what is proposed there.
    pub fn asked<'p>(&'p self, typed: Option<Form>, view: View, setting: &Setting) -> Vec<AskedField<'p>> {
        let mut known = view.known;
        let mut asked = Vec::new();
        for question in &self.fields {
            if !question.condition.as_ref().is_none_or(|condition| condition.holds(&known)) {
                question.know(&Json::Null, &mut known);
                continue;
            }
            let (rule, proposed) = (question.rule_now(&known, setting), question.proposal(&known));
            let value = match typed {
                Some(form) => read_answer(question.kind, &gather(question.kind, &question.id, form), &rule).ok().flatten(),
                None => proposed.clone(),
            };
            if let Some(value) = value {
                question.know(&value, &mut known);
            }
            asked.push(AskedField { question, rule, proposed });
        }
        asked
    }
}

impl Package {
    /// Reads the form of a transition. `view` gives the answers of the dossier to the conditions.
    pub fn read_fields<'p>(&'p self, transition: &'p Transition, form: Form, view: View, setting: &Setting) -> Result<Applied<'p>, FieldErrors> {
        let motif = form(MOTIF).into_iter().find(|text| !text.is_empty()).map(str::to_owned);
        self.apply(transition, motif.as_deref(), view.known, |question, known| {
            let rule = question.rule_now(known, setting);
            read_answer(question.kind, &gather(question.kind, &question.id, form), &rule)
        })
    }

    /// The same for values that came by the API or from an application.
    pub fn accept_fields<'p>(
        &'p self,
        transition: &'p Transition,
        values: &Answers,
        motif: Option<&str>,
        view: View,
        setting: &Setting,
    ) -> Result<Applied<'p>, FieldErrors> {
        let mut applied = self.apply(transition, motif, view.known, |question, known| accept(question, values, known, setting));
        for name in values.keys().filter(|name| !transition.fields.iter().any(|f| f.id == **name)) {
            let unknown = kernel::FieldError { field: name.clone(), sentence: "Ce champ n’existe pas dans cette transition.".to_owned() };
            applied = Err(match applied {
                Ok(_) => FieldErrors(vec![unknown]),
                Err(mut errors) => {
                    errors.0.push(unknown);
                    errors
                }
            });
        }
        applied
    }

    fn apply<'p>(
        &'p self,
        transition: &'p Transition,
        motif: Option<&str>,
        mut known: Known,
        read: impl Fn(&Question, &Known) -> Result<Option<Json>, Refusal>,
    ) -> Result<Applied<'p>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let fields = fill(&transition.fields, &mut known, read, &mut errors);
        let motif = match (transition.motifs.is_empty(), motif) {
            (true, _) => None,
            (false, Some(id)) if transition.motifs.iter().any(|m| m.text == id) => self.motif(id),
            (false, _) => {
                errors.push(MOTIF, "Choisissez un motif dans la liste.");
                None
            }
        };
        match errors.is_empty() {
            true => Ok(Applied { transition, fields, motif }),
            false => Err(errors),
        }
    }
}

/// Reads fields one after the other, each condition seeing the fields before it.
pub(super) fn fill(
    fields: &[Question],
    known: &mut Known,
    read: impl Fn(&Question, &Known) -> Result<Option<Json>, Refusal>,
    errors: &mut FieldErrors,
) -> Answers {
    let mut values = Answers::new();
    for field in fields {
        let asked = field.condition.as_ref().is_none_or(|condition| condition.holds(known));
        let value = if asked { read(field, known) } else { Ok(None) };
        match value {
            Ok(value) => {
                let value = value.unwrap_or(Json::Null);
                field.know(&value, known);
                if !value.is_null() {
                    values.insert(field.id.clone(), value);
                }
            }
            Err(refusal) => errors.0.push(error(field, refusal)),
        }
    }
    values
}

/// A value that came as JSON.
pub(super) fn accept(field: &Question, values: &Answers, known: &Known, setting: &Setting) -> Result<Option<Json>, Refusal> {
    match values.get(&field.id) {
        None | Some(Json::Null) if field.required => Err(Refusal::new(field.kind.missing())),
        None | Some(Json::Null) => Ok(None),
        Some(value) => field.kind.normalize(value, &field.rule_now(known, setting)).map(Some),
    }
}

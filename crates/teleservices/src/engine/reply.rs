//! What an application answers: a word and values of its own, turned into a transition of the circuit.

use super::fields::{Applied, accept, fill};
use super::walk::from_feel;
use super::{Answers, View};
use crate::package::{Known, Liaison, LiaisonAnswer, Package, Setting};
use kernel::FieldErrors;
use serde_json::Value as Json;

impl Package {
    /// Reads an answer. `view` gives the answers of the dossier to the conditions of the fields.
    pub fn reply<'p>(&'p self, liaison: &Liaison, word: &str, received: &Answers, view: View, setting: &Setting) -> Result<Applied<'p>, FieldErrors> {
        let (answer, known) = choose(liaison, word, received, setting)?;
        let transition = self.transition(&answer.transition.text).ok_or_else(|| one("reponse", "Cette réponse ne mène à aucun état."))?;
        let mut values = Answers::new();
        for (name, formula) in &answer.fields {
            let field = transition.fields.iter().find(|field| field.id == name.text);
            let value = formula.value(&known).zip(field).and_then(|(value, field)| from_feel(field.kind, &field.rule, value));
            values.insert(name.text.clone(), value.unwrap_or(Json::Null));
        }
        let motif = answer.motif.as_ref().and_then(|formula| formula.value(&known));
        let motif = motif.as_ref().and_then(Json::as_str);
        self.accept_fields(transition, &values, motif, view, setting)
    }
}

/// The words that an application may answer to a liaison, each once.
pub fn words(liaison: &Liaison) -> Vec<&str> {
    let mut words: Vec<&str> = liaison.answers.iter().map(|answer| answer.word.as_str()).collect();
    words.dedup();
    words
}

/// The first answer of this word whose condition holds, with what was received.
fn choose<'l>(liaison: &'l Liaison, word: &str, received: &Answers, setting: &Setting) -> Result<(&'l LiaisonAnswer, Known), FieldErrors> {
    let mut errors = FieldErrors::new();
    for answer in liaison.answers.iter().filter(|answer| answer.word == word) {
        let mut known = Known::of(setting);
        let mut refused = FieldErrors::new();
        fill(&answer.received, &mut known, |field, known| accept(field, received, known, setting), &mut refused);
        for field in &answer.received {
            if refused.of(&field.id).is_some() {
                field.know(&Json::Null, &mut known);
            }
        }
        let holds = answer.condition.as_ref().is_none_or(|condition| condition.holds(&known));
        match (holds, refused.is_empty()) {
            (true, true) => return Ok((answer, known)),
            (true, false) => return Err(refused),
            (false, _) => errors.0.extend(refused.0),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let known: Vec<String> = words(liaison).iter().map(|word| format!("« {word} »")).collect();
    let sentence = match liaison.answers.iter().any(|answer| answer.word == word) {
        true => "Cette réponse ne convient à aucun des cas prévus par le téléservice.".to_owned(),
        false => {
            format!("Cette réponse n’est pas prévue par le téléservice. Réponses possibles : {}.", known.join(", "))
        }
    };
    Err(one("reponse", sentence))
}

fn one(field: &str, sentence: impl Into<String>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.push(field, sentence);
    errors
}

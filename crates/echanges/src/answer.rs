//! Takes what an application says of a dossier, once per identifier. What it does to the dossier is the business of the
//! domain that answers (`Answers`): only by what the package and the circuit allow.

use kernel::{Actor, DossierId, Error, Problem, Result, Tx, crypto};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AnswerReceived, Around, Outcome, Received, Registry, store};

/// Longest identifier of an answer.
const LONGEST: usize = 200;

/// What an application says.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its own identifier of this answer.
    pub identifier: String,
    /// About which dossier.
    pub dossier: DossierId,
    /// The word of the package: `delivre`.
    pub answer: String,
    /// What comes with the word.
    pub fields: Map<String, Value>,
    /// Who decided, where the answer is a decision.
    pub signer: Option<Officer>,
}

/// The officer who took a decision in another application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Officer {
    /// First name and name.
    pub name: String,
    /// As what he decides: "officière de l’état civil, par délégation du maire".
    pub quality: String,
}

/// What became of the dossier, now or when the answer first came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Name of its state in the circuit.
    pub state: String,
    /// The same in words.
    pub label: String,
    /// Whether this answer had come before.
    pub is_repeated: bool,
}

/// What is kept of the outcome, to say it again.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: String,
    label: String,
}

/// Takes an answer of the application that acts. The same again says the same; the same identifier with something else
/// is a `Conflict`. A dossier that was never for this application is `NotFound`.
pub async fn answer(tx: &mut Tx, around: &Around, registry: &Registry, answer: Answer) -> Result<Answered> {
    let Actor::Application { id: application, .. } = *tx.actor() else { return Err(Error::Forbidden("application")) };
    check(&answer)?;
    let fingerprint = fingerprint(&answer)?;
    if !store::is_concerned(tx, application, answer.dossier).await? {
        return Err(Error::NotFound);
    }
    if !store::insert_answer(tx, application, &answer.identifier, answer.dossier, &fingerprint).await? {
        return repeated(tx, application, &answer, &fingerprint).await;
    }
    let slug = store::application(tx, application).await?.slug;
    let received = Received { application, slug, dossier: answer.dossier, answer: answer.answer, fields: answer.fields, signer: answer.signer };
    let answering = registry.answering().ok_or_else(|| Error::internal("nobody acts on answers"))?;
    let Outcome { state, label } = answering.receive(around, tx, &received).await?;
    let kept = serde_json::to_value(Kept { state: state.clone(), label: label.clone() })?;
    store::save_outcome(tx, application, &answer.identifier, kept).await?;
    tx.emit(&AnswerReceived { application, dossier: received.dossier, answer: received.answer }).await?;
    Ok(Answered { state, label, is_repeated: false })
}

async fn repeated(tx: &mut Tx, application: kernel::ApplicationId, answer: &Answer, fingerprint: &str) -> Result<Answered> {
    let known = store::known_answer(tx, application, &answer.identifier).await?.ok_or(Error::NotFound)?;
    if known.dossier != answer.dossier || known.fingerprint != fingerprint {
        let sentence = "Cet identifiant a déjà servi à une autre réponse. Donnez-en un nouveau à chaque réponse.";
        return Err(Error::Conflict(Problem { code: "identifier-reused", sentence: sentence.into() }));
    }
    let Kept { state, label } = serde_json::from_value(known.outcome)?;
    Ok(Answered { state, label, is_repeated: true })
}

fn check(answer: &Answer) -> Result<()> {
    let mut errors = kernel::FieldErrors::new();
    let is_printable = answer.identifier.chars().all(|c| !c.is_control());
    if answer.identifier.trim().is_empty() || answer.identifier.len() > LONGEST || !is_printable {
        errors.push("identifiant", "Donnez un identifiant de 1 à 200 caractères, différent à chaque réponse.");
    }
    // A word goes to the journal: nothing but a code may.
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if answer.answer.is_empty() || answer.answer.len() > 60 || !answer.answer.chars().all(is_word) {
        errors.push("reponse", "Donnez une des réponses prévues par la démarche, par exemple « delivre ».");
    }
    let is_said = |text: &str| !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if answer.signer.as_ref().is_some_and(|signer| !is_said(&signer.name) || !is_said(&signer.quality)) {
        errors.push("signataire", "Donnez le nom et la qualité de qui a pris la décision, chacun en 200 signes au plus.");
    }
    errors.into_result()
}

/// Of what is said, whatever the order of its members.
fn fingerprint(answer: &Answer) -> Result<String> {
    let mut said = serde_json::json!({ "answer": answer.answer, "fields": answer.fields });
    if let Some(signer) = &answer.signer {
        said["signer"] = serde_json::to_value(signer)?;
    }
    Ok(crypto::hex(&crypto::sha256(&serde_json::to_vec(&sorted(said))?)))
}

/// With the members of every object in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fields: &str) -> Answer {
        Answer {
            identifier: "a".into(),
            dossier: uuid::Uuid::nil().into(),
            answer: "delivre".into(),
            fields: serde_json::from_str(fields).expect("members"),
            signer: None,
        }
    }

    #[test]
    fn the_same_answer_in_another_order_is_the_same() {
        let of = |fields| fingerprint(&said(fields)).expect("a fingerprint");
        assert_eq!(of(r#"{"a":1,"b":{"c":1,"d":2}}"#), of(r#"{"b":{"d":2,"c":1},"a":1}"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":2}"#));
    }

    #[test]
    fn a_word_is_a_code_and_an_identifier_is_there() {
        let mut answer = said("{}");
        assert!(check(&answer).is_ok());
        answer.answer = "Délivré à M. Dupont".into();
        answer.identifier = " ".into();
        let Err(Error::Invalid(errors)) = check(&answer) else { panic!("refused") };
        assert_eq!(errors.0.len(), 2);
    }

    #[test]
    fn an_officer_has_a_name_and_a_quality_and_makes_another_answer() {
        let officer = |quality: &str| Some(Officer { name: "Camille Perrin".into(), quality: quality.into() });
        assert!(check(&Answer { signer: officer("officière de l’état civil"), ..said("{}") }).is_ok());
        assert!(check(&Answer { signer: officer(" "), ..said("{}") }).is_err());
        let signed = Answer { signer: officer("maire"), ..said("{}") };
        assert_ne!(fingerprint(&signed).expect("a fingerprint"), fingerprint(&said("{}")).expect("a fingerprint"));
    }
}

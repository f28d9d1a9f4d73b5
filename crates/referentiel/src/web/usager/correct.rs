//! The person corrects, adds, or takes back something that he says of himself.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result, t,
    templates::Page,
    web::{Form, SignedUsager, question::Question},
};
use kinds::{Kind, Rule};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{Attribute, Record, attribute, can_correct, can_take_back, correct, read, take_back};

/// The name of the control.
const FIELD: &str = "valeur";

/// One value, to write.
#[derive(Clone, Serialize)]
pub(super) struct CorrectPage {
    label: String,
    /// What is kept today; empty when nothing is.
    today: String,
    action: String,
    /// Where the value is taken back; empty when it cannot be.
    erase: String,
    question: Question,
    errors: Vec<FieldError>,
}

impl Page for CorrectPage {
    const TEMPLATE: &'static str = "referentiel/usager/corriger.html";
    fn samples() -> Vec<Self> {
        let of = |code: &str| {
            let attribute = attribute(code)?;
            let kind = kinds::kind(attribute.kind)?;
            let erase = format!("/mes-donnees/effacer/{code}");
            Some(CorrectPage { erase: if attribute.is_pivot { String::new() } else { erase }, ..page(attribute, kind, "", &[], None) })
        };
        let pages: Vec<Self> = ["telephone", "adresse", "date_naissance", "nom_usage"].into_iter().filter_map(of).collect();
        let faults = pages.iter().cloned().map(|page| Self {
            errors: vec![FieldError { field: FIELD.into(), sentence: "Écrivez une valeur, par exemple 06 00 00 00 00.".into() }],
            ..page
        });
        pages.iter().cloned().chain(faults).collect()
    }
}

fn page(attribute: &Attribute, kind: &dyn Kind, today: &str, filled: &[(String, String)], refusal: Option<&kinds::Refusal>) -> CorrectPage {
    let mut question = Question::new(kind, FIELD, attribute.label);
    question.fill(filled.iter().map(|(part, text)| (part.as_str(), text.as_str())));
    question.error = refusal.map(|refusal| refusal.sentence.clone());
    if let Some(part) = refusal.and_then(|refusal| question.part(refusal.part?)) {
        part.error = refusal.map(|refusal| refusal.sentence.clone());
    }
    let errors =
        refusal.map(|refusal| FieldError { field: kinds::control_name(FIELD, refusal.part.unwrap_or_default()), sentence: refusal.sentence.clone() });
    CorrectPage {
        label: attribute.label.into(),
        today: today.into(),
        action: format!("/mes-donnees/corriger/{}", attribute.code),
        erase: String::new(),
        question,
        errors: errors.into_iter().collect(),
    }
}

/// What is known, when the person may change it here; else nothing is found.
async fn open(cx: &SignedUsager, code: &str) -> Result<(&'static Attribute, &'static dyn Kind, Record)> {
    let attribute = attribute(code).ok_or(Error::NotFound)?;
    let kind = kinds::kind(attribute.kind).ok_or_else(|| Error::internal(format!("no kind {}", attribute.kind)))?;
    let record = cx.read(async |tx| read::record(tx, cx.usager).await).await?;
    if can_correct(&record, attribute) { Ok((attribute, kind, record)) } else { Err(Error::NotFound) }
}

fn today(record: &Record, attribute: &Attribute) -> (String, Vec<(String, String)>) {
    let value: Option<&Json> = record.get(attribute.code).map(|golden| &golden.fact.value);
    let kind = kinds::kind(attribute.kind);
    let filled = value.zip(kind).map(|(value, kind)| kind.fill(value)).unwrap_or_default();
    (value.map(|value| crate::show(attribute.code, value)).unwrap_or_default(), filled)
}

/// `GET /mes-donnees/corriger/{attribute}`
pub(super) async fn show(cx: SignedUsager, Path(code): Path<String>) -> Result<Response> {
    let (attribute, kind, record) = open(&cx, &code).await?;
    let (today, filled) = today(&record, attribute);
    cx.page(&CorrectPage { erase: erasing(&record, attribute), ..page(attribute, kind, &today, &filled, None) })
}

fn erasing(record: &Record, attribute: &Attribute) -> String {
    if can_take_back(record, attribute) { format!("/mes-donnees/effacer/{}", attribute.code) } else { String::new() }
}

/// `POST /mes-donnees/effacer/{attribute}`
pub(super) async fn erase(cx: SignedUsager, Path(code): Path<String>, form: Form) -> Result<Response> {
    let attribute = attribute(&code).ok_or(Error::NotFound)?;
    cx.once(&form, async |tx| {
        take_back(tx, cx.usager, attribute).await?;
        cx.flash(tx, t!("C’est effacé : vos prochaines demandes ne le proposeront plus.")).await?;
        Ok("/mes-donnees#sait".into())
    })
    .await
}

/// `POST /mes-donnees/corriger/{attribute}`
pub(super) async fn send(cx: SignedUsager, Path(code): Path<String>, form: Form) -> Result<Response> {
    let (attribute, kind, record) = open(&cx, &code).await?;
    let input = kinds::gather(kind, FIELD, |name| form.pairs().filter(|(of, _)| *of == name).map(|(_, text)| text).collect());
    let rule = Rule { required: true, ..Rule::default() };
    let value = match kinds::read_answer(kind, &input, &rule) {
        Ok(value) => value.unwrap_or_default(),
        Err(refusal) => {
            let typed: Vec<(String, String)> = kind.parts().iter().map(|part| ((*part).to_owned(), input.first(part).to_owned())).collect();
            let (today, _) = today(&record, attribute);
            let page = CorrectPage { erase: erasing(&record, attribute), ..page(attribute, kind, &today, &typed, Some(&refusal)) };
            return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    cx.once(&form, async |tx| {
        correct(tx, cx.usager, attribute, value).await?;
        cx.flash(tx, t!("C’est enregistré.")).await?;
        Ok("/mes-donnees#sait".into())
    })
    .await
}

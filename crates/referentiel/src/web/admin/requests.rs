//! Requests of persons about their data: those that wait, the nearest legal date first, and the answer.

use axum::{extract::Path, http::StatusCode, response::Response};
use jiff::{Timestamp, civil::Date};
use kernel::{
    Error, FieldError, Result, RightsRequestId, Tx, UsagerId, t,
    templates::Page,
    web::{AdminCx, Form},
};
use rgpd::{RightsRequest, rights_request::Kind};
use serde::Serialize;

use crate::{answer_request, attributes::ALL as ATTRIBUTES, cards};

/// All requests.
#[derive(Serialize)]
pub(super) struct RequestsPage {
    waiting: Vec<RequestView>,
    answered: Vec<RequestView>,
    errors: Vec<FieldError>,
}

#[derive(Clone, Serialize)]
struct RequestView {
    id: String,
    who: String,
    kind: String,
    /// For an opposition: the reading.
    about: String,
    text: String,
    made_at: Timestamp,
    due_on: Date,
    is_late: bool,
    action: String,
    is_granted: bool,
    answer: String,
    accesses: String,
    /// For an erasure: what may be erased from the record, code and name.
    erasable: Vec<(&'static str, &'static str)>,
}

impl Page for RequestsPage {
    const TEMPLATE: &'static str = "referentiel/admin/demandes-de-droits.html";
    fn samples() -> Vec<Self> {
        let request = RequestView {
            id: "dro_1".into(),
            who: "Inès Marchetti".into(),
            kind: "Effacement".into(),
            about: String::new(),
            text: "Mon ancien numéro de téléphone".into(),
            made_at: Timestamp::UNIX_EPOCH,
            due_on: Date::constant(1970, 2, 1),
            is_late: false,
            action: "/admin/demandes-de-droits/dro_1/reponse".into(),
            is_granted: false,
            answer: String::new(),
            accesses: "/admin/acces?usager=usa_1".into(),
            erasable: vec![("telephone", "Téléphone"), ("adresse", "Adresse postale")],
        };
        let late = RequestView {
            id: "dro_2".into(),
            is_late: true,
            kind: "Opposition".into(),
            about: "Caisse des écoles, tarif-cantine".into(),
            erasable: vec![],
            ..request.clone()
        };
        let answered = RequestView { answer: "C’est fait.".into(), is_granted: true, ..request.clone() };
        let error = FieldError { field: "reponse-dro_1".into(), sentence: "Écrivez ce qui a été fait.".into() };
        vec![
            Self { waiting: vec![], answered: vec![], errors: vec![] },
            Self { waiting: vec![late, request.clone()], answered: vec![answered], errors: vec![] },
            Self { waiting: vec![request], answered: vec![], errors: vec![error] },
        ]
    }
}

async fn load(tx: &mut Tx) -> Result<RequestsPage> {
    let (waiting, answered) = rgpd::requests(tx).await?;
    let mut ids: Vec<UsagerId> = waiting.iter().chain(&answered).map(|request| request.usager).collect();
    ids.sort_unstable();
    ids.dedup();
    let (people, partenaires, today) = (cards(tx, &ids).await?, comptes::partenaires(tx).await?, tx.today());
    let view = |request: &RightsRequest| RequestView {
        id: request.id.to_string(),
        who: people.iter().find(|card| card.usager == request.usager).map(|card| card.name.clone()).unwrap_or_default(),
        kind: request.kind.label().into(),
        about: match (request.kind, request.partenaire, &request.purpose) {
            (Kind::Opposition, Some(id), Some(purpose)) => {
                let who = partenaires.iter().find(|p| p.id == id).map_or_else(|| t!("Un ancien partenaire"), |p| p.name.clone());
                format!("{who}, {purpose}")
            }
            _ => String::new(),
        },
        text: request.text.clone(),
        made_at: request.made_at,
        due_on: request.due_on,
        is_late: request.answered_at.is_none() && request.due_on < today,
        action: format!("/admin/demandes-de-droits/{}/reponse", request.id),
        is_granted: request.is_granted == Some(true),
        answer: request.answer.clone().unwrap_or_default(),
        accesses: format!("/admin/acces?usager={}", request.usager),
        erasable: if request.kind == Kind::Erasure { ATTRIBUTES.iter().map(|a| (a.code, a.label)).collect() } else { vec![] },
    };
    Ok(RequestsPage { waiting: waiting.iter().map(view).collect(), answered: answered.iter().map(view).collect(), errors: vec![] })
}

/// `GET /admin/demandes-de-droits`
pub(super) async fn show(cx: AdminCx) -> Result<Response> {
    let page = cx.read(load).await?;
    cx.page(&page)
}

/// `POST /admin/demandes-de-droits/{id}/reponse`
pub(super) async fn answer(cx: AdminCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let id: RightsRequestId = id.parse()?;
    let is_granted = form.get("suite") == Some("accordee");
    let text = form.get("reponse").unwrap_or_default();
    let erased: Vec<&str> = form.all("effacer").collect();
    let done = cx
        .once(&form, async |tx| {
            answer_request(tx, id, is_granted, text, &erased).await?;
            cx.flash(tx, t!("La réponse est enregistrée : la personne la lit sur sa page Mes données.")).await?;
            Ok("/admin/demandes-de-droits".into())
        })
        .await;
    match done {
        Err(Error::Invalid(errors)) => {
            let page = cx.read(load).await?;
            let errors = errors.0.into_iter().map(|e| FieldError { field: format!("{}-{id}", e.field), ..e }).collect();
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &RequestsPage { errors, ..page })
        }
        done => done,
    }
}

//! A request about one's data: erasure, rectification of what one may not correct alone, a reading that seems abnormal.
//! The page says the legal delay, and why some of it may be refused.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result, calendar, t,
    templates::Page,
    web::{Form, SignedUsager},
};
use rgpd::rights_request::Kind;
use serde::Serialize;

use super::date;
use crate::{attribute, read};

/// What is asked.
#[derive(Clone, Serialize)]
pub(super) struct RightPage {
    kind: Kind,
    action: String,
    text: String,
    /// Last day to answer, if it is sent today.
    due: String,
    errors: Vec<FieldError>,
}

impl Page for RightPage {
    const TEMPLATE: &'static str = "referentiel/usager/demander.html";
    fn samples() -> Vec<Self> {
        let page = |kind: Kind| Self {
            kind,
            action: format!("/mes-donnees/demander/{}", kind.code()),
            text: String::new(),
            due: "24 décembre 2026".into(),
            errors: vec![],
        };
        let error = FieldError { field: "texte".into(), sentence: "Dites en quelques mots ce que vous demandez.".into() };
        vec![page(Kind::Erasure), page(Kind::Rectification), page(Kind::Alert), Self { errors: vec![error], ..page(Kind::Erasure) }]
    }
}

fn page(cx: &SignedUsager, kind: Kind, text: String) -> RightPage {
    let today = cx.app.clock.now().to_zoned(cx.tenant.zone()).date();
    RightPage { kind, action: format!("/mes-donnees/demander/{}", kind.code()), text, due: date(calendar::add_months(today, 1)), errors: vec![] }
}

fn kind_of(code: &str) -> Result<Kind> {
    Kind::of_code(code).filter(|kind| *kind != Kind::Opposition).ok_or(Error::NotFound)
}

/// `GET /mes-donnees/demander/{droit}?info=…`
pub(super) async fn show(cx: SignedUsager, Path(right): Path<String>, query: Form) -> Result<Response> {
    let about = query.get("info").and_then(attribute);
    let text = about.map_or_else(String::new, |about| t!("{label} : ", label = about.label));
    cx.page(&page(&cx, kind_of(&right)?, text))
}

/// `POST /mes-donnees/demander/{droit}`
pub(super) async fn send(cx: SignedUsager, Path(right): Path<String>, form: Form) -> Result<Response> {
    let kind = kind_of(&right)?;
    let text = form.get("texte").unwrap_or_default();
    let done = cx
        .once(&form, async |tx| {
            let ids = read::aliases(tx, cx.usager).await?;
            let usager = ids.first().copied().unwrap_or(cx.usager);
            let request = rgpd::ask_right(tx, usager, kind, text).await?;
            cx.flash(tx, t!("Votre demande est enregistrée. Réponse au plus tard le {day}.", day = date(request.due_on))).await?;
            Ok("/mes-donnees#demandes".into())
        })
        .await;
    match done {
        Err(Error::Invalid(errors)) => {
            let page = RightPage { errors: errors.0, ..page(&cx, kind, text.into()) };
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

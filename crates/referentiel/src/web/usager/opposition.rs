//! An opposition to a reading that rests on a public task (GDPR, article 21): what it stops, and the reason asked.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, PartenaireId, Result, Tx, t,
    templates::Page,
    web::{Form, SignedUsager},
};
use serde::Serialize;

use super::my_data::said_list;
use crate::read;

/// What would stop, and the form.
#[derive(Clone, Serialize)]
pub(super) struct OppositionPage {
    who: String,
    title: String,
    what: String,
    reference: String,
    action: String,
    reason: String,
    errors: Vec<FieldError>,
}

impl Page for OppositionPage {
    const TEMPLATE: &'static str = "referentiel/usager/opposition.html";
    fn samples() -> Vec<Self> {
        let page = Self {
            who: "Caisse des écoles".into(),
            title: "calculer le tarif de la cantine".into(),
            what: "votre quotient familial".into(),
            reference: "code de l’éducation, article L. 212-10".into(),
            action: "/mes-donnees/oppositions/par_1/tarif-cantine".into(),
            reason: String::new(),
            errors: vec![],
        };
        let error = FieldError { field: "raison".into(), sentence: "Dites en quelques mots ce qui justifie votre opposition.".into() };
        vec![page.clone(), Self { errors: vec![error], ..page }]
    }
}

async fn load(tx: &mut Tx, partenaire: PartenaireId, purpose: &str) -> Result<OppositionPage> {
    let held = rgpd::habilitations(tx, Some(partenaire)).await?;
    let reading = held.into_iter().find(|h| h.purpose == purpose && h.basis.can_be_opposed()).ok_or(Error::NotFound)?;
    let partenaires = comptes::partenaires(tx).await?;
    let who = partenaires.into_iter().find(|p| p.id == partenaire).map(|p| p.name).ok_or(Error::NotFound)?;
    Ok(OppositionPage {
        who,
        title: reading.title,
        what: said_list(&reading.attributes),
        reference: reading.reference,
        action: format!("/mes-donnees/oppositions/{partenaire}/{purpose}"),
        reason: String::new(),
        errors: vec![],
    })
}

/// `GET /mes-donnees/oppositions/{partenaire}/{purpose}`
pub(super) async fn show(cx: SignedUsager, Path((partenaire, purpose)): Path<(String, String)>) -> Result<Response> {
    let partenaire = partenaire.parse()?;
    let page = cx.read(async |tx| load(tx, partenaire, &purpose).await).await?;
    cx.page(&page)
}

/// `POST /mes-donnees/oppositions/{partenaire}/{purpose}`
pub(super) async fn oppose(cx: SignedUsager, Path((partenaire, purpose)): Path<(String, String)>, form: Form) -> Result<Response> {
    let partenaire = partenaire.parse()?;
    let reason = form.get("raison").unwrap_or_default();
    let done = cx
        .once(&form, async |tx| {
            let ids = read::aliases(tx, cx.usager).await?;
            let usager = ids.first().copied().unwrap_or(cx.usager);
            rgpd::oppose(tx, usager, partenaire, &purpose, reason).await?;
            cx.flash(tx, t!("Votre opposition est enregistrée : la lecture est arrêtée dès maintenant. Réponse en un mois au plus.")).await?;
            Ok("/mes-donnees#informe".into())
        })
        .await;
    match done {
        Err(Error::Invalid(errors)) => {
            let page = cx.read(async |tx| load(tx, partenaire, &purpose).await).await?;
            let page = OppositionPage { reason: reason.into(), errors: errors.0, ..page };
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

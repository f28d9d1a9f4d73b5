//! What the legal pages of every public site must say and only the collectivité knows: who publishes, who hosts, whom to
//! write to about one's data, what the last audit of accessibility found. The pages themselves are of `teleservices`.

use axum::{http::StatusCode, response::Response};
use kernel::{
    FieldError, FieldErrors, Result, Tenant,
    templates::{Page, Sample, samples},
    web::{AdminCx, Form, Pages, see_other},
};
use serde::Serialize;

use super::settings::{change, renew};
use crate::{MANAGE_TENANT, web::faults};

/// What an audit may have found; nothing found is « non conforme ».
const CONFORMITIES: [&str; 3] = ["", "partielle", "totale"];

/// The settings.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MentionsPage {
    /// Legal name, SIRET and address of the publisher.
    pub publisher: String,
    /// Name and quality of the director of publication.
    pub director: String,
    /// Name, address and telephone of the host.
    pub hosting: String,
    /// Contact of the data protection officer.
    pub dpo: String,
    /// One of `CONFORMITIES`.
    pub accessibility: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for MentionsPage {
    const TEMPLATE: &'static str = "comptes/admin/mentions.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "hosting".into(), sentence: "Écrivez le nom, l’adresse et le téléphone de l’hébergeur.".into() };
        vec![
            Self::default(),
            Self { publisher: "Commune d’Exemple".into(), accessibility: "partielle".into(), errors: vec![fault], ..Self::default() },
        ]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get("/admin/mentions", show).post("/admin/mentions", save)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<MentionsPage>()
}

fn page_of(tenant: &Tenant) -> MentionsPage {
    let settings = tenant.settings.clone();
    MentionsPage {
        publisher: settings.publisher,
        director: settings.director,
        hosting: settings.hosting,
        dpo: settings.dpo,
        accessibility: settings.accessibility,
        errors: vec![],
    }
}

async fn show(cx: AdminCx) -> Result<Response> {
    cx.read(async |tx| tx.allow_any(MANAGE_TENANT)).await?;
    cx.page(&page_of(&cx.tenant))
}

async fn save(cx: AdminCx, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let page = MentionsPage {
        publisher: text("publisher"),
        director: text("director"),
        hosting: text("hosting"),
        dpo: text("dpo"),
        accessibility: text("accessibility"),
        errors: vec![],
    };
    match keep(&cx, &page).await {
        Ok(()) => Ok(see_other("/admin/mentions")),
        Err(error) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &MentionsPage { errors: faults(error)?, ..page }),
    }
}

fn check(page: &MentionsPage) -> Result<()> {
    let mut errors = FieldErrors::new();
    for (name, said, wanted) in [
        ("publisher", &page.publisher, "Écrivez le nom et l’adresse de la collectivité."),
        ("director", &page.director, "Écrivez le nom et la qualité de qui dirige la publication, par exemple le maire."),
        ("hosting", &page.hosting, "Écrivez le nom, l’adresse et le téléphone de l’hébergeur."),
        ("dpo", &page.dpo, "Écrivez l’adresse où écrire au délégué à la protection des données."),
    ] {
        if said.is_empty() {
            errors.push(name, wanted);
        }
    }
    if !CONFORMITIES.contains(&page.accessibility.as_str()) {
        errors.push("accessibility", "Choisissez une des réponses.");
    }
    errors.into_result()
}

async fn keep(cx: &AdminCx, page: &MentionsPage) -> Result<()> {
    check(page)?;
    change(cx, "Les mentions légales sont enregistrées.", |tenant| {
        let settings = &mut tenant.settings;
        renew([
            ("publisher", &mut settings.publisher, &page.publisher),
            ("director", &mut settings.director, &page.director),
            ("hosting", &mut settings.hosting, &page.hosting),
            ("dpo", &mut settings.dpo, &page.dpo),
            ("accessibility", &mut settings.accessibility, &page.accessibility),
        ])
    })
    .await
}

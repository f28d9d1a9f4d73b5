//! Partners and their keys. A key is shown once; what a partner may read is granted elsewhere.

use axum::{extract::Path, http::StatusCode, response::Response};
use jiff::Timestamp;
use kernel::{
    FieldError, PartenaireId, Result,
    templates::{Page, Sample, samples},
    web::{AdminCx, Form, Pages},
};
use serde::Serialize;

use crate::{
    MANAGE_PARTNERS, Partenaire, PartnerKey, close_key, issue_key, keys_of, partenaire, register_partenaire, store,
    web::{faults, reveal},
};

/// The list, and the form of a new one.
#[derive(Debug, Default, Serialize)]
pub struct PartnersPage {
    /// In activity.
    pub partners: Vec<Partenaire>,
    /// Typed before.
    pub name: String,
    /// Typed before.
    pub siret: String,
    /// Typed before.
    pub contact: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// One partner.
#[derive(Debug, Serialize)]
pub struct PartnerPage {
    /// The partner.
    pub partner: Partenaire,
    /// Its keys, the newest first.
    pub keys: Vec<PartnerKey>,
    /// How many are in force.
    pub live: usize,
}

fn sample() -> Partenaire {
    Partenaire {
        id: PartenaireId::from(uuid::Uuid::nil()),
        name: "Caisse des écoles".into(),
        siret: "21380185500015".into(),
        contact: "contact@exemple.fr".into(),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

impl Page for PartnersPage {
    const TEMPLATE: &'static str = "comptes/admin/partenaires.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "name".into(), sentence: "Écrivez le nom de l’organisme.".into() };
        vec![Self::default(), Self { partners: vec![sample()], errors: vec![fault], ..Self::default() }]
    }
}

impl Page for PartnerPage {
    const TEMPLATE: &'static str = "comptes/admin/partenaire.html";
    fn samples() -> Vec<Self> {
        let key = |closed_at| PartnerKey { mark: "3fa9c2d1".into(), created_at: Timestamp::UNIX_EPOCH, closed_at };
        vec![
            Self { partner: sample(), keys: vec![], live: 0 },
            Self { partner: sample(), keys: vec![key(None), key(Some(Timestamp::UNIX_EPOCH))], live: 1 },
        ]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/admin/partenaires", list)
        .post("/admin/partenaires", register)
        .get("/admin/partenaires/{id}", show)
        .post("/admin/partenaires/{id}/cles", issue)
        .post("/admin/partenaires/{id}/cles/fermer", close)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<PartnersPage>(), samples::<PartnerPage>()].into_iter().flatten().collect()
}

async fn list(cx: AdminCx) -> Result<Response> {
    again(&cx, StatusCode::OK, PartnersPage::default()).await
}

async fn again(cx: &AdminCx, status: StatusCode, mut page: PartnersPage) -> Result<Response> {
    page.partners = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_PARTNERS)?;
            store::partenaires(tx).await
        })
        .await?;
    cx.page_status(status, &page)
}

async fn register(cx: AdminCx, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let (name, siret, contact) = (text("name"), text("siret"), text("contact"));
    let done = cx
        .once(&form, async |tx| {
            let made = register_partenaire(tx, &name, &siret, &contact).await?;
            cx.flash(tx, "Le partenaire est enregistré. Faites-lui une clé.").await?;
            Ok(format!("/admin/partenaires/{}", made.id))
        })
        .await;
    match done {
        Err(error) => {
            let page = PartnersPage { name, siret, contact, errors: faults(error)?, partners: vec![] };
            again(&cx, StatusCode::UNPROCESSABLE_ENTITY, page).await
        }
        done => done,
    }
}

async fn show(cx: AdminCx, Path(id): Path<PartenaireId>) -> Result<Response> {
    let page = cx
        .read(async |tx| {
            let (partner, keys) = (partenaire(tx, id).await?, keys_of(tx, id).await?);
            let live = keys.iter().filter(|key| key.closed_at.is_none()).count();
            Ok(PartnerPage { partner, keys, live })
        })
        .await?;
    cx.page(&page)
}

async fn issue(cx: AdminCx, Path(id): Path<PartenaireId>, form: Form) -> Result<Response> {
    cx.once(&form, async |tx| {
        let partner = partenaire(tx, id).await?;
        let key = issue_key(tx, id).await?;
        let about = "Copiez-la maintenant : elle ne sera plus jamais montrée. L’ancienne marche encore : fermez-la quand la nouvelle est en place.";
        reveal::keep(&cx, tx, &format!("Clé de {}", partner.name), about, &key, &format!("/admin/partenaires/{id}")).await?;
        Ok(reveal::PATH.to_owned())
    })
    .await
}

async fn close(cx: AdminCx, Path(id): Path<PartenaireId>, form: Form) -> Result<Response> {
    let mark = form.filled("cle").unwrap_or_default().to_owned();
    cx.once(&form, async |tx| {
        partenaire(tx, id).await?;
        close_key(tx, id, &mark).await?;
        cx.flash(tx, "La clé est fermée : elle ne donne plus rien.").await?;
        Ok(format!("/admin/partenaires/{id}"))
    })
    .await
}

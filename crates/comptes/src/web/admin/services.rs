//! Teams, and the contacts that receipts print of them.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    FieldError, OrgUnitId, Result,
    templates::{Page, Sample, samples},
    web::{AdminCx, Form, Pages},
};
use serde::Serialize;

use crate::{MANAGE_AGENTS, OrgUnit, org_unit, save_org_unit, store, web::faults};

/// The list.
#[derive(Debug, Serialize)]
pub struct UnitsPage {
    /// Teams in activity.
    pub units: Vec<OrgUnit>,
}

/// One team, new or not.
#[derive(Debug, Default, Serialize)]
pub struct UnitPage {
    /// Empty for a new one.
    pub id: String,
    /// How packages name it.
    pub slug: String,
    /// As printed.
    pub name: String,
    /// Printed on receipts.
    pub mail: String,
    /// Printed on receipts.
    pub phone: String,
    /// Printed on receipts.
    pub address: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for UnitsPage {
    const TEMPLATE: &'static str = "comptes/admin/services.html";
    fn samples() -> Vec<Self> {
        let unit = OrgUnit {
            id: OrgUnitId::from(uuid::Uuid::nil()),
            slug: "etat-civil".into(),
            name: "Service de l’état civil".into(),
            mail: "etat-civil@exemple.fr".into(),
            phone: "02 37 00 00 01".into(),
            address: String::new(),
        };
        vec![Self { units: vec![unit] }, Self { units: vec![] }]
    }
}

impl Page for UnitPage {
    const TEMPLATE: &'static str = "comptes/admin/service.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "phone".into(), sentence: "Écrivez le téléphone du service.".into() };
        vec![Self::default(), Self { id: "org_1".into(), slug: "etat-civil".into(), errors: vec![fault], ..Self::default() }]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/admin/services", list)
        .get("/admin/services/nouveau", new)
        .post("/admin/services/nouveau", create)
        .get("/admin/services/{id}", show)
        .post("/admin/services/{id}", save)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<UnitsPage>(), samples::<UnitPage>()].into_iter().flatten().collect()
}

async fn list(cx: AdminCx) -> Result<Response> {
    let units = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_AGENTS)?;
            store::org_units(tx).await
        })
        .await?;
    cx.page(&UnitsPage { units })
}

async fn new(cx: AdminCx) -> Result<Response> {
    cx.page(&UnitPage::default())
}

async fn show(cx: AdminCx, Path(id): Path<OrgUnitId>) -> Result<Response> {
    let unit = cx.read(async |tx| org_unit(tx, id).await).await?;
    let page = UnitPage {
        id: unit.id.to_string(),
        slug: unit.slug,
        name: unit.name,
        mail: unit.mail,
        phone: unit.phone,
        address: unit.address,
        errors: vec![],
    };
    cx.page(&page)
}

async fn create(cx: AdminCx, form: Form) -> Result<Response> {
    keep(cx, None, form).await
}

async fn save(cx: AdminCx, Path(id): Path<OrgUnitId>, form: Form) -> Result<Response> {
    keep(cx, Some(id), form).await
}

async fn keep(cx: AdminCx, id: Option<OrgUnitId>, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let done = cx
        .once(&form, async |tx| {
            let id = match id {
                Some(id) => org_unit(tx, id).await?.id,
                None => tx.new_id(),
            };
            let unit = OrgUnit { id, slug: text("slug"), name: text("name"), mail: text("mail"), phone: text("phone"), address: text("address") };
            save_org_unit(tx, unit).await?;
            cx.flash(tx, "Le service est enregistré.").await?;
            Ok("/admin/services".to_owned())
        })
        .await;
    match done {
        Err(error) => {
            let page = UnitPage {
                id: id.map(|id| id.to_string()).unwrap_or_default(),
                slug: text("slug"),
                name: text("name"),
                mail: text("mail"),
                phone: text("phone"),
                address: text("address"),
                errors: faults(error)?,
            };
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

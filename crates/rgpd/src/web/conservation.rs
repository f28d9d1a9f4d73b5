//! How long each table keeps what it holds of persons, and why.

use axum::response::Response;
use kernel::{Error, Result, templates::Page, web::AdminCx};
use serde::Serialize;

use crate::{AUDIT, HABILITATE, Registry, Retention};

/// The retention table.
#[derive(Serialize)]
pub(super) struct RetentionPage {
    lines: Vec<Retention>,
}

impl Page for RetentionPage {
    const TEMPLATE: &'static str = "rgpd/admin/conservation.html";
    fn samples() -> Vec<Self> {
        let line = Retention { table: "consent", label: "Accords", kept: "cinq ans après son retrait", because: "preuve" };
        vec![Self { lines: vec![] }, Self { lines: vec![line; 3] }]
    }
}

/// `GET /admin/conservation`
pub(super) async fn show(cx: AdminCx, registry: Registry) -> Result<Response> {
    if ![AUDIT, HABILITATE].iter().any(|right| cx.actor().may(*right, None)) {
        return Err(Error::Forbidden(AUDIT.0));
    }
    let lines = registry.personal.iter().flat_map(|domain| domain.retention().iter().cloned()).collect();
    cx.page(&RetentionPage { lines })
}

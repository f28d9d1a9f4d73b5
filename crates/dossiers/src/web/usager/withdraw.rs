//! Withdrawing: what it means, then the button.

use axum::response::Response;
use kernel::web::{Form, see_other};
use kernel::{Result, templates::Page};
use serde::Serialize;

use crate::phase::is_open;
use crate::version;
use crate::web::mine::Mine;
use crate::withdraw::withdraw as withdraw_dossier;

/// "Retirer ma demande".
#[derive(Debug, Serialize)]
pub(crate) struct WithdrawPage {
    pub title: String,
    pub number: String,
    pub path: String,
}

impl Page for WithdrawPage {
    const TEMPLATE: &'static str = "dossiers/usager/retrait.html";

    fn samples() -> Vec<Self> {
        vec![Self { title: "Aide à l’achat d’un vélo".into(), number: "VSA-2026-004127".into(), path: "/dossiers/dos_1".into() }]
    }
}

/// What withdrawing means.
pub(crate) async fn ask(mine: Mine) -> Result<Response> {
    let dossier = &mine.dossier;
    if !is_open(dossier.phase) {
        return Ok(see_other(&format!("/dossiers/{}", dossier.id)));
    }
    let version = mine.read(async |tx| version::of(tx, dossier.version).await).await?;
    mine.page(&WithdrawPage { title: version.package.card.title.clone(), number: dossier.number_text(), path: format!("/dossiers/{}", dossier.id) })
}

/// Withdraws.
pub(crate) async fn withdraw(mine: Mine, form: Form) -> Result<Response> {
    let (tenant, id) = (mine.tenant.clone(), mine.dossier.id);
    mine.once(&form, async |tx| withdraw_dossier(tx, &tenant, id).await.map(|_| format!("/dossiers/{id}"))).await
}

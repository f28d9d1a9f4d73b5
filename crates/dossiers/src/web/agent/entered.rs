//! What an agent has just typed and sent for somebody: its number, and the receipt to print. The same day only; then
//! the demand is the team's, like any other, and wants the right to read it.

use axum::extract::Path;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::AgentCx;
use kernel::{DossierId, Result};
use serde::Serialize;

use super::files;
use crate::rights::{READ, just_entered};
use crate::web::usager::Moment;
use crate::{store, version};

/// The confirmation.
#[derive(Debug, Serialize)]
pub(crate) struct EnteredPage {
    pub service: String,
    pub number: String,
    pub when: Moment,
    pub receipt: String,
    /// The dossier, for who may read it.
    pub dossier: Option<String>,
}

impl Page for EnteredPage {
    const TEMPLATE: &'static str = "dossiers/agent/saisie-envoyee.html";

    fn samples() -> Vec<Self> {
        let page = |dossier: Option<&str>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            number: "VSA-2026-004127".into(),
            when: Moment { at: "2026-11-24T13:21:00Z".into(), words: "24 novembre 2026 à 14 h 21".into() },
            receipt: "/agent/saisie/dos_1/accuse.pdf".into(),
            dossier: dossier.map(str::to_owned),
        };
        vec![page(Some("/agent/dossiers/dos_1")), page(None)]
    }
}

/// `GET /agent/saisie/{id}`
pub(crate) async fn show(cx: AgentCx, Path(id): Path<String>) -> Result<Response> {
    let id: DossierId = id.parse()?;
    let (dossier, version) = cx
        .read(async |tx| {
            let dossier = just_entered(tx, id).await?;
            let version = version::of(tx, dossier.version).await?;
            Ok((dossier, version))
        })
        .await?;
    let may_read = cx.actor().may(READ, dossier.unit);
    cx.page(&EnteredPage {
        service: version.package.card.title.clone(),
        number: dossier.number_text(),
        when: Moment::new(dossier.submitted_at.unwrap_or(dossier.saved_at), &cx.tenant),
        receipt: format!("/agent/saisie/{id}/accuse.pdf"),
        dossier: may_read.then(|| format!("/agent/dossiers/{id}")),
    })
}

/// `GET /agent/saisie/{id}/accuse.pdf`
pub(crate) async fn receipt(cx: AgentCx, Path(id): Path<String>) -> Result<Response> {
    let id: DossierId = id.parse()?;
    let (dossier, version, courriers) = cx
        .read(async |tx| {
            let dossier = just_entered(tx, id).await?;
            let version = version::of(tx, dossier.version).await?;
            Ok((dossier, version, store::thread::courriers(tx, id).await?))
        })
        .await?;
    files::receipt(&cx, &dossier, &version, &courriers).await
}

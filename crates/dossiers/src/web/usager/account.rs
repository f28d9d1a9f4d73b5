//! "Mes demandes": what is expected first, then what is under way, then what is ended. Without an account, what this
//! browser holds the key of.

use axum::response::Response;
use kernel::templates::Page;
use kernel::web::Public;
use kernel::{Actor, Result, Tenant};
use serde::Serialize;

use crate::list;
use crate::model::Dossier;
use crate::phase::{self, Phase};
use crate::version;
use crate::web::mine::key_hash;
use crate::words::long_date;

/// The demands of somebody.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AccountPage {
    pub is_signed_in: bool,
    pub waiting: Vec<DemandView>,
    pub drafts: Vec<DemandView>,
    pub open: Vec<DemandView>,
    pub ended: Vec<DemandView>,
}

/// One demand, as `parts.rows` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DemandView {
    pub icon: &'static str,
    pub label: String,
    pub sub: String,
    pub href: String,
    pub note: String,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "dossiers/usager/mes-demandes.html";

    fn samples() -> Vec<Self> {
        let demand = |note: &str| DemandView {
            icon: "file",
            label: "Aide à l’achat d’un vélo".into(),
            sub: "VSA-2026-004127, envoyée le 24 novembre 2026".into(),
            href: "/dossiers/dos_1".into(),
            note: note.into(),
        };
        let full = Self {
            is_signed_in: true,
            waiting: vec![demand("Complément attendu")],
            drafts: vec![demand("Brouillon")],
            open: vec![demand("En cours"); 12],
            ended: vec![demand("Acceptée")],
        };
        vec![Self::default(), full]
    }
}

/// The demands of whoever asks.
pub(crate) async fn show(Public(cx): Public) -> Result<Response> {
    let tenant = cx.tenant.clone();
    let hash = key_hash(&cx);
    let page = cx
        .read(async |tx| {
            let mut found = match *tx.actor() {
                Actor::Usager { usager, .. } => {
                    let ids = referentiel::aliases(tx, usager).await?;
                    let ids = if ids.is_empty() { vec![usager] } else { ids };
                    list::of_usagers(tx, &ids, None).await?
                }
                _ => Vec::new(),
            };
            if let Some(hash) = &hash {
                let held = list::behind_key(tx, hash).await?;
                found.extend(held.into_iter().filter(|held| !found.iter().any(|known| known.id == held.id)).collect::<Vec<_>>());
            }
            let mut page = AccountPage { is_signed_in: cx.session.is_signed_in(), ..AccountPage::default() };
            for dossier in found {
                let version = version::of(tx, dossier.version).await?;
                page.place(&dossier, view(&tenant, &version.package, &dossier));
            }
            Ok(page)
        })
        .await?;
    cx.page(&page)
}

impl AccountPage {
    fn place(&mut self, dossier: &Dossier, view: DemandView) {
        let list = match dossier.phase {
            Phase::Brouillon => &mut self.drafts,
            Phase::AttenteUsager => &mut self.waiting,
            phase if phase::is_open(phase) => &mut self.open,
            _ => &mut self.ended,
        };
        list.push(view);
    }
}

fn view(tenant: &Tenant, package: &teleservices::package::Package, dossier: &Dossier) -> DemandView {
    let day = |at| long_date(version::day(tenant, at));
    let sub = match dossier.submitted_at {
        Some(at) => format!("{}, envoyée le {}", dossier.number_text(), day(at)),
        None => format!("Commencée le {}, gardée jusqu’au {}", day(dossier.created_at), dossier.expires_at.map(day).unwrap_or_default()),
    };
    let state = package.state(&dossier.state).map(|state| package.state_name(state, &dossier.details));
    DemandView {
        icon: "file",
        label: package.card.title.clone(),
        sub,
        href: format!("/dossiers/{}", dossier.id),
        note: state.unwrap_or_else(|| phase::label(dossier.phase).to_owned()),
    }
}

//! The home of the administration: where each thing is set, and how many there are.

use axum::response::Response;
use kernel::{
    Result,
    templates::{Page, Sample, samples},
    web::{AdminCx, Pages},
};
use serde::Serialize;

use crate::store;

/// One place.
#[derive(Debug, Serialize)]
pub struct Place {
    /// Where.
    pub href: &'static str,
    /// Name of an icon.
    pub icon: &'static str,
    /// In words.
    pub label: &'static str,
    /// What one does there, and how many there are.
    pub sub: String,
}

/// The home.
#[derive(Debug, Serialize)]
pub struct AdminPage {
    /// Places.
    pub places: Vec<Place>,
    /// An administrator alone cannot be helped by another.
    pub is_alone: bool,
}

impl Page for AdminPage {
    const TEMPLATE: &'static str = "comptes/admin/accueil.html";
    fn samples() -> Vec<Self> {
        let place = Place { href: "/admin/agents", icon: "users", label: "Agents", sub: "12 agents".into() };
        vec![Self { places: vec![place], is_alone: true }, Self { places: vec![], is_alone: false }]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get("/admin", show)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<AdminPage>()
}

async fn show(cx: AdminCx) -> Result<Response> {
    let page = cx
        .read(async |tx| {
            let agents = store::agents(tx).await?.into_iter().filter(|agent| agent.closed_at.is_none()).count();
            let admins = store::count_admins(tx).await?;
            let units = store::org_units(tx).await?.len();
            let partners = store::partenaires(tx).await?.len();
            let providers = store::providers(tx).await?.into_iter().filter(|provider| provider.is_active).count();
            let place = |href, icon, label, sub: String| Place { href, icon, label, sub };
            let places = vec![
                place("/admin/agents", "users", "Agents", count(agents, "agent", "agents")),
                place("/admin/services", "home", "Services", count(units, "service", "services")),
                place("/admin/partenaires", "plug", "Partenaires et clés", count(partners, "partenaire", "partenaires")),
                place("/admin/identites", "lock", "Connexions", count(providers, "fournisseur d’identité", "fournisseurs d’identité")),
                place("/admin/apparence", "sun", "Apparence", "Couleur, nom, coordonnées".into()),
            ];
            Ok(AdminPage { places, is_alone: admins < 2 })
        })
        .await?;
    cx.page(&page)
}

fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        0 => format!("Aucun {one}"),
        1 => format!("1 {one}"),
        _ => format!("{n} {many}"),
    }
}

//! The pages about what is known of a person: for himself, for agents, for who watches over data; and how an usager's
//! sign-in ends, because it is here that the person is known. Thin: they read a form, call a use case, choose a page.

mod admin;
mod agent;
mod connexion;
mod relier;
mod usager;

use kernel::{
    Actor,
    templates::Sample,
    web::{Audience, Ctx, NavItem, Routes},
};
use rgpd::{AUDIT, HABILITATE};

use crate::Registry;

/// Every page of this domain, with its samples.
pub fn pages() -> Vec<Sample> {
    [relier::samples_of(), usager::pages(), agent::pages(), admin::pages()].into_iter().flatten().collect()
}

/// The routes of this domain.
pub fn routes(registry: Registry) -> Routes {
    Routes {
        public: relier::pages_of(connexion::pages_of(usager::routes(registry))),
        agent: agent::routes(registry),
        admin: admin::routes(),
        api: crate::api::routes(),
        nav: Some(nav),
        problems: rgpd::PROBLEMS.to_vec(),
        rights: crate::RIGHTS.iter().map(|(right, label)| (right.0, *label)).collect(),
        ..Routes::default()
    }
}

fn nav(cx: &Ctx) -> Vec<NavItem> {
    let may = |right| cx.actor().may(right, None);
    match (cx.request().audience, cx.actor()) {
        (Audience::Public, Actor::Usager { .. }) => vec![NavItem::new("/mes-donnees", "Mes données")],
        (Audience::Agent | Audience::Admin, Actor::Agent(_)) => {
            let mut items = vec![];
            if may(HABILITATE) || may(AUDIT) {
                items.push(NavItem::new("/admin/habilitations", "Contrats de service").icon("file"));
            }
            if may(AUDIT) {
                items.push(NavItem::new("/admin/demandes-de-droits", "Demandes sur les données").icon("hand"));
                items.push(NavItem::new("/admin/acces", "Accès aux fiches").icon("eye"));
            }
            items
        }
        _ => vec![],
    }
}

//! The pages that need no dossier: home, catalogue, page of a démarche, eligibility, and the pages that the law wants
//! on every site. Thin: they read the catalogue and the engine, and keep nothing.

mod admin;
mod demarche;
mod eligibility;
mod home;
mod legal;
pub mod question;

use kernel::{
    Role,
    templates::{Sample, samples},
    web::{Audience, Ctx, NavItem, Pages, Routes},
};

/// Where these pages are.
pub fn routes() -> Routes {
    Routes {
        public: Pages::new()
            .get("/", home::show)
            .get("/demarches", home::catalogue_page)
            .get("/demarches/{slug}", demarche::show)
            .get("/demarches/{slug}/eligibilite", eligibility::show)
            .get("/aide", legal::help)
            .get("/accessibilite", legal::accessibility)
            .get("/mentions-legales", legal::notice)
            .get("/donnees-personnelles", legal::privacy)
            .get("/conditions", legal::terms)
            .get("/plan-du-site", legal::map),
        admin: Pages::new().get("/admin/teleservices", admin::list),
        nav: Some(nav),
        ..Routes::default()
    }
}

/// The pages, with their samples.
pub fn pages() -> Vec<Sample> {
    [
        samples::<home::HomePage>(),
        samples::<home::CataloguePage>(),
        samples::<demarche::DemarchePage>(),
        samples::<eligibility::AskPage>(),
        samples::<eligibility::AnswerPage>(),
        samples::<legal::LegalPage>(),
        samples::<legal::PrivacyPage>(),
        samples::<legal::MapPage>(),
        samples::<admin::ListPage>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn nav(cx: &Ctx) -> Vec<NavItem> {
    match cx.request().audience {
        Audience::Public => vec![NavItem::new("/demarches", "Démarches")],
        Audience::Agent | Audience::Admin if cx.actor().agent().is_some_and(|agent| agent.role != Role::Agent) => {
            vec![NavItem::new("/admin/teleservices", "Téléservices").icon("flow")]
        }
        _ => vec![],
    }
}

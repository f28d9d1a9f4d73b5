//! Pages and API of exchanges: thin; use cases decide.

mod admin;
mod api;
mod pages;
mod words;

pub use pages::pages;

use kernel::web::{NavItem, Pages, Routes};

use crate::{Registry, application};

/// The templates of exchanges.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// The routes of exchanges. The registry says who acts on answers and who reads files.
pub fn routes(registry: Registry) -> Routes {
    Routes {
        admin: admin::routes(&registry),
        api: api::routes(registry),
        problems: api::PROBLEMS.to_vec(),
        nav: Some(|cx| match cx.actor().may(crate::MANAGE, None) || cx.actor().may(crate::REPLAY, None) {
            true => vec![NavItem::new("/admin/echanges", "Échanges").icon("plug")],
            false => vec![],
        }),
        partner: Some(|app, tenant, hash| {
            Box::pin(async move {
                let scope = tenant.scope(kernel::Actor::system("cles"));
                app.db.read(&scope, async |tx| application::holder(tx, &hash).await).await
            })
        }),
        rights: vec![
            (crate::MANAGE.0, "Régler les échanges avec d’autres logiciels"),
            (crate::REPLAY.0, "Renvoyer ou abandonner les messages mis de côté"),
        ],
        public: Pages::new(),
        agent: Pages::new(),
    }
}

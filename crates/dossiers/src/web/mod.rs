//! The pages of this domain: thin. They read a form, call a use case, choose a page. Extractors only read.

pub(crate) mod admin;
pub(crate) mod agent;
mod mine;
pub(crate) mod summary;
pub(crate) mod usager;

use kernel::web::{Audience, Ctx, NavItem, Routes};

use crate::rights;

/// The routes, and the rights in words.
pub fn routes() -> Routes {
    Routes {
        public: usager::pages(),
        agent: agent::pages(),
        admin: admin::pages(),
        nav: Some(nav),
        rights: rights::ALL.iter().map(|(right, label)| (right.0, *label)).collect(),
        ..Routes::default()
    }
}

fn nav(cx: &Ctx) -> Vec<NavItem> {
    match cx.request().audience {
        Audience::Public => usager::nav(cx),
        _ => agent::nav(cx).into_iter().chain(admin::nav(cx)).collect(),
    }
}

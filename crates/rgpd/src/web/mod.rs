//! The pages of this domain, for administrators and the data protection officer. Those that name persons or attributes
//! are in `referentiel`.

mod conservation;
mod journal;

use kernel::{
    templates::{Sample, samples},
    web::{AdminCx, Audience, Ctx, Form, NavItem, Pages, Routes},
};

use crate::{AUDIT, Registry};

/// The templates of this domain.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// Every page of this domain, with its samples.
pub fn pages() -> Vec<Sample> {
    [samples::<journal::JournalPage>(), samples::<conservation::RetentionPage>()].into_iter().flatten().collect()
}

/// The routes of this domain.
pub fn routes(registry: Registry) -> Routes {
    let admin = Pages::new()
        .get("/admin/journal", move |cx: AdminCx, query: Form| journal::show(cx, query, registry))
        .get("/admin/journal.csv", move |cx: AdminCx, query: Form| journal::export(cx, query, registry))
        .get("/admin/conservation", move |cx: AdminCx| conservation::show(cx, registry));
    Routes { admin, nav: Some(nav), rights: crate::RIGHTS.iter().map(|(right, label)| (right.0, *label)).collect(), ..Routes::default() }
}

fn nav(cx: &Ctx) -> Vec<NavItem> {
    let is_inside = matches!(cx.request().audience, Audience::Agent | Audience::Admin);
    match is_inside && cx.actor().may(AUDIT, None) {
        true => vec![NavItem::new("/admin/journal", "Journal").icon("list"), NavItem::new("/admin/conservation", "Conservation").icon("clock")],
        false => vec![],
    }
}

//! The pages of this domain for administrators and who watches over data.

mod eliminations;

use kernel::templates::{Sample, samples as of};
use kernel::web::{Audience, Ctx, NavItem, Pages};

use crate::rights::ELIMINATE;

/// Where each page is.
pub(crate) fn pages() -> Pages {
    Pages::new().get("/admin/eliminations", eliminations::show).post("/admin/eliminations", eliminations::destroy)
}

/// The places of this domain in the menu, for who may eliminate.
pub(crate) fn nav(cx: &Ctx) -> Vec<NavItem> {
    let is_inside = matches!(cx.request().audience, Audience::Agent | Audience::Admin);
    match is_inside && cx.actor().may(ELIMINATE, None) {
        true => vec![NavItem::new("/admin/eliminations", "Éliminations").icon("file")],
        false => vec![],
    }
}

/// The examples of every page of this folder.
pub(crate) fn samples() -> Vec<Sample> {
    of::<eliminations::EliminationsPage>()
}

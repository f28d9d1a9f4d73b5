//! The pages of whoever makes a demand: filling, sending, following, answering, withdrawing.

mod account;
mod check;
pub(crate) mod files;
mod follow;
mod form;
mod pieces;
mod resume;
mod shared;
mod start;
mod withdraw;

use kernel::web::{Ctx, NavItem, Pages};

pub(crate) use check::{LineView, SectionView};
pub(crate) use follow::{ClockView, MessageView};
pub(crate) use pieces::FileRow;
pub(crate) use shared::{Moment, examples, samples, sent};

/// Where each page is.
pub(crate) fn pages() -> Pages {
    Pages::new()
        .post("/demarches/{slug}/commencer", start::begin)
        .get("/demarches/{slug}/commencer", start::come_back)
        .get("/dossiers/{id}/pages/{page}", form::show)
        .post("/dossiers/{id}/pages/{page}", form::save)
        .post("/dossiers/{id}/pages/{page}/brouillon", form::autosave)
        .get("/dossiers/{id}/pieces", pieces::show)
        .post("/dossiers/{id}/pieces", pieces::go_on)
        .upload("/dossiers/{id}/pieces/{code}", pieces::add)
        .get("/dossiers/{id}/pieces/{code}", pieces::come_back)
        .post("/dossiers/{id}/retirer-piece", pieces::remove)
        .get("/dossiers/{id}/verification", check::show)
        .post("/dossiers/{id}/depot", check::send)
        .get("/dossiers/{id}/depot", check::sent)
        .get("/dossiers/{id}/accuse.pdf", files::accuse)
        .get("/dossiers/{id}/fichiers/{piece}", files::piece)
        .get("/dossiers/{id}/courriers/{courrier}", files::courrier)
        .get("/dossiers/{id}", follow::show)
        .post("/dossiers/{id}/complement", follow::answer)
        .get("/dossiers/{id}/complement", follow::come_back)
        .post("/dossiers/{id}/messages", follow::write)
        .get("/dossiers/{id}/messages", follow::come_back)
        .get("/dossiers/{id}/retrait", withdraw::ask)
        .post("/dossiers/{id}/retrait", withdraw::withdraw)
        .get("/dossiers/{id}/plus-tard", resume::ask_mail)
        .post("/dossiers/{id}/plus-tard", resume::send_link)
        .get("/reprendre", resume::ask)
        .post("/reprendre", resume::find)
        .get("/reprendre/{token}", resume::open)
        .post("/reprendre/{token}", resume::take_up)
        .get("/suivi", resume::ask_number)
        .post("/suivi", resume::find_number)
        .get("/mes-demandes", account::show)
}

/// The places of this domain in the menu of usagers.
pub(crate) fn nav(cx: &Ctx) -> Vec<NavItem> {
    match cx.session.is_signed_in() {
        true => vec![NavItem::new("/mes-demandes", "Mes demandes")],
        false => vec![NavItem::new("/suivi", "Suivre une demande")],
    }
}

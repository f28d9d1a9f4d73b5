//! The pages of agents: the day, the list, one dossier and all that is done to it, a demand entered for somebody. Thin:
//! rights and rules are in the use cases, steps and words in the packages.

mod ask;
mod assign;
mod check;
mod conflict;
mod dossier;
mod entered;
mod entry;
mod files;
mod filters;
mod history;
mod home;
mod inbox;
mod letter;
mod opened;
mod pieces;
mod posting;
mod preview;
mod search;
mod shared;
mod staff;
mod step;
mod watching;

use kernel::templates::{Sample, samples as of};
use kernel::web::{Audience, Ctx, NavItem, Pages};

use crate::rights::{ENTER, READ};

/// Where each page is.
pub(crate) fn pages() -> Pages {
    Pages::new()
        .get("/agent", home::show)
        .get("/agent/recherche", search::show)
        .get("/agent/dossiers", inbox::show)
        .post("/agent/dossiers/affecter", assign::give_chosen)
        .get("/agent/dossiers/affectation", assign::done)
        .post("/agent/dossiers/affectation/annuler", assign::take_back)
        .get("/agent/dossiers/{id}", dossier::show)
        .get("/agent/dossiers/{id}/apercu", preview::show)
        .post("/agent/dossiers/{id}/affecter", assign::give_one)
        .post("/agent/dossiers/{id}/messages", dossier::write)
        .post("/agent/dossiers/{id}/notes", dossier::note)
        .get("/agent/dossiers/{id}/pieces/{piece}", check::show)
        .post("/agent/dossiers/{id}/pieces/{piece}", check::judge)
        .get("/agent/dossiers/{id}/fichiers/{piece}", files::file)
        .get("/agent/dossiers/{id}/courriers/{courrier}", files::courrier)
        .post("/agent/dossiers/{id}/courriers/{courrier}/envoi", posting::note)
        .get("/agent/dossiers/{id}/accuse.pdf", files::accuse)
        .get("/agent/dossiers/{id}/complement", ask::show)
        .post("/agent/dossiers/{id}/complement", ask::send)
        .get("/agent/dossiers/{id}/etapes/{step}", step::show)
        .post("/agent/dossiers/{id}/etapes/{step}", step::act)
        .get("/agent/saisie", entry::search)
        .get("/agent/saisie/demande", entry::choose)
        .post("/agent/saisie/demande", entry::begin)
        .get("/agent/saisie/{id}", entered::show)
        .get("/agent/saisie/{id}/accuse.pdf", entered::receipt)
}

/// The places of this domain in the menu of agents, for what each may do.
pub(crate) fn nav(cx: &Ctx) -> Vec<NavItem> {
    if !matches!(cx.request().audience, Audience::Agent | Audience::Admin) || cx.actor().agent().is_none() {
        return Vec::new();
    }
    let may = |right| cx.actor().may(right, None);
    let mut items = vec![NavItem::new("/agent", "Ma journée").icon("sun")];
    if may(READ) {
        items.push(NavItem::new("/agent/dossiers", "Dossiers à traiter").icon("list"));
    }
    if may(ENTER) {
        items.push(NavItem::new("/agent/saisie", "Saisir une demande").icon("file"));
    }
    if may(referentiel::CONSULT) {
        items.push(NavItem::new("/agent/usagers", "Personnes").icon("users"));
    }
    items
}

/// The examples of every page of this folder.
pub(crate) fn samples() -> Vec<Sample> {
    let pages = [
        of::<home::HomePage>(),
        of::<inbox::InboxPage>(),
        of::<assign::AssignedPage>(),
        of::<dossier::DossierPage>(),
        of::<preview::PreviewPage>(),
        of::<check::CheckPage>(),
        of::<ask::AskPage>(),
        of::<step::StepPage>(),
        of::<letter::LetterPage>(),
        of::<conflict::ConflictPage>(),
        of::<entry::SearchPage>(),
        of::<entry::EntryPage>(),
        of::<entered::EnteredPage>(),
        of::<search::FoundPage>(),
    ];
    pages.into_iter().flatten().collect()
}

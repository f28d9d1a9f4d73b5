//! Saves one page of a draft. "Continuer" wants the page whole; autosave and "Enregistrer et reprendre plus tard" keep
//! what is good and say what is not.

use jiff::Timestamp;
use kernel::{DossierId, Error, FieldErrors, Result, Tx};
use serde_json::Value as Json;
use teleservices::engine::PageRead;
pub use teleservices::engine::input::Texts;
use teleservices::package::{Package, Page, Setting};

use crate::adopt::take;
use crate::filling::{Filling, Step};
use crate::model::{Answers, Dossier};
use crate::{store, version};

/// How much of the page must be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Everything, or nothing is written.
    Whole,
    /// What is right is kept.
    Partial,
}

/// One page as it was sent.
pub struct SavePage<'a> {
    /// The draft.
    pub id: DossierId,
    /// The page of the package.
    pub page: &'a str,
    /// What was sent, by name of control; the engine reads its own hidden list of the questions shown.
    pub texts: &'a Texts,
    /// Empty what was proposed on this page and not typed.
    pub refuse_proposed: bool,
    /// How much of it must be right.
    pub how: How,
}

/// Reads a page as the engine does.
pub(crate) fn read_page(package: &Package, page: &str, texts: &Texts, answers: &Answers, setting: &Setting) -> PageRead {
    let of = |name: &str| texts.get(name).map(|texts| texts.iter().map(String::as_str).collect()).unwrap_or_default();
    package.read_page(page, &of, answers, setting)
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The draft as it stands.
    pub dossier: Dossier,
    /// Where to go next.
    pub next: Step,
    /// The first question of this page that these answers call for, and that was not there.
    pub revealed: Option<String>,
    /// What was not kept, when only a part was wanted.
    pub left: FieldErrors,
    /// When.
    pub at: Timestamp,
}

/// Saves. With [`How::Whole`], a page that is not right is refused with every fault and nothing is written.
pub async fn save_page(tx: &mut Tx, input: SavePage<'_>) -> Result<Saved> {
    let mut dossier = store::dossier::lock(tx, input.id).await?;
    dossier.must_be_draft()?;
    let version = version::of(tx, dossier.version).await?;
    let package = &version.package;
    let setting = version::setting(&version, &dossier, tx.today());
    let page = package.page(input.page).ok_or(Error::NotFound)?;

    let read = read_page(package, input.page, input.texts, &dossier.answers, &setting);
    if input.how == How::Whole && !input.refuse_proposed {
        read.errors.clone().into_result()?;
    }
    for (name, value) in read.answers {
        keep(&mut dossier, name, value);
    }
    if input.refuse_proposed {
        empty_proposed(&mut dossier, page);
    }
    let filling = Filling::new(package, &setting, &dossier.answers);
    let stays = !read.revealed.is_empty() || !read.notes.is_empty() || input.refuse_proposed;
    let next = if stays { Step::Page(page.id.clone()) } else { filling.step_after(&page.id) };
    let contact = filling.contact();
    take(tx, &mut dossier).await?;
    dossier.contact_name = contact.name.unwrap_or(dossier.contact_name);
    dossier.contact_mail = contact.mail.or(dossier.contact_mail);
    dossier.saved_at = tx.now();
    dossier.expires_at = Some(crate::start::draft_end(package, tx.now(), tx.zone()));
    store::dossier::save_draft(tx, &dossier).await?;
    Ok(Saved { at: dossier.saved_at, dossier, next, revealed: read.revealed.into_iter().next(), left: read.errors })
}

/// The usager does not want what was proposed on this page.
fn empty_proposed(dossier: &mut Dossier, page: &Page) {
    for question in &page.questions {
        if dossier.origins.remove(&question.id).is_some() {
            dossier.answers.remove(&question.id);
        }
    }
}

/// A value that changed no longer comes from where it was proposed.
fn keep(dossier: &mut Dossier, name: String, value: Json) {
    if dossier.answers.get(&name) != Some(&value) {
        dossier.origins.remove(&name);
    }
    dossier.answers.insert(name, value);
}

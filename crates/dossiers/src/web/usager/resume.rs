//! Coming back: "Enregistrer et reprendre plus tard", a mailed link, or a number and an address. Answers never tell
//! whether an address or a number is known.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::web::{Form, Public, see_other};
use kernel::{Error, FieldError, FieldErrors, Result, templates::Page};
use serde::Serialize;

use super::shared::{Reader, step_path};
use crate::links::{Behind, ask_follow_link, ask_resume_links, behind, open_to};
use crate::numero::Numero;
use crate::save_for_later::{address, save_for_later};
use crate::web::mine::{Mine, give_key};
use crate::{store, version};

/// Where to send the link of a draft, then the confirmation that it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct LaterPage {
    pub service: String,
    pub path: String,
    pub back: String,
    pub mail: String,
    pub saved: String,
    pub is_sent: bool,
    pub is_signed_in: bool,
    pub errors: Vec<FieldError>,
}

impl Page for LaterPage {
    const TEMPLATE: &'static str = "dossiers/usager/plus-tard.html";

    fn samples() -> Vec<Self> {
        let page = |is_sent, is_signed_in, errors: Vec<FieldError>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            path: "/dossiers/dos_1/plus-tard".into(),
            back: "/dossiers/dos_1".into(),
            mail: "ines@exemple.fr".into(),
            saved: "Brouillon enregistré à 14 h 05.".into(),
            is_sent,
            is_signed_in,
            errors,
        };
        let fault = FieldError { field: "courriel".into(), sentence: "Écrivez une adresse comme nom@exemple.fr.".into() };
        vec![page(false, false, vec![]), page(true, false, vec![]), page(false, true, vec![]), page(false, false, vec![fault])]
    }
}

/// "Suivre une demande", "Reprendre une demande": the form, then the answer that tells nothing.
#[derive(Debug, Serialize)]
pub(crate) struct AskPage {
    /// With a number (a deposited demand) or without (a draft).
    pub with_number: bool,
    pub number: String,
    pub mail: String,
    pub is_sent: bool,
    pub errors: Vec<FieldError>,
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "dossiers/usager/retrouver.html";

    fn samples() -> Vec<Self> {
        let page = |with_number, is_sent, errors: Vec<FieldError>| Self { with_number, number: "VSA-2026-004127".into(), mail: "ines@exemple.fr".into(), is_sent, errors };
        let fault = FieldError { field: "numero".into(), sentence: "Le numéro ressemble à VSA-2026-004127.".into() };
        vec![page(true, false, vec![]), page(false, false, vec![]), page(true, true, vec![]), page(false, true, vec![]), page(true, false, vec![fault])]
    }
}

/// A link that opens nothing any more, or never did: how to have another.
#[derive(Debug, Serialize)]
pub(crate) struct DeadLinkPage {}

impl Page for DeadLinkPage {
    const TEMPLATE: &'static str = "dossiers/usager/lien-perdu.html";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// Where the link should go.
pub(crate) async fn ask_mail(mine: Mine) -> Result<Response> {
    mine.must_be_draft_page(|page| mine.page(&page)).await
}

/// Sends the link.
pub(crate) async fn send_link(mine: Mine, form: Form) -> Result<Response> {
    let id = mine.dossier.id;
    let typed = form.get("courriel").unwrap_or_default();
    match mine.write(async |tx| save_for_later(tx, id, typed).await).await {
        Ok(_) => mine.must_be_draft_page(|page| mine.page(&LaterPage { is_sent: true, mail: typed.trim().to_owned(), ..page })).await,
        Err(Error::Invalid(faults)) => {
            let refused = |page| {
                let page = LaterPage { mail: typed.to_owned(), errors: faults.0, ..page };
                mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
            };
            mine.must_be_draft_page(refused).await
        }
        Err(error) => Err(error),
    }
}

impl Mine {
    /// The page of a draft set aside; a deposited demand leads to its own.
    async fn must_be_draft_page(&self, then: impl FnOnce(LaterPage) -> Result<Response>) -> Result<Response> {
        let (tenant, dossier) = (self.tenant.clone(), &self.dossier);
        if !dossier.is_draft() {
            return Ok(see_other(&format!("/dossiers/{}", dossier.id)));
        }
        let (version, today) = self.read(async |tx| Ok((version::of(tx, dossier.version).await?, tx.today()))).await?;
        let reader = Reader::new(&tenant, &version, dossier, today);
        then(LaterPage {
            service: version.package.card.title.clone(),
            path: format!("/dossiers/{}/plus-tard", dossier.id),
            back: format!("/dossiers/{}", dossier.id),
            mail: dossier.contact_mail.clone().unwrap_or_default(),
            saved: reader.saved(dossier),
            is_sent: false,
            is_signed_in: self.session.is_signed_in(),
            errors: vec![],
        })
    }
}

/// "Reprendre une demande".
pub(crate) async fn ask(Public(cx): Public) -> Result<Response> {
    cx.page(&AskPage { with_number: false, number: String::new(), mail: String::new(), is_sent: false, errors: vec![] })
}

/// Sends the links of the drafts of an address, if it has any.
pub(crate) async fn find(Public(cx): Public, form: Form) -> Result<Response> {
    let typed = form.get("courriel").unwrap_or_default().to_owned();
    let page = AskPage { with_number: false, number: String::new(), mail: typed.clone(), is_sent: true, errors: vec![] };
    match address(&typed) {
        Ok(mail) => {
            cx.write(async |tx| ask_resume_links(tx, &mail).await).await?;
            cx.page(&page)
        }
        Err(Error::Invalid(faults)) => {
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &AskPage { is_sent: false, errors: faults.0, ..page })
        }
        Err(error) => Err(error),
    }
}

/// "Suivre une demande".
pub(crate) async fn ask_number(Public(cx): Public) -> Result<Response> {
    cx.page(&AskPage { with_number: true, number: String::new(), mail: String::new(), is_sent: false, errors: vec![] })
}

/// Sends a link to the demand, if the number and the address go together.
pub(crate) async fn find_number(Public(cx): Public, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let page = AskPage { with_number: true, number: text("numero"), mail: text("courriel"), is_sent: true, errors: vec![] };
    let mut faults = FieldErrors::new();
    if Numero::parse(&page.number).is_none() {
        faults.push("numero", "Recopiez le numéro de l’accusé de réception : des lettres, une année, six chiffres.");
    }
    if let Err(Error::Invalid(wrong)) = address(&page.mail) {
        wrong.0.into_iter().for_each(|fault| faults.push(fault.field, fault.sentence));
    }
    if !faults.is_empty() {
        return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &AskPage { is_sent: false, errors: faults.0, ..page });
    }
    cx.write(async |tx| ask_follow_link(tx, &page.number, &page.mail).await).await?;
    cx.page(&page)
}

/// A link of a mail: opens the dossier to this browser, at the place where it was left.
pub(crate) async fn open(Public(cx): Public, Path(token): Path<String>) -> Result<Response> {
    let tenant = cx.tenant.clone();
    let path = cx
        .write(async |tx| {
            let id = match behind(tx, &token).await? {
                Behind::Dossier(id) => id,
                Behind::Nothing | Behind::Expired => return Ok(None),
            };
            let key = give_key(&cx, tx).await?;
            let dossier = open_to(tx, id, &key).await?;
            if !dossier.is_draft() {
                return Ok(Some(format!("/dossiers/{id}")));
            }
            let version = version::of(tx, dossier.version).await?;
            let pieces = store::piece::of_dossier(tx, id).await?;
            let reader = Reader::new(&tenant, &version, &dossier, tx.today());
            Ok(Some(step_path(id, &reader.filling(&dossier).resume(&pieces))))
        })
        .await?;
    match path {
        Some(path) => Ok(see_other(&path)),
        None => cx.page_status(StatusCode::GONE, &DeadLinkPage {}),
    }
}

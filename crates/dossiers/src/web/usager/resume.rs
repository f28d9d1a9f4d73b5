//! Coming back: "Enregistrer et reprendre plus tard", a mailed link, or a number and an address. Answers never tell
//! whether an address or a number is known.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use kernel::web::throttle::{self, Bucket};
use kernel::web::{Ctx, Form, Public, see_other};
use kernel::{DossierId, Error, FieldError, FieldErrors, Result, Tx, templates::Page};
use serde::Serialize;

use super::shared::{Reader, step_path};
use crate::links::{Behind, ask_follow_link, ask_resume_links, behind, open_to};
use crate::numero::Numero;
use crate::save_for_later::{address, save_for_later};
use crate::web::mine::{Mine, give_key, key_hash};
use crate::{adopt, rights, version};

/// Signs of a mail address, and of a number, at most.
const MAIL: usize = 254;
const NUMBER: usize = 40;

/// Mails that one draft may cause in a day.
fn mails_of(id: DossierId) -> Bucket {
    Bucket::new("mail-of-dossier", &id.to_string(), 6, SignedDuration::from_hours(24))
}

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
        let page = |with_number, is_sent, errors: Vec<FieldError>| Self {
            with_number,
            number: "VSA-2026-004127".into(),
            mail: "ines@exemple.fr".into(),
            is_sent,
            errors,
        };
        let fault = FieldError { field: "numero".into(), sentence: "Le numéro ressemble à VSA-2026-004127.".into() };
        vec![
            page(true, false, vec![]),
            page(false, false, vec![]),
            page(true, true, vec![]),
            page(false, true, vec![]),
            page(true, false, vec![fault]),
        ]
    }
}

/// A draft that somebody began, to be taken up by whoever follows its link.
#[derive(Debug, Serialize)]
pub(crate) struct TakeUpPage {
    pub service: String,
    pub path: String,
    /// The address it was begun with, masked; empty when none was given.
    pub begun_by: String,
}

impl Page for TakeUpPage {
    const TEMPLATE: &'static str = "dossiers/usager/reprendre.html";

    fn samples() -> Vec<Self> {
        let page = |begun_by: &str| Self { service: "Aide à l’achat d’un vélo".into(), path: "/reprendre/x".into(), begun_by: begun_by.into() };
        vec![page("i…@exemple.fr"), page("")]
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
    let shown = form.typed("courriel", MAIL);
    let saved = mine
        .write(async |tx| {
            let may_mail = throttle::may_mail(&mine, tx, typed, Some(mails_of(id))).await?;
            save_for_later(tx, id, typed, may_mail).await
        })
        .await;
    match saved {
        Ok(_) => mine.must_be_draft_page(|page| mine.page(&LaterPage { is_sent: true, mail: shown, ..page })).await,
        Err(Error::Invalid(faults)) => {
            let refused = |page| {
                let page = LaterPage { mail: shown, errors: faults.0, ..page };
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
    let page = AskPage { with_number: false, number: String::new(), mail: form.typed("courriel", MAIL), is_sent: true, errors: vec![] };
    match address(form.get("courriel").unwrap_or_default()) {
        Ok(mail) => {
            cx.write(async |tx| match throttle::may_mail(&cx, tx, &mail, None).await? {
                true => ask_resume_links(tx, &mail).await,
                false => Ok(()),
            })
            .await?;
            cx.page(&page)
        }
        Err(Error::Invalid(faults)) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &AskPage { is_sent: false, errors: faults.0, ..page }),
        Err(error) => Err(error),
    }
}

/// "Suivre une demande".
pub(crate) async fn ask_number(Public(cx): Public) -> Result<Response> {
    cx.page(&AskPage { with_number: true, number: String::new(), mail: String::new(), is_sent: false, errors: vec![] })
}

/// Sends a link to the demand, if the number and the address go together.
pub(crate) async fn find_number(Public(cx): Public, form: Form) -> Result<Response> {
    let (number, mail) = (form.typed("numero", NUMBER), form.typed("courriel", MAIL));
    let page = AskPage { with_number: true, number, mail, is_sent: true, errors: vec![] };
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
    cx.write(async |tx| match throttle::may_mail(&cx, tx, &page.mail, None).await? {
        true => ask_follow_link(tx, &page.number, &page.mail).await,
        false => Ok(()),
    })
    .await?;
    cx.page(&page)
}

/// A link of a mail. What was sent opens to this browser at once; a draft that is not this person's yet is shown to be
/// taken up first: somebody else may have begun it, and handed the link over.
pub(crate) async fn open(Public(cx): Public, Path(token): Path<String>) -> Result<Response> {
    let key = key_hash(&cx);
    let found = cx
        .read(async |tx| match target(tx, &token).await? {
            Some(id) => rights::is_mine(tx, id, key.as_deref()).await.map(Some),
            None => Ok(None),
        })
        .await?;
    let Some((dossier, _, is_mine)) = found else { return cx.page_status(StatusCode::GONE, &DeadLinkPage {}) };
    if dossier.is_draft() && !is_mine {
        let version = cx.read(async |tx| version::of(tx, dossier.version).await).await?;
        let page = TakeUpPage {
            service: version.package.card.title.clone(),
            path: format!("/reprendre/{token}"),
            begun_by: dossier.contact_mail.as_deref().map(masked).unwrap_or_default(),
        };
        return cx.page(&page);
    }
    enter(&cx, &token).await
}

/// "Reprendre cette demande": the draft opens to this browser, and becomes the account's of whoever is signed in.
pub(crate) async fn take_up(Public(cx): Public, Path(token): Path<String>, _: Form) -> Result<Response> {
    enter(&cx, &token).await
}

/// Opens what is behind a link, at the place where it was left.
async fn enter(cx: &Ctx, token: &str) -> Result<Response> {
    let tenant = cx.tenant.clone();
    let path = cx
        .write(async |tx| {
            let Some(id) = target(tx, token).await? else { return Ok(None) };
            adopt::adopt(tx, id).await?;
            let (mut dossier, pieces, is_mine) = rights::is_mine(tx, id, key_hash(cx).as_deref()).await?;
            if !is_mine {
                let key = give_key(cx, tx).await?;
                dossier = open_to(tx, id, &key).await?;
            }
            if !dossier.is_draft() {
                return Ok(Some(format!("/dossiers/{id}")));
            }
            let version = version::of(tx, dossier.version).await?;
            let reader = Reader::new(&tenant, &version, &dossier, tx.today());
            Ok(Some(step_path(id, &reader.filling(&dossier).resume(&pieces))))
        })
        .await?;
    match path {
        Some(path) => Ok(see_other(&path)),
        None => cx.page_status(StatusCode::GONE, &DeadLinkPage {}),
    }
}

/// The dossier behind a link; none behind one that is past its time, or never was.
async fn target(tx: &mut Tx, token: &str) -> Result<Option<DossierId>> {
    Ok(match behind(tx, token).await? {
        Behind::Dossier(id) => Some(id),
        Behind::Nothing | Behind::Expired => None,
    })
}

/// An address that its owner recognises and nobody else learns: `i…@exemple.fr`.
fn masked(mail: &str) -> String {
    let (name, domain) = mail.split_once('@').unwrap_or((mail, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_is_recognised_and_not_learnt() {
        assert_eq!(super::masked("ines.marchetti@exemple.fr"), "i…@exemple.fr");
    }
}

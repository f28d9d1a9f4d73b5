//! U7: an identity of FranceConnect and an account that may be the same person's. He says so, proves it by a link sent to
//! the address they share, or goes on apart. Meanwhile the identity waits, sealed, in the browser's session.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use comptes::Purpose;
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Error, Result, Tx,
    templates::{Page, Sample, samples},
    web::{Ctx, Form, Level, Means, Pages, Public, see_other, throttle},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::connexion::enter;
use crate::{Linking, Pivot, join, linking};

pub(super) const PATH: &str = "/connexion/relier";
const KEY: &str = "france_connect";
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// A verified identity that waits for its account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub pivot: Pivot,
    acr: Option<String>,
    back: String,
    at: Timestamp,
}

impl Waiting {
    pub fn new(pivot: Pivot, acr: Option<String>, back: &str, at: Timestamp) -> Self {
        Self { pivot, acr, back: back.into(), at }
    }

    /// What waits in this browser's session, if it is not too old.
    pub fn of(cx: &Ctx) -> Result<Option<Self>> {
        let Some(sealed) = cx.session.get::<String>(KEY) else { return Ok(None) };
        let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
        let waiting: Self = serde_json::from_slice(&cx.app.keys.open(KEY, &sealed)?)?;
        Ok(Some(waiting).filter(|waiting| cx.app.clock.now().duration_since(waiting.at) < LIFE))
    }

    pub async fn keep(&self, cx: &Ctx, tx: &mut Tx) -> Result<()> {
        let sealed = cx.app.keys.seal(KEY, &serde_json::to_vec(self)?);
        cx.remember(tx, KEY, STANDARD.encode(sealed)).await
    }

    pub async fn forget(cx: &Ctx, tx: &mut Tx) -> Result<()> {
        cx.forget(tx, KEY).await
    }

    pub fn level(&self) -> Level {
        Level { means: Means::Oidc, acr: self.acr.clone(), second_factor: false }
    }
}

/// The page that asks.
#[derive(Debug, Serialize)]
pub struct LinkAccountPage {
    /// As FranceConnect gives it.
    pub name: String,
    /// The address that both have; empty when it is the identity that both have.
    pub mail: String,
}

impl Page for LinkAccountPage {
    const TEMPLATE: &'static str = "referentiel/usager/relier.html";
    fn samples() -> Vec<Self> {
        let page = |mail: &str| Self { name: "Angela Claire Louise DUBOIS".into(), mail: mail.into() };
        vec![page(""), page("angela@exemple.fr")]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get(PATH, show).post(PATH, choose)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<LinkAccountPage>()
}

async fn show(cx: Public) -> Result<Response> {
    let Some(waiting) = Waiting::of(&cx)? else { return Ok(see_other("/connexion")) };
    let found = cx.read(async |tx| linking(tx, &waiting.pivot).await).await?;
    let mail = match found {
        Linking::SameMail(mail) => mail,
        Linking::SamePivot(_) => String::new(),
        Linking::Known(_) | Linking::New => return Ok(see_other("/connexion")),
    };
    cx.page(&LinkAccountPage { name: format!("{} {}", waiting.pivot.prenoms, waiting.pivot.nom_naissance), mail })
}

async fn choose(cx: Public, form: Form) -> Result<Response> {
    let Some(waiting) = Waiting::of(&cx)? else { return Ok(see_other("/connexion")) };
    let is_apart = form.get("choix") == Some("separer");
    cx.once(&form, async |tx| match linking(tx, &waiting.pivot).await? {
        _ if is_apart => apart(&cx, tx, &waiting).await,
        Linking::SamePivot(compte) => {
            let compte = comptes::store::compte(tx, compte).await?.ok_or(Error::NotFound)?;
            finish(&cx, tx, &compte, &waiting).await
        }
        Linking::SameMail(mail) => {
            let payload = json!({ "relier": true, "retour": waiting.back });
            if throttle::may_mail(&cx, tx, &mail, None).await? {
                tx.enqueue(comptes::jobs::mail_link(&cx.app.keys, Purpose::SignIn, &mail, payload)?).await?;
            }
            cx.remember(tx, "lien_demande", json!({ "mail": mail, "retour": waiting.back })).await?;
            Ok("/connexion/lien".to_owned())
        }
        Linking::Known(compte) => finish(&cx, tx, &compte, &waiting).await,
        Linking::New => Ok("/connexion".to_owned()),
    })
    .await
}

/// An account of its own, without the address that another account has.
async fn apart(cx: &Ctx, tx: &mut Tx, waiting: &Waiting) -> Result<String> {
    let compte = comptes::open_without_mail(tx).await?;
    finish(cx, tx, &compte, waiting).await
}

async fn finish(cx: &Ctx, tx: &mut Tx, compte: &comptes::Compte, waiting: &Waiting) -> Result<String> {
    let actor = join(tx, compte, &waiting.pivot).await?;
    enter(cx, tx, compte, actor, waiting.level(), "france_connect").await?;
    Waiting::forget(cx, tx).await?;
    Ok(waiting.back.clone())
}

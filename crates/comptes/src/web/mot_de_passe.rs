//! A forgotten password: a link asked, in words that tell nothing of who has an account, then a new password. The link
//! is used in `referentiel`, which signs the person in.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result,
    crypto::hash_password,
    templates::{Page, Sample, samples},
    web::{
        Ctx, Form, Pages, Public, session,
        throttle::{self, Door, Tries},
    },
};
use serde::Serialize;
use serde_json::json;

use crate::{MAX_MAIL, Purpose, comptes::normal_mail, jobs, links, password, store};

/// Asks for a link.
#[derive(Debug, Default, Serialize)]
pub struct ForgottenPage {
    /// Typed before.
    pub mail: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for ForgottenPage {
    const TEMPLATE: &'static str = "comptes/usager/mot_de_passe_oublie.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "mail".into(), sentence: "Écrivez une adresse électronique, par exemple nom@exemple.fr.".into() };
        vec![Self::default(), Self { mail: "nom".into(), errors: vec![fault] }]
    }
}

/// Chooses a new password.
#[derive(Debug, Serialize)]
pub struct NewPasswordPage {
    /// From the address.
    pub token: String,
    /// What makes a good one.
    pub advice: &'static str,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for NewPasswordPage {
    const TEMPLATE: &'static str = "comptes/usager/nouveau_mot_de_passe.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "nouveau".into(), sentence: "Ce mot de passe est trop court ou trop simple.".into() };
        let page = |errors| Self { token: "x".into(), advice: password::ADVICE, errors };
        vec![page(vec![]), page(vec![fault])]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get("/connexion/mot-de-passe-oublie", show).post("/connexion/mot-de-passe-oublie", send).get("/connexion/mot-de-passe/{token}", choose)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<ForgottenPage>(), samples::<NewPasswordPage>()].into_iter().flatten().collect()
}

async fn show(cx: Public) -> Result<Response> {
    cx.page(&ForgottenPage::default())
}

async fn send(cx: Public, form: Form) -> Result<Response> {
    let typed = form.filled("mail").unwrap_or_default();
    let Some(mail) = normal_mail(typed) else {
        let sentence = "Écrivez une adresse électronique, par exemple nom@exemple.fr.";
        let errors = vec![FieldError { field: "mail".into(), sentence: sentence.into() }];
        return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &ForgottenPage { mail: form.typed("mail", MAX_MAIL), errors });
    };
    let job = jobs::mail_link(&cx.app.keys, Purpose::Password, &mail, json!({}))?;
    cx.once(&form, async |tx| {
        cx.remember(tx, "lien_demande", json!({ "mail": mail, "retour": "/mes-demandes" })).await?;
        if throttle::may_mail(&cx, tx, &mail, None).await? {
            tx.enqueue(job).await?;
        }
        Ok("/connexion/lien".to_owned())
    })
    .await
}

async fn choose(cx: Public, Path(token): Path<String>) -> Result<Response> {
    if !cx.read(async |tx| links::is_live(tx, Purpose::Password, &token).await).await? {
        return Err(links::gone());
    }
    cx.page(&NewPasswordPage { token, advice: password::ADVICE, errors: vec![] })
}

/// The hash of the password that a form chooses; `Invalid` when it is not good enough.
pub async fn chosen(form: &Form) -> Result<String> {
    let new = form.get("nouveau").unwrap_or_default();
    password::check(new, form.get("encore").unwrap_or_default(), &[])?;
    hash_password(new.to_owned()).await
}

/// The page again, with what is wrong: the link has not served.
pub fn again(cx: &Ctx, token: String, errors: Vec<FieldError>) -> Result<Response> {
    cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &NewPasswordPage { token, advice: password::ADVICE, errors })
}

/// Sets the password of who is signed in: the former one is asked when there is one, and every session ends; the
/// caller signs in again.
pub(crate) async fn change_own(cx: &Ctx, compte: kernel::CompteId, form: &Form) -> Result<()> {
    let known = cx.read(async |tx| store::compte(tx, compte).await).await?.ok_or(Error::NotFound)?;
    let new = form.get("nouveau").unwrap_or_default();
    if known.password_hash.is_some() {
        let tries = Tries::at(cx, Door::Usagers, &compte.to_string());
        cx.write(async |tx| tries.count(tx).await).await?;
        let former = form.get("actuel").unwrap_or_default().to_owned();
        if !kernel::crypto::verify_password(former, known.password_hash.clone()).await? {
            return Err(Error::invalid("actuel", "Ce n’est pas votre mot de passe actuel. Vérifiez-le, ou demandez un lien."));
        }
        cx.write(async |tx| tries.succeeded(cx, tx).await).await?;
    }
    password::check(new, form.get("encore").unwrap_or_default(), &[known.mail.as_deref().unwrap_or_default()])?;
    let hash = hash_password(new.to_owned()).await?;
    let (actor, level) = (cx.actor().clone(), cx.session.level.clone());
    cx.write(async |tx| {
        crate::set_password(tx, compte, &hash).await?;
        session::revoke_all(tx, &actor.label()).await?;
        cx.sign_in(tx, actor, level).await?;
        cx.flash(tx, "Votre mot de passe est enregistré. Vos autres appareils sont déconnectés.").await
    })
    .await
}

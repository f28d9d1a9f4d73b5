//! The sign-in page of usagers, the link asked by mail, and signing out. What opens a session is in `referentiel`.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result,
    templates::{Page, Sample, samples},
    web::{Ctx, Form, Pages, Public, see_other, throttle},
};
use serde::Serialize;
use serde_json::json;

use super::{back_of, oidc};
use crate::{
    MAX_MAIL, Purpose,
    comptes::normal_mail,
    jobs, links,
    oidc::{Demand, Kind},
    store,
};

/// A button that leads to a provider.
#[derive(Debug, Clone, Serialize)]
pub struct Button {
    /// In our addresses.
    pub slug: String,
    /// On the button.
    pub title: String,
}

/// U5: the ways to sign in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignInPage {
    /// Where one goes after.
    pub back: String,
    /// Whether one comes from a form, which goes on without an account too.
    pub has_draft: bool,
    /// Typed before.
    pub mail: String,
    /// FranceConnect, when the tenant has it.
    pub france_connect: Vec<Button>,
    /// What went wrong elsewhere.
    pub trouble: String,
    /// What is wrong here.
    pub errors: Vec<FieldError>,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "comptes/usager/connexion.html";
    fn samples() -> Vec<Self> {
        let fc = vec![Button { slug: "franceconnect".into(), title: "FranceConnect".into() }];
        let fault = FieldError { field: "mail".into(), sentence: "Écrivez une adresse électronique, par exemple nom@exemple.fr.".into() };
        vec![
            Self { back: "/mes-demandes".into(), ..Self::default() },
            Self { back: "/dossiers/dos_1/pages/vous".into(), has_draft: true, france_connect: fc.clone(), ..Self::default() },
            Self { back: "/".into(), mail: "nom".into(), errors: vec![fault], ..Self::default() },
            Self { back: "/".into(), france_connect: fc, trouble: "FranceConnect ne répond pas en ce moment.".into(), ..Self::default() },
        ]
    }
}

/// The same words whatever the address: a link is on its way.
#[derive(Debug, Serialize)]
pub struct LinkSentPage {
    /// As it was typed.
    pub mail: String,
    /// To ask again.
    pub back: String,
}

impl Page for LinkSentPage {
    const TEMPLATE: &'static str = "comptes/usager/lien_envoye.html";
    fn samples() -> Vec<Self> {
        vec![Self { mail: "ines.marchetti@exemple.fr".into(), back: "/mes-demandes".into() }]
    }
}

/// The page that a mailed link opens: it uses nothing, its button does.
#[derive(Debug, Serialize)]
pub struct LinkPage {
    /// From the address.
    pub token: String,
}

impl Page for LinkPage {
    const TEMPLATE: &'static str = "comptes/usager/lien.html";
    fn samples() -> Vec<Self> {
        vec![Self { token: "x".into() }]
    }
}

/// One is signed out.
#[derive(Debug, Serialize)]
pub struct SignedOutPage {
    /// Where one signs in again.
    pub again: String,
}

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "comptes/usager/deconnexion.html";
    fn samples() -> Vec<Self> {
        vec![Self { again: "/connexion".into() }]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/connexion", show)
        .post("/connexion/lien", send_link)
        .get("/connexion/lien", link_sent)
        .get("/connexion/lien/{token}", open_link)
        .post("/connexion/{fournisseur}", leave)
        .post("/deconnexion", sign_out)
        .get("/deconnexion", signed_out)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<SignInPage>(), samples::<LinkSentPage>(), samples::<LinkPage>(), samples::<SignedOutPage>()].into_iter().flatten().collect()
}

async fn show(cx: Public, form: Form) -> Result<Response> {
    let back = back_of(&form, "/mes-demandes");
    if cx.actor().usager().is_some() {
        return Ok(see_other(&back));
    }
    again(&cx, StatusCode::OK, SignInPage { back, ..SignInPage::default() }).await
}

/// The sign-in page, with what was typed and what went wrong.
pub async fn again(cx: &Ctx, status: StatusCode, mut page: SignInPage) -> Result<Response> {
    let providers = cx.read(async |tx| store::providers(tx).await).await?;
    let shown = providers.into_iter().filter(|p| p.is_active && p.kind == Kind::FranceConnect);
    page.france_connect = shown.map(|p| Button { slug: p.slug, title: p.title }).collect();
    page.has_draft = page.back.starts_with("/dossiers/");
    cx.page_status(status, &page)
}

async fn leave(cx: Public, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let back = back_of(&form, "/mes-demandes");
    let provider = cx.read(async |tx| crate::oidc::provider(tx, &slug).await).await?;
    if !provider.is_active || provider.kind != Kind::FranceConnect {
        return Err(Error::NotFound);
    }
    match oidc::leave(&cx, &provider, &Demand { back: back.clone(), ..Demand::default() }).await? {
        Ok(response) => Ok(response),
        Err(failure) => {
            let trouble = oidc::sentence(&provider, failure);
            again(&cx, StatusCode::SERVICE_UNAVAILABLE, SignInPage { back, trouble, ..SignInPage::default() }).await
        }
    }
}

/// Always the same answer, after the same work, whether an account has the address or not.
async fn send_link(cx: Public, form: Form) -> Result<Response> {
    let back = back_of(&form, "/mes-demandes");
    let typed = form.filled("mail").unwrap_or_default();
    let Some(mail) = normal_mail(typed) else {
        let sentence = "Écrivez une adresse électronique, par exemple nom@exemple.fr.";
        let errors = vec![FieldError { field: "mail".into(), sentence: sentence.into() }];
        let page = SignInPage { back, mail: form.typed("mail", MAX_MAIL), errors, ..SignInPage::default() };
        return again(&cx, StatusCode::UNPROCESSABLE_ENTITY, page).await;
    };
    let job = jobs::mail_link(&cx.app.keys, Purpose::SignIn, &mail, json!({ "retour": back }))?;
    cx.once(&form, async |tx| {
        cx.remember(tx, "lien_demande", json!({ "mail": mail, "retour": back })).await?;
        if throttle::may_mail(&cx, tx, &mail, None).await? {
            tx.enqueue(job).await?;
        }
        Ok("/connexion/lien".to_owned())
    })
    .await
}

async fn link_sent(cx: Public) -> Result<Response> {
    let asked: Option<serde_json::Value> = cx.session.get("lien_demande");
    let Some(asked) = asked else { return Ok(see_other("/connexion")) };
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    cx.page(&LinkSentPage { mail: text("mail"), back: text("retour") })
}

async fn open_link(cx: Public, Path(token): Path<String>) -> Result<Response> {
    if !cx.read(async |tx| links::is_live(tx, Purpose::SignIn, &token).await).await? {
        return Err(links::gone());
    }
    cx.page(&LinkPage { token })
}

async fn sign_out(cx: Public) -> Result<Response> {
    oidc::sign_out(&cx, "/deconnexion").await
}

async fn signed_out(cx: Public) -> Result<Response> {
    cx.page(&SignedOutPage { again: "/connexion".into() })
}

//! A1: the sign-in page of agents, by password or by an identity provider, and the refusal that says whom to ask.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result,
    crypto::verify_password,
    templates::{Page, Sample, samples},
    web::{
        Ctx, Form, Level, Means, Pages, Public, see_other,
        throttle::{Door, Tries},
    },
};
use serde::Serialize;

use super::entry::{self, Entry, needs_two};
use crate::{
    Access, Agent, MAX_MAIL, admit,
    comptes::normal_mail,
    oidc::{Demand, Identity, Kind, Provider},
    password, store,
    web::{
        back_of,
        connexion::{Button, SignedOutPage},
        faults, oidc,
    },
};

/// The ways in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgentSignInPage {
    /// Where one goes after.
    pub back: String,
    /// Typed before.
    pub mail: String,
    /// ProConnect.
    pub pro_connect: Vec<Button>,
    /// The directory.
    pub directories: Vec<Button>,
    /// What went wrong elsewhere.
    pub trouble: String,
    /// What is wrong here.
    pub errors: Vec<FieldError>,
}

impl Page for AgentSignInPage {
    const TEMPLATE: &'static str = "comptes/agent/connexion.html";
    fn samples() -> Vec<Self> {
        let button = |slug: &str, title: &str| vec![Button { slug: slug.into(), title: title.into() }];
        let full = Self {
            back: "/agent".into(),
            pro_connect: button("proconnect", "ProConnect"),
            directories: button("annuaire", "Annuaire de la collectivité"),
            ..Self::default()
        };
        let fault = FieldError { field: "mot_de_passe".into(), sentence: "L’adresse ou le mot de passe ne convient pas.".into() };
        vec![
            Self { back: "/agent".into(), ..Self::default() },
            Self { errors: vec![fault], mail: "nadia@exemple.fr".into(), ..full.clone() },
            Self { trouble: "ProConnect ne répond pas en ce moment.".into(), ..full },
        ]
    }
}

/// Identified, and yet refused.
#[derive(Debug, Serialize)]
pub struct RefusedPage {
    /// Why, and whom to ask.
    pub sentence: String,
}

impl Page for RefusedPage {
    const TEMPLATE: &'static str = "comptes/agent/refus.html";
    fn samples() -> Vec<Self> {
        vec![Self { sentence: "Vous êtes bien identifié, mais personne ne vous a invité ici.".into() }]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/agent/connexion", show)
        .post("/agent/connexion", sign_in)
        .post("/agent/connexion/{fournisseur}", leave)
        .get("/agent/connexion/{fournisseur}/retour", come_back)
        .post("/agent/deconnexion", sign_out)
        .get("/agent/deconnexion", signed_out)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<AgentSignInPage>(), samples::<RefusedPage>()].into_iter().flatten().collect()
}

async fn show(cx: Public, form: Form) -> Result<Response> {
    let back = back_of(&form, "/agent");
    // An administrator without second factor stays on this page: his own is refused to him.
    if cx.actor().agent().is_some() && cx.session.level.is_strong() {
        return Ok(see_other(&back));
    }
    again(&cx, StatusCode::OK, AgentSignInPage { back, ..AgentSignInPage::default() }).await
}

async fn again(cx: &Ctx, status: StatusCode, mut page: AgentSignInPage) -> Result<Response> {
    let providers = cx.read(async |tx| store::providers(tx).await).await?;
    let of = |kind: Kind| -> Vec<Button> {
        let shown = providers.iter().filter(|p| p.is_active && p.kind == kind);
        shown.map(|p| Button { slug: p.slug.clone(), title: p.title.clone() }).collect()
    };
    page.pro_connect = of(Kind::ProConnect);
    page.directories = of(Kind::Generic);
    cx.page_status(status, &page)
}

async fn sign_in(cx: Public, form: Form) -> Result<Response> {
    let back = back_of(&form, "/agent");
    match by_password(&cx, &form, &back).await {
        Ok(next) => Ok(see_other(&next)),
        Err(error) => {
            let mail = form.typed("identifiant", MAX_MAIL);
            let page = AgentSignInPage { back, mail, errors: faults(error)?, ..AgentSignInPage::default() };
            again(&cx, StatusCode::UNPROCESSABLE_ENTITY, page).await
        }
    }
}

/// The try is counted before the secret is looked at, and the same work is done when nobody has this address.
async fn by_password(cx: &Ctx, form: &Form, back: &str) -> Result<String> {
    let mail = form.filled("identifiant").and_then(normal_mail).ok_or_else(password::refusal)?;
    let tries = Tries::at(cx, Door::Agents, &mail);
    let agent = cx
        .write(async |tx| {
            tries.count(tx).await?;
            store::agent_by_mail(tx, &mail).await
        })
        .await?;
    let kept = agent.as_ref().and_then(|agent| agent.password_hash.clone());
    let is_right = verify_password(form.get("mot_de_passe").unwrap_or_default().to_owned(), kept).await?;
    let Some(agent) = agent.filter(|_| is_right) else { return Err(password::refusal()) };
    cx.write(async |tx| {
        tries.succeeded(cx, tx).await?;
        let entry = Entry::new(tx, &agent, Level::of(Means::Password), "password", back);
        entry::advance(cx, tx, &agent, entry).await
    })
    .await
}

async fn leave(cx: Public, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let back = back_of(&form, "/agent");
    let provider = cx.read(async |tx| crate::oidc::provider(tx, &slug).await).await?;
    if !provider.is_active || provider.kind == Kind::FranceConnect {
        return Err(Error::NotFound);
    }
    let login_hint = form.filled("identifiant").and_then(normal_mail);
    let demand = Demand { back: back.clone(), login_hint, ..Demand::default() };
    depart(&cx, &provider, &demand).await
}

async fn depart(cx: &Ctx, provider: &Provider, demand: &Demand) -> Result<Response> {
    match oidc::leave(cx, provider, demand).await? {
        Ok(response) => Ok(response),
        Err(failure) => {
            let page = AgentSignInPage { back: demand.back.clone(), trouble: oidc::sentence(provider, failure), ..AgentSignInPage::default() };
            again(cx, StatusCode::SERVICE_UNAVAILABLE, page).await
        }
    }
}

enum Arrival {
    Next(String),
    StepUp,
    Refused(String),
}

async fn come_back(cx: Public, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let came = oidc::come_back(&cx, &slug, &form).await?;
    let back = came.pending.as_ref().map_or_else(|| "/agent".to_owned(), |pending| pending.back.clone());
    if came.provider.kind == Kind::FranceConnect {
        return Err(Error::NotFound);
    }
    let identity = match came.outcome {
        Ok(identity) => identity,
        Err(failure) => {
            let page = AgentSignInPage { back, trouble: oidc::sentence(&came.provider, failure), ..AgentSignInPage::default() };
            return again(&cx, StatusCode::BAD_REQUEST, page).await;
        }
    };
    let asked_two = came.pending.is_some_and(|pending| pending.is_step_up);
    let arrival = cx
        .write(async |tx| match admit(tx, &came.provider, &identity).await? {
            Access::Refused(problem) => {
                // « Changer de compte » must sign out there too: the platform would bring the same one back in silence.
                oidc::hold(&cx, tx, &came.provider, &identity).await?;
                Ok(Arrival::Refused(problem.sentence))
            }
            Access::Agent(agent) => arrive(&cx, tx, &came.provider, &identity, &agent, asked_two, &back).await,
        })
        .await?;
    match arrival {
        Arrival::Next(next) => Ok(see_other(&next)),
        Arrival::StepUp => depart(&cx, &came.provider, &Demand { back, is_step_up: true, login_hint: None }).await,
        Arrival::Refused(sentence) => cx.page_status(StatusCode::FORBIDDEN, &RefusedPage { sentence }),
    }
}

/// ProConnect is asked once for a second factor; if it gives none, ours is asked for.
async fn arrive(
    cx: &Ctx,
    tx: &mut kernel::Tx,
    provider: &Provider,
    identity: &Identity,
    agent: &Agent,
    asked_two: bool,
    back: &str,
) -> Result<Arrival> {
    let is_strong = identity.is_strong() || provider.settings.is_strong;
    if needs_two(&cx.tenant, agent) && !is_strong && provider.kind == Kind::ProConnect && !asked_two {
        return Ok(Arrival::StepUp);
    }
    oidc::hold(cx, tx, provider, identity).await?;
    let level = Level { means: Means::Oidc, acr: identity.acr.clone(), second_factor: is_strong };
    let entry = Entry::new(tx, agent, level, &provider.slug, back);
    entry::advance(cx, tx, agent, entry).await.map(Arrival::Next)
}

async fn sign_out(cx: Public) -> Result<Response> {
    oidc::sign_out(&cx, "/agent/deconnexion").await
}

async fn signed_out(cx: Public) -> Result<Response> {
    cx.page(&SignedOutPage { again: "/agent/connexion".into() })
}

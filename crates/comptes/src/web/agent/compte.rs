//! A29: the agent's own account: what is printed under his signature, how the screens look, his password, his devices.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    Error, FieldError, Result,
    crypto::{hash_password, verify_password},
    templates::{Page, Sample, samples},
    web::{
        AgentCx, Form, Pages, see_other, session,
        throttle::{Door, Tries},
    },
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    password, store,
    web::{faults, mon_compte::SessionLine},
};

/// The agent's account.
#[derive(Debug, Serialize)]
pub struct AgentAccountPage {
    /// First name and name.
    pub name: String,
    /// Login.
    pub mail: String,
    /// Printed under a signature.
    pub job_title: String,
    /// `auto`, `light`, `dark`.
    pub theme: String,
    /// `compact`, `comfort`.
    pub density: String,
    /// Whether he signs in by password here.
    pub has_password: bool,
    /// Whether a telephone is enrolled.
    pub has_second_factor: bool,
    /// What makes a good password.
    pub advice: &'static str,
    /// Devices.
    pub sessions: Vec<SessionLine>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for AgentAccountPage {
    const TEMPLATE: &'static str = "comptes/agent/compte.html";
    fn samples() -> Vec<Self> {
        let page = |errors| Self {
            name: "Nadia Rahmani".into(),
            mail: "nadia.rahmani@exemple.fr".into(),
            job_title: "Officière d’état civil".into(),
            theme: "auto".into(),
            density: "compact".into(),
            has_password: true,
            has_second_factor: true,
            advice: password::ADVICE,
            sessions: SessionLine::samples(),
            errors,
        };
        let fault = FieldError { field: "job_title".into(), sentence: "Écrivez votre fonction.".into() };
        vec![page(vec![]), page(vec![fault])]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/agent/compte", show)
        .post("/agent/compte", save)
        .post("/agent/compte/mot-de-passe", change_password)
        .post("/agent/compte/sessions/{id}/fermer", end_session)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<AgentAccountPage>()
}

async fn show(cx: AgentCx) -> Result<Response> {
    again(&cx, StatusCode::OK, vec![]).await
}

async fn again(cx: &AgentCx, status: StatusCode, errors: Vec<FieldError>) -> Result<Response> {
    let (id, this) = (cx.agent.id, cx.session.id);
    let page = cx
        .read(async |tx| {
            let agent = store::agent(tx, id).await?.ok_or(Error::NotFound)?;
            Ok(AgentAccountPage {
                name: agent.name(),
                mail: agent.mail,
                job_title: agent.job_title,
                theme: agent.theme,
                density: agent.density,
                has_password: agent.password_hash.is_some(),
                has_second_factor: agent.totp_sealed.is_some(),
                advice: password::ADVICE,
                sessions: SessionLine::all(session::list(tx, &id.to_string()).await?, this),
                errors,
            })
        })
        .await?;
    cx.page_status(status, &page)
}

async fn save(cx: AgentCx, form: Form) -> Result<Response> {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (job_title, theme, density) = (text("job_title"), text("theme"), text("density"));
    let done = cx
        .once(&form, async |tx| {
            crate::prefer_as_agent(tx, cx.agent.id, &job_title, &theme, &density).await?;
            cx.remember(tx, session::THEME, &theme).await?;
            cx.remember(tx, session::DENSITY, &density).await?;
            cx.flash(tx, "Vos choix sont enregistrés.").await?;
            Ok("/agent/compte".to_owned())
        })
        .await;
    match done {
        Err(error) => again(&cx, StatusCode::UNPROCESSABLE_ENTITY, faults(error)?).await,
        done => done,
    }
}

async fn change_password(cx: AgentCx, form: Form) -> Result<Response> {
    match change(&cx, &form).await {
        Ok(()) => Ok(see_other("/agent/compte")),
        Err(error) => again(&cx, StatusCode::UNPROCESSABLE_ENTITY, faults(error)?).await,
    }
}

async fn change(cx: &AgentCx, form: &Form) -> Result<()> {
    let id = cx.agent.id;
    let agent = cx.read(async |tx| store::agent(tx, id).await).await?.ok_or(Error::NotFound)?;
    let tries = Tries::at(cx, Door::Agents, &agent.mail);
    cx.write(async |tx| tries.count(tx).await).await?;
    if !verify_password(form.get("actuel").unwrap_or_default().to_owned(), agent.password_hash.clone()).await? {
        return Err(Error::invalid("actuel", "Ce n’est pas votre mot de passe actuel. Vérifiez-le."));
    }
    let new = form.get("nouveau").unwrap_or_default();
    password::check(new, form.get("encore").unwrap_or_default(), &[&agent.mail, &agent.name()])?;
    let hash = hash_password(new.to_owned()).await?;
    let (actor, level) = (cx.actor().clone(), cx.session.level.clone());
    cx.write(async |tx| {
        tries.succeeded(cx, tx).await?;
        store::set_agent_password(tx, id, &hash).await?;
        session::revoke_all(tx, &actor.label()).await?;
        cx.sign_in(tx, actor, level).await?;
        cx.remember(tx, session::THEME, &agent.theme).await?;
        cx.remember(tx, session::DENSITY, &agent.density).await?;
        cx.flash(tx, "Votre mot de passe est enregistré. Vos autres appareils sont déconnectés.").await
    })
    .await
}

async fn end_session(cx: AgentCx, Path(id): Path<Uuid>, form: Form) -> Result<Response> {
    let label = cx.actor().label();
    cx.once(&form, async |tx| {
        session::revoke(tx, &label, id).await?;
        cx.flash(tx, "Cet appareil est déconnecté.").await?;
        Ok("/agent/compte".to_owned())
    })
    .await
}

//! The link of an invitation: the agent chooses his password, then his second factor when one is needed.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    FieldError, Result,
    crypto::hash_password,
    templates::{Page, Sample, samples},
    web::{Ctx, Form, Level, Means, Pages, Public, see_other},
};
use serde::Serialize;

use super::entry::{self, Entry};
use crate::{Purpose, invitation, links, password, web::faults};

/// Accepts an invitation.
#[derive(Debug, Serialize)]
pub struct InvitationPage {
    /// From the address.
    pub token: String,
    /// What makes a good password.
    pub advice: &'static str,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for InvitationPage {
    const TEMPLATE: &'static str = "comptes/agent/invitation.html";
    fn samples() -> Vec<Self> {
        let page = |errors| Self { token: "x".into(), advice: password::ADVICE, errors };
        vec![page(vec![]), page(vec![FieldError { field: "nouveau".into(), sentence: "Ce mot de passe est trop court.".into() }])]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages.get("/agent/invitation/{token}", show).post("/agent/invitation/{token}", accept)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<InvitationPage>()
}

async fn show(cx: Public, Path(token): Path<String>) -> Result<Response> {
    if !cx.read(async |tx| links::is_live(tx, Purpose::Invitation, &token).await).await? {
        return Err(links::gone());
    }
    cx.page(&InvitationPage { token, advice: password::ADVICE, errors: vec![] })
}

async fn accept(cx: Public, Path(token): Path<String>, form: Form) -> Result<Response> {
    match choose(&cx, &token, &form).await {
        Ok(next) => Ok(see_other(&next)),
        Err(error) => {
            let errors = faults(error)?;
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &InvitationPage { token, advice: password::ADVICE, errors })
        }
    }
}

async fn choose(cx: &Ctx, token: &str, form: &Form) -> Result<String> {
    let new = form.get("nouveau").unwrap_or_default();
    password::check(new, form.get("encore").unwrap_or_default(), &[])?;
    let hash = hash_password(new.to_owned()).await?;
    cx.write(async |tx| {
        let agent = invitation::accept(tx, token, &hash).await?;
        let entry = Entry::new(tx, &agent, Level::of(Means::Password), "invitation", "/agent");
        entry::advance(cx, tx, &agent, entry).await
    })
    .await
}

//! The second factor at sign-in: the code of the telephone, or its enrolment when there is none yet.

use axum::{http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    Error, FieldError, Result,
    templates::{Page, Sample, samples},
    web::{
        Ctx, Form, Level, Pages, Public, see_other,
        throttle::{Door, Tries},
    },
};
use serde::Serialize;

use super::entry::{self, Entry};
use crate::{store, totp, web::faults};

/// The code of the telephone.
#[derive(Debug, Default, Serialize)]
pub struct CodePage {
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "comptes/agent/code.html";
    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { errors: vec![FieldError { field: "code".into(), sentence: WRONG.into() }] }]
    }
}

/// A telephone to enrol.
#[derive(Debug, Serialize)]
pub struct EnrolPage {
    /// What the telephone scans, SVG.
    pub qr: String,
    /// The same, to type: groups of four.
    pub secret: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for EnrolPage {
    const TEMPLATE: &'static str = "comptes/agent/second_facteur.html";
    fn samples() -> Vec<Self> {
        let page = |errors| Self { qr: totp::qr("otpauth://totp/exemple?secret=ABCD").unwrap_or_default(), secret: "ABCD EFGH".into(), errors };
        vec![page(vec![]), page(vec![FieldError { field: "code".into(), sentence: WRONG.into() }])]
    }
}

const WRONG: &str = "Ce code ne convient pas. Attendez le suivant sur votre téléphone, puis écrivez ses six chiffres.";

/// Seals a secret in the session of who is enrolling; once enrolled it is bound to the agent.
const SEALED: &str = "agent:totp";

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/agent/connexion/code", ask)
        .post("/agent/connexion/code", check)
        .get("/agent/connexion/second-facteur", show)
        .post("/agent/connexion/second-facteur", enrol)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<CodePage>(), samples::<EnrolPage>()].into_iter().flatten().collect()
}

async fn ask(cx: Public) -> Result<Response> {
    Entry::of(&cx).ok_or(Error::Unauthenticated)?;
    cx.page(&CodePage::default())
}

async fn check(cx: Public, form: Form) -> Result<Response> {
    let entry = Entry::of(&cx).ok_or(Error::Unauthenticated)?;
    match prove(&cx, &entry, &form).await {
        Ok(next) => Ok(see_other(&next)),
        Err(error) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { errors: faults(error)? }),
    }
}

async fn prove(cx: &Ctx, entry: &Entry, form: &Form) -> Result<String> {
    let code = form.filled("code").unwrap_or_default().replace(' ', "");
    let tries = Tries::at(cx, Door::Agents, &format!("code:{}", entry.agent));
    cx.write(async |tx| tries.count(tx).await).await?;
    cx.write(async |tx| {
        let agent = entry::agent_of(tx, entry).await?;
        let sealed = agent.totp_sealed.as_deref().ok_or(Error::Unauthenticated)?;
        let secret = String::from_utf8(cx.app.keys.open(&totp::context(agent.id), sealed)?).map_err(Error::internal)?;
        let step = totp::check(&secret, &code, tx.now(), agent.totp_step)?.ok_or_else(wrong)?;
        // Two requests with one code: one of them finds it used.
        if !store::use_totp_step(tx, agent.id, step).await? {
            return Err(wrong());
        }
        tries.succeeded(cx, tx).await?;
        let entry = Entry { level: Level { second_factor: true, ..entry.level.clone() }, ..entry.clone() };
        entry::enter(cx, tx, &agent, &entry).await
    })
    .await
}

fn wrong() -> Error {
    Error::invalid("code", WRONG)
}

async fn show(cx: Public) -> Result<Response> {
    let mut entry = Entry::of(&cx).ok_or(Error::Unauthenticated)?;
    let agent = cx.read(async |tx| entry::agent_of(tx, &entry).await).await?;
    if agent.totp_sealed.is_some() {
        return Ok(see_other("/agent/connexion/code"));
    }
    let secret = match opened(&cx, &entry)? {
        Some(secret) => secret,
        None => {
            cx.write(async |tx| {
                let secret = totp::secret(tx.random_bytes());
                entry.secret = Some(STANDARD.encode(cx.app.keys.seal(SEALED, secret.as_bytes())));
                entry.keep(&cx, tx).await?;
                Ok(secret)
            })
            .await?
        }
    };
    page(&cx, StatusCode::OK, &secret, &agent.mail, vec![])
}

fn opened(cx: &Ctx, entry: &Entry) -> Result<Option<String>> {
    let Some(sealed) = &entry.secret else { return Ok(None) };
    let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
    String::from_utf8(cx.app.keys.open(SEALED, &sealed)?).map(Some).map_err(Error::internal)
}

fn page(cx: &Ctx, status: StatusCode, secret: &str, login: &str, errors: Vec<FieldError>) -> Result<Response> {
    let qr = totp::qr(&totp::address(secret, &cx.tenant.name, login))?;
    let groups: Vec<String> = secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    cx.page_status(status, &EnrolPage { qr, secret: groups.join(" "), errors })
}

async fn enrol(cx: Public, form: Form) -> Result<Response> {
    let entry = Entry::of(&cx).ok_or(Error::Unauthenticated)?;
    let Some(secret) = opened(&cx, &entry)? else { return Ok(see_other("/agent/connexion/second-facteur")) };
    let code = form.filled("code").unwrap_or_default().replace(' ', "");
    let (agent, next) = cx
        .write(async |tx| {
            let agent = entry::agent_of(tx, &entry).await?;
            // Enrolled meanwhile, in another window: the code is asked for, the secret is not replaced.
            if agent.totp_sealed.is_some() {
                return Ok((agent, Some("/agent/connexion/code".to_owned())));
            }
            let Some(step) = totp::check(&secret, &code, tx.now(), 0)? else { return Ok((agent, None)) };
            crate::enrol_second_factor(tx, agent.id, cx.app.keys.seal(&totp::context(agent.id), secret.as_bytes()), step).await?;
            let entry = Entry { level: Level { second_factor: true, ..entry.level.clone() }, secret: None, ..entry.clone() };
            let next = entry::enter(&cx, tx, &agent, &entry).await?;
            Ok((agent, Some(next)))
        })
        .await?;
    match next {
        Some(next) => Ok(see_other(&next)),
        None => {
            let errors = vec![FieldError { field: "code".into(), sentence: WRONG.into() }];
            page(&cx, StatusCode::UNPROCESSABLE_ENTITY, &secret, &agent.mail, errors)
        }
    }
}

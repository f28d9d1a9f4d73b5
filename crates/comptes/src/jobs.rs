//! Background work of this domain: mails with a link, links past their time, agents who left. A link is made when its
//! mail is: its token is in the mail and in no table, not even that of the jobs.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    AgentId, Error, Result,
    crypto::Keys,
    jobs::{JobCx, JobError, JobKind, JobResult, NewJob, Outcome},
    tenant,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Agent, Purpose, directory,
    invitation::{self, Invitation},
    links,
    mails::{LinkMail, Notice},
    store,
};

/// Every kind of job of this domain.
pub fn jobs() -> Vec<JobKind> {
    vec![
        JobKind::new(SEND_LINK, send_link),
        JobKind::new(SEND_INVITATION, send_invitation),
        JobKind::new(SEND_NOTICE, send_notice),
        JobKind::new("PurgeLinks", purge_links).every(Duration::from_secs(3_600)),
        JobKind::new("CloseSilentAgents", close_silent_agents).every(Duration::from_secs(24 * 3_600)),
    ]
}

const SEND_LINK: &str = "SendLink";
const SEND_INVITATION: &str = "SendInvitation";
const SEND_NOTICE: &str = "SendAgentNotice";
const SEALED: &str = "job:mail";

/// To whom, sealed: the page of jobs set aside shows payloads.
#[derive(Serialize, Deserialize)]
struct Link {
    purpose: Purpose,
    to: String,
    payload: Value,
}

/// A job that mails a link to an address. The same is enqueued whether an account has the address or not.
pub fn mail_link(keys: &Keys, purpose: Purpose, mail: &str, payload: Value) -> Result<NewJob> {
    let to = STANDARD.encode(keys.seal(SEALED, mail.as_bytes()));
    Ok(NewJob::new(SEND_LINK, serde_json::to_value(Link { purpose, to, payload })?))
}

/// A job that mails his invitation to an agent.
pub(crate) fn mail_invitation(invitation: &Invitation) -> Result<NewJob> {
    Ok(NewJob::new(SEND_INVITATION, serde_json::to_value(invitation)?))
}

/// A job that tells an agent what was done to his account.
pub(crate) fn notice(agent: AgentId, notice: Notice) -> NewJob {
    NewJob::new(SEND_NOTICE, json!({ "agent": agent, "notice": notice }))
}

async fn send_link(cx: JobCx, payload: Value) -> JobResult {
    let link: Link = serde_json::from_value(payload)?;
    let mail = opened(&cx.app.keys, &link.to)?;
    let tenant = tenant::by_id(&cx.app.db, cx.scope.tenant).await?;
    let (token, purpose) = cx
        .write(async |tx| {
            let purpose = match link.purpose {
                Purpose::Password if !has_password(tx, &mail).await? => Purpose::SignIn,
                purpose => purpose,
            };
            Ok((links::issue(tx, purpose, &mail, link.payload.clone()).await?, purpose))
        })
        .await?;
    let letter = match (link.purpose, purpose) {
        (Purpose::Password, Purpose::Password) => LinkMail::password(&tenant.url(&format!("/connexion/mot-de-passe/{token}"))),
        (Purpose::Password, _) => LinkMail::no_password(&tenant.url(&format!("/connexion/lien/{token}"))),
        (Purpose::SignIn, _) => LinkMail::sign_in(&tenant.url(&format!("/connexion/lien/{token}"))),
        _ => return Err(JobError::Fail { reason: "a link of another domain".into() }),
    };
    cx.app.mailer.send(&letter.mail(&cx.app, &tenant, &mail, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

async fn has_password(tx: &mut kernel::Tx, mail: &str) -> Result<bool> {
    let compte = store::compte_by_mail(tx, mail).await?;
    Ok(compte.is_some_and(|compte| compte.password_hash.is_some()))
}

fn opened(keys: &Keys, sealed: &str) -> Result<String> {
    let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
    String::from_utf8(keys.open(SEALED, &sealed)?).map_err(Error::internal)
}

async fn send_invitation(cx: JobCx, payload: Value) -> JobResult {
    let invitation: Invitation = serde_json::from_value(payload)?;
    let tenant = tenant::by_id(&cx.app.db, cx.scope.tenant).await?;
    let made = cx
        .write(async |tx| {
            let Some(agent) = working(tx, invitation.agent).await? else { return Ok(None) };
            let token = invitation.issue(tx, &agent.mail).await?;
            Ok(Some((agent.mail, token)))
        })
        .await?;
    // Closed meanwhile: nothing to send.
    let Some((mail, token)) = made else { return Ok(Outcome::Done) };
    let letter = LinkMail::invitation(&invitation::address(&tenant, &token), &tenant.name);
    cx.app.mailer.send(&letter.mail(&cx.app, &tenant, &mail, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

async fn working(tx: &mut kernel::Tx, id: AgentId) -> Result<Option<Agent>> {
    Ok(store::agent(tx, id).await?.filter(|agent| agent.closed_at.is_none()))
}

async fn send_notice(cx: JobCx, payload: Value) -> JobResult {
    let id: AgentId = serde_json::from_value(payload["agent"].clone())?;
    let notice: Notice = serde_json::from_value(payload["notice"].clone())?;
    let tenant = tenant::by_id(&cx.app.db, cx.scope.tenant).await?;
    let Some(agent) = cx.read(async |tx| working(tx, id).await).await? else { return Ok(Outcome::Done) };
    let letter = LinkMail::notice(notice, &tenant.url("/agent/connexion"));
    cx.app.mailer.send(&letter.mail(&cx.app, &tenant, &agent.mail, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

async fn purge_links(cx: JobCx, _: Value) -> JobResult {
    cx.write(async |tx| store::purge_links(tx).await).await?;
    Ok(Outcome::Done)
}

async fn close_silent_agents(cx: JobCx, _: Value) -> JobResult {
    let closed = cx.write(async |tx| directory::close_silent(tx).await).await?;
    if closed > 0 {
        tracing::info!(closed, "agents who came no more were closed");
    }
    Ok(Outcome::Done)
}

//! Between the first proof and the session: who has shown a password or an identity, and whether a second factor is
//! still due. Kept with the browser's session, a quarter of an hour; nobody is signed in meanwhile.

use jiff::{SignedDuration, Timestamp};
use kernel::{
    AgentId, Result, Role, Tenant, Tx,
    web::{Ctx, Level, Means, session},
};
use serde::{Deserialize, Serialize};

use crate::{Agent, store};

const KEY: &str = "agent_entry";
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// An agent who has shown one factor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub agent: AgentId,
    pub level: Level,
    /// `password`, `invitation`, or the slug of a provider.
    pub means: String,
    pub back: String,
    /// The secret being enrolled, sealed, in base64.
    pub secret: Option<String>,
    pub at: Timestamp,
}

impl Entry {
    pub fn new(tx: &Tx, agent: &Agent, level: Level, means: &str, back: &str) -> Self {
        Self { agent: agent.id, level, means: means.into(), back: back.into(), secret: None, at: tx.now() }
    }

    /// What waits in this browser's session, if it is not too old.
    pub fn of(cx: &Ctx) -> Option<Self> {
        let entry: Self = cx.session.get(KEY)?;
        (cx.app.clock.now().duration_since(entry.at) < LIFE).then_some(entry)
    }

    pub async fn keep(&self, cx: &Ctx, tx: &mut Tx) -> Result<()> {
        cx.remember(tx, KEY, self).await
    }
}

/// Whether this agent needs two factors: administrators and the data protection officer always.
pub(super) fn needs_two(tenant: &Tenant, agent: &Agent) -> bool {
    agent.role != Role::Agent || tenant.settings.agents_second_factor
}

/// Goes on after the first factor: to the session, the code, or the enrolment. Gives the next address.
pub(super) async fn advance(cx: &Ctx, tx: &mut Tx, agent: &Agent, entry: Entry) -> Result<String> {
    let is_strong = entry.level.second_factor;
    if !is_strong && agent.totp_sealed.is_some() && entry.level.means != Means::Oidc {
        entry.keep(cx, tx).await?;
        return Ok("/agent/connexion/code".into());
    }
    if !is_strong && needs_two(&cx.tenant, agent) {
        entry.keep(cx, tx).await?;
        let is_enrolled = agent.totp_sealed.is_some();
        return Ok(if is_enrolled { "/agent/connexion/code".into() } else { "/agent/connexion/second-facteur".into() });
    }
    enter(cx, tx, agent, &entry).await
}

/// Signs the agent in, with the rights that he has now. Gives the page to go to.
pub(super) async fn enter(cx: &Ctx, tx: &mut Tx, agent: &Agent, entry: &Entry) -> Result<String> {
    let actor = crate::actor_of(tx, agent, cx.app.profiles).await?;
    cx.sign_in(tx, actor, entry.level.clone()).await?;
    cx.forget(tx, KEY).await?;
    cx.remember(tx, session::THEME, &agent.theme).await?;
    cx.remember(tx, session::DENSITY, &agent.density).await?;
    crate::sign_in_agent(tx, agent.id, &entry.means).await?;
    Ok(entry.back.clone())
}

/// The agent of an entry, if he has not left meanwhile.
pub(super) async fn agent_of(tx: &mut Tx, entry: &Entry) -> Result<Agent> {
    let agent = store::agent(tx, entry.agent).await?.filter(|agent| agent.closed_at.is_none());
    agent.ok_or(kernel::Error::Unauthenticated)
}

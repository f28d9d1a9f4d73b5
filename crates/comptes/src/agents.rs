//! Agents: invited, signed in, given rights per team, closed. A right is a word of its domain; a profile is a list of
//! them, and `parvis/registries.rs` says which.

use jiff::Timestamp;
use kernel::{Actor, AgentActor, AgentId, Error, Event, FieldErrors, OrgUnitId, Result, Role, Subject, Tx, actor::Profile};
use serde::Serialize;

use crate::{MANAGE_AGENTS, jobs, mails::Notice, store};

/// A member of the staff.
#[derive(Debug, Clone, Serialize)]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// Login and address.
    pub mail: String,
    /// First name.
    pub given_name: String,
    /// Name.
    pub family_name: String,
    /// As printed under a signature.
    pub job_title: String,
    /// Widest role.
    pub role: Role,
    /// Password, argon2id.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// TOTP secret, sealed.
    #[serde(skip)]
    pub totp_sealed: Option<Vec<u8>>,
    /// Last TOTP step accepted.
    #[serde(skip)]
    pub totp_step: i64,
    /// Who keeps him: `manuel`, or the slug of his directory.
    pub source: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// `compact` or `comfort`.
    pub density: String,
    /// Last sign-in.
    pub seen_at: Option<Timestamp>,
    /// When he left.
    pub closed_at: Option<Timestamp>,
}

impl Agent {
    /// First name and name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// Whether he accepted an invitation, or signed in by any means.
    pub fn ever_came(&self) -> bool {
        self.password_hash.is_some() || self.totp_sealed.is_some() || self.seen_at.is_some()
    }
}

/// A profile held in a team, or in all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// The team; none: all.
    pub org_unit: Option<OrgUnitId>,
    /// Code of the profile.
    pub profile: String,
    /// `manuel`, or the group of the directory that gave it.
    pub source: String,
}

/// Who is invited.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// Login and address.
    pub mail: String,
    /// First name.
    pub given_name: String,
    /// Name.
    pub family_name: String,
    /// As printed under a signature.
    pub job_title: String,
    /// Widest role.
    pub role: Role,
    /// Profiles per team.
    pub memberships: Vec<Membership>,
}

/// An agent was invited.
#[derive(Serialize)]
pub struct AgentInvited {
    agent: AgentId,
    role: Role,
}

/// An agent left: his sessions are over.
#[derive(Serialize)]
pub struct AgentClosed {
    agent: AgentId,
}

/// An agent signed in, and how.
#[derive(Serialize)]
pub struct AgentSignedIn {
    /// Who.
    pub agent: AgentId,
    /// `password`, `totp`, or the slug of an identity provider.
    pub means: String,
}

/// The rights of an agent were changed.
#[derive(Serialize)]
pub struct AgentRightsChanged {
    agent: AgentId,
    profiles: Vec<String>,
}

impl AgentInvited {
    /// Of this agent.
    pub(crate) fn of(agent: &Agent) -> Self {
        Self { agent: agent.id, role: agent.role }
    }
}

impl Event for AgentInvited {
    const KIND: &'static str = "AgentInvited";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for AgentClosed {
    const KIND: &'static str = "AgentClosed";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for AgentSignedIn {
    const KIND: &'static str = "AgentSignedIn";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// A second factor was enrolled or taken away.
#[derive(Serialize)]
pub struct SecondFactorChanged {
    agent: AgentId,
    change: &'static str,
}

impl Event for SecondFactorChanged {
    const KIND: &'static str = "SecondFactorChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for AgentRightsChanged {
    const KIND: &'static str = "AgentRightsChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// Invites an agent; he sets his password or signs in through the directory. `Invalid` when the address is taken.
pub async fn invite(tx: &mut Tx, new: NewAgent) -> Result<Agent> {
    tx.allow_any(MANAGE_AGENTS)?;
    let mail = check(&new)?;
    let agent = fresh(tx, mail, &new, "manuel");
    if !store::insert_agent(tx, &agent).await? {
        return Err(Error::invalid("mail", "Un agent a déjà cette adresse : ouvrez sa fiche."));
    }
    store::set_memberships(tx, agent.id, &new.memberships).await?;
    tx.emit(&AgentInvited::of(&agent)).await?;
    Ok(agent)
}

/// An agent as he is at first.
pub(crate) fn fresh(tx: &mut Tx, mail: String, new: &NewAgent, source: &str) -> Agent {
    Agent {
        id: tx.new_id(),
        mail,
        given_name: new.given_name.trim().into(),
        family_name: new.family_name.trim().into(),
        job_title: new.job_title.trim().into(),
        role: new.role,
        password_hash: None,
        totp_sealed: None,
        totp_step: 0,
        source: source.into(),
        theme: "auto".into(),
        density: "compact".into(),
        seen_at: None,
        closed_at: None,
    }
}

fn check(new: &NewAgent) -> Result<String> {
    let mut errors = FieldErrors::new();
    if new.given_name.trim().is_empty() {
        errors.push("given_name", "Écrivez le prénom de l’agent.");
    }
    if new.family_name.trim().is_empty() {
        errors.push("family_name", "Écrivez le nom de l’agent.");
    }
    if new.job_title.trim().is_empty() {
        errors.push("job_title", "Écrivez sa fonction : elle figure sur les courriers (article L. 212-1).");
    }
    let mail = crate::comptes::normal_mail(&new.mail);
    if mail.is_none() {
        errors.push("mail", "Écrivez une adresse électronique, par exemple prenom.nom@exemple.fr.");
    }
    errors.into_result()?;
    mail.ok_or_else(|| Error::internal("checked above"))
}

/// Replaces the profiles of an agent; his sessions end, so that no old right is used.
pub async fn change_membership(tx: &mut Tx, id: AgentId, role: Role, memberships: &[Membership]) -> Result<()> {
    tx.allow_any(MANAGE_AGENTS)?;
    let agent = store::agent(tx, id).await?.ok_or(Error::NotFound)?;
    if agent.role == Role::Admin && role != Role::Admin && store::count_admins(tx).await? <= 1 {
        return Err(last_admin());
    }
    set_rights(tx, &agent, role, memberships).await
}

/// Replaces role and profiles, when they differ; his other sessions end.
pub(crate) async fn set_rights(tx: &mut Tx, agent: &Agent, role: Role, memberships: &[Membership]) -> Result<()> {
    let id = agent.id;
    if agent.role == role && store::memberships(tx, id).await? == memberships {
        return Ok(());
    }
    store::set_role(tx, id, role).await?;
    store::set_memberships(tx, id, memberships).await?;
    kernel::web::session::revoke_all(tx, &id.to_string()).await?;
    let profiles = memberships.iter().map(|m| m.profile.clone()).collect();
    tx.emit(&AgentRightsChanged { agent: id, profiles }).await.map(drop)
}

/// Takes the second factor of an agent away: he lost his telephone. He enrols another at his next sign-in.
pub async fn reset_second_factor(tx: &mut Tx, id: AgentId) -> Result<()> {
    tx.allow_any(MANAGE_AGENTS)?;
    store::agent(tx, id).await?.ok_or(Error::NotFound)?;
    store::set_agent_totp(tx, id, None).await?;
    kernel::web::session::revoke_all(tx, &id.to_string()).await?;
    tx.enqueue(jobs::notice(id, Notice::SecondFactorReset)).await?;
    tx.emit(&SecondFactorChanged { agent: id, change: "reset" }).await.map(drop)
}

/// Keeps the second factor that an agent has just proved.
pub async fn enrol_second_factor(tx: &mut Tx, id: AgentId, sealed: Vec<u8>, step: i64) -> Result<()> {
    store::set_agent_totp(tx, id, Some(sealed)).await?;
    store::use_totp_step(tx, id, step).await?;
    tx.emit(&SecondFactorChanged { agent: id, change: "enrolled" }).await.map(drop)
}

/// What an agent changes of himself. `Invalid` without a job title: it is printed under his signature.
pub async fn prefer(tx: &mut Tx, id: AgentId, job_title: &str, theme: &str, density: &str) -> Result<()> {
    if job_title.trim().is_empty() {
        return Err(Error::invalid("job_title", "Écrivez votre fonction : elle figure sur les courriers (article L. 212-1)."));
    }
    crate::comptes::check_theme(theme)?;
    if !["compact", "comfort"].contains(&density) {
        return Err(Error::invalid("density", "Choisissez un affichage : compact ou aéré."));
    }
    store::set_agent_preferences(tx, id, job_title.trim(), theme, density).await
}

/// Closes an agent who leaves; his sessions end at once. The last administrator cannot be closed.
pub async fn close_agent(tx: &mut Tx, id: AgentId) -> Result<()> {
    tx.allow_any(MANAGE_AGENTS)?;
    close(tx, id).await
}

/// The same when the directory says so.
pub(crate) async fn close(tx: &mut Tx, id: AgentId) -> Result<()> {
    let agent = store::agent(tx, id).await?.ok_or(Error::NotFound)?;
    if agent.closed_at.is_some() {
        return Ok(());
    }
    if agent.role == Role::Admin && store::count_admins(tx).await? <= 1 {
        return Err(last_admin());
    }
    store::close_agent(tx, id).await?;
    kernel::web::session::revoke_all(tx, &id.to_string()).await?;
    tx.emit(&AgentClosed { agent: id }).await.map(drop)
}

fn last_admin() -> Error {
    Error::conflict("last-admin", "C’est le dernier administrateur de l’espace : nommez-en un autre d’abord.")
}

/// The actor that an agent becomes at sign-in: his rights are read now and travel with his session.
pub async fn actor_of(tx: &mut Tx, agent: &Agent, profiles: &[Profile]) -> Result<Actor> {
    let memberships = store::memberships(tx, agent.id).await?;
    let mut rights = vec![];
    for membership in memberships {
        let profile = profiles.iter().find(|p| p.code == membership.profile);
        rights.extend(profile.into_iter().flat_map(|p| p.rights).map(|right| (membership.org_unit, right.0.to_owned())));
    }
    if let Some(profile) = profiles.iter().find(|p| p.role == Some(agent.role)) {
        rights.extend(profile.rights.iter().map(|right| (None, right.0.to_owned())));
    }
    Ok(Actor::Agent(AgentActor { id: agent.id, name: agent.name(), role: agent.role, rights }))
}

/// Writes that an agent signed in.
pub async fn sign_in_agent(tx: &mut Tx, agent: AgentId, means: &str) -> Result<()> {
    store::agent_seen(tx, agent).await?;
    tx.emit(&AgentSignedIn { agent, means: means.into() }).await.map(drop)
}

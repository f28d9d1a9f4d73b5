//! An agent who comes through an identity provider. ProConnect lets in those who were invited, of the right body; a
//! directory decides by its groups, gives profiles, and closes those who left. Each decision is in the journal.

use jiff::SignedDuration;
use kernel::{AgentId, Event, Problem, Result, Role, Subject, Tx};
use serde::Serialize;

use crate::{
    Agent, Membership, NewAgent, agents,
    comptes::normal_mail,
    oidc::{Identity, Kind, Provider},
    org_units, store,
};

/// An agent was let in or refused, and why: codes alone.
#[derive(Serialize)]
pub struct AgentAccessDecided {
    /// Who, when he is known.
    pub agent: Option<AgentId>,
    /// Slug of the provider.
    pub provider: String,
    /// `accepted` or a reason: `siret`, `unknown`, `closed`, `no-group`.
    pub decision: &'static str,
    /// Level stated.
    pub acr: Option<String>,
    /// Means stated.
    pub amr: Vec<String>,
    /// Identity provider behind ProConnect.
    pub idp: Option<String>,
    /// Body stated by ProConnect.
    pub siret: Option<String>,
}

impl Event for AgentAccessDecided {
    const KIND: &'static str = "AgentAccessDecided";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// What was decided. A refusal is a value and not an error: its line in the journal must be kept.
pub enum Access {
    /// He may enter.
    Agent(Box<Agent>),
    /// He may not, and is told this.
    Refused(Problem),
}

/// Decides on an identity that was verified.
pub async fn admit(tx: &mut Tx, provider: &Provider, identity: &Identity) -> Result<Access> {
    let (agent, decision) = match provider.kind {
        Kind::ProConnect => by_invitation(tx, provider, identity).await?,
        Kind::Generic => by_groups(tx, provider, identity).await?,
        Kind::FranceConnect => (None, "unknown"),
    };
    let event = AgentAccessDecided {
        agent: agent.as_ref().map(|agent| agent.id),
        provider: provider.slug.clone(),
        decision,
        acr: identity.acr.clone(),
        amr: identity.amr.clone(),
        idp: identity.text("idp_id").map(ToOwned::to_owned),
        siret: identity.text("siret").map(ToOwned::to_owned),
    };
    tx.emit(&event).await?;
    match agent {
        Some(agent) if decision == "accepted" => Ok(Access::Agent(Box::new(agent))),
        _ => Ok(Access::Refused(refusal(decision))),
    }
}

fn refusal(decision: &'static str) -> Problem {
    let sentence = match decision {
        "siret" => "Votre compte n’est pas rattaché à cette collectivité. Choisissez la bonne organisation, puis recommencez.",
        "closed" => "Votre accès est fermé. Un administrateur de votre collectivité peut le rouvrir.",
        "no-group" => "Aucun de vos groupes ne donne accès à cet espace. Demandez-le au service informatique.",
        _ => "Vous êtes bien identifié, mais personne ne vous a invité ici. Demandez une invitation à un administrateur de votre collectivité.",
    };
    Problem { code: "agent-refused", sentence: sentence.into() }
}

/// The agent of an identity: linked before, else the one of its address.
async fn known(tx: &mut Tx, identity: &Identity) -> Result<Option<Agent>> {
    if let Some((_, Some(agent))) = store::identity(tx, &identity.issuer, &identity.sub).await? {
        return store::agent(tx, agent).await;
    }
    let Some(mail) = identity.text("email").and_then(normal_mail) else { return Ok(None) };
    let found = store::any_agent_by_mail(tx, &mail).await?;
    if let Some(agent) = &found {
        store::link_identity(tx, &identity.issuer, &identity.sub, None, Some(agent.id)).await?;
    }
    Ok(found)
}

async fn by_invitation(tx: &mut Tx, provider: &Provider, identity: &Identity) -> Result<(Option<Agent>, &'static str)> {
    let siret = identity.text("siret").unwrap_or_default();
    if !provider.settings.sirets.iter().any(|of| of == siret) {
        return Ok((None, "siret"));
    }
    Ok(match known(tx, identity).await? {
        None => (None, "unknown"),
        Some(agent) if agent.closed_at.is_some() => (Some(agent), "closed"),
        Some(agent) => (Some(agent), "accepted"),
    })
}

async fn by_groups(tx: &mut Tx, provider: &Provider, identity: &Identity) -> Result<(Option<Agent>, &'static str)> {
    let groups = identity.list(&provider.settings.groups_claim);
    let rules: Vec<_> = provider.settings.groups.iter().filter(|rule| groups.contains(&rule.group)).collect();
    let agent = known(tx, identity).await?;
    if rules.is_empty() {
        if let Some(agent) = &agent
            && agent.source == provider.slug
            && agent.closed_at.is_none()
        {
            agents::close(tx, agent.id).await?;
        }
        return Ok((agent, "no-group"));
    }
    let role = [Role::Admin, Role::Dpo].into_iter().find(|role| rules.iter().any(|rule| rule.role == *role)).unwrap_or(Role::Agent);
    let agent = match agent {
        // Closed by hand by an administrator: the directory does not overrule him.
        Some(agent) if agent.closed_at.is_some() && agent.source != provider.slug => return Ok((Some(agent), "closed")),
        Some(agent) => agent,
        None => match provision(tx, provider, identity, role).await? {
            Some(agent) => agent,
            None => return Ok((None, "unknown")),
        },
    };
    if agent.closed_at.is_some() {
        store::reopen_agent(tx, agent.id).await?;
    }
    let mut memberships = vec![];
    for rule in rules.iter().filter(|rule| !rule.profile.is_empty()) {
        let org_unit = match &rule.org_unit {
            Some(slug) => match org_units::org_unit_by_slug(tx, slug).await? {
                Some(unit) => Some(unit.id),
                None => continue,
            },
            None => None,
        };
        memberships.push(Membership { org_unit, profile: rule.profile.clone(), source: rule.group.clone() });
    }
    let given = identity.text("given_name").unwrap_or(&agent.given_name).to_owned();
    let family = identity.text("family_name").unwrap_or(&agent.family_name).to_owned();
    store::set_agent_names(tx, agent.id, &given, &family, &provider.slug).await?;
    agents::set_rights(tx, &agent, role, &memberships).await?;
    let agent = store::agent(tx, agent.id).await?;
    Ok((agent, "accepted"))
}

async fn provision(tx: &mut Tx, provider: &Provider, identity: &Identity, role: Role) -> Result<Option<Agent>> {
    let Some(mail) = identity.text("email").and_then(normal_mail) else { return Ok(None) };
    let name = |claim: &str| identity.text(claim).unwrap_or_default().to_owned();
    let new = NewAgent {
        mail: mail.clone(),
        given_name: name("given_name"),
        family_name: name("family_name"),
        job_title: identity.text("title").or(identity.text("job_title")).unwrap_or("Agent").to_owned(),
        role,
        memberships: vec![],
    };
    let agent = agents::fresh(tx, mail, &new, &provider.slug);
    store::insert_agent(tx, &agent).await?;
    store::link_identity(tx, &identity.issuer, &identity.sub, None, Some(agent.id)).await?;
    tx.emit(&crate::AgentInvited::of(&agent)).await?;
    Ok(Some(agent))
}

/// Closes the agents of directories who have not come for long: those who left cannot come any more, and OpenID
/// Connect does not tell. Gives how many.
pub async fn close_silent(tx: &mut Tx) -> Result<usize> {
    let mut closed = 0;
    for provider in store::providers(tx).await?.into_iter().filter(|provider| provider.kind == Kind::Generic) {
        let days = i64::from(provider.settings.leaver_days.max(1));
        let before = tx.now() - SignedDuration::from_hours(24 * days);
        for agent in store::silent_agents(tx, &provider.slug, before).await? {
            match agents::close(tx, agent.id).await {
                Ok(()) => closed += 1,
                // The last administrator stays, whoever forgot him.
                Err(kernel::Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(closed)
}

//! The invitation of an agent: a link that serves once, mailed and handed over; what it opens; and the door of who runs
//! the program, for the first administrator of a space and for the one who is shut out of it.

use kernel::{AgentId, Error, Result, Role, Tenant, Tx};
use serde_json::json;

use crate::{
    Agent, MANAGE_AGENTS, NewAgent, Purpose,
    agents::{change_membership, invite, reset_second_factor},
    jobs, links, normal_mail, store,
};

/// Mails an invitation, and gives the address of another link to hand over: mail may be late, or the agent at the next
/// desk. Both lead to the same place, and the first that serves uses the other up.
pub async fn invitation_link(tx: &mut Tx, tenant: &Tenant, agent: &Agent) -> Result<String> {
    tx.allow_any(MANAGE_AGENTS)?;
    tx.enqueue(jobs::mail_invitation(agent.id)).await?;
    let token = issue(tx, agent).await?;
    Ok(address(tenant, &token))
}

pub(crate) async fn issue(tx: &mut Tx, agent: &Agent) -> Result<String> {
    links::issue(tx, Purpose::Invitation, &agent.mail, json!({ "agent": agent.id })).await
}

pub(crate) fn address(tenant: &Tenant, token: &str) -> String {
    tenant.url(&format!("/agent/invitation/{token}"))
}

/// Keeps the password that an invitation lets choose, ends the agent's sessions and uses up his other invitations.
/// `Gone` when the link serves no more, or the agent is closed.
pub(crate) async fn accept(tx: &mut Tx, token: &str, hash: &str) -> Result<Agent> {
    let link = links::redeem(tx, Purpose::Invitation, token).await?;
    let id: AgentId = serde_json::from_value(link.payload["agent"].clone())?;
    let agent = store::agent(tx, id).await?.filter(|agent| agent.closed_at.is_none()).ok_or_else(links::gone)?;
    store::use_links_of(tx, Purpose::Invitation, &link.mail).await?;
    store::set_agent_password(tx, id, hash).await?;
    kernel::web::session::revoke_all(tx, &id.to_string()).await?;
    Ok(agent)
}

/// What who runs the program asks for.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Who; an agent who has this address already is invited again.
    pub agent: NewAgent,
    /// Takes his second factor away: the only administrator has lost his telephone.
    pub new_second_factor: bool,
}

/// Invites an agent from the command line, or invites him again, with the role asked for if it is wider than his own.
/// Gives the agent and whether he is new. `Conflict` when he is closed: an administrator of the space decides on that.
pub async fn invite_as_operator(tx: &mut Tx, asked: Operator) -> Result<(Agent, bool)> {
    tx.allow_any(MANAGE_AGENTS)?;
    let known = match normal_mail(&asked.agent.mail) {
        Some(mail) => store::any_agent_by_mail(tx, &mail).await?,
        None => None,
    };
    let Some(agent) = known else { return Ok((invite(tx, asked.agent).await?, true)) };
    if agent.closed_at.is_some() {
        let sentence = "Cet agent est fermé : invitez une autre adresse, ou rouvrez-le depuis l’annuaire.";
        return Err(Error::conflict("agent-closed", sentence));
    }
    if asked.agent.role != Role::Agent && agent.role != asked.agent.role {
        let memberships = store::memberships(tx, agent.id).await?;
        change_membership(tx, agent.id, asked.agent.role, &memberships).await?;
    }
    if asked.new_second_factor {
        reset_second_factor(tx, agent.id).await?;
    }
    let agent = store::agent(tx, agent.id).await?.ok_or(Error::NotFound)?;
    Ok((agent, false))
}

//! The invitation of an agent: a link that serves once, what it opens; and the door of who runs the program, for the
//! first administrator of a space and for the one who is shut out of it. A link is handed over only while the agent
//! never came: afterwards it goes to his own address alone, or an administrator could become him. Each step is in the
//! journal with who caused it, and told to the agent by mail.

use kernel::{Actor, AgentId, Error, Event, Result, Role, Subject, Tenant, Tx};
use serde::{Deserialize, Serialize};

use crate::{
    Agent, MANAGE_AGENTS, NewAgent, Purpose,
    agents::{change_membership, invite, reset_second_factor},
    jobs, links,
    mails::Notice,
    normal_mail, store,
};

/// An invitation was sent again.
#[derive(Serialize)]
pub struct InvitationSentAgain {
    agent: AgentId,
}

impl Event for InvitationSentAgain {
    const KIND: &'static str = "InvitationSentAgain";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// A password was chosen by the link of an invitation.
#[derive(Serialize)]
pub struct PasswordSetByInvitation {
    agent: AgentId,
    /// The administrator who asked for the link; none: who runs the program.
    invited_by: Option<AgentId>,
}

impl Event for PasswordSetByInvitation {
    const KIND: &'static str = "PasswordSetByInvitation";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// What the link of an invitation carries.
#[derive(Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub agent: AgentId,
    #[serde(default)]
    by: Option<AgentId>,
}

impl Invitation {
    /// Makes its link: the token.
    pub(crate) async fn issue(&self, tx: &mut Tx, mail: &str) -> Result<String> {
        links::issue(tx, Purpose::Invitation, mail, serde_json::to_value(self)?).await
    }
}

pub(crate) fn address(tenant: &Tenant, token: &str) -> String {
    tenant.url(&format!("/agent/invitation/{token}"))
}

/// Mails an invitation. While the agent never came, gives the address of another link to hand over: mail may be late,
/// or the agent at the next desk. Both lead to the same place, and the first that serves uses the other up. Who runs
/// the program is always given one: he holds the keys.
pub async fn invitation_link(tx: &mut Tx, tenant: &Tenant, agent: &Agent) -> Result<Option<String>> {
    tx.allow_any(MANAGE_AGENTS)?;
    let invitation = Invitation { agent: agent.id, by: tx.actor().agent().map(|by| by.id) };
    tx.enqueue(jobs::mail_invitation(&invitation)?).await?;
    if agent.ever_came() && !matches!(tx.actor(), Actor::System { .. }) {
        return Ok(None);
    }
    let token = invitation.issue(tx, &agent.mail).await?;
    Ok(Some(address(tenant, &token)))
}

/// The same for an agent who was invited before.
pub async fn invite_again(tx: &mut Tx, tenant: &Tenant, id: AgentId) -> Result<(Agent, Option<String>)> {
    let agent = store::agent(tx, id).await?.filter(|agent| agent.closed_at.is_none()).ok_or(Error::NotFound)?;
    let link = invitation_link(tx, tenant, &agent).await?;
    tx.emit(&InvitationSentAgain { agent: id }).await?;
    Ok((agent, link))
}

/// Keeps the password that an invitation lets choose, ends the agent's sessions, uses up his other invitations and
/// tells him. `Gone` when the link serves no more, or the agent is closed.
pub(crate) async fn accept(tx: &mut Tx, token: &str, hash: &str) -> Result<Agent> {
    let link = links::redeem(tx, Purpose::Invitation, token).await?;
    let invitation: Invitation = serde_json::from_value(link.payload)?;
    let id = invitation.agent;
    let agent = store::agent(tx, id).await?.filter(|agent| agent.closed_at.is_none()).ok_or_else(links::gone)?;
    store::use_links_of(tx, Purpose::Invitation, &link.mail).await?;
    store::set_agent_password(tx, id, hash).await?;
    kernel::web::session::revoke_all(tx, &id.to_string()).await?;
    tx.emit(&PasswordSetByInvitation { agent: id, invited_by: invitation.by }).await?;
    tx.enqueue(jobs::notice(id, Notice::PasswordChosen)).await?;
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
    tx.emit(&InvitationSentAgain { agent: agent.id }).await?;
    let agent = store::agent(tx, agent.id).await?.ok_or(Error::NotFound)?;
    Ok((agent, false))
}

//! Who acts, and what he may do. The rights of an agent are read at sign-in and travel with him.
//! Which rights exist is said by the domains; how one signs in, by theirs.

use serde::{Deserialize, Serialize};

use crate::{AgentId, ApplicationId, CompteId, OrgUnitId, PartenaireId, UsagerId};

/// Something that may be done, named by its domain: `dossier.decide`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right(pub &'static str);

/// Who acts in a unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// The program itself; the text says which part.
    System {
        /// A word for the journal.
        part: String,
    },
    /// Somebody who is not signed in.
    Visitor,
    /// A person signed in with his account.
    Usager {
        /// The account.
        compte: CompteId,
        /// The person.
        usager: UsagerId,
        /// For the top of the page.
        name: String,
    },
    /// A member of the staff.
    Agent(AgentActor),
    /// A partner, by its key.
    Partenaire {
        /// The legal body.
        id: PartenaireId,
        /// Its name.
        name: String,
    },
    /// An application of the collectivité, by its key.
    Application {
        /// The system.
        id: ApplicationId,
        /// Its name.
        name: String,
    },
}

/// An agent and his rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentActor {
    /// The agent.
    pub id: AgentId,
    /// First name and name.
    pub name: String,
    /// His widest role.
    pub role: Role,
    /// Right codes per team; no team means all of them.
    pub rights: Vec<(Option<OrgUnitId>, String)>,
}

/// The widest role of an agent: which spaces he may enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Handles dossiers.
    Agent,
    /// Sets up the tenant.
    Admin,
    /// Data protection officer: reads the journal, sees no dossier by himself.
    Dpo,
}

/// A named list of rights, given per team, or to all who hold a role.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Stable code: `instructeur`.
    pub code: &'static str,
    /// On screens.
    pub label: &'static str,
    /// Held by every agent of this role, in all teams; none: given by hand.
    pub role: Option<Role>,
    /// What it allows.
    pub rights: &'static [Right],
}

impl Actor {
    /// The program itself, in one of its parts.
    pub fn system(part: &str) -> Self {
        Self::System { part: part.into() }
    }

    /// What the journal keeps: a kind and an id, never a name.
    pub fn label(&self) -> String {
        match self {
            Self::System { part } => format!("systeme:{part}"),
            Self::Visitor => "visiteur".into(),
            Self::Usager { usager, .. } => usager.to_string(),
            Self::Agent(agent) => agent.id.to_string(),
            Self::Partenaire { id, .. } => id.to_string(),
            Self::Application { id, .. } => id.to_string(),
        }
    }

    /// The agent, if it is one.
    pub fn agent(&self) -> Option<&AgentActor> {
        match self {
            Self::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    /// The person, if one is signed in.
    pub fn usager(&self) -> Option<UsagerId> {
        match self {
            Self::Usager { usager, .. } => Some(*usager),
            _ => None,
        }
    }

    /// Whether this right is held for this team (`None`: for at least one).
    pub fn may(&self, right: Right, unit: Option<OrgUnitId>) -> bool {
        match self {
            Self::System { .. } => true,
            Self::Agent(agent) => agent.rights.iter().any(|(of, code)| code == right.0 && (of.is_none() || unit.is_none() || *of == unit)),
            _ => false,
        }
    }
}

impl AgentActor {
    /// The teams for which a right is held; `None` when it is held for all.
    pub fn units(&self, right: Right) -> Option<Vec<OrgUnitId>> {
        let held = self.rights.iter().filter(|(_, code)| code == right.0);
        held.map(|(unit, _)| *unit).collect()
    }
}

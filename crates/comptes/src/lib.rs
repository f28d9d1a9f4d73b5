//! Who acts: accounts of usagers, agents and their teams, partners and their keys, and how one signs in.
//! What is known of a person is in `referentiel`; what a partner may read, in `rgpd`.
//!
//! Invariants: a token is kept as its hash; a login is refused in the same words and time whether the account exists
//! or not; closing an agent ends his sessions.

mod agents;
mod comptes;
mod links;
mod org_units;
mod partenaires;
pub mod store;
pub mod totp;

pub use agents::{
    Agent, AgentClosed, AgentInvited, AgentSignedIn, Membership, NewAgent, actor_of, change_membership, close_agent,
    invite, sign_in_agent,
};
pub use comptes::{Compte, CompteOpened, CompteSignedIn, open, set_password, sign_in};
pub use links::{Link, Purpose, issue, redeem};
pub use org_units::{OrgUnit, org_unit, org_unit_by_slug, org_units, save_org_unit};
pub use partenaires::{Partenaire, PartenaireRegistered, close_key, issue_key, partenaires, register_partenaire, who_holds};

use kernel::Right;

/// May manage agents, teams and roles.
pub const MANAGE_AGENTS: Right = Right("comptes.agents");
/// May manage partners and their keys.
pub const MANAGE_PARTNERS: Right = Right("comptes.partenaires");
/// May change the look and texts of the tenant.
pub const MANAGE_TENANT: Right = Right("comptes.espace");

//! Who acts: accounts of usagers, agents and their teams, partners and their keys, and how one signs in.
//! What is known of a person is in `referentiel`; what a partner may read, in `rgpd`.
//!
//! Invariants: a token is kept as its hash; a login is refused in the same words and time whether the account exists
//! or not; closing an agent ends his sessions.

mod agents;
mod comptes;
mod directory;
mod invitation;
pub mod jobs;
mod links;
pub mod mails;
pub mod oidc;
mod org_units;
mod partenaires;
pub mod password;
pub mod store;
pub mod totp;
pub mod web;

pub use agents::{
    Agent, AgentClosed, AgentInvited, AgentSignedIn, Membership, NewAgent, SecondFactorChanged, actor_of, change_membership, close_agent,
    enrol_second_factor, invite, prefer as prefer_as_agent, reset_second_factor, sign_in_agent,
};
pub use comptes::{
    Compte, CompteOpened, CompteSignedIn, IdentityLinked, LinkedIdentity, link, normal_mail, open, open_without_mail, prefer, set_password,
    set_password_by_link, sign_in, unlink,
};
pub use directory::{Access, AgentAccessDecided, admit, close_silent};
pub use invitation::{InvitationSentAgain, Operator, PasswordSetByInvitation, invitation_link, invite_again, invite_as_operator};
pub use jobs::jobs;
pub use links::{Link, Purpose, gone, is_live, issue, redeem};
pub use org_units::{OrgUnit, org_unit, org_unit_by_slug, org_units, save_org_unit};
pub use partenaires::{
    Partenaire, PartenaireRegistered, PartnerKey, close_key, issue_key, keys_of, partenaire, partenaires, register_partenaire, who_holds,
};
pub use web::routes;

use kernel::{Right, templates::Sample};

/// Signs of a mail address, at most: what a control for one takes, and what is shown again in it.
pub const MAX_MAIL: usize = 254;
/// May manage agents, teams and roles.
pub const MANAGE_AGENTS: Right = Right("comptes.agents");
/// May manage partners and their keys.
pub const MANAGE_PARTNERS: Right = Right("comptes.partenaires");
/// May change the look and texts of the tenant.
pub const MANAGE_TENANT: Right = Right("comptes.espace");

/// The rights of this domain, in words.
pub const RIGHTS: &[(Right, &str)] = &[
    (MANAGE_AGENTS, "Gérer les agents et les services"),
    (MANAGE_PARTNERS, "Gérer les partenaires et leurs clés"),
    (MANAGE_TENANT, "Changer l’apparence et les connexions de l’espace"),
];

/// The templates of this domain.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// Every page and mail of this domain, with its samples.
pub fn pages() -> Vec<Sample> {
    [web::pages(), mails::pages()].into_iter().flatten().collect()
}

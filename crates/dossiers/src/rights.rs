//! The rights of this domain, and the two questions asked of them: may this agent, for this dossier's team; and is
//! this dossier this person's: an agent is the author of what he types until it is sent. Roles that hold the rights are set in `comptes`.

use kernel::{Actor, Error, Result, Right, Tx};

use crate::model::Dossier;
use crate::piece::Piece;
use crate::store;

/// See the dossiers of a team.
pub const READ: Right = Right("dossier.read");
/// Examine: verdicts on pieces, requests, messages, notes, moves of the circuit that decide nothing.
pub const INSTRUCT: Right = Right("dossier.instruct");
/// Accept, refuse, close.
pub const DECIDE: Right = Right("dossier.decide");
/// Enter a demand for somebody.
pub const ENTER: Right = Right("dossier.enter");
/// Sign the elimination list, with the visa of the archives.
pub const ELIMINATE: Right = Right("dossier.eliminate");

/// All of them, for the screens of roles: right, and what it lets do.
pub const ALL: [(Right, &str); 5] = [
    (READ, "Lire les dossiers du service"),
    (INSTRUCT, "Instruire : pièces, demandes de complément, messages, notes"),
    (DECIDE, "Décider : accepter, refuser, classer"),
    (ENTER, "Saisir une demande au guichet, par téléphone ou d’après un courrier"),
    (ELIMINATE, "Éliminer les dossiers échus, avec le visa des archives"),
];

/// `Forbidden` unless the actor holds the right for the team of the dossier.
pub(crate) fn allow(tx: &Tx, right: Right, dossier: &Dossier) -> Result<()> {
    match dossier.unit {
        Some(unit) => tx.allow(right, unit),
        None => tx.allow_any(right),
    }
}

/// The dossier with its pieces if the actor of the unit may act on it as its author, else 404: an usager signed in whose it is, the
/// agent who typed it, or the holder of a key of it.
pub async fn mine(tx: &mut Tx, id: kernel::DossierId, key_hash: Option<&str>) -> Result<(Dossier, Vec<Piece>)> {
    match is_mine(tx, id, key_hash).await? {
        (dossier, pieces, true) => Ok((dossier, pieces)),
        _ => Err(Error::NotFound),
    }
}

/// The dossier with its pieces, and whether the actor of the unit may act on it as its author.
pub(crate) async fn is_mine(tx: &mut Tx, id: kernel::DossierId, key_hash: Option<&str>) -> Result<(Dossier, Vec<Piece>, bool)> {
    let (dossier, pieces, is_opened) = store::dossier::load_with_key(tx, id, key_hash).await?;
    let is_mine = is_opened || is_author(tx, &dossier);
    Ok((dossier, pieces, is_mine))
}

fn is_author(tx: &Tx, dossier: &Dossier) -> bool {
    match tx.actor() {
        Actor::Usager { compte, usager, .. } => dossier.usager == Some(*usager) || dossier.compte == Some(*compte),
        Actor::Agent(_) => dossier.is_draft() && typed_it(tx, dossier),
        _ => false,
    }
}

/// Whether the agent of the unit typed it, and may still type for this team.
fn typed_it(tx: &Tx, dossier: &Dossier) -> bool {
    let agent = tx.actor().agent().map(|agent| agent.id);
    agent.is_some() && dossier.entered_by == agent && tx.actor().may(ENTER, dossier.unit)
}

/// The demand that the agent of the unit has just typed and sent, for its receipt: the same day, then it is the team's
/// like any other. Else 404.
pub(crate) async fn just_entered(tx: &mut Tx, id: kernel::DossierId) -> Result<Dossier> {
    let dossier = store::dossier::load(tx, id).await?;
    let sent_on = dossier.submitted_at.map(|at| at.to_zoned(tx.zone().clone()).date());
    match typed_it(tx, &dossier) && sent_on == Some(tx.today()) {
        true => Ok(dossier),
        false => Err(Error::NotFound),
    }
}

/// How screens and letters name who acts.
pub(crate) fn actor_name(actor: &Actor, dossier: &Dossier) -> String {
    match actor {
        Actor::Agent(agent) => agent.name.clone(),
        Actor::Usager { name, .. } => name.clone(),
        Actor::Partenaire { name, .. } | Actor::Application { name, .. } => name.clone(),
        Actor::Visitor if !dossier.contact_name.is_empty() => dossier.contact_name.clone(),
        Actor::Visitor => "L’usager".into(),
        Actor::System { .. } => "Le système".into(),
    }
}

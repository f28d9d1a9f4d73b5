//! One step of the circuit, taken by an agent, an application, the usager or the clock: the package says who, from
//! which state, with which fields and reasons. Only steps of the circuit exist; a step already taken changes nothing;
//! nobody moves a dossier that he has seen otherwise, nor accepts what nobody has looked at.

use kernel::actor::Profile;
use kernel::{Actor, AgentId, DossierId, Error, Result, Tenant, Tx};
use teleservices::package::{Package, State, Transition, Who};

use crate::events::DossierMoved;
use crate::filling::Filling;
use crate::model::{Answers, Dossier};
use crate::phase::{Phase, is_decided};
use crate::readiness::blockers;
use crate::rights::{self, DECIDE, INSTRUCT};
use crate::{course, decide, store, version};

/// What comes with a step.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Values of the fields of the transition, by name.
    pub fields: Answers,
    /// The code of the reason, where the transition wants one.
    pub motif: Option<String>,
    /// What the agent adds in her own words.
    pub precision: Option<String>,
    /// Who signs the decision, when it is not who acts.
    pub signer: Option<Signer>,
}

/// Who signs a decision that another takes.
#[derive(Clone, Debug)]
pub enum Signer {
    /// A colleague, and what profiles allow: he must hold the right to decide.
    Agent(AgentId, &'static [Profile]),
    /// Whom an application names: name and quality.
    Officer {
        /// First name and name.
        name: String,
        /// As what he signs.
        role: String,
    },
}

/// One step to take.
pub struct Step {
    /// The dossier.
    pub id: DossierId,
    /// The transition of the package.
    pub transition: String,
    /// What comes with it.
    pub given: Given,
    /// The mark of the dossier as whoever acts saw it ([`Dossier::mark`]); none when nobody looked at a page.
    pub seen: Option<String>,
}

/// The code of the conflict of a demand that cannot be accepted yet.
pub const NOT_READY: &str = "not-ready";

/// Takes the step. A decision is kept as such, with its reason and who signs; anything else only moves the dossier.
pub async fn transition(tx: &mut Tx, tenant: &Tenant, step: Step) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, step.id).await?;
    let version = version::of(tx, dossier.version).await?;
    let package = &version.package;
    let taken = package.transition(&step.transition).ok_or(Error::NotFound)?;
    let to = package.state(&taken.to.text).ok_or_else(|| Error::internal("a transition to no state"))?;
    allow(tx, &dossier, taken, is_decided(to.phase))?;

    let before = store::counter::key_of(&dossier);
    if step.seen.is_some_and(|seen| seen != dossier.mark()) {
        return Err(dossier.conflict(tx.zone()));
    }
    if !taken.from.iter().any(|state| state.text == dossier.state) {
        let is_done = dossier.state == to.id && has_same_reason(&dossier, step.given.motif.as_deref());
        return if is_done { Ok(dossier) } else { Err(dossier.conflict(tx.zone())) };
    }
    if dossier.is_draft() {
        return Err(Error::conflict("not-submitted", "Cette demande n’est pas encore envoyée."));
    }
    let setting = version::setting(&version, &dossier, tx.today());
    let answers = dossier.answers.clone();
    let filling = Filling::new(package, &setting, &answers);
    if !filling.holds(taken.condition.as_ref()) {
        return Err(Error::conflict("step-not-open", "Cette étape n’est pas possible avec les réponses de ce dossier."));
    }
    must_be_ready(tx, package, &filling, &dossier, to).await?;
    let Given { fields, motif, precision, signer } = step.given;
    let applied = package.accept_fields(taken, &fields, motif.as_deref(), filling.view, &setting).map_err(Error::Invalid)?;
    let given = Given {
        fields: applied.fields,
        motif: applied.motif.map(|motif| motif.id.clone()),
        precision: precision.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        signer,
    };
    let from = dossier.state.clone();
    dossier.details.extend(given.fields.clone());
    if is_decided(to.phase) && dossier.decision.is_none() {
        decide::apply(tx, &mut dossier, to, given).await?;
        decide::give(tx, &dossier, package, &setting).await?;
    } else {
        let act = course::act(tx, &dossier);
        dossier.move_to(to.phase, &to.id, &act)?;
    }
    course::save(tx, tenant, package, &mut dossier, before).await?;
    if is_decided(to.phase) {
        decide::tell(tx, &dossier, taken).await?;
    } else {
        tx.emit(&DossierMoved {
            dossier: dossier.id,
            teleservice: dossier.slug.clone(),
            transition: taken.id.clone(),
            from,
            to: to.id.clone(),
            phase: to.phase.code(),
        })
        .await?;
    }
    Ok(dossier)
}

/// A decision made with another reason is another decision.
fn has_same_reason(dossier: &Dossier, motif: Option<&str>) -> bool {
    let made = dossier.decision.as_ref().and_then(|decision| decision.motif.as_deref());
    motif.is_none() || motif == made
}

/// Nobody accepts a demand whose pieces were not looked at; what the law makes of silence waits for nothing.
async fn must_be_ready(tx: &mut Tx, package: &Package, filling: &Filling<'_>, dossier: &Dossier, to: &State) -> Result<()> {
    let is_acceptance = to.phase == Phase::Accepte && dossier.phase != Phase::Accepte;
    if !is_acceptance || matches!(tx.actor(), Actor::System { .. }) {
        return Ok(());
    }
    let pieces = store::piece::of_dossier(tx, dossier.id).await?;
    let missing = blockers(package, filling, &pieces, dossier.phase, to.phase);
    if missing.is_empty() { Ok(()) } else { Err(Error::conflict(NOT_READY, missing.join(" "))) }
}

/// The steps open to the actor of the unit, for the buttons of a page.
pub fn open_steps<'a>(tx: &Tx, package: &'a Package, dossier: &Dossier, filling: &Filling<'_>) -> Vec<&'a Transition> {
    let Some(circuit) = &package.circuit else { return Vec::new() };
    let is_open = |taken: &&Transition| {
        let decides = package.state(&taken.to.text).is_some_and(|state| is_decided(state.phase));
        taken.from.iter().any(|state| state.text == dossier.state)
            && allow(tx, dossier, taken, decides).is_ok()
            && filling.holds(taken.condition.as_ref())
    };
    circuit.transitions.iter().filter(is_open).collect()
}

fn allow(tx: &Tx, dossier: &Dossier, taken: &Transition, decides: bool) -> Result<()> {
    let right = if decides { DECIDE } else { INSTRUCT };
    let who = match tx.actor() {
        Actor::Agent(_) => {
            rights::allow(tx, right, dossier)?;
            Who::Agent
        }
        Actor::Application { .. } | Actor::Partenaire { .. } => Who::Application,
        Actor::Usager { .. } | Actor::Visitor => Who::Usager,
        Actor::System { .. } => Who::Systeme,
    };
    if taken.who.contains(&who) { Ok(()) } else { Err(Error::Forbidden(right.0)) }
}

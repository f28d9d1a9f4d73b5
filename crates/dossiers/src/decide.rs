//! What a step of the circuit does when its state has a decided phase: the decision with its reason and who signs it,
//! the facts of the registry, the news. Which step may be taken is [`crate::transition`]'s; the letter and the mail go
//! by reactions.

use kernel::{Error, Result, Tx};
use referentiel::{Level, NewFact, Source};
use teleservices::package::{Package, Setting, State, Transition};

use crate::course;
use crate::events::DossierDecided;
use crate::filling::{Filling, Gift};
use crate::model::{Decision, Dossier, Outcome};
use crate::phase::Phase;
use crate::rights::DECIDE;
use crate::transition::{Given, Signer};

/// Puts the decision in the dossier.
pub(crate) async fn apply(tx: &mut Tx, dossier: &mut Dossier, to: &State, given: Given) -> Result<()> {
    let act = course::act(tx, dossier);
    let (signer, role) = signature(tx, dossier, given.signer).await?;
    let outcome = Outcome::of(to.phase).ok_or_else(|| Error::internal("a decision of no outcome"))?;
    let decision = Decision { outcome, motif: given.motif, precision: given.precision, signer, role, at: act.at };
    dossier.decide(decision, &to.id, &act)
}

/// Who signs, and as what: whoever acts, whom the application names, or the colleague who is named, if he is there and
/// may decide for the team.
pub(crate) async fn signature(tx: &mut Tx, dossier: &Dossier, named: Option<Signer>) -> Result<(String, String)> {
    let own = tx.actor().agent().map(|agent| agent.id);
    let (named, profiles) = match named {
        Some(Signer::Officer { name, role }) => return Ok((name, role)),
        Some(Signer::Agent(named, profiles)) if Some(named) != own => (named, profiles),
        _ => return Ok((crate::rights::actor_name(tx.actor(), dossier), role(tx).await?)),
    };
    let cannot = || Error::invalid("_signataire", "Cette personne ne peut pas signer pour ce service. Choisissez-en une autre.");
    let agent = comptes::store::agent(tx, named).await?.filter(|agent| agent.closed_at.is_none()).ok_or_else(cannot)?;
    match comptes::actor_of(tx, &agent, profiles).await?.may(DECIDE, dossier.unit) {
        true => Ok((agent.name(), agent.job_title)),
        false => Err(cannot()),
    }
}

/// As what the actor signs; empty for an application or the clock.
pub(crate) async fn role(tx: &mut Tx) -> Result<String> {
    let Some(id) = tx.actor().agent().map(|agent| agent.id) else { return Ok(String::new()) };
    Ok(comptes::store::agent(tx, id).await?.map(|agent| agent.job_title).unwrap_or_default())
}

/// Gives to the registry what the package lists, the person said of himself, and did not refuse.
pub(crate) async fn give(tx: &mut Tx, dossier: &Dossier, package: &Package, setting: &Setting) -> Result<()> {
    let (Some(usager), Phase::Accepte) = (dossier.usager, dossier.phase) else { return Ok(()) };
    let filling = Filling::new(package, setting, &dossier.answers);
    let facts = filling.gifts().into_iter().filter(|gift| !dossier.withheld.contains(&gift.attribute));
    let facts = facts.filter_map(|gift| {
        Some(NewFact {
            value: in_registry(&gift)?,
            attribute: gift.attribute,
            source: Source::Usager,
            source_label: format!("vous, dans la demande {}", dossier.number_text()),
            level: Level::Declared,
            dossier: Some(dossier.id),
        })
    });
    referentiel::record_facts(tx, usager, facts.collect()).await
}

/// The value as the attribute keeps it; an answer that it cannot hold stays in the dossier.
fn in_registry(gift: &Gift) -> Option<serde_json::Value> {
    let kind = kinds::kind(referentiel::attribute(&gift.attribute)?.kind)?;
    kind.normalize(&gift.value, &kinds::Rule::default()).ok()
}

/// Tells the world: the journal, and through it the letter, the mail and the applications.
pub(crate) async fn tell(tx: &mut Tx, dossier: &Dossier, taken: &Transition) -> Result<()> {
    let outcome = dossier.decision.as_ref().map_or(dossier.phase.code(), |decision| decision.outcome.code());
    tx.emit(&DossierDecided {
        dossier: dossier.id,
        teleservice: dossier.slug.clone(),
        outcome,
        transition: taken.id.clone(),
        to: dossier.state.clone(),
        motif: dossier.decision.as_ref().and_then(|decision| decision.motif.clone()),
    })
    .await?;
    Ok(())
}

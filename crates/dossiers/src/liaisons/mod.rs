//! What the package sends to other applications and what it makes of their answers. Which event goes where, which words
//! come back and what they move are in `liaisons.toml`; addresses, retries and signatures are those of `echanges`.

mod arrivals;

use echanges::{Answers, Around, Built, NewDelivery, Outbound, Outcome, Outgoing, Received, Work};
use kernel::jobs::{JobCx, JobResult};
use kernel::{DossierId, Error, Event, EventId, Result, Tx};
use serde_json::Value as Json;
use teleservices::Version;
use teleservices::engine;
use teleservices::package::{Liaison, LiaisonEvent, Package, Phase, Transition};

pub use arrivals::Arrivals;

use crate::events::DossierSubmitted;
use crate::filling::Filling;
use crate::model::Dossier;
use crate::phase::is_decided;
use crate::transition::{Given, Signer, Step, transition};
use crate::{store, version};

/// The name that deliveries of this domain keep.
const SOURCE: &str = "dossiers";
/// How the transitions are named in a delivery.
const TRANSITION: &str = "transition:";

/// Builds what leaves for applications, and moves dossiers by their answers.
pub struct Liaisons;

/// After a deposit or a move: one delivery for each liaison that it sets off. Run twice, it adds nothing.
pub(crate) async fn prepare_deliveries(cx: JobCx, payload: Json) -> JobResult {
    let text = |name: &str| payload.get(name).and_then(Json::as_str).unwrap_or_default();
    let (id, event): (DossierId, EventId) = (text("dossier").parse().map_err(Error::from)?, text("event").parse().map_err(Error::from)?);
    let name = match (text("event_kind"), text("transition")) {
        (DossierSubmitted::KIND, _) => "depot".to_owned(),
        // The dossier waited already, or came back where the circuit has no step: nothing was taken.
        (_, "") => return Ok(kernel::jobs::Outcome::Done),
        (_, taken) => format!("{TRANSITION}{taken}"),
    };
    cx.write(async |tx| send_all(tx, id, event, &name).await).await?;
    Ok(kernel::jobs::Outcome::Done)
}

async fn send_all(tx: &mut Tx, id: DossierId, event: EventId, name: &str) -> Result<()> {
    let dossier = store::dossier::load(tx, id).await?;
    let version = version::of(tx, dossier.version).await?;
    let wanted = match name.strip_prefix(TRANSITION) {
        Some(taken) => LiaisonEvent::Transition(taken.to_owned()),
        None => LiaisonEvent::Deposit,
    };
    let seen = Seen::new(tx, &dossier)?;
    for liaison in version.package.liaisons_on(&wanted, &seen.of(&dossier), &version::setting(&version, &dossier, tx.today())) {
        let delivery = NewDelivery {
            event,
            dossier: id,
            application: liaison.application.clone(),
            event_name: name.to_owned(),
            liaison: liaison.id.clone(),
            format: liaison.format,
            source: SOURCE,
        };
        echanges::send(tx, delivery).await?;
    }
    Ok(())
}

impl Outbound for Liaisons {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn build<'a>(&'a self, _: &'a Around, tx: &'a mut Tx, delivery: &'a Outgoing) -> Work<'a, Built> {
        Box::pin(build(tx, delivery))
    }
}

/// The service that collected the answers is the one that the application serves: a right is enough, no permit.
async fn build(tx: &mut Tx, delivery: &Outgoing) -> Result<Built> {
    let dossier = store::dossier::load(tx, delivery.dossier).await?;
    let version = version::of(tx, dossier.version).await?;
    let Some(liaison) = version.package.liaison(&delivery.liaison) else {
        return Ok(Built::Nothing("la démarche ne prévoit plus cet envoi".into()));
    };
    if dossier.phase == Phase::Retire && liaison.event == LiaisonEvent::Deposit {
        return Ok(Built::Nothing("l’usager a retiré sa demande avant l’envoi".into()));
    }
    let seen = Seen::new(tx, &dossier)?;
    Ok(Built::Document(version.package.document(liaison, &seen.of(&dossier), &version::setting(&version, &dossier, tx.today()))))
}

impl Answers for Liaisons {
    fn receive<'a>(&'a self, around: &'a Around, tx: &'a mut Tx, answer: &'a Received) -> Work<'a, Outcome> {
        Box::pin(receive(around, tx, answer))
    }
}

async fn receive(around: &Around, tx: &mut Tx, answer: &Received) -> Result<Outcome> {
    let dossier = store::dossier::lock(tx, answer.dossier).await?;
    let version = version::of(tx, dossier.version).await?;
    let liaison = answering(&version, answer).ok_or(Error::NotFound)?;
    let setting = version::setting(&version, &dossier, tx.today());
    let view = Filling::new(&version.package, &setting, &dossier.answers).view;
    let applied = version.package.reply(liaison, &answer.answer, &answer.fields, view, &setting).map_err(Error::Invalid)?;
    let signer = signer(&version.package, &dossier, applied.transition, answer)?;
    let step = Step {
        id: dossier.id,
        transition: applied.transition.id.clone(),
        given: Given { fields: applied.fields, motif: applied.motif.map(|motif| motif.id.clone()), signer, ..Given::default() },
        seen: None,
    };
    let moved = transition(tx, &around.tenant, step).await?;
    let state = version.package.state(&moved.state);
    let label = state.map(|state| version.package.state_name(state, &moved.details)).unwrap_or_default();
    Ok(Outcome { state: moved.state, label })
}

/// Who signs what the application decided. A letter of decision bears the name and the quality of its author (CRPA,
/// L212-1), which no software has.
fn signer(package: &Package, dossier: &Dossier, taken: &Transition, answer: &Received) -> Result<Option<Signer>> {
    let decides = package.state(&taken.to.text).is_some_and(|state| is_decided(state.phase)) && dossier.decision.is_none();
    match &answer.signer {
        Some(officer) => Ok(Some(Signer::Officer { name: officer.name.trim().to_owned(), role: officer.quality.trim().to_owned() })),
        None if decides && taken.courrier.is_some() => {
            Err(Error::invalid("signataire", "Cette réponse est une décision dont part un courrier : donnez le nom et la qualité de qui l’a prise."))
        }
        None => Ok(None),
    }
}

/// The liaison with this application that knows the word, else one that does not: its refusal lists those it knows.
fn answering<'v>(version: &'v Version, answer: &Received) -> Option<&'v Liaison> {
    let of_it = || version.package.liaisons.iter().filter(|liaison| liaison.application == answer.slug);
    let knows = |liaison: &&Liaison| liaison.answers.iter().any(|known| known.word == answer.answer);
    of_it().find(knows).or_else(|| of_it().find(|liaison| !liaison.answers.is_empty()))
}

/// What the formulas of a liaison may read of a dossier.
struct Seen {
    number: String,
    deposited: jiff::civil::Date,
}

impl Seen {
    fn new(tx: &Tx, dossier: &Dossier) -> Result<Self> {
        let at = dossier.submitted_at.ok_or_else(|| Error::internal("a draft does not leave"))?;
        Ok(Self { number: dossier.number_text(), deposited: tx.zone().to_datetime(at).date() })
    }

    fn of<'a>(&'a self, dossier: &'a Dossier) -> engine::Dossier<'a> {
        engine::Dossier {
            answers: &dossier.answers,
            fields: &dossier.details,
            numero: &self.number,
            depose_le: self.deposited,
            canal: dossier.channel.code(),
        }
    }
}

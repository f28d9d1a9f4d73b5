//! One attempt of a delivery, in two units of work with the call between them: `begin` holds the delivery, builds its
//! body and writes the journal line; `conclude` writes what became of it. A late worker changes nothing but a success.

use jiff::{SignedDuration, Timestamp};
use kernel::{DeliveryId, Error, Result, Tx, crypto};

use crate::{
    DeliveryAttempted, DeliveryGivenUp, DeliverySetAside, DeliverySucceeded, Document, application, formats,
    model::{Application, ApplicationStatus, CLAIM, Delivery, DeliveryState, FAILURES_TO_OPEN, Failure, LOSSES, Next},
    registry::{Around, Built, Outgoing, Registry},
    replay, send, store,
};

/// What `begin` found.
pub(crate) enum Begun {
    /// Nothing is left to do.
    Over,
    /// Not before then.
    Later(Timestamp),
    /// To be sent now.
    Send(Box<Ready>),
}

/// Everything that the call needs, outside any unit of work.
pub(crate) struct Ready {
    pub delivery: Delivery,
    pub application: Application,
    pub document: Document,
    pub content: Vec<u8>,
    claim: Timestamp,
}

/// Holds the delivery for this attempt and builds what leaves.
pub(crate) async fn begin(tx: &mut Tx, around: &Around, registry: &Registry, id: DeliveryId) -> Result<Begun> {
    let now = tx.now();
    let seen = store::delivery(tx, id).await?;
    if seen.state != DeliveryState::Waiting {
        return Ok(Begun::Over);
    }
    let mut application = store::application(tx, seen.application).await?;
    if application.failures >= FAILURES_TO_OPEN {
        application = store::lock_application(tx, application.id).await?;
    }
    let mut delivery = store::lock_delivery(tx, id).await?;
    if delivery.state != DeliveryState::Waiting {
        return Ok(Begun::Over);
    }
    if let Some(until) = delivery.claimed_until.filter(|until| *until > now) {
        return Ok(Begun::Later(until));
    }
    if application.status != ApplicationStatus::Active {
        delivery.state = DeliveryState::Paused;
        store::save_delivery(tx, &delivery).await?;
        return Ok(Begun::Over);
    }
    delivery.lost += i64::from(delivery.claimed_until.is_some());
    if delivery.lost >= LOSSES {
        set_aside(tx, &mut delivery, "lost", "Le programme s’est arrêté trois fois pendant l’envoi.").await?;
        return Ok(Begun::Over);
    }
    if store::head_before(tx, &delivery).await?.is_some() {
        // The one before it wakes it; the sweep does if that is forgotten.
        store::postpone(tx, id, later(now, SignedDuration::from_hours(1))).await?;
        return Ok(Begun::Over);
    }
    if !application.may_try(now) {
        let probe_at = application.probe_at.unwrap_or(now);
        store::postpone(tx, id, probe_at).await?;
        return Ok(Begun::Later(probe_at));
    }
    hold(tx, around, registry, application, delivery).await
}

async fn hold(tx: &mut Tx, around: &Around, registry: &Registry, application: Application, mut delivery: Delivery) -> Result<Begun> {
    let now = tx.now();
    let Some(document) = build(tx, around, registry, &application, &mut delivery).await? else { return Ok(Begun::Over) };
    let content = formats::write(delivery.format, &document)?;
    let claim = later(now, CLAIM);
    if application.failures >= FAILURES_TO_OPEN {
        store::take_probe(tx, application.id, claim).await?;
    }
    store::claim(tx, delivery.id, claim, delivery.lost).await?;
    let attempted = DeliveryAttempted {
        delivery: delivery.id,
        dossier: delivery.dossier,
        application: application.id,
        attempt: delivery.attempts + 1,
        fields: document.names(),
    };
    tx.emit(&attempted).await?;
    Ok(Begun::Send(Box::new(Ready { delivery, application, document, content, claim })))
}

async fn build(tx: &mut Tx, around: &Around, registry: &Registry, to: &Application, delivery: &mut Delivery) -> Result<Option<Document>> {
    let unknown = || Error::internal(format!("nobody builds the deliveries of {}", delivery.source));
    let builder = registry.builder(&delivery.source).ok_or_else(unknown)?;
    let outgoing = Outgoing {
        id: delivery.id,
        dossier: delivery.dossier,
        event: delivery.event,
        event_name: delivery.event_name.clone(),
        liaison: delivery.liaison.clone(),
        application: to.slug.clone(),
    };
    match builder.build(around, tx, &outgoing).await? {
        Built::Document(document) => Ok(Some(document)),
        Built::Nothing(reason) => {
            end(tx, delivery, DeliveryState::GivenUp, "given-up", &reason).await?;
            Ok(None)
        }
    }
}

/// Writes what became of the attempt; gives when it is tried again, if it is.
pub(crate) async fn conclude(tx: &mut Tx, ready: &Ready, said: Result<(), Failure>) -> Result<Option<Timestamp>> {
    match said {
        Ok(()) => succeed(tx, ready).await.map(|()| None),
        Err(failure) => fail(tx, ready, &failure).await,
    }
}

async fn succeed(tx: &mut Tx, ready: &Ready) -> Result<()> {
    let now = tx.now();
    let application = &ready.application;
    store::note_success(tx, application.id, later(now, SignedDuration::from_secs(-60))).await?;
    let mut delivery = store::lock_delivery(tx, ready.delivery.id).await?;
    if delivery.state == DeliveryState::Delivered {
        return Ok(());
    }
    delivery.state = DeliveryState::Delivered;
    delivery.delivered_at = Some(now);
    delivery.last_error.clear();
    delivery.fingerprint = crypto::hex(&crypto::sha256(&ready.content));
    store::save_delivery(tx, &delivery).await?;
    let succeeded = DeliverySucceeded {
        delivery: delivery.id,
        dossier: delivery.dossier,
        application: application.id,
        fingerprint: delivery.fingerprint.clone(),
    };
    tx.emit(&succeeded).await?;
    wake_next(tx, &delivery).await?;
    if application.failures >= FAILURES_TO_OPEN {
        replay::enqueue_release(tx, application.id).await?;
    }
    Ok(())
}

async fn fail(tx: &mut Tx, ready: &Ready, failure: &Failure) -> Result<Option<Timestamp>> {
    let now = tx.now();
    let application = store::lock_application(tx, ready.application.id).await?;
    let mut delivery = store::lock_delivery(tx, ready.delivery.id).await?;
    let is_ours = delivery.state == DeliveryState::Waiting && delivery.claimed_until == Some(ready.claim);
    match failure {
        Failure::Retry { reason, .. } => {
            let probe_at = Application::next_probe(application.failures + 1, now);
            store::note_failure(tx, application.id, probe_at, reason).await?;
        }
        Failure::Refused { .. } => store::note_success(tx, application.id, now).await?,
        Failure::Blocked { reason } => application::block(tx, application, reason).await?,
    }
    if !is_ours {
        return Ok(None);
    }
    let [byte] = tx.random_bytes::<1>();
    let next = delivery.after(failure, now, f64::from(byte) / 255.0);
    match next {
        Next::Aside(cause) => {
            delivery.attempts += 1;
            set_aside(tx, &mut delivery, cause, failure.reason()).await?;
            Ok(None)
        }
        Next::Kept => {
            delivery.state = DeliveryState::Paused;
            delivery.last_error = failure.reason().to_owned();
            store::save_delivery(tx, &delivery).await?;
            Ok(None)
        }
        Next::At(at) => {
            delivery.attempts += 1;
            delivery.lost = 0;
            delivery.next_at = at;
            delivery.last_error = failure.reason().to_owned();
            store::save_delivery(tx, &delivery).await?;
            Ok(Some(at))
        }
    }
}

/// Sets aside a delivery whose body cannot be built.
pub(crate) async fn cannot_build(tx: &mut Tx, id: DeliveryId, reason: &str) -> Result<()> {
    let mut delivery = store::lock_delivery(tx, id).await?;
    if delivery.state != DeliveryState::Waiting {
        return Ok(());
    }
    set_aside(tx, &mut delivery, "unbuildable", reason).await
}

async fn set_aside(tx: &mut Tx, delivery: &mut Delivery, cause: &'static str, reason: &str) -> Result<()> {
    end(tx, delivery, DeliveryState::SetAside, cause, reason).await
}

/// Ends a delivery that was not taken. What waits behind one that is given up may leave.
pub(crate) async fn end(tx: &mut Tx, delivery: &mut Delivery, state: DeliveryState, cause: &'static str, reason: &str) -> Result<()> {
    delivery.state = state;
    delivery.last_error = reason.to_owned();
    store::save_delivery(tx, delivery).await?;
    let (id, dossier, application) = (delivery.id, delivery.dossier, delivery.application);
    match state {
        DeliveryState::GivenUp => {
            tx.emit(&DeliveryGivenUp { delivery: id, dossier, application, cause }).await?;
            wake_next(tx, delivery).await
        }
        _ => tx.emit(&DeliverySetAside { delivery: id, dossier, application, cause }).await.map(drop),
    }
}

async fn wake_next(tx: &mut Tx, delivery: &Delivery) -> Result<()> {
    let Some(next) = store::next_after(tx, delivery).await? else { return Ok(()) };
    let now = tx.now();
    store::postpone(tx, next, now).await?;
    tx.enqueue(send::job_now(next)).await
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

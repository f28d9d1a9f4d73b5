//! Makes a delivery of an event, in the unit of the event: both are there or neither is.

use kernel::{DeliveryId, DossierId, EventId, NewJob, Result, Tx};

use crate::{
    Format, application,
    model::{ApplicationStatus, Delivery, DeliveryState},
    store,
};

/// What is to leave, as the package says it.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// The event: the receiver's idempotency key.
    pub event: EventId,
    /// About which dossier.
    pub dossier: DossierId,
    /// Slug of the application.
    pub application: String,
    /// `depot`, `transition:delivrer`.
    pub event_name: String,
    /// Id of the liaison in the package.
    pub liaison: String,
    /// How the document is written.
    pub format: Format,
    /// The name of the `Outbound` that builds the body.
    pub source: &'static str,
}

/// A delivery and the name of its application, for the page of a dossier.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The delivery.
    pub delivery: Delivery,
    /// To whom, in words.
    pub application: String,
}

/// Enqueues the delivery. An application that nobody has set up yet is written down under its slug, and what is for it
/// waits. The same event for the same application twice makes one delivery: then nothing is given back.
pub async fn send(tx: &mut Tx, new: NewDelivery) -> Result<Option<DeliveryId>> {
    let application = match store::application_by_slug(tx, &new.application).await? {
        Some(application) => application,
        None => application::name(tx, &new.application).await?,
    };
    let is_active = application.status == ApplicationStatus::Active;
    let delivery = Delivery {
        id: tx.new_id(),
        application: application.id,
        dossier: new.dossier,
        event: new.event,
        event_name: new.event_name,
        liaison: new.liaison,
        source: new.source.to_owned(),
        format: new.format,
        state: if is_active { DeliveryState::Waiting } else { DeliveryState::Paused },
        attempts: 0,
        lost: 0,
        next_at: tx.now(),
        claimed_until: None,
        last_error: String::new(),
        fingerprint: String::new(),
        created_at: tx.now(),
        delivered_at: None,
    };
    if !store::insert_delivery(tx, &delivery).await? {
        return Ok(None);
    }
    if is_active {
        tx.enqueue(job(delivery.id)).await?;
    }
    Ok(Some(delivery.id))
}

/// What was sent or is to be sent about a dossier, oldest first.
pub async fn of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Sent>> {
    let deliveries = store::deliveries_of_dossier(tx, dossier).await?;
    if deliveries.is_empty() {
        return Ok(vec![]);
    }
    let applications = store::applications(tx).await?;
    let name = |id| applications.iter().find(|a| a.id == id).map(|a| a.name.clone()).unwrap_or_default();
    Ok(deliveries.into_iter().map(|delivery| Sent { application: name(delivery.application), delivery }).collect())
}

/// The job that carries a delivery; one at a time.
pub(crate) fn job(id: DeliveryId) -> NewJob {
    NewJob::new("Deliver", serde_json::json!({ "delivery": id })).unique(format!("deliver:{id}"))
}

/// A job that does not wait for the one that carries it already: a delivery may leave sooner than planned.
pub(crate) fn job_now(id: DeliveryId) -> NewJob {
    NewJob::new("Deliver", serde_json::json!({ "delivery": id })).unique(format!("deliver-now:{id}"))
}

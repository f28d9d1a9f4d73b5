//! What a person decides of messages that did not leave: try again, one or all, or give up. Also the way in which what
//! an application did not take leaves once it answers again.

use kernel::{ApplicationId, DeliveryId, Error, NewJob, Result, Tx};

use crate::{
    ApplicationChanged, DeliveryReplayed, REPLAY, attempt,
    model::{ApplicationStatus, DeliveryState},
    send, store,
};

/// How many deliveries one unit of work lets go.
const BATCH: i64 = 200;

/// Tries a delivery again now, as new. `Conflict` when the application took it or it was given up.
pub async fn replay(tx: &mut Tx, id: DeliveryId) -> Result<()> {
    tx.allow_any(REPLAY)?;
    let mut delivery = store::lock_delivery(tx, id).await?;
    let application = store::application(tx, delivery.application).await?;
    match delivery.state {
        DeliveryState::Delivered => return Err(Error::conflict("already-delivered", "Ce message est déjà arrivé.")),
        DeliveryState::GivenUp => return Err(Error::conflict("given-up", "Ce message a été abandonné.")),
        DeliveryState::Waiting | DeliveryState::Paused => {}
        DeliveryState::SetAside => (delivery.attempts, delivery.lost) = (0, 0),
    }
    if delivery.claimed_until.is_some_and(|until| until > tx.now()) {
        return Ok(());
    }
    let is_active = application.status == ApplicationStatus::Active;
    delivery.state = if is_active { DeliveryState::Waiting } else { DeliveryState::Paused };
    delivery.next_at = tx.now();
    store::save_delivery(tx, &delivery).await?;
    tx.emit(&DeliveryReplayed { delivery: id, dossier: delivery.dossier }).await?;
    if is_active { tx.enqueue(send::job_now(id)).await } else { Ok(()) }
}

/// Tries again all that was set aside for an application; gives how many.
pub async fn replay_all(tx: &mut Tx, application: ApplicationId) -> Result<u64> {
    tx.allow_any(REPLAY)?;
    let application = store::lock_application(tx, application).await?;
    let count = store::hold_set_aside(tx, application.id).await?;
    tx.emit(&ApplicationChanged { application: application.id, change: "replay-all" }).await?;
    if application.status == ApplicationStatus::Active {
        enqueue_release(tx, application.id).await?;
    }
    Ok(count)
}

/// Says that a message need not leave; those behind it may. `Conflict` when the application took it.
pub async fn give_up(tx: &mut Tx, id: DeliveryId) -> Result<()> {
    tx.allow_any(REPLAY)?;
    let mut delivery = store::lock_delivery(tx, id).await?;
    match delivery.state {
        DeliveryState::GivenUp => Ok(()),
        DeliveryState::Delivered => Err(Error::conflict("already-delivered", "Ce message est déjà arrivé.")),
        _ => {
            let reason = delivery.last_error.clone();
            attempt::end(tx, &mut delivery, DeliveryState::GivenUp, "given-up", &reason).await
        }
    }
}

/// Lets go all that waits for an application, by batches, in a job.
pub(crate) async fn enqueue_release(tx: &mut Tx, application: ApplicationId) -> Result<()> {
    let payload = serde_json::json!({ "application": application });
    tx.enqueue(NewJob::new("ReleaseDeliveries", payload).unique(format!("release:{application}"))).await
}

/// Lets a batch go; says whether there may be more.
pub(crate) async fn release_some(tx: &mut Tx, application: ApplicationId) -> Result<bool> {
    if store::application(tx, application).await?.status != ApplicationStatus::Active {
        return Ok(false);
    }
    let ids = store::releasable(tx, application, BATCH).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    store::release(tx, &ids).await?;
    tx.enqueue_all(ids.iter().map(|id| send::job_now(*id)).collect()).await?;
    Ok(ids.len() as i64 == BATCH)
}

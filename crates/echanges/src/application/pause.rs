//! Pauses and resumes an application. A paused one keeps all its messages; nothing counts as an attempt.

use kernel::{ApplicationId, Error, Result, Tx};

use crate::{
    ApplicationChanged, MANAGE,
    model::{Application, ApplicationStatus},
    replay, store,
};

/// Pauses an application, for a reason that is shown. Pausing twice changes the reason.
pub async fn pause(tx: &mut Tx, id: ApplicationId, reason: &str) -> Result<()> {
    tx.allow_any(MANAGE)?;
    let application = store::lock_application(tx, id).await?;
    if application.status == ApplicationStatus::Unset {
        return Err(Error::conflict("application-unset", "Cette application n’a pas encore d’adresse : rien ne part vers elle."));
    }
    block(tx, application, reason.trim()).await
}

/// Lets messages leave again, those that waited first.
pub async fn resume(tx: &mut Tx, id: ApplicationId) -> Result<()> {
    tx.allow_any(MANAGE)?;
    let mut application = store::lock_application(tx, id).await?;
    match application.status {
        ApplicationStatus::Active => return Ok(()),
        ApplicationStatus::Unset => {
            return Err(Error::conflict("application-unset", "Donnez d’abord une adresse à cette application."));
        }
        ApplicationStatus::Paused => {}
    }
    application.status = ApplicationStatus::Active;
    application.status_reason.clear();
    store::save_application(tx, &application).await?;
    store::forget_failures(tx, id).await?;
    tx.emit(&ApplicationChanged { application: id, change: "resumed" }).await?;
    replay::enqueue_release(tx, id).await
}

/// Pauses an application that takes nothing any more until somebody acts.
pub(crate) async fn block(tx: &mut Tx, mut application: Application, reason: &str) -> Result<()> {
    let was_active = application.status == ApplicationStatus::Active;
    application.status = ApplicationStatus::Paused;
    application.status_reason = reason.to_owned();
    store::save_application(tx, &application).await?;
    store::hold_all(tx, application.id).await?;
    if was_active {
        tx.emit(&ApplicationChanged { application: application.id, change: "paused" }).await?;
    }
    Ok(())
}

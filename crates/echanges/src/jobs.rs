//! The background work of exchanges: sending, letting go what waited, fetching what arrived, finding what was
//! forgotten, forgetting what is past its time. Each opens its short units of work around calls made outside of them.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::{
    ApplicationId, DeliveryId, Error, Tenant,
    jobs::{JobCx, JobError, JobKind, JobResult, Outcome},
    tenant,
};
use serde::de::DeserializeOwned;

use crate::{
    Around, IncomingFile, Registry,
    application::Secrets,
    attempt::{self, Begun, Ready},
    connectors::{self, Folder, MAX_BYTES, Message, Target},
    model::{Application, ApplicationStatus, Failure},
    receive, replay, send, store,
};

/// Batches that one run of `ReleaseDeliveries` lets go.
const BATCHES: usize = 20;
/// How long a delivery may be overdue before the sweep thinks that its job is lost.
const OVERDUE: SignedDuration = SignedDuration::from_mins(10);
/// Between two looks at a folder, to see that a file has stopped growing.
const STILL: Duration = Duration::from_millis(200);

/// Every kind of work, for the worker. The registry says who builds and who reads.
pub fn jobs(registry: Registry) -> Vec<JobKind> {
    let (senders, readers) = (registry.clone(), registry);
    vec![
        JobKind::new("Deliver", move |cx, payload| deliver(cx, senders.clone(), payload)).deadline(Duration::from_secs(65)),
        JobKind::new("ReleaseDeliveries", release),
        JobKind::new("SweepDeliveries", sweep).every(Duration::from_secs(300)),
        JobKind::new("FetchArrivals", move |cx, payload| fetch_all(cx, readers.clone(), payload))
            .every(Duration::from_secs(60))
            .deadline(Duration::from_secs(300)),
        JobKind::new("PurgeEchanges", purge).every(Duration::from_secs(86_400)),
    ]
}

async fn deliver(cx: JobCx, registry: Registry, payload: serde_json::Value) -> JobResult {
    let id: DeliveryId = member(&payload, "delivery")?;
    let around = around(&cx).await?;
    let begun = cx.write(async |tx| attempt::begin(tx, &around, &registry, id).await).await;
    match begun {
        Ok(Begun::Over) => Ok(Outcome::Done),
        Ok(Begun::Later(at)) => Ok(Outcome::Again(at)),
        Ok(Begun::Send(ready)) => hand_over(&cx, &around.tenant, &ready).await,
        Err(error) if is_final(&error) => {
            let reason = format!("Le message ne peut pas être préparé : {}", in_words(&error));
            cx.write(async |tx| attempt::cannot_build(tx, id, &reason).await).await?;
            Ok(Outcome::Done)
        }
        Err(error) => Err(error.into()),
    }
}

async fn around(cx: &JobCx) -> kernel::Result<Around> {
    Ok(Around { app: cx.app.clone(), tenant: tenant::by_id(&cx.app.db, cx.scope.tenant).await? })
}

async fn hand_over(cx: &JobCx, tenant: &Tenant, ready: &Ready) -> JobResult {
    let said = call(cx, tenant, ready).await;
    let next = cx.write(async |tx| attempt::conclude(tx, ready, said).await).await?;
    Ok(next.map_or(Outcome::Done, Outcome::Again))
}

async fn call(cx: &JobCx, tenant: &Tenant, ready: &Ready) -> Result<(), Failure> {
    let target = target(cx, tenant, &ready.application)?;
    let connector = connectors::find(&ready.application.channel);
    let connector = connector.ok_or_else(|| Failure::Blocked { reason: "canal inconnu de ce programme".into() })?;
    let delivery = &ready.delivery;
    let message = Message { id: delivery.event.to_string(), at: delivery.created_at, event_name: &delivery.event_name, ready };
    connector.deliver(&target, &message).await
}

fn target<'a>(cx: &'a JobCx, tenant: &'a Tenant, application: &'a Application) -> Result<Target<'a>, Failure> {
    let secrets = Secrets::open(&cx.app.keys, application.id, application.sealed.as_deref()).map_err(|error| {
        tracing::error!(%error, application = %application.id, "the secrets of an application cannot be opened");
        Failure::Blocked { reason: "ses secrets ne peuvent pas être ouverts : saisissez-les à nouveau".into() }
    })?;
    Ok(Target { app: &cx.app, tenant, application, secrets })
}

/// An error that trying again does not mend.
fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound | Error::Forbidden(_) | Error::Denied(_) | Error::Refused(_) | Error::Invalid(_) | Error::Gone(_) | Error::Conflict(_)
    )
}

fn in_words(error: &Error) -> String {
    match error {
        Error::NotFound => "le dossier n’existe plus".into(),
        Error::Forbidden(_) => "ce droit manque".into(),
        other => receive::refusal(other).unwrap_or_else(|| "erreur interne".into()),
    }
}

async fn release(cx: JobCx, payload: serde_json::Value) -> JobResult {
    let application: ApplicationId = member(&payload, "application")?;
    for _ in 0..BATCHES {
        if !cx.write(async |tx| replay::release_some(tx, application).await).await? {
            return Ok(Outcome::Done);
        }
    }
    Ok(Outcome::Again(cx.app.clock.now()))
}

/// A delivery that is due and that no job carries: its job was set aside, or waits behind another.
async fn sweep(cx: JobCx, _: serde_json::Value) -> JobResult {
    cx.write(async |tx| {
        let before = tx.now().checked_sub(OVERDUE)?;
        let forgotten = store::forgotten(tx, before).await?;
        tx.enqueue_all(forgotten.into_iter().map(send::job).collect()).await
    })
    .await?;
    Ok(Outcome::Done)
}

/// Looks at the folders in which applications leave files. One that fails does not hide the others.
async fn fetch_all(cx: JobCx, registry: Registry, _: serde_json::Value) -> JobResult {
    let applications = cx.read(async |tx| store::applications(tx).await).await?;
    let around = around(&cx).await?;
    for application in applications.iter().filter(|a| a.status == ApplicationStatus::Active) {
        match fetch(&cx, &registry, &around, application).await {
            Ok(()) => {}
            Err(failure) => {
                tracing::warn!(application = %application.id, reason = failure.reason(), "the files of an application could not be fetched");
                cx.write(async |tx| store::note_fetch(tx, application.id, failure.reason()).await).await?;
            }
        }
    }
    Ok(Outcome::Done)
}

async fn fetch(cx: &JobCx, registry: &Registry, around: &Around, application: &Application) -> Result<(), Failure> {
    let Some(connector) = connectors::find(&application.channel) else { return Ok(()) };
    let target = target(cx, &around.tenant, application)?;
    let Some(opening) = connector.arrivals(&target) else { return Ok(()) };
    let mut folder = opening.await?;
    let seen = folder.list().await?;
    if seen.is_empty() {
        return Ok(());
    }
    tokio::time::sleep(STILL).await;
    let again = folder.list().await?;
    for entry in seen.iter().filter(|entry| again.contains(entry)) {
        if entry.size > MAX_BYTES {
            folder.put_away(&entry.name, "refuses", Some("Ce fichier dépasse 10 Mo.\n")).await?;
            continue;
        }
        let bytes = folder.read(&entry.name).await?;
        let file =
            IncomingFile { application: application.id, slug: application.slug.clone(), name: entry.name.clone(), bytes, prepared: String::new() };
        take(cx, registry, around, application, &mut *folder, file).await?;
    }
    Ok(())
}

/// Commits what the file says, then moves it.
async fn take(
    cx: &JobCx,
    registry: &Registry,
    around: &Around,
    application: &Application,
    folder: &mut dyn Folder,
    mut file: IncomingFile,
) -> Result<(), Failure> {
    let named = application.options.get("traitement").and_then(serde_json::Value::as_str).unwrap_or_default();
    let Some(reader) = registry.reader(named) else {
        return Err(Failure::retry(format!("aucun lecteur de fichiers ne s’appelle « {named} »")));
    };
    let prepared = reader.prepare(around).await;
    file.prepared = prepared.map_err(|error| Failure::retry(format!("fichier non traité : {error}")))?;
    let made = cx.write(async |tx| receive::receive(tx, around, reader, &file).await).await;
    let error = match made {
        Ok(_) => return folder.put_away(&file.name, "traites", None).await,
        Err(error) => error,
    };
    let Some(why) = receive::refusal(&error) else {
        return Err(Failure::retry(format!("fichier non traité : {error}")));
    };
    let kept = cx.write(async |tx| receive::refuse(tx, &file, &why).await).await;
    kept.map_err(|error| Failure::retry(format!("refus non écrit : {error}")))?;
    folder.put_away(&file.name, "refuses", Some(&format!("{why}\n"))).await
}

/// Three years for what ended; the journal keeps the trace.
async fn purge(cx: JobCx, _: serde_json::Value) -> JobResult {
    let kept = SignedDuration::from_hours(24 * 365 * 3);
    cx.write(async |tx| {
        let before = tx.now().checked_sub(kept)?;
        store::purge(tx, before).await
    })
    .await?;
    Ok(Outcome::Done)
}

fn member<T: DeserializeOwned>(payload: &serde_json::Value, name: &str) -> Result<T, JobError> {
    Ok(serde_json::from_value(payload.get(name).cloned().unwrap_or_default())?)
}

//! The SQL of deliveries. A state changes only from the state it was read in, so that a late worker undoes nothing.

use jiff::Timestamp;
use kernel::{ApplicationId, DeliveryId, DossierId, Error, Result, Row, Tx, params};

use crate::{
    Format,
    model::{Delivery, DeliveryState},
};

const COLUMNS: &str = "id, application_id, dossier_id, event_id, event_name, liaison, source, format, state, attempts, lost, \
                       next_at, claimed_until, last_error, fingerprint, created_at, delivered_at";

/// Says whether this event was not yet for this application.
pub(crate) async fn insert_delivery(tx: &mut Tx, delivery: &Delivery) -> Result<bool> {
    let sql = "insert into delivery (tenant_id, id, application_id, dossier_id, event_id, event_name, liaison, source, format, \
               state, attempts, lost, next_at, last_error, fingerprint, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, '', '', $11) \
               on conflict (tenant_id, event_id, application_id) do nothing";
    let values = params![
        delivery.id,
        delivery.application,
        delivery.dossier,
        delivery.event,
        &delivery.event_name,
        &delivery.liaison,
        &delivery.source,
        delivery.format.code(),
        delivery.state.code(),
        delivery.created_at
    ];
    tx.insert_unique(sql, values).await
}

pub(crate) async fn delivery(tx: &mut Tx, id: DeliveryId) -> Result<Delivery> {
    let sql = format!("select {COLUMNS} from delivery where tenant_id = $1 and id = $2");
    read(&tx.one(&sql, params![id]).await?)
}

/// The delivery, locked until the end of the unit.
pub(crate) async fn lock_delivery(tx: &mut Tx, id: DeliveryId) -> Result<Delivery> {
    let sql = format!("select {COLUMNS} from delivery where tenant_id = $1 and id = $2");
    read(&tx.lock_one(&sql, params![id]).await?.ok_or(Error::NotFound)?)
}

/// The oldest of those before it, for the same dossier and application, that has not ended.
pub(crate) async fn head_before(tx: &mut Tx, delivery: &Delivery) -> Result<Option<DeliveryId>> {
    let sql = "select id from delivery where tenant_id = $1 and dossier_id = $2 and application_id = $3 and id < $4 \
               and state in ('waiting', 'paused', 'set_aside') order by id limit 1";
    let row = tx.opt(sql, params![delivery.dossier, delivery.application, delivery.id]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// The first that waits behind it, for the same dossier and application.
pub(crate) async fn next_after(tx: &mut Tx, delivery: &Delivery) -> Result<Option<DeliveryId>> {
    let sql = "select id from delivery where tenant_id = $1 and dossier_id = $2 and application_id = $3 and id > $4 \
               and state = 'waiting' order by id limit 1";
    let row = tx.opt(sql, params![delivery.dossier, delivery.application, delivery.id]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// Holds the delivery for one attempt.
pub(crate) async fn claim(tx: &mut Tx, id: DeliveryId, until: Timestamp, lost: i64) -> Result<()> {
    let sql = "update delivery set claimed_until = $3, lost = $4 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, until, lost]).await
}

/// Writes where a delivery stands after an attempt or a decision, and lets it go.
pub(crate) async fn save_delivery(tx: &mut Tx, delivery: &Delivery) -> Result<()> {
    let sql = "update delivery set state = $3, attempts = $4, lost = $5, next_at = $6, last_error = $7, fingerprint = $8, \
               delivered_at = $9, claimed_until = null where tenant_id = $1 and id = $2";
    let values = params![
        delivery.id,
        delivery.state.code(),
        delivery.attempts,
        delivery.lost,
        delivery.next_at,
        &delivery.last_error,
        &delivery.fingerprint,
        delivery.delivered_at
    ];
    tx.run_soon(sql, values).await
}

/// Moves when a waiting delivery is tried next.
pub(crate) async fn postpone(tx: &mut Tx, id: DeliveryId, next_at: Timestamp) -> Result<()> {
    let sql = "update delivery set next_at = $3 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, next_at]).await
}

/// Keeps all that waits for an application until it is resumed.
pub(crate) async fn hold_all(tx: &mut Tx, application: ApplicationId) -> Result<u64> {
    let sql = "update delivery set state = 'paused' where tenant_id = $1 and application_id = $2 and state = 'waiting' \
               and claimed_until is null";
    tx.run(sql, params![application]).await
}

/// Makes all that was set aside for an application wait again, as new, for `release`.
pub(crate) async fn hold_set_aside(tx: &mut Tx, application: ApplicationId) -> Result<u64> {
    let sql = "update delivery set state = 'paused', attempts = 0, lost = 0 \
               where tenant_id = $1 and application_id = $2 and state = 'set_aside'";
    tx.run(sql, params![application]).await
}

/// The oldest deliveries that may leave sooner than planned.
pub(crate) async fn releasable(tx: &mut Tx, application: ApplicationId, limit: i64) -> Result<Vec<DeliveryId>> {
    let now = tx.now();
    let sql = "select id from delivery where tenant_id = $1 and application_id = $2 \
               and (state = 'paused' or (state = 'waiting' and next_at > $3)) order by id limit $4";
    let rows = tx.all(sql, params![application, now, limit]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// Lets these leave now.
pub(crate) async fn release(tx: &mut Tx, ids: &[DeliveryId]) -> Result<()> {
    let now = tx.now();
    let sql = "update delivery set state = 'waiting', next_at = $2 where tenant_id = $1 and id in ($3...) \
               and state in ('waiting', 'paused')";
    tx.run_soon(sql, params![now, kernel::Value::list(ids.iter().copied())]).await
}

/// Deliveries that were due long ago and that no job seems to carry.
pub(crate) async fn forgotten(tx: &mut Tx, before: Timestamp) -> Result<Vec<DeliveryId>> {
    let sql = "select id from delivery where tenant_id = $1 and state = 'waiting' and next_at < $2 order by next_at limit 500";
    let rows = tx.all(sql, params![before]).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// What is not ended, by application and state, up to ten thousand.
pub(crate) async fn counts(tx: &mut Tx) -> Result<Vec<(ApplicationId, DeliveryState, i64)>> {
    let sql = "select application_id, state, cast(count(*) as bigint) as n from \
               (select application_id, state from delivery where tenant_id = $1 \
               and state in ('waiting', 'paused', 'set_aside') limit 10000) as few group by application_id, state";
    let rows = tx.all(sql, &[]).await?;
    let read = |row: &Row| -> Result<_> { Ok((row.get("application_id")?, DeliveryState::read(&row.get::<String>("state")?)?, row.get("n")?)) };
    rows.iter().map(read).collect()
}

/// When the next try towards each application is planned.
pub(crate) async fn next_tries(tx: &mut Tx) -> Result<Vec<(ApplicationId, Timestamp)>> {
    let sql = "select application_id, min(next_at) as next_at from (select application_id, next_at from delivery \
               where tenant_id = $1 and state = 'waiting' order by next_at limit 10000) as few group by application_id";
    let rows = tx.all(sql, &[]).await?;
    rows.iter().map(|row| Ok((row.get("application_id")?, row.get("next_at")?))).collect()
}

/// The deliveries of an application in these states, newest first, before one if given.
pub(crate) async fn deliveries(
    tx: &mut Tx,
    application: ApplicationId,
    states: &[DeliveryState],
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let last = before.unwrap_or_else(|| DeliveryId::from(uuid::Uuid::max()));
    let states = kernel::Value::list(states.iter().map(|state| state.code().to_owned()));
    let sql = format!(
        "select {COLUMNS} from delivery where tenant_id = $1 and application_id = $2 and id < $3 and state in ($5...) \
         order by id desc limit $4"
    );
    tx.all(&sql, params![application, last, limit, states]).await?.iter().map(read).collect()
}

/// The deliveries of a dossier, oldest first.
pub(crate) async fn deliveries_of_dossier(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Delivery>> {
    let sql = format!("select {COLUMNS} from delivery where tenant_id = $1 and dossier_id = $2 order by id limit 100");
    tx.all(&sql, params![dossier]).await?.iter().map(read).collect()
}

/// Whether something about this dossier was ever meant for this application.
pub(crate) async fn is_concerned(tx: &mut Tx, application: ApplicationId, dossier: DossierId) -> Result<bool> {
    let sql = "select id from delivery where tenant_id = $1 and dossier_id = $2 and application_id = $3 limit 1";
    Ok(tx.opt(sql, params![dossier, application]).await?.is_some())
}

fn read(row: &Row) -> Result<Delivery> {
    let format: String = row.get("format")?;
    Ok(Delivery {
        id: row.get("id")?,
        application: row.get("application_id")?,
        dossier: row.get("dossier_id")?,
        event: row.get("event_id")?,
        event_name: row.get("event_name")?,
        liaison: row.get("liaison")?,
        source: row.get("source")?,
        format: Format::read(&format).ok_or_else(|| Error::internal(format!("unknown format {format}")))?,
        state: DeliveryState::read(&row.get::<String>("state")?)?,
        attempts: row.get("attempts")?,
        lost: row.get("lost")?,
        next_at: row.get("next_at")?,
        claimed_until: row.get("claimed_until")?,
        last_error: row.get("last_error")?,
        fingerprint: row.get("fingerprint")?,
        created_at: row.get("created_at")?,
        delivered_at: row.get("delivered_at")?,
    })
}

//! The journal: an append-only table of events, chained per subject and sealed per tenant every second. It is the
//! audit trail and the outbox at once: `emit` appends the line and enqueues what reacts to it, in the same unit. Each
//! line bears a mark of the master key, so that the database alone cannot make one that is believed.
//! A payload holds ids, codes, dates and names of attributes; never a name, a value or free text.

mod seal;
mod verify;

pub use seal::{Signer, run as run_sealer, seal_once};
pub use verify::{Fault, Head, Report, verify};

use std::{collections::HashMap, fmt};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    DossierId, EventId, JobId, NewJob, Result, Tx, UsagerId,
    db::{Row, Value},
    params,
};

/// Something that happened, in the past tense; a struct of its domain.
pub trait Event: Serialize {
    /// `DossierSubmitted`.
    const KIND: &'static str;
    /// Whose chain it lengthens.
    fn subject(&self) -> Subject;
    /// Whom else it is about.
    fn mentions(&self) -> Vec<Subject> {
        vec![]
    }
}

/// What has a chain of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A dossier.
    Dossier(DossierId),
    /// A person.
    Usager(UsagerId),
    /// The settings of the tenant.
    Tenant,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dossier(id) => id.fmt(f),
            Self::Usager(id) => id.fmt(f),
            Self::Tenant => f.write_str("espace"),
        }
    }
}

/// A line of the journal, as it is read.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    /// The line.
    pub id: EventId,
    /// Whose chain.
    pub subject: String,
    /// Place in the chain, from 1.
    pub position: i64,
    /// `DossierSubmitted`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Who acted: `Actor::label`.
    pub actor: String,
    /// What happened, without any personal value.
    pub payload: serde_json::Value,
}

/// The fields that are hashed, in their order.
pub(crate) struct Line<'a> {
    pub tenant: String,
    pub id: String,
    pub subject: &'a str,
    pub position: i64,
    pub kind: &'a str,
    pub at: String,
    pub actor: &'a str,
    pub mentions: &'a str,
    pub payload: &'a str,
    pub previous: &'a str,
}

impl Line<'_> {
    /// SHA-256, in hexadecimal, over the fields, each preceded by its length so that none can flow into the next.
    pub fn hash(&self) -> String {
        let position = self.position.to_string();
        let fields = [&self.tenant, &self.id, self.subject, &position, self.kind, &self.at, self.actor, self.mentions, self.payload, self.previous];
        let mut hasher = Sha256::new();
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex(&hasher.finalize())
    }
}

impl Tx {
    /// Appends an event and enqueues one job per line of `reactions.rs` for its kind.
    pub async fn emit<E: Event>(&mut self, event: &E) -> Result<EventId> {
        let id: EventId = self.new_id();
        let subject = event.subject().to_string();
        let payload = serde_json::to_value(event)?;
        let mentioned: Vec<String> = event.mentions().iter().map(Subject::to_string).collect();
        self.append(id, &subject, E::KIND, &mentioned, &payload.to_string()).await?;
        self.mention(id, &mentioned).await?;
        self.react(id, &subject, E::KIND, payload).await?;
        Ok(id)
    }

    async fn append(&mut self, id: EventId, subject: &str, kind: &str, mentioned: &[String], payload: &str) -> Result<()> {
        let sql = "insert into chain (tenant_id, subject, length, head, at) values ($1, $2, 1, '', $3) \
                   on conflict (tenant_id, subject) do update set length = chain.length + 1, \
                   at = case when excluded.at > chain.at then excluded.at else chain.at end returning length, head, at";
        let now = self.now();
        let chain = self.one(sql, params![subject, now]).await?;
        let (position, previous): (i64, String) = (chain.get("length")?, chain.get("head")?);
        // A unit that began before another may reach the chain after it: time never goes back in one.
        let at: Timestamp = chain.get("at")?;
        let (actor, mentions) = (self.actor().label(), mentioned.join(" "));
        let line = Line {
            tenant: self.tenant().to_string(),
            id: id.to_string(),
            subject,
            position,
            kind,
            at: at.to_string(),
            actor: &actor,
            mentions: &mentions,
            payload,
            previous: &previous,
        };
        let hash = line.hash();
        let mark = self.db.marking_keys()?.mark(hash.as_bytes());
        let sql = "insert into event (tenant_id, id, subject, position, kind, at, actor, mentions, payload, previous, hash, mark) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let values = params![id, subject, position, kind, at, &actor, &mentions, payload, &previous, &hash, &mark];
        self.run_soon(sql, values).await?;
        self.run_soon("update chain set head = $3 where tenant_id = $1 and subject = $2", params![subject, &hash]).await?;
        let sql = "insert into unsealed (tenant_id, event_id, hash, mark) values ($1, $2, $3, $4)";
        self.run_soon(sql, params![id, &hash, &mark]).await
    }

    async fn mention(&mut self, id: EventId, mentioned: &[String]) -> Result<()> {
        if mentioned.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = (0..mentioned.len()).map(|n| format!("($1, ${}, $2)", n + 3)).collect();
        let sql = format!("insert into event_mention (tenant_id, subject, event_id) values {}", rows.join(", "));
        let values: Vec<Value> = std::iter::once(Value::from(id)).chain(mentioned.iter().map(Value::from)).collect();
        self.run_soon(&sql, &values).await
    }

    async fn react(&mut self, id: EventId, subject: &str, kind: &str, payload: serde_json::Value) -> Result<()> {
        let reactions = self.db.reactions.clone();
        let Some(jobs) = reactions.of(kind) else { return Ok(()) };
        let mut payload = match payload {
            serde_json::Value::Object(members) => members,
            other => serde_json::Map::from_iter([("value".to_owned(), other)]),
        };
        payload.insert("event".into(), id.to_string().into());
        payload.insert("event_kind".into(), kind.into());
        payload.insert("subject".into(), subject.into());
        let payload = serde_json::Value::Object(payload);
        self.enqueue_all(jobs.iter().map(|job| NewJob::new(job, payload.clone())).collect()).await
    }

    /// Enqueues one piece of background work.
    pub async fn enqueue(&mut self, job: NewJob) -> Result<()> {
        self.enqueue_all(vec![job]).await
    }

    /// Enqueues background work in one statement; a job whose unique key waits already is dropped.
    pub async fn enqueue_all(&mut self, jobs: Vec<NewJob>) -> Result<()> {
        if jobs.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut values: Vec<Value> = vec![now.into()];
        let mut rows = vec![];
        for job in jobs {
            let at = values.len() + 2;
            let id: JobId = self.new_id();
            rows.push(format!("($1, ${at}, ${}, ${}, 'waiting', ${}, 0, 0, ${}, $2)", at + 1, at + 2, at + 3, at + 4));
            values.extend([id.into(), job.kind.into(), job.payload.into(), job.due_at.unwrap_or(now).into(), job.unique_key.into()]);
        }
        let sql = format!(
            "insert into job (tenant_id, id, kind, payload, state, due_at, attempt, lost, unique_key, created_at) values {} \
             on conflict do nothing",
            rows.join(", ")
        );
        self.enqueued += 1;
        self.run_soon(&sql, &values).await
    }
}

const COLUMNS: &str = "id, subject, position, kind, at, actor, payload";

/// The events of a subject and those that mention it, newest first; at most `limit`, before an event if one is given.
pub async fn history(tx: &mut Tx, subject: Subject, limit: u32, before: Option<EventId>) -> Result<Vec<Recorded>> {
    let last = before.unwrap_or_else(|| EventId::from(uuid::Uuid::max()));
    let sql = format!(
        "select {COLUMNS} from event where tenant_id = $1 and id < $3 and id in (select id from event where tenant_id = $1 \
         and subject = $2 union all select event_id from event_mention where tenant_id = $1 and subject = $2) \
         order by id desc limit $4"
    );
    let rows = tx.all(&sql, params![subject.to_string(), last, limit]).await?;
    rows.iter().map(read).collect()
}

/// The events of a tenant, newest first; at most `limit`, before an event if one is given.
pub async fn recent(tx: &mut Tx, limit: u32, before: Option<EventId>) -> Result<Vec<Recorded>> {
    let last = before.unwrap_or_else(|| EventId::from(uuid::Uuid::max()));
    let sql = format!("select {COLUMNS} from event where tenant_id = $1 and id < $2 order by id desc limit $3");
    tx.all(&sql, params![last, limit]).await?.iter().map(read).collect()
}

/// What is looked for in the journal; nothing said: everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// About one of these subjects, or that mention it.
    pub subjects: Vec<String>,
}

/// The events that a filter lets through, newest first; at most `limit`, before an event if one is given.
pub async fn find(tx: &mut Tx, filter: &Filter, limit: u32, before: Option<EventId>) -> Result<Vec<Recorded>> {
    let last = before.unwrap_or_else(|| EventId::from(uuid::Uuid::max()));
    let mut sql = format!("select {COLUMNS} from event where tenant_id = $1 and id < $2");
    let mut values: Vec<Value> = vec![last.into(), limit.into()];
    if !filter.kinds.is_empty() {
        values.push(Value::list(filter.kinds.iter().map(String::as_str)));
        sql.push_str(&format!(" and kind in (${}...)", values.len() + 1));
    }
    if !filter.subjects.is_empty() {
        values.push(Value::list(filter.subjects.iter().map(String::as_str)));
        let n = values.len() + 1;
        sql.push_str(&format!(
            " and id in (select id from event where tenant_id = $1 and subject in (${n}...) \
             union all select event_id from event_mention where tenant_id = $1 and subject in (${n}...))"
        ));
    }
    sql.push_str(" order by id desc limit $3");
    tx.all(&sql, &values).await?.iter().map(read).collect()
}

/// How many events of each kind a subject has; for tests and screens that count.
pub async fn kinds(tx: &mut Tx, subject: Subject) -> Result<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    for event in history(tx, subject, 10_000, None).await? {
        *counts.entry(event.kind).or_default() += 1;
    }
    Ok(counts)
}

fn read(row: &Row) -> Result<Recorded> {
    Ok(Recorded {
        id: row.get("id")?,
        subject: row.get("subject")?,
        position: row.get("position")?,
        kind: row.get("kind")?,
        at: row.get("at")?,
        actor: row.get("actor")?,
        payload: serde_json::from_str(&row.get::<String>("payload")?)?,
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}

//! Background work: rows enqueued in the unit that makes them needed, claimed by lease, run outside any transaction.
//! A job runs at least once and bears running twice. This module knows no kind of job; `parvis/registries.rs` lists them.

mod admin;
mod runner;
mod store;

pub use admin::{SetAside, replay, set_aside, waiting_count};
pub use runner::{Worker, drain, schedule};
pub use store::lease;

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{App, Error, JobId, Result, Scope, Tx};

/// A job to enqueue.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub(crate) kind: String,
    pub(crate) payload: serde_json::Value,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) unique_key: Option<String>,
}

impl NewJob {
    /// Due at once. The payload is an object of ids: the job reloads what it needs.
    pub fn new(kind: &str, payload: serde_json::Value) -> Self {
        Self { kind: kind.into(), payload, due_at: None, unique_key: None }
    }

    /// Due later.
    pub fn at(mut self, due_at: Timestamp) -> Self {
        self.due_at = Some(due_at);
        self
    }

    /// Not enqueued when a job with this key waits already.
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// How a run ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is left to do.
    Done,
    /// To be run again at this instant; not a failure.
    Again(Timestamp),
}

/// How a run ended badly.
#[derive(Debug)]
pub enum JobError {
    /// Try again, by the common schedule or after this long when it is later.
    Retry {
        /// What the other side asked.
        after: Option<Duration>,
        /// For the log and the page of jobs set aside; nothing personal.
        reason: String,
    },
    /// Trying again would not help: set aside at once.
    Fail {
        /// For the log and the page of jobs set aside; nothing personal.
        reason: String,
    },
}

impl From<Error> for JobError {
    /// What does not exist, is refused or invalid stays so; the rest may heal.
    fn from(error: Error) -> Self {
        let reason = format!("{error}");
        match error {
            Error::NotFound
            | Error::Forbidden(_)
            | Error::Invalid(_)
            | Error::Gone(_)
            | Error::Refused(_)
            | Error::Denied(_)
            | Error::DeniedUntil { .. } => Self::Fail { reason },
            Error::TooMany { retry_after_s } => Self::Retry { after: Some(Duration::from_secs(retry_after_s)), reason },
            _ => Self::Retry { after: None, reason },
        }
    }
}

impl From<serde_json::Error> for JobError {
    fn from(error: serde_json::Error) -> Self {
        Self::Fail { reason: format!("payload: {error}") }
    }
}

/// What a handler is given.
#[derive(Clone)]
pub struct JobCx {
    /// The program.
    pub app: App,
    /// Tenant and actor (`systeme:<kind>`).
    pub scope: Scope,
    /// The job; the same at each attempt.
    pub job: JobId,
    /// From 1.
    pub attempt: i64,
}

impl JobCx {
    /// A consistent reading.
    pub async fn read<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.app.db.read(&self.scope, work).await
    }

    /// A unit of work.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.app.db.write(&self.scope, work).await
    }
}

/// What a handler gives back.
pub type JobResult = Result<Outcome, JobError>;
type Handler = Arc<dyn Fn(JobCx, serde_json::Value) -> Pin<Box<dyn Future<Output = JobResult> + Send>> + Send + Sync>;

/// A kind of job: its name, what it does, how long it may take, and how often it runs by itself.
#[derive(Clone)]
pub struct JobKind {
    pub(crate) name: &'static str,
    pub(crate) handler: Handler,
    pub(crate) deadline: Duration,
    pub(crate) every: Option<Duration>,
}

impl JobKind {
    /// A kind with a deadline of one minute.
    pub fn new<F, Fut>(name: &'static str, handler: F) -> Self
    where
        F: Fn(JobCx, serde_json::Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = JobResult> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |cx, payload| Box::pin(handler(cx, payload)));
        Self { name, handler, deadline: Duration::from_secs(60), every: None }
    }

    /// Runs by itself for each tenant, this long after its last run.
    pub fn every(mut self, period: Duration) -> Self {
        self.every = Some(period);
        self
    }

    /// Another deadline; beyond it the run is cancelled and counts as a failure.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The name by which it is enqueued.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// What happens after an event: kind of event → kinds of jobs. The one list is `parvis/src/reactions.rs`.
#[derive(Default)]
pub struct Reactions {
    table: HashMap<&'static str, Vec<&'static str>>,
    pub(crate) bell: tokio::sync::Notify,
}

impl Reactions {
    /// From pairs (event, job).
    pub fn new(pairs: &[(&'static str, &'static str)]) -> Self {
        let mut table: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        for (event, job) in pairs {
            table.entry(event).or_default().push(job);
        }
        Self { table, bell: tokio::sync::Notify::new() }
    }

    pub(crate) fn of(&self, kind: &str) -> Option<&[&'static str]> {
        self.table.get(kind).map(Vec::as_slice)
    }
}

/// The waiting time after the n-th failed attempt (n from 1), before the ± 20 % of chance; `None`: set aside.
/// At once, 5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 5 h, 10 h, 24 h, 24 h: about three days.
pub fn retry_after(attempt: i64) -> Option<Duration> {
    const SECONDS: [u64; 10] = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 86_400, 86_400];
    let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
    SECONDS.get(index).copied().map(Duration::from_secs)
}

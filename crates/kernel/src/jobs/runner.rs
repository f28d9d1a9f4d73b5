//! The worker: claims by small batches, runs with a deadline, completes in a short unit. Killed at any moment, its
//! leases run out and another takes over. It decides when to try again, never what a job does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use super::{
    JobCx, JobError, JobKind, Outcome, retry_after,
    store::{self, Claimed, later},
};
use crate::{Actor, App, NewJob, Result, telemetry::METRICS, tenant};

/// Jobs run at once by one worker.
const SLOTS: usize = 8;
/// Losses of the worker after which a job is set aside: it may be what kills it.
const LOSSES: i64 = 3;
/// Added to the longest deadline to make the lease.
const MARGIN: Duration = Duration::from_secs(30);

/// Runs jobs until it is told to stop.
pub struct Worker {
    app: App,
    kinds: Arc<HashMap<&'static str, JobKind>>,
    owner: String,
    lease: Duration,
}

impl Worker {
    /// A worker of the kinds given; `owner` names it among the nodes.
    pub fn new(app: App, kinds: &[JobKind], owner: impl Into<String>) -> Self {
        let longest = kinds.iter().map(|kind| kind.deadline).max().unwrap_or(Duration::from_secs(60));
        let kinds = kinds.iter().map(|kind| (kind.name, kind.clone())).collect();
        Self { app, kinds: Arc::new(kinds), owner: owner.into(), lease: longest + MARGIN }
    }

    /// Works until `stop` turns true, then finishes what runs and gives its leases back.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(SLOTS));
        let mut running = JoinSet::new();
        let mut scheduled_at = None;
        while !*stop.borrow() {
            let now = self.app.clock.now();
            if scheduled_at.is_none_or(|at| now.duration_since(at).as_secs().abs() >= 30) {
                scheduled_at = Some(now);
                if let Err(error) = self.schedule().await {
                    tracing::warn!(%error, "periodic jobs could not be scheduled");
                }
            }
            let taken = self.take(slots.available_permits()).await;
            let was_full = taken.len() == slots.available_permits();
            for job in taken {
                let permit = slots.clone().acquire_owned().await;
                let worker = self.clone_handle();
                running.spawn(async move {
                    worker.run_one(job).await;
                    drop(permit);
                });
            }
            while running.try_join_next().is_some() {}
            if !was_full {
                tokio::select! {
                    () = self.app.db.reactions.bell.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    _ = running.join_next(), if !running.is_empty() => {}
                    _ = stop.changed() => {}
                }
            }
        }
        let finished = async { while running.join_next().await.is_some() {} };
        let _late = tokio::time::timeout(Duration::from_secs(20), finished).await;
        running.abort_all();
        if let Err(error) = store::release(&self.app.db, &self.owner).await {
            tracing::warn!(%error, "leases were not given back; they run out by themselves");
        }
    }

    fn clone_handle(&self) -> Self {
        Self { app: self.app.clone(), kinds: self.kinds.clone(), owner: self.owner.clone(), lease: self.lease }
    }

    async fn take(&self, free: usize) -> Vec<Claimed> {
        if free == 0 {
            return vec![];
        }
        let taken = async {
            if !store::has_due(&self.app.db).await? {
                return Ok(vec![]);
            }
            store::claim(&self.app.db, &self.owner, self.lease, free as i64).await
        };
        taken.await.unwrap_or_else(|error: crate::Error| {
            tracing::warn!(%error, "jobs could not be claimed");
            vec![]
        })
    }

    /// Makes sure that each periodic kind waits once for each tenant.
    async fn schedule(&self) -> Result<()> {
        let periodic: Vec<&JobKind> = self.kinds.values().filter(|kind| kind.every.is_some()).collect();
        if periodic.is_empty() {
            return Ok(());
        }
        for tenant in tenant::all(&self.app.db).await? {
            let jobs = periodic.iter().map(|kind| NewJob::new(kind.name, serde_json::json!({})).unique(format!("periodic:{}", kind.name)));
            let jobs: Vec<NewJob> = jobs.collect();
            let scope = tenant.scope(Actor::system("planificateur"));
            self.app.db.write(&scope, async |tx| tx.enqueue_all(jobs).await).await?;
        }
        Ok(())
    }

    /// Runs one job to its end and writes what became of it.
    async fn run_one(&self, job: Claimed) {
        let started = std::time::Instant::now();
        let end = self.execute(&job).await;
        let said = match &end {
            Ok(_) => "done".to_owned(),
            Err(JobError::Retry { reason, .. }) => format!("retry: {reason}"),
            Err(JobError::Fail { reason }) => format!("failed: {reason}"),
        };
        tracing::info!(kind = job.kind, job = %job.id, tenant = %job.tenant, attempt = job.attempt, ms = started.elapsed().as_millis() as u64, outcome = said, "job");
        let outcome = said.split(':').next().unwrap_or_default();
        let kind = if self.kinds.contains_key(job.kind.as_str()) { job.kind.as_str() } else { "inconnu" };
        METRICS.count("parvis_jobs_total", &[("kind", kind), ("outcome", outcome)], 1);
        METRICS.observe("parvis_job_seconds", &[("kind", kind)], started.elapsed());
        if let Err(error) = self.conclude(&job, end).await {
            tracing::warn!(%error, job = %job.id, "the end of a job was not written; it will run again");
        }
    }

    async fn execute(&self, job: &Claimed) -> super::JobResult {
        if job.lost >= LOSSES {
            return Err(JobError::Fail { reason: format!("perdu {} fois avec le processus qui le traitait", job.lost) });
        }
        let Some(kind) = self.kinds.get(job.kind.as_str()) else {
            return Err(JobError::Fail { reason: "genre de tâche inconnu de ce programme".into() });
        };
        let tenant = tenant::by_id(&self.app.db, job.tenant).await?;
        let scope = tenant.scope(Actor::system(kind.name));
        let cx = JobCx { app: self.app.clone(), scope, job: job.id, attempt: job.attempt };
        let run = tokio::spawn((kind.handler)(cx, job.payload.clone()));
        let abort = run.abort_handle();
        match tokio::time::timeout(kind.deadline, run).await {
            Ok(Ok(end)) => end,
            Ok(Err(panic)) => Err(JobError::Retry { after: None, reason: format!("arrêt brutal : {panic}") }),
            Err(_) => {
                abort.abort();
                Err(JobError::Retry { after: None, reason: format!("plus long que {} s", kind.deadline.as_secs()) })
            }
        }
    }

    async fn conclude(&self, job: &Claimed, end: super::JobResult) -> Result<()> {
        let (db, owner) = (&self.app.db, &self.owner);
        let now = self.app.clock.now();
        match end {
            Ok(Outcome::Again(at)) => store::postpone(db, job, owner, at, 0, None).await,
            Ok(Outcome::Done) => match self.kinds.get(job.kind.as_str()).and_then(|kind| kind.every) {
                Some(period) => store::postpone(db, job, owner, later(now, period), 0, None).await,
                None => store::complete(db, job, owner).await.map(drop),
            },
            Err(JobError::Retry { after, reason }) => match retry_after(job.attempt) {
                Some(delay) => {
                    let delay = shaken(delay).max(after.unwrap_or_default());
                    store::postpone(db, job, owner, later(now, delay), job.attempt, Some(&reason)).await
                }
                None => store::put_aside(db, job, owner, &reason).await,
            },
            Err(JobError::Fail { reason }) => store::put_aside(db, job, owner, &reason).await,
        }
    }
}

/// Makes sure that each periodic kind waits, as a worker does twice a minute: before a [`drain`] that must run them too.
pub async fn schedule(app: &App, kinds: &[JobKind]) -> Result<()> {
    Worker::new(app.clone(), kinds, "drain").schedule().await
}

/// Runs what is due, and what that makes due, until nothing is: tests and commands that must see the end.
/// Periodic jobs are not started: [`schedule`] does. Gives how many runs were made.
pub async fn drain(app: &App, kinds: &[JobKind]) -> Result<usize> {
    let worker = Worker::new(app.clone(), kinds, "drain");
    let mut runs = 0;
    loop {
        let taken = store::claim(&app.db, &worker.owner, worker.lease, 50).await?;
        if taken.is_empty() {
            return Ok(runs);
        }
        for job in taken {
            runs += 1;
            worker.run_one(job).await;
        }
    }
}

/// A delay within ± 20 %, so that a thousand failures do not come back together.
fn shaken(delay: Duration) -> Duration {
    let mut byte = [0_u8; 1];
    rand::fill(&mut byte[..]);
    delay.mul_f64(0.8 + 0.4 * f64::from(byte[0]) / 255.0)
}

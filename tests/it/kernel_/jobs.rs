//! Jobs: enqueued with the change, run once or more, tried again by the schedule, set aside in the end.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use jiff::SignedDuration;
use kernel::{
    NewJob,
    jobs::{self, JobError, JobKind, Outcome},
};

use crate::support::Bench;

fn failing(times: u32, count: Arc<AtomicU32>) -> JobKind {
    JobKind::new("Essayer", move |_, _| {
        let count = count.clone();
        async move {
            if count.fetch_add(1, Ordering::SeqCst) < times {
                Err(JobError::Retry { after: None, reason: "pas encore".into() })
            } else {
                Ok(Outcome::Done)
            }
        }
    })
}

async fn enqueue(bench: &Bench) {
    bench.db.write(&bench.scope(), async |tx| tx.enqueue(NewJob::new("Essayer", serde_json::json!({"a": 1}))).await).await.expect("enqueued");
}

async fn aside(bench: &Bench) -> Vec<jobs::SetAside> {
    bench.db.read(&bench.scope(), async |tx| jobs::set_aside(tx, None).await).await.expect("readable")
}

#[tokio::test]
async fn a_job_of_a_unit_that_fails_was_never_there() {
    let bench = Bench::new(&[]).await;
    let app = bench.app();
    let done: kernel::Result<()> = bench
        .db
        .write(&bench.scope(), async |tx| {
            tx.enqueue(NewJob::new("Essayer", serde_json::json!({}))).await?;
            Err(kernel::Error::NotFound)
        })
        .await;
    assert!(done.is_err());
    assert_eq!(jobs::drain(&app, &[failing(0, Arc::default())]).await.expect("drained"), 0);
}

#[tokio::test]
async fn a_failing_job_is_tried_again_by_the_schedule() {
    let bench = Bench::new(&[]).await;
    let (app, count) = (bench.app(), Arc::new(AtomicU32::new(0)));
    let kinds = [failing(2, count.clone())];
    enqueue(&bench).await;
    assert_eq!(jobs::drain(&app, &kinds).await.expect("drained"), 1, "not again at once");
    bench.clock.advance(SignedDuration::from_secs(7));
    jobs::drain(&app, &kinds).await.expect("drained");
    bench.clock.advance(SignedDuration::from_secs(40));
    jobs::drain(&app, &kinds).await.expect("drained");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    assert!(aside(&bench).await.is_empty());
}

#[tokio::test]
async fn a_job_that_never_succeeds_is_set_aside_after_three_days_and_can_be_replayed() {
    let bench = Bench::new(&[]).await;
    let (app, count) = (bench.app(), Arc::new(AtomicU32::new(0)));
    let kinds = [failing(11, count.clone())];
    enqueue(&bench).await;
    for _ in 0..20 {
        jobs::drain(&app, &kinds).await.expect("drained");
        bench.clock.advance(SignedDuration::from_hours(30));
    }
    let waiting = aside(&bench).await;
    assert_eq!((waiting.len(), count.load(Ordering::SeqCst)), (1, 11));
    bench.db.write(&bench.scope(), async |tx| jobs::replay(tx, waiting[0].id).await).await.expect("replayed");
    jobs::drain(&app, &kinds).await.expect("drained");
    assert!(aside(&bench).await.is_empty());
}

#[tokio::test]
async fn a_job_that_kills_its_worker_three_times_is_set_aside() {
    let bench = Bench::new(&[]).await;
    let app = bench.app();
    let kinds = [failing(0, Arc::default())];
    enqueue(&bench).await;
    for _ in 0..3 {
        bench.database.tamper("update job set locked_until = '2020-01-01T00:00:00.000000Z', locked_by = 'mort', lost = lost").await;
        bench.database.tamper("update job set lost = lost + 1").await;
    }
    jobs::drain(&app, &kinds).await.expect("drained");
    assert!(aside(&bench).await[0].reason.contains("perdu"));
}

#[tokio::test]
async fn an_unknown_kind_is_set_aside_not_lost() {
    let bench = Bench::new(&[]).await;
    enqueue(&bench).await;
    jobs::drain(&bench.app(), &[]).await.expect("drained");
    assert_eq!(aside(&bench).await.len(), 1);
}

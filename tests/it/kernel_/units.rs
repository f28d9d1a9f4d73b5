//! Units of work: all or nothing, on disk before the answer, one writer that nobody holds.

use std::time::Duration;

use kernel::{Db, Error, Result, Scope, Tx, params};

use crate::support::Bench;

const INSERT: &str = "insert into event_mention (tenant_id, subject, event_id) values ($1, $2, $3)";
const COUNT: &str = "select cast(count(*) as bigint) as n from event_mention where tenant_id = $1";

async fn mark(tx: &mut Tx, word: &str) -> Result<()> {
    let id: kernel::EventId = tx.new_id();
    tx.run(INSERT, params![word, id]).await.map(drop)
}

async fn marks(db: &Db, scope: &Scope) -> i64 {
    db.read(scope, async |tx| tx.one(COUNT, &[]).await?.get("n")).await.expect("a reading")
}

#[tokio::test]
async fn a_unit_that_fails_leaves_nothing() {
    let bench = Bench::new(&[]).await;
    let done: Result<()> = bench
        .db
        .write(&bench.scope(), async |tx| {
            mark(tx, "a").await?;
            Err(Error::NotFound)
        })
        .await;
    assert!(matches!(done, Err(Error::NotFound)));
    assert_eq!(marks(&bench.db, &bench.scope()).await, 0);
}

/// More than travel at once, then one that the database refuses as the last of its unit: the refusal is not lost, names
/// its own statement, and nothing of the unit stays.
#[tokio::test]
async fn a_statement_that_nobody_waits_for_still_counts() {
    let bench = Bench::new(&[]).await;
    let (db, scope) = (&bench.db, bench.scope());
    let forty = async |tx: &mut Tx| {
        for _ in 0..40 {
            let id: kernel::EventId = tx.new_id();
            tx.run_soon(INSERT, params!["a", id]).await?;
        }
        Ok(())
    };
    db.write(&scope, forty).await.expect("forty at once");
    assert_eq!(marks(db, &scope).await, 40);
    let twice = async |tx: &mut Tx| {
        let id: kernel::EventId = tx.new_id();
        tx.run_soon(INSERT, params!["b", id]).await?;
        tx.run_soon(INSERT, params!["b", id]).await
    };
    let refused = db.write(&scope, twice).await.expect_err("the same twice");
    assert!(format!("{refused:?}").contains(INSERT), "{refused:?}");
    let begun: Result<()> = db
        .write(&scope, async |tx| {
            let id: kernel::EventId = tx.new_id();
            tx.run_soon(INSERT, params!["c", id]).await?;
            Err(Error::NotFound)
        })
        .await;
    assert!(matches!(begun, Err(Error::NotFound)));
    assert_eq!(marks(db, &scope).await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_units_at_once_are_all_there() {
    let bench = Bench::new(&[]).await;
    let mut tasks = vec![];
    for _ in 0..64 {
        let (db, scope) = (bench.db.clone(), bench.scope());
        tasks.push(tokio::spawn(async move { db.write(&scope, async |tx| mark(tx, "a").await).await }));
    }
    for task in tasks {
        task.await.expect("no panic").expect("a unit commits");
    }
    assert_eq!(marks(&bench.second_node(), &bench.scope()).await, 64);
}

#[tokio::test]
async fn a_failing_unit_does_not_undo_its_neighbours() {
    let bench = Bench::new(&[]).await;
    let (db, scope) = (&bench.db, bench.scope());
    let good = db.write(&scope, async |tx| mark(tx, "a").await);
    let bad = db.write(&scope, async |tx| {
        mark(tx, "b").await?;
        Err::<(), _>(Error::NotFound)
    });
    let late = db.write(&scope, async |tx| mark(tx, "c").await);
    let (good, bad, late) = tokio::join!(good, bad, late);
    assert!(good.is_ok() && bad.is_err() && late.is_ok());
    assert_eq!(marks(db, &scope).await, 2);
}

#[tokio::test]
async fn a_unit_inside_a_unit_is_refused() {
    let bench = Bench::new(&[]).await;
    let (db, scope) = (bench.db.clone(), bench.scope());
    let inner = db.clone();
    let done = db
        .write(&scope, async |tx| {
            let scope = tx.scope().clone();
            inner.write(&scope, async |tx| mark(tx, "a").await).await
        })
        .await;
    assert!(matches!(done, Err(Error::Internal(_))));
}

#[tokio::test]
async fn a_unit_dropped_on_its_way_frees_the_writer_and_leaves_nothing() {
    let bench = Bench::new(&[]).await;
    let (db, scope) = (bench.db.clone(), bench.scope());
    let stuck = db.write(&scope, async |tx| {
        mark(tx, "a").await?;
        std::future::pending::<Result<()>>().await
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), stuck).await.is_err());
    db.write(&scope, async |tx| mark(tx, "b").await).await.expect("the writer is free");
    assert_eq!(marks(&db, &scope).await, 1);
}

#[tokio::test]
async fn a_unit_that_sleeps_is_rolled_back() {
    let bench = Bench::new(&[]).await;
    if bench.database.is_postgres() {
        return; // there it holds only its own connection, for 15 s
    }
    let done = bench
        .db
        .write(&bench.scope(), async |tx| {
            mark(tx, "a").await?;
            tokio::time::sleep(Duration::from_secs(3)).await;
            Ok(())
        })
        .await;
    assert!(matches!(done, Err(Error::Unavailable(_))));
    assert_eq!(marks(&bench.db, &bench.scope()).await, 0);
}

#[tokio::test]
async fn a_reading_cannot_write() {
    let bench = Bench::new(&[]).await;
    let done = bench.db.read(&bench.scope(), async |tx| mark(tx, "a").await).await;
    assert!(matches!(done, Err(Error::Internal(_))));
}

#[tokio::test]
async fn another_tenant_sees_nothing_even_by_a_statement_that_forgot_the_tenant() {
    let bench = Bench::new(&[]).await;
    bench.db.write(&bench.scope(), async |tx| mark(tx, "a").await).await.expect("a unit commits");
    let other = kernel::tenant::create(&bench.db, &bench.clock, crate::support::tenant("autre")).await.expect("a tenant");
    let scope = other.scope(kernel::Actor::Visitor);
    assert_eq!(marks(&bench.db, &scope).await, 0);
    if bench.database.is_postgres() {
        let forgetful = "select cast(count(*) as bigint) as n from event_mention where $1 = $1";
        let seen: i64 = bench.db.read(&scope, async |tx| tx.one(forgetful, &[]).await?.get("n")).await.expect("a reading");
        assert_eq!(seen, 0, "row-level security is the second lock");
    }
}

/// What axum asks of a handler: its future can move between threads.
#[tokio::test]
async fn units_can_be_awaited_in_a_handler() {
    fn movable<T: Send>(value: T) -> T {
        value
    }
    let bench = Bench::new(&[]).await;
    let (db, scope, word) = (bench.db.clone(), bench.scope(), String::from("a"));
    movable(async move { db.write(&scope, async |tx| mark(tx, &word).await).await }).await.expect("a unit commits");
}

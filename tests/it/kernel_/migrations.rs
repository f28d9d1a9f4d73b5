//! Migrations: fresh, repeated, and refused when the database is newer.

use kernel::{Error, db::migrate};

use crate::support::Bench;

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let bench = Bench::new(&[]).await;
    let again = migrate::run(&bench.db, &parvis::migrations::all()).await.expect("nothing to do");
    assert!(again.is_empty());
}

#[tokio::test]
async fn a_newer_database_is_refused_in_a_sentence() {
    let bench = Bench::new(&[]).await;
    bench.database.tamper("insert into migration (name, applied_at) values ('9999_futur', '2030-01-01T00:00:00.000000Z')").await;
    let refused = migrate::run(&bench.db, &parvis::migrations::all()).await;
    assert!(matches!(refused, Err(Error::Refused(p)) if p.sentence.contains("9999_futur")));
}

//! The journal: one byte changed, a line removed, added or swapped is found and located.

use kernel::{
    DossierId, Event, Subject,
    journal::{self, Head, Report, Signer},
};
use serde::Serialize;

use crate::support::Bench;

#[derive(Serialize)]
struct Noted {
    #[serde(skip)]
    about: Subject,
    step: u32,
}

impl Event for Noted {
    const KIND: &'static str = "Noted";
    fn subject(&self) -> Subject {
        self.about
    }
}

/// A signature that anybody can make: what is tested is the chain.
struct Plain;

impl Signer for Plain {
    fn sign(&self, bytes: &[u8]) -> (String, String) {
        ("k1".into(), String::from_utf8_lossy(bytes).into_owned())
    }
    fn verify(&self, key_id: &str, bytes: &[u8], signature: &str) -> bool {
        key_id == "k1" && signature.as_bytes() == bytes
    }
}

async fn written() -> (Bench, Vec<DossierId>) {
    let bench = Bench::new(&[]).await;
    let mut dossiers = vec![];
    for _ in 0..3 {
        let scope = bench.scope();
        let id = bench.db.write(&scope, async |tx| {
            let id: DossierId = tx.new_id();
            for step in 0..3 {
                tx.emit(&Noted { about: Subject::Dossier(id), step }).await?;
            }
            Ok(id)
        });
        dossiers.push(id.await.expect("a unit commits"));
        journal::seal_once(&bench.db, &Plain).await.expect("sealed");
    }
    (bench, dossiers)
}

async fn check(bench: &Bench, head: Option<&Head>) -> Report {
    journal::verify(&bench.db, &bench.scope(), &Plain, head).await.expect("readable")
}

async fn faults_after(sql: &str) -> Report {
    let (bench, _) = written().await;
    bench.database.tamper(sql).await;
    check(&bench, None).await
}

#[tokio::test]
async fn an_untouched_journal_is_whole() {
    let (bench, _) = written().await;
    let report = check(&bench, None).await;
    assert_eq!((report.events, report.seals, report.faults.len()), (9, 3, 0), "{:?}", report.faults);
}

#[tokio::test]
async fn a_changed_byte_is_found_and_located() {
    let report = faults_after("update event set payload = replace(payload, '2', '7') where position = 3").await;
    assert_eq!(report.faults.iter().filter(|f| f.what.contains("modifiée")).count(), 3, "{:?}", report.faults);
}

#[tokio::test]
async fn a_removed_line_is_found() {
    let report = faults_after("delete from event where position = 2").await;
    assert!(report.faults.iter().any(|f| f.what.contains("retirée")), "{:?}", report.faults);
}

#[tokio::test]
async fn a_whole_chain_removed_is_found_by_the_seals() {
    let (bench, dossiers) = written().await;
    let subject = dossiers[1].to_string();
    bench.database.tamper(&format!("delete from event where subject = '{subject}'; delete from chain where subject = '{subject}'")).await;
    let report = check(&bench, None).await;
    assert_eq!(report.faults.iter().filter(|f| f.what.contains("retirée (elle était dans le scellé 2)")).count(), 3, "{:?}", report.faults);
}

#[tokio::test]
async fn an_added_line_is_found() {
    let (bench, _) = written().await;
    let id = if bench.database.is_postgres() { "'0190a000-0000-7000-8000-000000000001'" } else { "x'0190a00000007000800000000000000a'" };
    bench.database.tamper(&format!(
        "insert into event select tenant_id, {id}, 'dos_x', 1, kind, at, actor, mentions, payload, '', hash from event where position = 1 limit 1"
    )).await;
    let report = check(&bench, None).await;
    assert!(report.faults.iter().any(|f| f.what.contains("hors de tout scellé")), "{:?}", report.faults);
}

#[tokio::test]
async fn swapped_lines_are_found() {
    let report = faults_after(
        "update event set position = 100 + position where position in (1, 2); \
         update event set position = case position when 101 then 2 else 1 end where position > 100",
    )
    .await;
    assert!(report.faults.iter().any(|f| f.what.contains("échange")), "{:?}", report.faults);
}

#[tokio::test]
async fn the_loss_of_the_end_is_found_against_a_head_kept_elsewhere() {
    let (bench, dossiers) = written().await;
    let head = check(&bench, None).await.head.expect("sealed");
    let subject = dossiers[2].to_string();
    bench.database.tamper(&format!(
        "delete from event where subject = '{subject}'; delete from chain where subject = '{subject}'; delete from seal where number = 3"
    )).await;
    assert!(check(&bench, None).await.faults.is_empty(), "the journal alone cannot know");
    assert!(check(&bench, Some(&head)).await.faults.iter().any(|f| f.what.contains("la fin du journal")));
}

//! The journal: one byte changed, a line removed, added or swapped is found and located.

use kernel::{
    DossierId, Event, Id as _, Subject,
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
        "insert into event select tenant_id, {id}, 'dos_x', 1, kind, at, actor, mentions, payload, '', hash, mark from event where position = 1 limit 1"
    )).await;
    let report = check(&bench, None).await;
    assert!(report.faults.iter().any(|f| f.what.contains("hors de tout scellé")), "{:?}", report.faults);
}

/// A line that only wants the key of the program: its chain is right, it waits to be sealed like any other.
async fn forge(bench: &Bench, subject: &str, at: &str) {
    use sha2::{Digest as _, Sha256};
    let (id, tenant) = ("0190a000-0000-7000-8000-000000000001", bench.tenant.id.to_string());
    let scope = bench.scope();
    let last = bench.db.read(&scope, async |tx| {
        let sql = "select length, head from chain where tenant_id = $1 and subject = $2";
        let row = tx.one(sql, kernel::params![subject]).await?;
        Ok((row.get::<i64>("length")?, row.get::<String>("head")?))
    });
    let (length, head) = last.await.expect("a chain");
    let position = (length + 1).to_string();
    let event = format!("evt_{}", id.replace('-', ""));
    let fields = [tenant.as_str(), &event, subject, &position, "Noted", at, "age_1", "", "{}", &head];
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    let hash = kernel::crypto::hex(&hasher.finalize());
    let (tenant, id) = match bench.database.is_postgres() {
        true => (format!("'{}'", bench.tenant.id.uuid()), format!("'{id}'")),
        false => (format!("x'{}'", bench.tenant.id.uuid().simple()), format!("x'{}'", id.replace('-', ""))),
    };
    bench
        .database
        .tamper(&format!(
            "insert into event select {tenant}, {id}, '{subject}', {position}, 'Noted', '{at}', 'age_1', '', '{{}}', '{head}', '{hash}', mark \
         from event where subject = '{subject}' and position = {length}; \
         insert into unsealed select {tenant}, {id}, '{hash}', mark from event where subject = '{subject}' and position = {length}; \
         update chain set length = {position}, head = '{hash}' where subject = '{subject}'"
        ))
        .await;
}

#[tokio::test]
async fn a_line_forged_with_a_right_chain_is_never_signed_and_is_found() {
    let (bench, dossiers) = written().await;
    forge(&bench, &dossiers[0].to_string(), "2026-09-07T07:00:00Z").await;
    assert_eq!(journal::seal_once(&bench.db, &Plain).await.expect("sealed"), 0);
    let report = check(&bench, None).await;
    assert_eq!(report.seals, 3);
    let what: Vec<&str> = report.faults.iter().map(|fault| fault.what.as_str()).collect();
    assert!(what.iter().any(|what| what.contains("la ligne 4 n’a pas été écrite par ce programme")), "{what:?}");
    assert!(!what.iter().any(|what| what.contains("modifiée")), "the forger had a right chain: {what:?}");
}

#[tokio::test]
async fn a_line_of_a_key_that_this_process_has_not_read_waits() {
    let (bench, _) = written().await;
    let newer = bench.db.clone().with_keys(kernel::crypto::Keys::ephemeral());
    newer.write(&bench.scope(), async |tx| tx.emit(&Noted { about: Subject::Tenant, step: 1 }).await).await.expect("a unit commits");
    assert_eq!(journal::seal_once(&bench.db, &Plain).await.expect("sealed"), 0);
    assert_eq!(journal::seal_once(&newer, &Plain).await.expect("sealed"), 1, "who has read the key seals it");
}

#[tokio::test]
async fn a_line_dated_before_the_one_before_it_is_found() {
    let (bench, dossiers) = written().await;
    forge(&bench, &dossiers[0].to_string(), "2026-09-06T07:00:00Z").await;
    let report = check(&bench, None).await;
    assert!(report.faults.iter().any(|fault| fault.what.contains("datée d’avant la précédente")), "{:?}", report.faults);
}

#[tokio::test]
async fn a_clock_put_back_never_makes_time_go_back_in_a_chain() {
    let (bench, _) = written().await;
    for step in 0..3 {
        bench.db.write(&bench.scope(), async |tx| tx.emit(&Noted { about: Subject::Tenant, step }).await).await.expect("a unit commits");
        bench.clock.advance(jiff::SignedDuration::from_mins(-5));
    }
    journal::seal_once(&bench.db, &Plain).await.expect("sealed");
    let report = check(&bench, None).await;
    assert_eq!((report.events, report.faults.len()), (12, 0), "{:?}", report.faults);
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
    bench
        .database
        .tamper(&format!(
            "delete from event where subject = '{subject}'; delete from chain where subject = '{subject}'; delete from seal where number = 3"
        ))
        .await;
    assert!(check(&bench, None).await.faults.is_empty(), "the journal alone cannot know");
    assert!(check(&bench, Some(&head)).await.faults.iter().any(|f| f.what.contains("la fin du journal")));
}

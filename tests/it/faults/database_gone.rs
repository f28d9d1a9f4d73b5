//! PostgreSQL is stopped and started under the running program: a clear 503 in the meantime, then well again without a
//! restart. The server of the database is one of this test alone.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::Installation;
use crate::{
    form,
    support::{TestApp, TestDatabase, demands::id_of},
};

/// A cluster of its own, thrown away with the test.
struct Cluster {
    folder: String,
    port: String,
}

impl Cluster {
    fn new() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|door| door.local_addr()).expect("a free port").port();
        Self { folder: format!("/tmp/parvis-essai-{}", std::process::id()), port: port.to_string() }
    }

    fn run(&self, word: &str) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/services/postgres.sh");
        let done = Command::new(script)
            .arg(word)
            .env("PARVIS_TEST_POSTGRES", &self.folder)
            .env("PARVIS_TEST_POSTGRES_PORT", &self.port)
            .output()
            .expect("the script runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("stop");
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stops_and_starts_is_told_then_forgotten() {
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return; // the other database is a file: it does not stop
    }
    let cluster = Cluster::new();
    let database = TestDatabase::on(&cluster.run("start")).await;
    let town = Installation::around(TestApp::on(database).await).await;
    let mut server = town.serve().await;
    let (mut phone, process) = (town.phone(), server.id());
    let page = phone.post("/demarches/contact/commencer", form! {}).await.location;
    let word = "Écrit avant la panne.";
    let save = format!("{page}/brouillon");
    assert_eq!(phone.post(&save, form! { _questions: "message", message: word }).await.status, 200);

    cluster.run("stop");
    for path in ["/", page.as_str(), "/suivi"] {
        let asked = Instant::now();
        let answer = phone.try_once("GET", path, "", &[]).await.expect("an answer");
        assert!(answer.status == 503 || (path != page && answer.status == 200), "{path}: {}", answer.status);
        assert!(asked.elapsed() < Duration::from_secs(10), "{path}: {:?}", asked.elapsed());
        if answer.status == 503 {
            let said = answer.said();
            assert!(said.contains("essay") || said.contains("indisponible"), "{said}");
        }
    }
    let body = form! { _cle: crate::support::clients::key(), _questions: "message", message: "Perdu." }.encoded();
    let refused = phone.try_once("POST", &save, "application/x-www-form-urlencoded", body.as_bytes()).await.expect("an answer");
    assert_eq!(refused.status, 503, "{}", refused.said());
    assert_eq!(phone.try_once("GET", "/readyz", "", &[]).await.expect("an answer").status, 503);
    assert_eq!(phone.try_once("GET", "/healthz", "", &[]).await.expect("an answer").status, 200);

    cluster.run("start");
    let back = Instant::now();
    while phone.try_once("GET", &page, "", &[]).await.map_or(0, |answer| answer.status) != 200 {
        assert!(back.elapsed() < Duration::from_secs(15), "it does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(phone.get(&page).await.text().contains(word), "{} lost its answer", id_of(&page));
    assert_eq!(phone.post(&save, form! { _questions: "message", message: "Écrit après." }).await.status, 200);
    assert!(server.is_alive() && server.id() == process);
    server.kill().await;
    town.verify_journal().await;
}

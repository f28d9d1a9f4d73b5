//! A database for one test: a SQLite file in a temporary folder, or, when `TEST_DATABASE_URL` is set, a PostgreSQL
//! database of its own on that server. Those of earlier runs are dropped at the start of the next one.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// Dropped with the test; a PostgreSQL database stays until the next run, so that it can be looked at.
pub struct TestDatabase {
    pub url: String,
    _dir: tempfile::TempDir,
}

static SERVER: OnceCell<Option<String>> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = match SERVER.get_or_init(server).await {
            None => format!("sqlite:{}", dir.path().join("essai.db").display()),
            Some(server) => create(server).await,
        };
        Self { url, _dir: dir }
    }

    /// One on the PostgreSQL of this address.
    pub async fn on(server: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { url: create(server).await, _dir: dir }
    }

    /// A count, made behind the program's back.
    pub async fn count(&self, sql: &str) -> i64 {
        match self.is_postgres() {
            true => client(&self.url).await.query_one(sql, &[]).await.expect("the statement runs").get(0),
            false => {
                let conn = rusqlite::Connection::open(self.url.trim_start_matches("sqlite:")).expect("the file opens");
                conn.query_row(sql, [], |row| row.get(0)).expect("the statement runs")
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Runs SQL behind the program's back, as somebody with the database in his hands would.
    pub async fn tamper(&self, sql: &str) {
        if self.is_postgres() {
            client(&self.url).await.batch_execute(sql).await.expect("the statement runs");
        } else {
            let path = self.url.trim_start_matches("sqlite:");
            let conn = rusqlite::Connection::open(path).expect("the file opens");
            conn.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
            conn.execute_batch(sql).expect("the statement runs");
        }
    }
}

impl TestDatabase {
    /// A connection to PostgreSQL as the owner of the database.
    pub async fn owner(&self) -> tokio_postgres::Client {
        client(&self.url).await
    }
}

async fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok()?;
    let client = client(&server).await;
    let old = "select datname from pg_database where datname like 'parvis\\_t\\_%'";
    for row in client.query(old, &[]).await.expect("the server answers") {
        let name: String = row.get(0);
        client.batch_execute(&format!("drop database if exists {name} with (force)")).await.expect("an old test database");
    }
    Some(server)
}

async fn create(server: &str) -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("parvis_t_{}_{number}", std::process::id());
    let create = format!("create database {name} template template0 encoding 'UTF8' locale 'C'");
    client(server).await.batch_execute(&create).await.expect("a database of its own");
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{base}/{name}")
}

async fn client(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

/// The kinds of the jobs that are due and were not run, read behind the program's back; those that come back by
/// themselves are always due some day.
pub async fn jobs_due(url: &str, now: jiff::Timestamp) -> Vec<String> {
    let sql = format!(
        "select kind from job where state = 'waiting' and due_at <= '{now:.6}' \
         and coalesce(unique_key, '') not like 'periodic:%' order by kind"
    );
    if url.starts_with("postgres") {
        return client(url).await.query(&sql, &[]).await.expect("the jobs are read").iter().map(|row| row.get(0)).collect();
    }
    let conn = rusqlite::Connection::open(url.trim_start_matches("sqlite:")).expect("the file opens");
    let mut statement = conn.prepare(&sql).expect("a statement");
    statement.query_map([], |row| row.get(0)).expect("the jobs are read").map(|kind| kind.expect("a text")).collect()
}

//! What must be survived: the program killed under load, its database gone, its disk full, the relay of mails down,
//! hostile forms, slow clients. The faults are real ones, made to the real binary wherever a process is at stake.

mod clock_jumps;
mod database_gone;
mod disk_full;
mod hostile;
mod killed;
mod killer_job;
mod mail_down;
mod modes;
mod slow;
mod two_nodes;

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    form,
    support::{
        TestApp,
        demands::{id_of, path},
        form::Fields,
        html,
    },
};

/// An installation on disk around the database of a `TestApp`, for the real binary. The clock of the app is set to the
/// true time, so that what one signs in here is signed in there.
pub struct Installation {
    pub app: TestApp,
    folder: TempDir,
    port: u16,
}

impl Installation {
    pub async fn new() -> Self {
        Self::around(TestApp::new().await).await
    }

    pub async fn around(app: TestApp) -> Self {
        app.jobs_run_elsewhere();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        app.clock().set(jiff::Timestamp::from_microsecond(i64::try_from(now.as_micros()).expect("before 290000")).expect("a time"));
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|door| door.local_addr()).expect("a free port").port();
        Self { app, folder: tempfile::tempdir().expect("a folder"), port }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("journal.log")
    }

    /// Where its key and its files are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The program, told where everything is.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.path();
        command
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("PARVIS_DATABASE", &self.app.database().url)
            .env("PARVIS_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("PARVIS_DATA", folder.join("data"))
            .env("PARVIS_KEY", self.app.key_file())
            // One address does here in a minute what a town does in days.
            .env("PARVIS_LIMITS__DRAFTS", "0")
            .env("PARVIS_LIMITS__FILES", "0")
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end: whether it is content, and what it said.
    pub async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let done = self.command(env!("CARGO_BIN_EXE_parvis")).args(arguments).output().await.expect("it starts");
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    /// Serves; returns when the door is open.
    pub async fn serve(&self) -> Server {
        let log = std::fs::File::options().create(true).append(true).open(self.log()).expect("a log");
        let mut command = self.command(env!("CARGO_BIN_EXE_parvis"));
        command.arg("serve").stdout(log.try_clone().expect("a log")).stderr(log);
        self.open(command).await
    }

    /// Serves by a command made by hand.
    pub async fn open(&self, command: Command) -> Server {
        self.open_at(command, SocketAddr::from(([127, 0, 0, 1], self.port))).await
    }

    /// The same, on another door than the usual one.
    pub async fn open_at(&self, mut command: Command, address: SocketAddr) -> Server {
        let child = command.stdin(Stdio::null()).env("PARVIS_LISTEN", address.to_string()).spawn().expect("it starts");
        let server = Server { child, address };
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(server.address).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not open: {}", std::fs::read_to_string(self.log()).unwrap_or_default());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server
    }

    /// A browser that reaches the server over the wire.
    pub fn phone(&self) -> Phone {
        Phone {
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(15))
                .build()
                .expect("a client"),
            base: format!("http://127.0.0.1:{}", self.port),
            host: self.app.tenant.host.clone(),
            cookie: None,
        }
    }

    /// The same browser as one of this process, over the wire.
    pub fn signed_in(&self, browser: &crate::support::Browser) -> Phone {
        Phone { cookie: browser.cookie.clone(), ..self.phone() }
    }

    /// Another node of the same installation: same database, key and files, a port of its own.
    pub fn second_node(&self) -> std::net::SocketAddr {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|door| door.local_addr()).expect("a free port").port();
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// Fails unless the journal proves itself.
    pub async fn verify_journal(&self) {
        let (is_whole, said) = self.run(&["journal", "verify"]).await;
        assert!(is_whole, "{said}");
        let lines: u64 =
            said.split(" lignes").next().and_then(|text| text.rsplit(' ').next()).and_then(|n| n.parse().ok()).expect("a count of lines");
        assert!(lines > 0, "{said}");
    }
}

/// A server that runs; dropped, it is killed.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// `kill -9`.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it dies");
    }

    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// A browser that knows only this node.
    pub fn seen_by(&self, phone: &Phone) -> Phone {
        Phone { base: format!("http://{}", self.address), ..phone.clone() }
    }

    /// Waits for its own end.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        self.child.wait().await.expect("it ends")
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }
}

/// A browser over the wire, which sends again what was not answered, under the same key, as a person does.
#[derive(Clone)]
pub struct Phone {
    http: reqwest::Client,
    base: String,
    host: String,
    pub cookie: Option<String>,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub location: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn said(&self) -> String {
        html::words(&self.text())
    }
}

impl Phone {
    /// Writes to the town hall and sends it, whatever becomes of it.
    pub async fn sends_a_message(&mut self) {
        let begun = self.post("/demarches/contact/commencer", form! {}).await;
        assert_eq!(begun.status, 303, "{}", begun.said());
        let page = begun.location;
        let answers = form! {
            _questions: "sujet message nom prenoms courriel_contact telephone_contact adresse_contact",
            sujet: "question", message: "Bonjour.", nom: "Marchetti", prenoms: "Inès", courriel_contact: "ines@exemple.fr",
        };
        assert_eq!(self.post(&page, answers).await.status, 303);
        assert_eq!(self.post(&path(id_of(&page), "depot"), form! {}).await.status, 303);
    }

    /// One try.
    pub async fn try_once(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Reply, reqwest::Error> {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header("host", &self.host);
        if !kind.is_empty() {
            request = request.header("content-type", kind).body(body.to_vec());
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (status, location, cookie) = (response.status().as_u16(), header("location"), header("set-cookie"));
        let body = response.bytes().await?.to_vec();
        if let Some(pair) = cookie.split(';').next().filter(|pair| !pair.is_empty()) {
            self.cookie = Some(pair.to_owned());
        }
        Ok(Reply { status, location, body })
    }

    /// Tries until somebody answers something else than "later".
    pub async fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Reply {
        let begun = Instant::now();
        loop {
            match self.try_once(method, path, kind, body).await {
                Ok(reply) if reply.status < 500 => return reply,
                Ok(reply) if reply.status != 503 => panic!("{method} {path}: {} {}", reply.status, reply.said()),
                _ => {}
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{method} {path}: nobody answers");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, "", &[]).await
    }

    pub async fn post(&mut self, path: &str, fields: Fields) -> Reply {
        let fields = if fields.has("_cle") { fields } else { fields.with("_cle", crate::support::clients::key()) };
        self.send("POST", path, "application/x-www-form-urlencoded", fields.encoded().as_bytes()).await
    }

    /// Sends a file of a field.
    pub async fn upload(&mut self, path: &str, field: &str, name: &str, bytes: &[u8]) -> Reply {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"_cle\"\r\n\r\n{}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n",
            crate::support::clients::key()
        );
        let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
        self.send("POST", path, "multipart/form-data; boundary=x", &body).await
    }
}

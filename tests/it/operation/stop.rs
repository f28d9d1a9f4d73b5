//! SIGTERM: nothing more is accepted, what was begun is finished, leases are given back, systemd is told, within 25
//! seconds even when a relay of mails never answers.

use std::{
    os::unix::net::UnixDatagram,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::faults::Installation;

/// What systemd reads.
struct Systemd {
    socket: UnixDatagram,
    folder: tempfile::TempDir,
}

impl Systemd {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        Self { socket, folder }
    }

    fn hears(&self) -> String {
        let mut word = [0; 100];
        loop {
            match self.socket.recv(&mut word) {
                Ok(length) => return String::from_utf8_lossy(&word[..length]).into_owned(),
                // A process of another test ended meanwhile.
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => panic!("systemd is not told: {error}"),
            }
        }
    }
}

fn terminate(process: u32) {
    let sent = std::process::Command::new("kill").args(["-TERM", &process.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_what_was_begun_gives_leases_back_and_tells_systemd() {
    let town = Installation::new().await;
    let systemd = Systemd::new();
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
    command
        .arg("serve")
        .env("NOTIFY_SOCKET", systemd.folder.path().join("notify"))
        .env("PARVIS_MAIL__HOST", "127.0.0.1")
        .env("PARVIS_MAIL__PORT", silent.local_addr().expect("an address").port().to_string())
        .env("PARVIS_MAIL__SECURITY", "none")
        .env("PARVIS_MAIL__FROM", "Essai <essai@exemple.fr>")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut server = town.open(command).await;
    assert_eq!(systemd.hears(), "READY=1");

    // A job that waits for a relay which says nothing.
    let mut phone = town.phone();
    phone.sends_a_message().await;
    let (_held, _) = tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.expect("the mail leaves").expect("accepted");
    let held = "select count(*) from job where locked_by is not null";
    assert!(town.app.database().count(held).await > 0);

    // A form that is still coming when the order to stop arrives.
    let mut form = TcpStream::connect(server.address).await.expect("the door is open");
    let body = format!("_cle={}", crate::support::clients::key());
    let head = format!(
        "POST /demarches/contact/commencer HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        town.app.tenant.host,
        body.len()
    );
    form.write_all(head.as_bytes()).await.expect("sent");
    form.write_all(&body.as_bytes()[..5]).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = Instant::now();
    terminate(server.id());
    assert_eq!(systemd.hears(), "STOPPING=1");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "it still accepts");
    form.write_all(&body.as_bytes()[5..]).await.expect("sent");
    let mut answer = String::new();
    form.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");

    assert!(server.ended().await.success());
    assert!(told.elapsed() < Duration::from_secs(26), "{:?}", told.elapsed());
    assert_eq!(town.app.database().count(held).await, 0, "a lease was kept");
    let waiting = "select count(*) from job where state = 'waiting' and attempt = 0 and kind not like 'P%'";
    assert!(town.app.database().count(waiting).await > 0, "the job is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_alone_tells_systemd_and_stops_at_once_when_it_has_nothing_to_do() {
    let town = Installation::new().await;
    let systemd = Systemd::new();
    let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
    command.arg("work").env("NOTIFY_SOCKET", systemd.folder.path().join("notify")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut worker = command.spawn().expect("it starts");
    assert_eq!(systemd.hears(), "READY=1");
    let told = Instant::now();
    terminate(worker.id().expect("it runs"));
    assert_eq!(systemd.hears(), "STOPPING=1");
    assert!(worker.wait().await.expect("it ends").success());
    assert!(told.elapsed() < Duration::from_secs(15), "{:?}", told.elapsed());
}

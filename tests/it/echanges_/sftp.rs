//! A real OpenSSH server on the loopback interface: files sent and fetched, its key pinned, ours refused.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use echanges::{ApplicationStatus, Format, application};
use tempfile::TempDir;

use super::{Exchange, change};

const PASSWORD: &str = "Fauvette-des-jardins-7";
/// As `openssl passwd -6` writes it.
const PASSWORD_HASH: &str = "$6$parvisessai$r59kkuk7kE00LJFTTMSGttLS99qPAs/tCMEqX8t6RVCf39eThDoUrVm6k.q4mhGSzLLNtiZpyT642x.lxeDQB.";

/// Stopped with the test.
struct Sshd {
    child: Child,
    dir: TempDir,
    port: u16,
    user: String,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Sshd {
    /// Nothing, with a printed reason, when the machine has no OpenSSH server.
    fn start() -> Option<Self> {
        let server = ["/usr/sbin/sshd", "/usr/lib/openssh/sftp-server"];
        if let Some(missing) = server.iter().find(|path| !Path::new(path).exists()) {
            println!("skipped: no {missing}; ./test installs openssh-server");
            return None;
        }
        let dir = tempfile::tempdir().expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        for key in ["host", "other_host", "client", "other_client"] {
            keygen(&dir.path().join(key));
        }
        fs::copy(dir.path().join("client.pub"), dir.path().join("authorized")).expect("copied");
        fs::set_permissions(dir.path().join("authorized"), fs::Permissions::from_mode(0o600)).expect("private");
        fs::create_dir(dir.path().join("files")).expect("a folder");
        let id = Command::new("id").arg("-un").output().expect("id runs").stdout;
        let user = String::from_utf8(id).expect("a name").trim().to_owned();
        // A server of root separates its privileges in this folder.
        if user == "root" {
            fs::create_dir_all("/run/sshd").expect("root may");
        }
        let child = serve(dir.path(), port, "host");
        let mut server = Self { child, dir, port, user };
        server.wait();
        Some(server)
    }

    /// One that takes a password, for an account which only it sees: its own files of accounts are laid over those of the
    /// machine, in a space of mounts that ends with it. Nothing, with a printed reason, where that may not be done.
    fn with_password() -> Option<Self> {
        let may = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|out| out.status.success());
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n");
        if !may || !is_root {
            println!("skipped: an account with a password needs root and a space of mounts");
            return None;
        }
        let mut server = Self::start()?;
        server.stop();
        let dir = server.dir.path();
        for (file, line) in [("passwd", "essai:x:0:0::/root:/bin/sh"), ("shadow", &format!("essai:{PASSWORD_HASH}:20000:0:99999:7:::"))] {
            let accounts = fs::read_to_string(format!("/etc/{file}")).expect("root reads");
            fs::write(dir.join(file), format!("{accounts}{line}\n")).expect("written");
        }
        let config = fs::read_to_string(dir.join("host.conf")).expect("written before");
        let config = config.replace("PasswordAuthentication no", "PasswordAuthentication yes").replace("prohibit-password", "yes");
        fs::write(dir.join("password.conf"), config).expect("written");
        let script = format!(
            "mount --bind {0}/passwd /etc/passwd && mount --bind {0}/shadow /etc/shadow && exec /usr/sbin/sshd -D -f {0}/password.conf -E {0}/log",
            dir.display()
        );
        server.child = Command::new("unshare").args(["-m", "sh", "-c", &script]).stdin(Stdio::null()).spawn().expect("sshd starts");
        server.user = "essai".into();
        server.wait();
        Some(server)
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn wait(&mut self) {
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("sshd does not listen: {}", fs::read_to_string(self.dir.path().join("log")).unwrap_or_default());
    }

    /// The same address with another host key.
    fn change_key(&mut self) {
        self.stop();
        self.child = serve(self.dir.path(), self.port, "other_host");
        self.wait();
    }

    fn file(&self, path: &str) -> PathBuf {
        self.dir.path().join("files").join(path)
    }

    fn fingerprint(&self, key: &str) -> String {
        let out = Command::new("ssh-keygen").arg("-lf").arg(self.dir.path().join(format!("{key}.pub"))).output().expect("ssh-keygen");
        String::from_utf8(out.stdout).expect("text").split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    fn options(&self) -> serde_json::Value {
        serde_json::json!({
            "hote": "127.0.0.1",
            "port": self.port.to_string(),
            "utilisateur": self.user,
            "empreinte": self.fingerprint("host"),
            "dossier": self.file("demandes").display().to_string(),
            "arrivees": self.file("arrivees").display().to_string(),
            "traitement": "demandes",
        })
    }

    fn private_key(&self, key: &str) -> String {
        fs::read_to_string(self.dir.path().join(key)).expect("readable")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.file(folder)) else { return vec![] };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    }
}

fn keygen(path: &Path) {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status();
    assert!(made.expect("ssh-keygen runs").success());
}

fn serve(dir: &Path, port: u16, host_key: &str) -> Child {
    let config = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {0}/{host_key}\nAuthorizedKeysFile {0}/authorized\nPidFile none\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nStrictModes no\n\
         UsePAM no\nSubsystem sftp /usr/lib/openssh/sftp-server\n",
        dir.display()
    );
    let path = dir.join(format!("{host_key}.conf"));
    fs::write(&path, config).expect("written");
    let mut command = Command::new("/usr/sbin/sshd");
    command.arg("-D").arg("-f").arg(path).arg("-E").arg(dir.join("log")).stdin(Stdio::null());
    command.spawn().expect("sshd starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demand_arrives_whole_on_the_server() {
    let Some(server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    exchange.register("sftp", server.options(), &[("cle_privee", &server.private_key("client"))]).await;
    let dossier = exchange.write(async |tx| Ok(tx.new_id())).await.expect("an id");
    let event = exchange.happen(dossier, "depot", Format::Xml).await;
    exchange.work().await;
    let reason = exchange.application().await.last_error;
    assert_eq!(exchange.state(dossier).await, "delivered", "{reason}");
    let name = format!("depot-{dossier}-{event}.xml");
    assert_eq!(server.names("demandes"), [name.clone()]);
    let text = fs::read_to_string(server.file("demandes").join(name)).expect("readable");
    assert!(text.contains("LEFÈVRE") && text.ends_with("</EnveloppeMetierType>\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_again_replaces_itself() {
    let Some(server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    exchange.register("sftp", server.options(), &[("cle_privee", &server.private_key("client"))]).await;
    let (dossier, event) = exchange.deposit().await;
    fs::create_dir_all(server.file("demandes")).expect("a folder");
    // The connection was cut after the rename and before our commit.
    fs::write(server.file("demandes").join(format!("depot-{dossier}-{event}.json")), "{}").expect("written");
    exchange.work().await;
    assert_eq!((exchange.state(dossier).await, server.names("demandes").len()), ("delivered", 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_key_changed_gets_nothing_until_somebody_looks() {
    let Some(mut server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    let key = server.private_key("client");
    let registered = exchange.register("sftp", server.options(), &[("cle_privee", &key)]).await;
    server.change_key();
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    let application = exchange.application().await;
    assert_eq!((application.status, exchange.state(dossier).await), (ApplicationStatus::Paused, "paused"));
    assert!(application.status_reason.contains("clé du serveur a changé"), "{}", application.status_reason);
    assert!(server.names("demandes").is_empty());
    let mut options = server.options();
    options["empreinte"] = server.fingerprint("other_host").into();
    let change = change("sftp", options, &[]);
    exchange.write(async |tx| application::change(tx, &exchange.app.keys, registered.id, change).await).await.expect("changed");
    exchange.write(async |tx| application::resume(tx, registered.id).await).await.expect("resumed");
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "delivered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_ours_that_the_server_refuses_pauses_the_application() {
    let Some(server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    exchange.register("sftp", server.options(), &[("cle_privee", &server.private_key("other_client"))]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "paused");
    assert_eq!(exchange.application().await.status_reason, "le serveur refuse notre nom ou notre clé");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_is_tried_again() {
    let Some(mut server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    exchange.register("sftp", server.options(), &[("cle_privee", &server.private_key("client"))]).await;
    server.stop();
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "waiting");
    server.child = serve(server.dir.path(), server.port, "host");
    server.wait();
    exchange.pass(jiff::SignedDuration::from_secs(10), 1).await;
    assert_eq!(exchange.state(dossier).await, "delivered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_left_on_the_server_are_fetched_and_put_away() {
    let Some(server) = Sshd::start() else { return };
    let exchange = Exchange::new().await;
    exchange.register("sftp", server.options(), &[("cle_privee", &server.private_key("client"))]).await;
    fs::create_dir_all(server.file("arrivees")).expect("a folder");
    fs::write(server.file("arrivees/a.xml"), "demande id=7").expect("written");
    fs::write(server.file("arrivees/b.xml"), "du bruit").expect("written");
    exchange.run("FetchArrivals").await;
    assert_eq!(exchange.small.made(), 1, "{}", exchange.application().await.last_error);
    assert!(server.names("arrivees").is_empty());
    assert_eq!(server.names("arrivees/traites"), ["a.xml"]);
    assert_eq!(server.names("arrivees/refuses"), ["b.xml", "b.xml.motif.txt"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_opens_where_no_key_was_given_and_a_wrong_one_pauses_the_application() {
    let Some(server) = Sshd::with_password() else { return };
    let exchange = Exchange::new().await;
    let registered = exchange.register("sftp", server.options(), &[("mot_de_passe", PASSWORD)]).await;
    let (dossier, event) = exchange.deposit().await;
    exchange.work().await;
    let reason = exchange.application().await.last_error;
    assert_eq!(exchange.state(dossier).await, "delivered", "{reason}");
    assert_eq!(server.names("demandes"), [format!("depot-{dossier}-{event}.json")]);

    let wrong = change("sftp", server.options(), &[("mot_de_passe", "autre chose")]);
    exchange.write(async |tx| application::change(tx, &exchange.app.keys, registered.id, wrong).await).await.expect("changed");
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "paused");
    assert_eq!(server.names("demandes").len(), 1);
}

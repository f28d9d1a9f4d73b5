//! Files in a bucket: the pieces of a dossier go to an S3 server and come back, sealed there; a backup brings them to
//! a folder. The server is PyPI `moto`, which nobody here wrote.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use super::python_with;
use crate::{
    faults::Installation,
    form,
    support::{
        demands::{id_of, path},
        html,
    },
};

/// It looks at whose key this is, not at the signature.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=essai/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// Stopped with the test.
struct Moto {
    endpoint: String,
    _child: Child,
}

impl Moto {
    async fn start() -> Option<Self> {
        let python = python_with("moto.server")?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|door| door.local_addr()).expect("a free port").port();
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().expect("moto starts");
        let moto = Self { endpoint: format!("http://127.0.0.1:{port}"), _child: child };
        let begun = Instant::now();
        while moto.put_bucket().await != Some(200) {
            assert!(begun.elapsed() < Duration::from_secs(60), "moto does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(moto)
    }

    async fn put_bucket(&self) -> Option<u16> {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let sent = http.put(format!("{}/pieces", self.endpoint)).header("authorization", SIGNED).send().await;
        sent.ok().map(|answer| answer.status().as_u16())
    }

    /// What the bucket holds, as anybody with its keys reads it.
    async fn objects(&self) -> Vec<Vec<u8>> {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let read = async |path: String| {
            let answer = http.get(format!("{}/pieces{path}", self.endpoint)).header("authorization", SIGNED).send().await;
            answer.expect("moto answers").bytes().await.expect("a body").to_vec()
        };
        let list = String::from_utf8(read("?list-type=2".into()).await).expect("XML");
        let mut objects = vec![];
        for key in list.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
            objects.push(read(format!("/{key}")).await);
        }
        objects
    }

    fn settings(&self, command: &mut Command) {
        command
            .env("PARVIS_FILES__BUCKET", "pieces")
            .env("PARVIS_FILES__ENDPOINT", &self.endpoint)
            .env("PARVIS_FILES__REGION", "us-east-1")
            .env("PARVIS_FILES__ACCESS_KEY", "essai")
            .env("PARVIS_FILES__SECRET_KEY", "essai");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_are_kept_sealed_in_a_bucket_and_a_backup_brings_them_home() {
    let Some(moto) = Moto::start().await else { return };
    let town = Installation::new().await;
    let run = async |arguments: &[&str]| {
        let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
        moto.settings(&mut command);
        let done = command.args(arguments).output().await.expect("it starts");
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (_, checked) = run(&["check"]).await;
    assert!(checked.contains("bien   fichiers"), "{checked}");
    let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
    command.arg("serve").stdout(Stdio::null()).stderr(Stdio::null());
    moto.settings(&mut command);
    let server = town.open(command).await;

    // Longer than one part of a multipart upload.
    let piece = [b"%PDF-1.7\n".as_slice(), "témoin ".repeat(900_000).as_bytes(), b"\n%%EOF\n"].concat();
    let mut phone = town.phone();
    let id = id_of(&phone.post("/demarches/aide-velo/commencer", form! {}).await.location);
    let added = phone.upload(&path(id, "pieces/facture"), "facture", "facture.pdf", &piece).await;
    assert!(matches!(added.status, 200 | 303), "{}", added.said());
    let page = phone.get(&path(id, "pieces")).await.text();
    let link = html::tags(&page).iter().filter_map(|tag| tag.get("href")).find(|href| href.contains("/fichiers/")).expect("a link").to_owned();
    assert!(phone.get(&link).await.body == piece, "the piece is not what was sent");
    let objects = moto.objects().await;
    assert_eq!(objects.len(), 1);
    assert!(objects[0].len() > piece.len() && !objects[0].windows(7).any(|bytes| bytes == "témoin".as_bytes()), "it is not sealed");

    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("s3.tar.gz").display().to_string();
    let (is_done, text) = run(&["backup", &archive]).await;
    assert!(is_done, "{text}");
    server.kill().await;
    let mut home = town.command(env!("CARGO_BIN_EXE_parvis"));
    let database = format!("sqlite:{}", folder.path().join("maison.db").display());
    let home = home.env("PARVIS_DATABASE", &database).env("PARVIS_DATA", folder.path().join("data"));
    let done = home.args(["restore", &archive]).output().await.expect("it starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
    command.arg("serve").env("PARVIS_DATABASE", &database).env("PARVIS_DATA", folder.path().join("data"));
    let server = town
        .open({
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        })
        .await;
    assert!(phone.get(&link).await.body == piece, "the piece did not come home");
    server.kill().await;
}

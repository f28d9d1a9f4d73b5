//! Files before a real clamd, with a base of signatures of the test's own: no network is needed.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use kernel::{
    Clock, Config, Error,
    crypto::{Keys, hex, sha256},
    files::{AntivirusState, FIELD, FileKey, Files, Scan, Stored},
};

const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// A clamd that stops with the test.
struct Clamd(Child);

impl Clamd {
    /// Starts it and waits until it answers.
    async fn start(folder: &Path, files: &Files) -> Self {
        let base = folder.join("base");
        fs::create_dir_all(&base).expect("a folder");
        let signatures = format!("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n{}:{}:Pdf-Test\n", hex(&sha256(&infected())), infected().len());
        let (hdb, hsb): (Vec<&str>, Vec<&str>) = signatures.lines().partition(|line| line.starts_with("44d8"));
        fs::write(base.join("essai.hdb"), hdb.join("\n") + "\n").expect("written");
        fs::write(base.join("essai.hsb"), hsb.join("\n") + "\n").expect("written");
        let conf = format!("LocalSocket {0}/clamd.sock\nDatabaseDirectory {0}/base\nForeground yes\nFixStaleSocket yes\n", folder.display());
        fs::write(folder.join("clamd.conf"), conf).expect("written");
        let child = Command::new("/usr/sbin/clamd").arg("-c").arg(folder.join("clamd.conf")).stdout(Stdio::null()).spawn();
        let clamd = Self(child.expect("clamd is installed (apt-get install clamav-daemon)"));
        for _ in 0..200 {
            if matches!(files.check().await.antivirus, AntivirusState::Up { .. }) {
                return clamd;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("clamd did not start in 20 s");
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pdf() -> Vec<u8> {
    [b"%PDF-1.7\n".to_vec(), vec![b'a'; 200_000], b"\ntrailer<</Root 1 0 R>>startxref 9 %%EOF".to_vec()].concat()
}

fn infected() -> Vec<u8> {
    [pdf(), b"% and a virus".to_vec()].concat()
}

async fn store(files: &Files, key: &FileKey, bytes: Vec<u8>) -> Result<Stored, Error> {
    let content = stream::iter([Ok::<_, String>(Bytes::from(bytes))]);
    files.store(key, "essai.pdf", content, 1_000_000).await
}

fn is_refused_for_a_virus(result: &Result<Stored, Error>) -> bool {
    matches!(result, Err(Error::Invalid(errors)) if errors.of(FIELD).is_some_and(|sentence| sentence.contains("virus")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_antivirus_refuses_holds_and_frees() {
    let folder = tempfile::tempdir().expect("a folder");
    let clamd = Some(format!("{}/clamd.sock", folder.path().display()));
    let config = Config { data: folder.path().into(), clamd, ..Config::default() };
    let files = Files::new(&config, Clock::system()).expect("a folder for files");
    let keys = Keys::ephemeral();
    let key = FileKey::open(&keys, &keys.seal("file-key", &[5; 32])).expect("a key");

    let held = store(&files, &key, pdf()).await.expect("held while clamd is down");
    assert_eq!(held.scan, Scan::Pending);
    let hidden = store(&files, &key, infected()).await.expect("held while clamd is down");

    let _clamd = Clamd::start(folder.path(), &files).await;
    assert!(is_refused_for_a_virus(&store(&files, &key, EICAR.to_vec()).await), "EICAR");
    assert!(is_refused_for_a_virus(&store(&files, &key, infected()).await), "a PDF known to the base");
    assert_eq!(store(&files, &key, pdf()).await.expect("accepted").scan, Scan::Clean);
    assert_eq!(files.scan(&key, held.id).await.expect("asked again"), Scan::Clean);
    assert_eq!(files.scan(&key, hidden.id).await.expect("asked again"), Scan::Infected);
}

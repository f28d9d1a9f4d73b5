//! An installation is backed up while people write in it, and stands again elsewhere, on the same engine or the other:
//! its journal proves itself, a dossier and its piece are read back. What is not right is refused, and nothing is left.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kernel::DossierId;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    faults::{Installation, Phone},
    form,
    support::{
        TestApp, TestDatabase,
        demands::{id_of, path},
        html,
    },
};

/// Where an archive is restored: another base, another folder, the key of the first installation.
struct Place {
    url: String,
    folder: TempDir,
}

impl Place {
    /// On a file.
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { url: format!("sqlite:{}", folder.path().join("ailleurs.db").display()), folder }
    }

    /// On PostgreSQL, where there is one.
    async fn postgres() -> Option<Self> {
        let server = std::env::var("TEST_DATABASE_URL").ok()?;
        let folder = tempfile::tempdir().expect("a folder");
        Some(Self { url: TestDatabase::on(&server).await.url, folder })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, town: &Installation) -> Command {
        let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
        command.env("PARVIS_DATABASE", &self.url).env("PARVIS_DATA", self.data());
        command
    }

    async fn run(&self, town: &Installation, arguments: &[&str]) -> (bool, String) {
        said(self.command(town).args(arguments)).await
    }

    /// Whether nothing was put there: neither rows nor files.
    async fn is_untouched(&self, town: &Installation) -> bool {
        let files = std::fs::read_dir(self.data().join("fichiers")).map_or(0, Iterator::count);
        let (migrated, said) = self.run(town, &["migrate"]).await;
        assert!(migrated, "{said}");
        let (listed, said) = self.run(town, &["journal", "verify"]).await;
        assert!(listed, "{said}");
        files == 0 && said.is_empty()
    }
}

async fn said(command: &mut Command) -> (bool, String) {
    let done = command.output().await.expect("it starts");
    (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

/// What somebody had when the backup was made.
struct Witness {
    phone: Phone,
    id: DossierId,
    piece: Vec<u8>,
}

impl Witness {
    async fn of(town: &Installation) -> Self {
        let mut phone = town.phone();
        let begun = phone.post("/demarches/aide-velo/commencer", form! {}).await;
        let id = id_of(&begun.location);
        let piece = [b"%PDF-1.7\n".as_slice(), "témoin ".repeat(60_000).as_bytes(), b"\n%%EOF\n"].concat();
        let added = phone.upload(&path(id, "pieces/facture"), "facture", "facture.pdf", &piece).await;
        assert!(matches!(added.status, 200 | 303), "{}", added.said());
        Self { phone, id, piece }
    }

    /// The same browser finds its dossier and its piece on this server.
    async fn finds_everything(&self) {
        let mut phone = self.phone.clone();
        let page = phone.get(&path(self.id, "pieces")).await;
        assert_eq!(page.status, 200, "{}", page.said());
        let text = page.text();
        let tags = html::tags(&text);
        let links: Vec<&str> = tags.iter().filter_map(|tag| tag.get("href")).filter(|href| href.contains("/fichiers/")).collect();
        assert_eq!(links.len(), 1, "one piece was sent");
        let file = phone.get(links[0]).await;
        assert!(file.status == 200 && file.body == self.piece, "the piece is not what was sent");
    }
}

/// Backs up while somebody writes; gives the archive.
async fn back_up_under_writing(town: &Installation, archive: &Path) {
    let (stop, mut writer) = (Arc::new(AtomicBool::new(false)), town.phone());
    let stopping = stop.clone();
    let writing = tokio::spawn(async move {
        let mut written = 0;
        while !stopping.load(Ordering::Relaxed) {
            let begun = writer.post("/demarches/contact/commencer", form! {}).await;
            assert_eq!(begun.status, 303, "{}", begun.said());
            written += 1;
        }
        written
    });
    let (is_done, text) = town.run(&["backup", &archive.display().to_string()]).await;
    assert!(is_done, "{text}");
    stop.store(true, Ordering::Relaxed);
    assert!(writing.await.expect("the server went on serving") > 0);
    assert!(text.contains("lignes") && text.contains("clé maîtresse"), "{text}");
}

async fn stands(town: &Installation, place: &Place, witness: &Witness) {
    let (is_whole, text) = place.run(town, &["journal", "verify"]).await;
    assert!(is_whole && text.contains(" lignes") && !text.starts_with("essai : 0 lignes"), "{text}");
    let mut command = place.command(town);
    command.arg("serve").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let server = town.open(command).await;
    witness.finds_everything().await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serving_installation_stands_again_elsewhere_on_either_engine() {
    let town = Installation::around(TestApp::new().await).await;
    let server = town.serve().await;
    let witness = Witness::of(&town).await;
    let folder = tempfile::tempdir().expect("a folder");
    let first = folder.path().join("premiere.tar.gz");
    back_up_under_writing(&town, &first).await;
    server.kill().await;

    let file = Place::sqlite();
    let (is_done, text) = file.run(&town, &["restore", &first.display().to_string()]).await;
    assert!(is_done, "{text}");
    stands(&town, &file, &witness).await;

    let Some(server) = Place::postgres().await else { return };
    let second = folder.path().join("seconde.tar.gz");
    let (is_done, text) = file.run(&town, &["backup", &second.display().to_string()]).await;
    assert!(is_done, "{text}");
    for archive in [first, second] {
        let place = match archive.ends_with("premiere.tar.gz") {
            true => Place::postgres().await.expect("there is one"),
            false => Place { url: server.url.clone(), folder: tempfile::tempdir().expect("a folder") },
        };
        let (is_done, text) = place.run(&town, &["restore", &archive.display().to_string()]).await;
        assert!(is_done, "{text}");
        stands(&town, &place, &witness).await;
    }
}

/// A small installation and its archive.
async fn archived(folder: &Path) -> (Installation, PathBuf) {
    let town = Installation::around(TestApp::new().await).await;
    let server = town.serve().await;
    Witness::of(&town).await;
    server.kill().await;
    let archive = folder.join("sauvegarde.tar.gz");
    let (is_done, text) = town.run(&["backup", &archive.display().to_string()]).await;
    assert!(is_done, "{text}");
    (town, archive)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restoring_replaces_nothing_and_a_backup_neither() {
    let folder = tempfile::tempdir().expect("a folder");
    let (town, archive) = archived(folder.path()).await;
    let archive = archive.display().to_string();
    let (is_done, text) = town.run(&["restore", &archive]).await;
    assert!(!is_done && text.contains("n’est pas vide"), "{text}");
    town.verify_journal().await;
    let (is_done, text) = town.run(&["backup", &archive]).await;
    assert!(!is_done && text.contains("existe déjà"), "{text}");

    let place = Place::sqlite();
    let files = place.data().join("fichiers/aa");
    std::fs::create_dir_all(&files).expect("a folder");
    std::fs::write(files.join("0198c2000000700080000000000000aa"), b"x").expect("a file");
    let (is_done, text) = place.run(&town, &["restore", &archive]).await;
    assert!(!is_done && text.contains("dépôt de fichiers visé n’est pas vide"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_missing_master_key_is_named_and_is_not_in_the_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    let (town, archive) = archived(folder.path()).await;
    let place = Place::sqlite();
    let other = place.folder.path().join("autre.key");
    let restore = |key: &Path| {
        let mut command = place.command(&town);
        command.env("PARVIS_KEY", key).args(["restore", &archive.display().to_string()]);
        command
    };
    let keys: toml::Table = said(town.command("sh").args(["-c", "cat \"$PARVIS_KEY\""])).await.1.parse().expect("TOML");
    let entry = &keys["key"].as_array().expect("a list")[0];
    let (id, secret) = (entry["id"].as_str().expect("an id"), entry["secret"].as_str().expect("a secret"));

    let (is_done, text) = said(&mut restore(&other)).await;
    assert!(!is_done && text.contains(&format!("clé maîtresse {id}")), "{text}");
    let (is_made, text) = said(place.command(&town).env("PARVIS_KEY", &other).args(["key", "new"])).await;
    assert!(is_made, "{text}");
    let (is_done, text) = said(&mut restore(&other)).await;
    assert!(!is_done && text.contains(&format!("clé maîtresse {id}")), "{text}");
    assert!(place.is_untouched(&town).await);

    let unpacked = said(Command::new("tar").args(["-xzOf", &archive.display().to_string()])).await.1;
    assert!(unpacked.contains(id) && !unpacked.contains(secret));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_cut_or_altered_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (town, archive) = archived(folder.path()).await;
    let whole = std::fs::read(&archive).expect("the archive");
    let wrong = folder.path().join("fausse.tar.gz");
    let try_it = async |bytes: &[u8], why: &str| {
        std::fs::write(&wrong, bytes).expect("written");
        let place = Place::sqlite();
        let (is_done, text) = place.run(&town, &["restore", &wrong.display().to_string()]).await;
        assert!(!is_done && (text.contains("altérée") || text.contains("abîmé")), "{why}: {text}");
        assert!(place.is_untouched(&town).await, "{why}");
    };
    try_it(&whole[..whole.len() / 2], "half of it").await;
    try_it(&whole[..whole.len() - 40], "without its last bytes").await;
    try_it(b"", "nothing").await;
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    try_it(&flipped, "one bit changed").await;

    // Somebody who takes it apart and makes it anew, with tools of his own.
    let opened = folder.path().join("ouverte");
    let script = |change: &str| {
        format!(
            "set -e; rm -rf {0}; mkdir {0}; tar -xzf {1} -C {0}; cd {0}; tar -tzf {1} > ../liste; {change}; tar -czf {2} --no-recursion -T ../liste",
            opened.display(),
            archive.display(),
            wrong.display()
        )
    };
    for change in [
        "sed -i 's/Commune de essai/Commune de ailleurs/' tables/tenant/000001.jsonl",
        "printf x >> $(ls -d fichiers/* | head -1)",
        "grep -v '^fichiers/' ../liste > ../l; mv ../l ../liste",
        "sed -i 's/\"files\": 1/\"files\": 2/' fin.json",
        "grep -v '^fin.json' ../liste > ../l; mv ../l ../liste",
        "head -1 tables/tenant/000001.jsonl > tables/tenant/000002.jsonl; sed -i 's,^tables/tenant/000001.jsonl$,&\\ntables/tenant/000002.jsonl,' ../liste",
    ] {
        let (is_made, text) = said(Command::new("sh").args(["-c", &script(change)])).await;
        assert!(is_made, "{change}: {text}");
        try_it(&std::fs::read(&wrong).expect("made anew"), change).await;
    }
}

/// Runs a command to its end; gives the most memory that it took, in KiB.
async fn memory_of(command: &mut Command) -> u64 {
    let mut child = command.stdout(std::process::Stdio::null()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id().expect("it runs"));
    let mut most = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(most);
        if let Some(ended) = child.try_wait().expect("it can be asked") {
            assert!(ended.success());
            return most;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_stays_flat_whatever_the_size_of_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (town, small) = archived(folder.path()).await;
    let files = town.folder().join("data/fichiers/bb");
    std::fs::create_dir_all(&files).expect("a folder");
    let long: Vec<u8> = (0..128_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(files.join("0198c2000000700080000000000000bb"), long).expect("a long file");
    let large = folder.path().join("grande.tar.gz");
    let saved = memory_of(town.command(env!("CARGO_BIN_EXE_parvis")).args(["backup", &large.display().to_string()])).await;
    assert!(std::fs::metadata(&large).expect("an archive").len() > 1 << 20);
    let restore = async |archive: PathBuf| {
        let place = Place::sqlite();
        memory_of(place.command(&town).args(["restore", &archive.display().to_string()])).await
    };
    let (of_small, of_large) = (restore(small).await, restore(large).await);
    assert!(saved < of_small + 32_000 && of_large < of_small + 32_000, "KiB: {saved} {of_small} {of_large}");
}

//! Tests of the store of files, on a folder of their own.

use std::{fs, path::PathBuf};

use futures_util::{TryStreamExt as _, stream};

use super::{receive::harmless, *};
use crate::antivirus::tests::double;

const MB: u64 = 1_000_000;

struct Place {
    files: Files,
    folder: tempfile::TempDir,
}

fn place(antivirus: Option<Antivirus>) -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::folder(folder.path()).expect("a store");
    Place { files: Files(Arc::new(Parts { store, antivirus, clock: Clock::system() })), folder }
}

fn key() -> FileKey {
    FileKey([3; 32])
}

fn pdf(length: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..length).map(|n| b'a' + (n % 23) as u8));
    bytes.extend_from_slice(b"\ntrailer<</Root 1 0 R>>startxref 9 %%EOF");
    bytes
}

fn in_chunks(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, String>> + Send + use<> {
    let chunks: Vec<_> = bytes.chunks(10_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks)
}

impl Place {
    async fn store(&self, bytes: &[u8]) -> Result<Stored> {
        self.files.store(&key(), "C:\\photos\\ma facture.pdf", in_chunks(bytes), MB).await
    }

    async fn refusal(&self, bytes: &[u8]) -> String {
        match self.store(bytes).await {
            Err(Error::Invalid(errors)) => errors.of(FIELD).expect("the field is named").to_string(),
            other => panic!("not refused: {other:?}"),
        }
    }

    fn on_disk(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.folder.path()).expect("a folder").flatten();
        folders.flat_map(|folder| fs::read_dir(folder.path()).expect("a folder").flatten()).map(|e| e.path()).collect()
    }
}

#[tokio::test]
async fn a_file_reads_back_and_lies_encrypted_on_disk() {
    let place = place(None);
    let content = pdf(200_000);
    let stored = place.store(&content).await.expect("stored");
    assert_eq!((stored.content_type, stored.name.as_str(), stored.scan), ("application/pdf", "ma facture.pdf", Scan::Clean));
    assert_eq!(stored.size, content.len() as u64);
    assert_eq!(stored.sha256, crypto::hex(&crypto::sha256(&content)));
    assert!(place.files.read(&key(), stored.id).await.expect("read") == content);
    let raw = fs::read(&place.on_disk()[0]).expect("one file");
    assert!(!raw.windows(5).any(|w| w == b"%PDF-" || w == b"abcde"), "nothing of the content can be read on disk");
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_leaves_nothing() {
    let place = place(None);
    assert!(place.refusal(b"").await.contains("vide (0 octet)"));
    assert!(place.refusal(&pdf(1_100_000)).await.contains("trop lourd : 1\u{a0}Mo au plus"));
    assert!(place.refusal(b"PK\x03\x04 etc").await.contains("archive"));
    let mut locked = pdf(100_000);
    locked.extend_from_slice(b"trailer<</Root 1 0 R/Encrypt 5 0 R>>startxref 9 %%EOF");
    assert!(place.refusal(&locked).await.contains("Ce PDF est protégé"));
    assert!(place.on_disk().is_empty(), "{:?}", place.on_disk());
}

#[tokio::test]
async fn a_file_of_exactly_the_limit_is_accepted() {
    let place = place(None);
    let extra = pdf(0).len();
    assert!(place.store(&pdf(1_000_000 - extra)).await.is_ok());
    assert!(place.store(&pdf(1_000_001 - extra)).await.is_err());
}

#[tokio::test]
async fn an_interrupted_sending_leaves_nothing() {
    let place = place(None);
    let broken = stream::iter([Ok(Bytes::from(pdf(50_000))), Err("hung up")]);
    let error = place.files.store(&key(), "a.pdf", broken, MB).await.expect_err("interrupted");
    assert!(matches!(error, Error::Invalid(errors) if errors.of(FIELD).is_some_and(|s| s.contains("interrompu"))));
    assert!(place.on_disk().is_empty());
}

#[tokio::test]
async fn an_infected_file_is_refused_whatever_its_kind() {
    let place = place(Some(double().await));
    let mut infected = pdf(90_000);
    infected.extend_from_slice(b"VIRUS");
    assert!(place.refusal(&infected).await.contains("virus"));
    assert!(place.refusal(b"text with a VIRUS").await.contains("virus"));
    assert!(place.on_disk().is_empty());
    assert_eq!(place.store(&pdf(10)).await.expect("stored").scan, Scan::Clean);
}

#[tokio::test]
async fn a_file_waits_when_the_antivirus_is_down_and_is_scanned_later() {
    let place = place(Some(Antivirus::new("127.0.0.1:1")));
    let mut infected = pdf(10);
    infected.extend_from_slice(b"VIRUS");
    let stored = place.store(&infected).await.expect("held");
    assert_eq!(stored.scan, Scan::Pending);
    assert_eq!(place.files.scan(&key(), stored.id).await.expect("asked"), Scan::Pending);
    let store = Store::folder(place.folder.path()).expect("a store");
    let up = Files(Arc::new(Parts { store, antivirus: Some(double().await), clock: Clock::system() }));
    assert_eq!(up.scan(&key(), stored.id).await.expect("asked"), Scan::Infected);
}

#[tokio::test]
async fn a_cut_or_altered_file_does_not_read() {
    let place = place(None);
    let stored = place.store(&pdf(200_000)).await.expect("stored");
    let path = &place.on_disk()[0];
    let sealed = fs::read(path).expect("one file");
    for damaged in [&sealed[..sealed.len() - 20_000], &sealed[..70_000], b"", &[&sealed[..100_000], b"x", &sealed[100_001..]].concat()] {
        fs::write(path, damaged).expect("written");
        assert!(place.files.read(&key(), stored.id).await.is_err());
    }
    fs::write(path, &sealed).expect("written");
    assert!(place.files.read(&FileKey([4; 32]), stored.id).await.is_err(), "another key");
    assert!(place.files.read(&key(), stored.id).await.is_ok());
}

#[tokio::test]
async fn a_removed_file_is_not_found_and_can_be_removed_again() {
    let place = place(None);
    let stored = place.store(&pdf(10)).await.expect("stored");
    place.files.remove(stored.id).await.expect("removed");
    place.files.remove(stored.id).await.expect("removed already");
    assert!(matches!(place.files.read(&key(), stored.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn old_files_are_listed_for_cleaning() {
    let place = place(None);
    let stored = place.files.store_made(&key(), "a.pdf", "application/pdf", b"made by us").await.expect("stored");
    let soon = Timestamp::from_second(Clock::system().now().as_second() + 60).expect("in range");
    let listed: Vec<FileId> = place.files.list_older_than(soon).try_collect().await.expect("listed");
    assert_eq!(listed, [stored.id]);
    let listed: Vec<FileId> = place.files.list_older_than(Timestamp::UNIX_EPOCH).try_collect().await.expect("listed");
    assert!(listed.is_empty());
}

#[tokio::test]
async fn what_a_killed_process_left_half_written_is_cleaned() {
    let place = place(None);
    let stored = place.store(&pdf(10)).await.expect("stored");
    let id = place.files.new_id();
    let mut writing = place.files.0.store.write(id).await.expect("opened");
    writing.put(Bytes::from(vec![0; 300_000])).await.expect("written");
    std::mem::forget(writing); // as a killed process does
    assert_eq!(place.on_disk().len(), 2, "{:?}", place.on_disk());
    let soon = Timestamp::from_second(Clock::system().now().as_second() + 60).expect("in range");
    assert_eq!(place.files.clean_unfinished(Timestamp::UNIX_EPOCH).await.expect("cleaned"), 0);
    assert_eq!(place.files.clean_unfinished(soon).await.expect("cleaned"), 1);
    assert!(place.files.read(&key(), stored.id).await.is_ok());
}

#[tokio::test]
async fn a_backup_moves_files_without_opening_them() {
    let (from, to) = (place(None), place(None));
    let stored = from.store(&pdf(100_000)).await.expect("stored");
    let sealed = from.files.read_sealed(stored.id).await.expect("read");
    to.files.restore_sealed(stored.id, sealed).await.expect("restored");
    assert!(to.files.read(&key(), stored.id).await.expect("read") == pdf(100_000));
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_unavailable() {
    let place = place(None);
    assert!(place.files.check().await.store.is_ok());
    fs::remove_dir_all(place.folder.path()).expect("removed");
    fs::write(place.folder.path(), b"a file where a folder was").expect("written");
    assert!(matches!(place.store(&pdf(10)).await, Err(Error::Unavailable(_))));
    assert!(place.files.check().await.store.is_err());
    fs::remove_file(place.folder.path()).expect("removed");
}

#[test]
fn a_name_is_made_harmless() {
    assert_eq!(harmless("../../etc/passwd"), "passwd");
    assert_eq!(harmless("a\0b\r\n.pdf"), "ab.pdf");
    assert_eq!(harmless(""), "document");
    assert_eq!(harmless("..."), "document");
    assert!(harmless(&format!("{}.pdf", "é".repeat(500))).ends_with("é.pdf"));
    assert!(harmless(&"x".repeat(500)).len() == 120);
}

#[test]
fn a_key_opens_only_with_the_master_key_that_sealed_it() {
    let keys = Keys::ephemeral();
    let sealed = key().sealed(&keys);
    assert_eq!(FileKey::open(&keys, &sealed).expect("opens").0, key().0);
    assert!(FileKey::open(&Keys::ephemeral(), &sealed).is_err());
}

//! The file of the master keys: readable TOML, mode 600, several generations, the newest last.
//! It is never in the database nor in its backup: whoever has a backup without this file has nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KeyId, hex, random};
use crate::{Error, Result};

const HEAD: &str = "\
# Clés maîtresses de Parvis. Qui lit ce fichier lit tout ; qui le perd ne lit plus rien.
# Gardez-en une copie en lieu sûr, à part des sauvegardes de la base et des fichiers.
# La dernière clé sert à sceller et à signer ; les précédentes restent pour ouvrir et vérifier.
";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    key: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    created: Timestamp,
    secret: String,
}

/// Writes a new file with one key; never over an existing one.
pub(super) fn create(path: &Path, now: Timestamp) -> Result<()> {
    let text = text(&KeyFile { key: vec![Entry::new(now)] })?;
    write_new(path, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => refused(format!("Le fichier de clés {} existe déjà : il n’est pas remplacé.", path.display())),
        _ => refused(format!("Le fichier de clés {} ne peut pas être écrit : {error}.", path.display())),
    })
}

/// Adds a key at the end, through a new file put in place in one move: a crash leaves the old or the new one.
pub(super) fn rotate(path: &Path, now: Timestamp) -> Result<()> {
    let mut file = parse(path)?;
    file.key.push(Entry::new(now));
    let beside = path.with_extension("nouveau");
    let written = write_new(&beside, &text(&file)?).and_then(|()| fs::rename(&beside, path));
    written
        .and_then(|()| sync_folder(path))
        .map_err(|error| refused(format!("Le fichier de clés {} ne peut pas être remplacé : {error}.", path.display())))
}

/// The keys of the file, oldest first; at least one.
pub(super) fn read(path: &Path) -> Result<Vec<(KeyId, [u8; 32])>> {
    let keys = parse(path)?.key.iter().map(Entry::decode).collect::<Option<Vec<_>>>();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(|| damaged(path, "une clé y est illisible"))
}

fn parse(path: &Path) -> Result<KeyFile> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            refused(format!("Le fichier de clés {} n’existe pas : créez-le avec « parvis key new », ou remettez-le en place.", path.display()))
        }
        _ => refused(format!("Le fichier de clés {} ne peut pas être lu : {error}.", path.display())),
    })?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refused(format!(
            "Le fichier de clés {0} est ouvert à d’autres comptes (mode {mode:o}) : faites « chmod 600 {0} », puis recommencez.",
            path.display()
        )));
    }
    let text = fs::read_to_string(path).map_err(|error| refused(format!("Le fichier de clés {} ne peut pas être lu : {error}.", path.display())))?;
    toml::from_str(&text).map_err(|_| damaged(path, "ce n’est pas le texte attendu"))
}

fn text(file: &KeyFile) -> Result<String> {
    let keys = toml::to_string(file).map_err(Error::internal)?;
    Ok(format!("{HEAD}\n{keys}"))
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl Entry {
    fn new(created: Timestamp) -> Self {
        Self { id: hex(&random::<4>()), created, secret: STANDARD.encode(random::<32>()) }
    }

    fn decode(&self) -> Option<(KeyId, [u8; 32])> {
        let id = u32::from_str_radix(&self.id, 16).ok().filter(|_| self.id.len() == 8)?;
        let secret = STANDARD.decode(&self.secret).ok()?.try_into().ok()?;
        Some((id.to_be_bytes(), secret))
    }
}

fn damaged(path: &Path, why: &str) -> Error {
    refused(format!("Le fichier de clés {} est abîmé ({why}) : remettez en place votre copie.", path.display()))
}

fn refused(sentence: String) -> Error {
    Error::refused("key-file", sentence)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

    use super::{super::Keys, *};

    fn path() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cles.toml");
        (folder, path)
    }

    fn now() -> Timestamp {
        "2026-11-24T08:00:00Z".parse().expect("an instant")
    }

    fn sentence(error: Error) -> String {
        match error {
            Error::Refused(problem) => problem.sentence,
            other => panic!("not a refusal: {other}"),
        }
    }

    #[test]
    fn a_new_file_is_for_its_owner_only_and_never_replaces_another() {
        let (_folder, path) = path();
        let keys = Keys::generate(&path, now()).expect("created");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let again = Keys::generate(&path, now()).expect_err("already there");
        assert!(sentence(again).contains("existe déjà"));
        assert_eq!(Keys::load(&path).expect("readable").ids(), keys.ids());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_command_to_type() {
        let (_folder, path) = path();
        Keys::generate(&path, now()).expect("created");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("chmod");
        let refusal = sentence(Keys::load(&path).expect_err("too open"));
        assert!(refusal.contains("mode 640") && refusal.contains("chmod 600"), "{refusal}");
    }

    #[test]
    fn after_a_rotation_the_old_key_opens_and_the_new_one_seals() {
        let (folder, path) = path();
        let old = Keys::generate(&path, now()).expect("created");
        let (sealed, signature) = (old.seal("c", b"x"), old.sign(b"m"));
        let new = Keys::rotate(&path, now()).expect("rotated");
        assert_eq!(new.open("c", &sealed).expect("old key kept"), b"x");
        assert!(new.verify(b"m", &signature));
        assert_eq!(new.check_mark(b"m", &old.mark(b"m")), super::super::Mark::Ours);
        assert_eq!(super::super::sealed_with(&new.seal("c", b"y")).as_ref(), new.ids().last());
        assert!(old.open("c", &new.seal("c", b"y")).is_err(), "the old file lacks the new key");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1, "nothing is left beside");
    }

    #[test]
    fn a_missing_or_damaged_file_says_what_to_do() {
        let (_folder, path) = path();
        assert!(sentence(Keys::load(&path).expect_err("missing")).contains("parvis key new"));
        for text in ["", "key = []", "[[key]]\nid = \"zz\"\ncreated = \"2026-11-24T08:00:00Z\"\nsecret = \"AA==\"\n"] {
            let _ = fs::remove_file(&path);
            write_new(&path, text).expect("written");
            assert!(sentence(Keys::load(&path).expect_err("damaged")).contains("abîmé"), "{text}");
        }
    }
}

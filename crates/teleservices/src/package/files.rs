//! The files of a package: read from a folder or an archive within limits, packed again, digested.
//! It looks at names, sizes and kinds of entries; what the files say is `read`'s affair.

use super::flaw::{Place, Report, suggest};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

/// At most this many files in a package.
pub const MAX_FILES: usize = 200;
/// At most this many bytes in one file.
pub const MAX_FILE: usize = 256 * 1024;
/// At most this many bytes in all.
pub const MAX_TOTAL: usize = 2 * 1024 * 1024;

const AT_ROOT: [&str; 7] = ["teleservice.toml", "regles.toml", "pieces.toml", "circuit.toml", "liaisons.toml", "motifs.toml", "LISEZMOI.md"];
const FOLDERS: [(&str, &str); 4] = [("pages", "toml"), ("courriers", "md"), ("textes", "md"), ("essais", "toml")];

/// Path within the package (with `/`) → text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// Takes texts already in memory: a version from the database, a package made by `new`, a test.
    pub fn from_texts<P: Into<String>, T: Into<String>>(texts: impl IntoIterator<Item = (P, T)>) -> Result<Files, Report> {
        let mut gather = Gather::default();
        for (path, text) in texts {
            let (path, text) = (path.into(), text.into());
            gather.add(&path, text.as_bytes())?;
        }
        gather.end()
    }

    /// Reads a folder. Hidden entries are passed over; a symbolic link is refused, wherever it leads.
    pub fn read(folder: &Path) -> Result<Files, Report> {
        let mut gather = Gather::default();
        read_folder(folder, "", &mut gather)?;
        gather.end()
    }

    /// Reads a `.tar.gz` made by [`Files::pack`]; never writes to the disk.
    pub fn unpack(archive: &[u8]) -> Result<Files, Report> {
        unpack(archive)
    }

    /// The archive: same files, same bytes, whatever the machine and the day.
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
        for (path, text) in &self.0 {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(0);
            header.set_cksum();
            tar.append_data(&mut header, path, text.as_bytes())?;
        }
        tar.into_inner()?.finish()
    }

    /// SHA-256 of all names and texts, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for (path, text) in &self.0 {
            for part in [path, text] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text of one file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Files of a folder, in order of name.
    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.iter().filter(move |(path, _)| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// All files, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Puts a file, replacing the one of this name; used by tests and by `new`.
    pub fn with(mut self, path: &str, text: impl Into<String>) -> Files {
        self.0.insert(path.to_owned(), text.into());
        self
    }

    /// As a JSON object, for the database.
    pub fn to_json(&self) -> serde_json::Value {
        self.0.iter().map(|(path, text)| (path.clone(), text.clone().into())).collect::<serde_json::Map<_, _>>().into()
    }

    /// Back from the database.
    pub fn from_json(json: &serde_json::Value) -> Result<Files, Report> {
        let texts = json.as_object().into_iter().flatten();
        Files::from_texts(texts.map(|(path, text)| (path.as_str(), text.as_str().unwrap_or_default())))
    }
}

#[derive(Default)]
struct Gather {
    files: BTreeMap<String, String>,
    total: usize,
    report: Report,
}

impl Gather {
    /// Refuses at once what could hurt (size, number); gathers the rest in the report.
    fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), Report> {
        let place = Place::file(path);
        self.total += bytes.len();
        if self.files.len() >= MAX_FILES {
            return Err(one(&place, format!("un paquet a au plus {MAX_FILES} fichiers"), "retirez les fichiers inutiles"));
        }
        if bytes.len() > MAX_FILE || self.total > MAX_TOTAL {
            return Err(too_large(&place));
        }
        if self.files.contains_key(path) {
            self.report.error(&place, "ce fichier est deux fois dans l’archive", "gardez-en un");
        }
        if let Err((message, mend)) = expected(path) {
            self.report.error(&place, message, mend);
            return Ok(());
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
                self.files.insert(path.to_owned(), text);
            }
            _ => self.report.error(&place, "ce fichier n’est pas un texte en UTF-8", "enregistrez-le de nouveau en UTF-8"),
        }
        Ok(())
    }

    fn end(mut self) -> Result<Files, Report> {
        if !self.files.contains_key("teleservice.toml") {
            self.report.error(
                &Place::file("teleservice.toml"),
                "il n’y a pas de fichier « teleservice.toml »",
                "c’est par lui qu’un paquet commence ; « parvis teleservice new » en écrit un",
            );
        }
        match self.report.flaws.is_empty() {
            true => Ok(Files(self.files)),
            false => Err(self.report),
        }
    }
}

/// Whether a package may hold a file of this name.
fn expected(path: &str) -> Result<(), (String, String)> {
    if AT_ROOT.contains(&path) {
        return Ok(());
    }
    let plain = |name: &str| name.len() <= 80 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
    if let Some((folder, name)) = path.split_once('/') {
        let Some((_, extension)) = FOLDERS.iter().find(|(known, _)| *known == folder) else {
            return Err((
                format!("le dossier « {folder} » n’a pas sa place dans un paquet"),
                suggest(folder, FOLDERS.iter().map(|(known, _)| *known)),
            ));
        };
        let stem = name.strip_suffix(extension).and_then(|n| n.strip_suffix('.')).unwrap_or_default();
        return match plain(name) && !stem.is_empty() && !stem.starts_with('.') {
            true => Ok(()),
            false => Err((
                format!("« {name} » n’est pas un nom attendu dans « {folder} »"),
                format!("un nom en minuscules sans accent ni espace, terminé par .{extension}"),
            )),
        };
    }
    Err((format!("le fichier « {path} » n’a pas sa place dans un paquet"), suggest(path, AT_ROOT)))
}

fn read_folder(folder: &Path, prefix: &str, gather: &mut Gather) -> Result<(), Report> {
    let unreadable = |what: &str, e: &std::io::Error| {
        let name = if what.is_empty() { folder.display().to_string() } else { what.to_owned() };
        one(&Place::file(&name), format!("impossible de lire « {name} » : {e}"), "vérifiez le chemin et les droits")
    };
    let mut entries = std::fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>()).map_err(|e| unreadable(prefix, &e))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            return Err(one(&Place::file(prefix), "un nom de fichier n’est pas lisible", "renommez-le en minuscules sans accent"));
        };
        if name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let meta = entry.path().symlink_metadata().map_err(|e| unreadable(&path, &e))?;
        if meta.is_symlink() {
            return Err(one(&Place::file(&path), "un lien symbolique est refusé", "mettez le fichier lui-même dans le paquet"));
        } else if meta.is_dir() && prefix.is_empty() {
            read_folder(&entry.path(), &path, gather)?;
        } else if meta.is_dir() {
            return Err(one(&Place::file(&path), "un paquet n’a pas de dossier dans un dossier", "remontez ces fichiers d’un niveau"));
        } else if meta.len() > MAX_FILE as u64 {
            return Err(too_large(&Place::file(&path)));
        } else {
            let bytes = std::fs::read(entry.path()).map_err(|e| unreadable(&path, &e))?;
            gather.add(&path, &bytes)?;
        }
    }
    Ok(())
}

fn unpack(archive: &[u8]) -> Result<Files, Report> {
    let broken = |_| one(&Place::file("archive"), "ce n’est pas une archive .tar.gz lisible", "faites-la avec « parvis teleservice pack »");
    let mut gather = Gather::default();
    // The headers of MAX_FILES entries and their padding, at most, beside the texts.
    let limit = (MAX_TOTAL + (MAX_FILES + 4) * 2048) as u64;
    let mut tar = tar::Archive::new(GzDecoder::new(archive).take(limit));
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        let place = Place::file(&path.display().to_string());
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(one(
                &place,
                "l’archive contient autre chose que des fichiers (lien, périphérique…)",
                "refaites-la avec « parvis teleservice pack »",
            ));
        }
        let name = inside(&path).ok_or_else(|| one(&place, "ce chemin sort du paquet", "refaites l’archive avec « parvis teleservice pack »"))?;
        if entry.size() > MAX_FILE as u64 {
            return Err(too_large(&place));
        }
        let mut bytes = Vec::new();
        entry.by_ref().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(broken)?;
        gather.add(&name, &bytes)?;
    }
    gather.end()
}

/// The path with `/`, when it stays inside; `./x` is read as `x`.
fn inside(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

fn too_large(place: &Place) -> Report {
    let message = format!("le paquet est trop gros : {} Kio par fichier et {} Mio en tout", MAX_FILE / 1024, MAX_TOTAL / 1024 / 1024);
    one(place, message, "un téléservice est un texte : ni image ni donnée n’y ont leur place")
}

fn one(place: &Place, message: impl Into<String>, mend: impl Into<String>) -> Report {
    let mut report = Report::default();
    report.error(place, message, mend);
    report
}

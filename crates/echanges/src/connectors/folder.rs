//! A folder in which an application leaves files, on disk or on a server: listed, read, moved to `traites` or `refuses`
//! once what they say is committed. A file whose name says that it is being written is not seen.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Component, Path, PathBuf},
};

use super::Call;
use crate::model::Failure;

/// Larger files are refused unread.
pub(crate) const MAX_BYTES: u64 = 10 << 20;
/// Files looked at in one round.
const MOST: usize = 200;

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
}

/// Where files arrive.
pub trait Folder: Send {
    /// The files that wait, by name, at most 200.
    fn list(&mut self) -> Call<'_, Vec<Entry>>;

    /// The content of one.
    fn read<'a>(&'a mut self, name: &'a str) -> Call<'a, Vec<u8>>;

    /// Moves one to a folder beside it, with a text that says why when there is one.
    fn put_away<'a>(&'a mut self, name: &'a str, to: &'a str, why: Option<&'a str>) -> Call<'a, ()>;
}

/// A folder on our own disk.
pub(super) struct Local(pub PathBuf);

impl Folder for Local {
    fn list(&mut self) -> Call<'_, Vec<Entry>> {
        let folder = self.0.clone();
        blocking(move || {
            fs::create_dir_all(&folder)?;
            let mut found = Vec::new();
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let about = entry.metadata()?;
                if about.is_file() && is_whole(&name) {
                    found.push(Entry { name, size: about.len() });
                }
            }
            Ok(sorted(found))
        })
    }

    fn read<'a>(&'a mut self, name: &'a str) -> Call<'a, Vec<u8>> {
        let path = self.0.join(name);
        blocking(move || fs::read(path))
    }

    fn put_away<'a>(&'a mut self, name: &'a str, to: &'a str, why: Option<&'a str>) -> Call<'a, ()> {
        let (folder, name, to) = (self.0.clone(), name.to_owned(), self.0.join(to));
        let why = why.map(str::to_owned);
        blocking(move || {
            fs::create_dir_all(&to)?;
            if let Some(why) = why {
                write_whole(&to, &format!("{name}.motif.txt"), why.as_bytes())?;
            }
            fs::rename(folder.join(&name), to.join(&name))
        })
    }
}

/// Writes a file so that it is never seen half written, and survives a power cut once this returns.
pub(super) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = folder.join(format!(".{name}.part"));
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// Runs disk work away from the async threads.
pub(super) fn blocking<'a, T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Call<'a, T> {
    Box::pin(async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Failure::retry(format!("disque : {}", error.kind()))),
            Err(_) => Err(Failure::retry("disque : arrêt brutal")),
        }
    })
}

/// Whether the name is that of a file whose writing has ended.
pub(super) fn is_whole(name: &str) -> bool {
    let lower = name.to_lowercase();
    let is_part = [".part", ".tmp", ".temp", ".filepart", ".crdownload"].iter().any(|end| lower.ends_with(end));
    !name.starts_with(['.', '~']) && !is_part && !name.contains(['/', '\\'])
}

pub(super) fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.truncate(MOST);
    entries
}

/// A folder below ours, as an administrator writes it: `etat-civil/demandes`. Nothing when it would lead elsewhere.
pub(super) fn below(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    let mut parts = path.components();
    let is_inside = parts.clone().next().is_some() && parts.all(|part| matches!(part, Component::Normal(_)));
    let is_plain = text.split('/').all(|part| !part.is_empty() && part != "." && !part.contains('\0'));
    (is_inside && is_plain).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_being_written_is_not_seen() {
        for name in [".a.xml", "a.xml.part", "a.TMP", "~a.xml", "a.filepart", "x/y"] {
            assert!(!is_whole(name), "{name}");
        }
        assert!(is_whole("demande 12.xml"));
    }

    #[tokio::test]
    async fn files_are_listed_read_and_put_away_with_a_reason() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = Local(dir.path().join("arrivees"));
        assert_eq!(folder.list().await.expect("listed"), []);
        write_whole(&folder.0, "b.xml", b"<b/>").expect("written");
        write_whole(&folder.0, "a.xml", b"<a/>").expect("written");
        let names: Vec<String> = folder.list().await.expect("listed").into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, ["a.xml", "b.xml"]);
        assert_eq!(folder.read("a.xml").await.expect("read"), b"<a/>");
        folder.put_away("a.xml", "traites", None).await.expect("moved");
        folder.put_away("b.xml", "refuses", Some("illisible")).await.expect("moved");
        assert_eq!(folder.list().await.expect("listed"), []);
        assert_eq!(fs::read_to_string(folder.0.join("refuses/b.xml.motif.txt")).expect("the reason"), "illisible");
        assert!(folder.0.join("traites/a.xml").exists());
    }
}

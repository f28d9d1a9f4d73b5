//! The archive while it is read: entries in their order, digested as they pass; at its end, either all of it is what
//! was signed or it is refused. What is done with the entries is the caller's business.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom},
    path::Path,
};

use flate2::read::GzDecoder;
use kernel::{
    Error, FileId, Result, Value,
    crypto::{Keys, Signature},
    db::transfer::Table,
};
use sha2::{Digest as _, Sha256};

use super::{Counts, END, End, FILES, MANIFEST, Manifest, TABLES, archive::Sums, damaged, values};

/// Pieces of a file.
const PIECE: usize = 1 << 16;

/// An archive that can be read several times.
pub(super) struct Source {
    file: File,
    pub(super) manifest: Manifest,
}

/// What an entry of the middle is.
pub(super) enum Part {
    /// Lines of this table.
    Rows(String),
    /// A sealed file.
    File(FileId),
}

/// The content of an entry, digested as it is read.
pub(super) struct Content<R> {
    from: R,
    digest: Sha256,
    size: u64,
}

/// Who takes the content of the entries.
pub(super) trait Take {
    /// One entry.
    async fn take(&mut self, part: Part, content: &mut Content<impl Read>) -> Result<()>;
}

/// Only passes over it.
pub(super) struct Nothing;

impl Take for Nothing {
    async fn take(&mut self, _: Part, content: &mut Content<impl Read>) -> Result<()> {
        while content.piece()?.is_some() {}
        Ok(())
    }
}

impl Source {
    /// Opens the archive and reads its manifest, which nothing proves yet.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::refused("backup-file", format!("{} ne peut pas être lu : {error}.", path.display())))?;
        let mut tar = tar::Archive::new(GzDecoder::new(&file));
        let first = tar.entries().ok().and_then(|mut entries| entries.next()).and_then(std::result::Result::ok);
        let first = first.filter(|entry| entry.path().is_ok_and(|path| *path == *Path::new(MANIFEST)));
        let Some(first) = first else {
            let sentence = format!("{} n’est pas une sauvegarde de Parvis, ou son début est abîmé.", path.display());
            return Err(Error::refused("backup-damaged", sentence));
        };
        let manifest = serde_json::from_reader(first).map_err(|_| damaged("le manifeste est illisible"))?;
        drop(tar);
        Ok(Self { file, manifest })
    }

    /// Reads it whole, and gives its counts if it is what these keys signed.
    pub(super) async fn read(&mut self, keys: &Keys, take: &mut impl Take) -> Result<Counts> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(&self.file)));
        let (mut sums, mut end) = (Sums::default(), None);
        for (number, entry) in tar.entries()?.enumerate() {
            let entry = entry.map_err(|_| damaged("elle s’arrête avant sa fin"))?;
            let name = entry.path()?.to_string_lossy().into_owned();
            let mut content = Content { from: entry, digest: Sha256::new(), size: 0 };
            if end.is_some() {
                return Err(damaged("quelque chose suit sa fin"));
            }
            if name == END {
                end = Some(serde_json::from_slice::<End>(&content.whole()?).map_err(|_| damaged("sa fin est illisible"))?);
                continue;
            }
            match part(&name) {
                _ if number == 0 => drop(content.whole()?),
                Some(part) => take.take(part, &mut content).await?,
                None => return Err(damaged("une entrée y est étrangère")),
            }
            sums.add(&name, content.size, &content.digest.finalize());
        }
        let mut rest = tar.into_inner();
        std::io::copy(&mut rest, &mut std::io::sink()).map_err(|_| damaged("sa somme de contrôle est fausse"))?;
        proven(keys, end.ok_or_else(|| damaged("elle s’arrête avant sa fin"))?, &sums.finish())
    }
}

fn proven(keys: &Keys, end: End, sha256: &str) -> Result<Counts> {
    let bytes = values::bytes(&end.signature).unwrap_or_default();
    let signature = Signature { key_id: end.key_id, bytes };
    if end.sha256 != sha256 || !keys.verify(&End::signed(&end.counts, sha256)?, &signature) {
        return Err(damaged("son contenu n’est pas celui qui a été signé"));
    }
    Ok(end.counts)
}

fn part(name: &str) -> Option<Part> {
    if let Some(rest) = name.strip_prefix(TABLES) {
        return rest.split_once('/').map(|(table, _)| Part::Rows(table.to_owned()));
    }
    name.strip_prefix(FILES).and_then(|id| id.parse().ok()).map(Part::File)
}

impl<R: Read> Content<R> {
    /// The next bytes.
    pub(super) fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = vec![0; PIECE];
        let read = self.read(&mut piece).map_err(|_| damaged("elle s’arrête avant sa fin"))?;
        piece.truncate(read);
        Ok((read > 0).then_some(piece))
    }

    /// All of it; for what is known to be small.
    pub(super) fn whole(&mut self) -> Result<Vec<u8>> {
        let mut whole = vec![];
        self.read_to_end(&mut whole).map_err(|_| damaged("elle s’arrête avant sa fin"))?;
        Ok(whole)
    }

    /// The rows of a part of a table, some at a time.
    pub(super) fn rows<'a>(&'a mut self, table: &'a Table) -> impl Iterator<Item = Result<Vec<Value>>> + 'a {
        let lines = BufReader::new(self).lines();
        lines.map(|line| row(&line.map_err(|_| damaged("elle s’arrête avant sa fin"))?, table))
    }
}

fn row(line: &str, table: &Table) -> Result<Vec<Value>> {
    let values: Vec<serde_json::Value> = serde_json::from_str(line).map_err(|_| damaged("une ligne est illisible"))?;
    if values.len() != table.columns.len() {
        return Err(damaged("une ligne n’a pas ses colonnes"));
    }
    values.into_iter().zip(&table.columns).map(|(value, (_, of))| values::read(value, *of)).collect()
}

impl<R: Read> Read for Content<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(into)?;
        self.digest.update(&into[..read]);
        self.size += read as u64;
        Ok(read)
    }
}

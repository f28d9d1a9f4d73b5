//! The archive while it is written: entries one after the other, each digested as it passes, nothing held in memory.
//! It takes its own name once it is whole and on the disk.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use kernel::{Error, Result, crypto::hex};
use sha2::{Digest as _, Sha256};

/// What tar pads to.
const BLOCK: u64 = 512;

/// An archive being written.
pub(super) struct Archive {
    out: GzEncoder<BufWriter<File>>,
    sums: Sums,
    path: PathBuf,
    beside: PathBuf,
    is_done: bool,
}

/// The digest of all entries so far.
#[derive(Default)]
pub(super) struct Sums(Sha256);

/// One entry on its way, of a length said in advance.
pub(super) struct Entry<'a> {
    archive: &'a mut Archive,
    name: String,
    size: u64,
    left: u64,
    digest: Sha256,
}

impl Sums {
    pub(super) fn add(&mut self, name: &str, size: u64, sha256: &[u8]) {
        self.0.update(format!("{name} {size} {}\n", hex(sha256)));
    }

    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

impl Archive {
    /// Readable by its owner alone; never over a file that exists.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let refused = |why: String| Error::refused("backup-file", why);
        if path.exists() {
            return Err(refused(format!("{} existe déjà : il n’est pas remplacé.", path.display())));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".partiel");
        let beside = PathBuf::from(beside);
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let file = opened.map_err(|error| refused(format!("{} ne peut pas être écrit : {error}.", beside.display())))?;
        let out = GzEncoder::new(BufWriter::with_capacity(1 << 16, file), Compression::fast());
        Ok(Self { out, sums: Sums::default(), path: path.to_owned(), beside, is_done: false })
    }

    /// An entry held in memory.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut entry = self.entry(name, bytes.len() as u64)?;
        entry.write(bytes)?;
        entry.end()
    }

    /// An entry that comes by pieces.
    pub(super) fn entry(&mut self, name: &str, size: u64) -> Result<Entry<'_>> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).map_err(Error::internal)?;
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(0);
        header.set_cksum();
        self.out.write_all(header.as_bytes())?;
        Ok(Entry { name: name.to_owned(), size, left: size, digest: Sha256::new(), archive: self })
    }

    /// The digest of the entries so far.
    pub(super) fn sha256(&self) -> String {
        Sums(self.sums.0.clone()).finish()
    }

    /// Two empty blocks end a tar; the file then gets its name. Gives its length.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.out.write_all(&[0_u8; 2 * BLOCK as usize])?;
        self.out.try_finish()?;
        let buffer = self.out.get_mut();
        buffer.flush()?;
        buffer.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)?;
        self.is_done = true;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(fs::metadata(&self.path)?.len())
    }
}

impl Drop for Archive {
    /// A backup that failed leaves nothing that could be taken for one.
    fn drop(&mut self) {
        if !self.is_done
            && let Err(error) = fs::remove_file(&self.beside)
        {
            tracing::warn!(%error, "an unfinished archive could not be removed");
        }
    }
}

impl Entry<'_> {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| Error::internal(format!("{} is longer than it was", self.name)))?;
        self.digest.update(bytes);
        Ok(self.archive.out.write_all(bytes)?)
    }

    pub(super) fn end(self) -> Result<()> {
        if self.left > 0 {
            return Err(Error::internal(format!("{} is shorter than it was", self.name)));
        }
        let padding = (BLOCK - self.size % BLOCK) % BLOCK;
        self.archive.out.write_all(&[0_u8; BLOCK as usize][..usize::try_from(padding).unwrap_or(0)])?;
        self.archive.sums.add(&self.name, self.size, &self.digest.finalize());
        Ok(())
    }
}

//! Files: received as they stream, recognised by their content, scanned, encrypted, kept on disk or in an S3 store.
//! A file is encrypted with a key of its owner (a dossier), itself sealed by the master key and kept in a row:
//! erasing the row erases the file everywhere, backups included. Which rows name which files is not known here.

mod receive;
mod seal;
mod sniff;
mod store;
#[cfg(test)]
mod tests;

use std::{fmt::Display, pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use jiff::Timestamp;
use uuid::Builder;

use self::{
    receive::{Incoming, Receiving},
    seal::Opener,
    sniff::{EncryptWatch, Kind},
    store::Store,
};
use crate::{
    Clock, Config, Error, FileId, Result, Tx,
    antivirus::{Antivirus, Verdict},
    crypto::{self, Keys},
};

/// The field that a refusal names.
pub const FIELD: &str = "fichier";

/// The store of files. Cheap to clone.
#[derive(Clone)]
pub struct Files(Arc<Parts>);

struct Parts {
    store: Store,
    antivirus: Option<Antivirus>,
    clock: Clock,
}

/// The key of the files of one owner. Its sealed form is kept in the owner's row.
#[derive(Clone)]
pub struct FileKey([u8; 32]);

/// A file that was stored, whole and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Under which it is found again.
    pub id: FileId,
    /// In bytes, before encryption.
    pub size: u64,
    /// Of the content, in hexadecimal.
    pub sha256: String,
    /// By content, not by name.
    pub content_type: &'static str,
    /// The sender's name for it, made harmless.
    pub name: String,
    /// What the antivirus said.
    pub scan: Scan,
}

/// State of a file for the antivirus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// Nothing was found, or no antivirus is configured.
    Clean,
    /// Something was found: it is never handed out.
    Infected,
    /// The antivirus is down: the file is held, « en cours d’analyse », and `scan` must be asked again.
    Pending,
}

/// State of what the files stand on.
#[derive(Debug)]
pub struct Checked {
    /// Whether a file can be written and read.
    pub store: Result<()>,
    /// The antivirus.
    pub antivirus: AntivirusState,
}

/// State of the antivirus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AntivirusState {
    /// None is configured.
    Absent,
    /// It does not answer: files are held.
    Down,
    /// It answers.
    Up {
        /// Its version and the date of its base, in its own words.
        version: String,
    },
}

impl FileKey {
    /// A new key.
    pub fn new(tx: &mut Tx) -> Self {
        Self(tx.random_bytes())
    }

    /// What is kept in a row.
    pub fn sealed(&self, keys: &Keys) -> Vec<u8> {
        keys.seal("file-key", &self.0)
    }

    /// The key that a row keeps.
    pub fn open(keys: &Keys, sealed: &[u8]) -> Result<Self> {
        let key = keys.open("file-key", sealed)?;
        key.try_into().map(Self).map_err(|_| Error::internal("a file key is 32 bytes"))
    }
}

impl Files {
    /// The store that the settings name: an S3 bucket, or `data/fichiers`.
    pub fn new(config: &Config, clock: Clock) -> Result<Self> {
        let store = match &config.files.bucket {
            Some(bucket) => Store::s3(bucket, &config.files)?,
            None => Store::folder(&config.data.join("fichiers"))?,
        };
        let antivirus = config.clamd.as_deref().filter(|address| !address.is_empty()).map(Antivirus::new);
        Ok(Self(Arc::new(Parts { store, antivirus, clock })))
    }

    /// Stores what somebody sends, as it comes. The file is on disk when this returns. Refused in a sentence, with
    /// nothing kept: empty, longer than `max_bytes`, of another kind than PDF, JPEG, PNG, WebP or HEIC, an encrypted
    /// PDF, infected. `Unavailable` when the disk is full or the store is down.
    pub async fn store<E: Display>(
        &self,
        key: &FileKey,
        name: &str,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
        max_bytes: u64,
    ) -> Result<Stored> {
        let mut content = pin!(content);
        let mut incoming = Incoming::new(max_bytes);
        let head = incoming.head(&mut content).await?;
        let kind = self.recognise(&head).await?;
        let mut receiving = self.receive(key, kind).await?;
        let received = receiving.take(head.into()).await;
        let received = match received {
            Ok(()) => receiving.drain(&mut content, &mut incoming).await,
            refused => refused,
        };
        match received {
            Ok(()) => receiving.finish(name, kind.content_type()).await,
            Err(error) => receiving.give_up(error).await,
        }
    }

    /// Stores what we made ourselves: it is neither recognised nor scanned.
    pub async fn store_made(&self, key: &FileKey, name: &str, content_type: &'static str, bytes: &[u8]) -> Result<Stored> {
        let id = self.new_id();
        let mut receiving = Receiving::open(&self.0.store, key, id, None, None).await?;
        match receiving.take(Bytes::copy_from_slice(bytes)).await {
            Ok(()) => receiving.finish(name, content_type).await,
            Err(error) => receiving.give_up(error).await,
        }
    }

    /// The content, decrypted as it is read. `NotFound` if there is none; an error within the stream if the file was
    /// altered or cut, so that what was sent so far is known to be incomplete.
    pub async fn open(&self, key: &FileKey, id: FileId) -> Result<BoxStream<'static, Result<Bytes>>> {
        let sealed = self.0.store.read(id).await?;
        let state = Some((sealed, Opener::new(&key.0, id)));
        let plain = futures_util::stream::unfold(state, |state| async move {
            let (mut sealed, mut opener) = state?;
            match sealed.next().await {
                Some(Ok(piece)) => match opener.push(&piece) {
                    Ok(plain) => Some((Ok(plain), Some((sealed, opener)))),
                    Err(error) => Some((Err(error), None)),
                },
                Some(Err(error)) => Some((Err(error), None)),
                None => Some((opener.finish().map(|last| vec![last]), None)),
            }
        });
        let pieces = plain.flat_map(|step| {
            let pieces: Vec<Result<Bytes>> = match step {
                Ok(pieces) => pieces.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            futures_util::stream::iter(pieces)
        });
        Ok(pieces.boxed())
    }

    /// The whole content, in memory.
    pub async fn read(&self, key: &FileKey, id: FileId) -> Result<Vec<u8>> {
        let mut content = self.open(key, id).await?;
        let mut whole = Vec::new();
        while let Some(piece) = content.next().await {
            whole.extend_from_slice(&piece?);
        }
        Ok(whole)
    }

    /// Removes a file; one that is not there is removed already.
    pub async fn remove(&self, id: FileId) -> Result<()> {
        self.0.store.remove(id).await
    }

    /// Asks the antivirus again about a stored file.
    pub async fn scan(&self, key: &FileKey, id: FileId) -> Result<Scan> {
        let Some(antivirus) = &self.0.antivirus else { return Ok(Scan::Clean) };
        let mut scanning = antivirus.start().await;
        let mut content = self.open(key, id).await?;
        while let Some(piece) = content.next().await {
            scanning.feed(&piece?).await;
        }
        Ok(match scanning.verdict().await {
            Verdict::Clean => Scan::Clean,
            Verdict::Infected(_) => Scan::Infected,
            Verdict::Unknown(reason) => pending(&reason),
        })
    }

    /// Files that were last written before an instant: those that no row names may be removed.
    pub fn list_older_than(&self, before: Timestamp) -> BoxStream<'static, Result<FileId>> {
        self.0.store.list(before).map(|file| file.map(|(id, _)| id)).boxed()
    }

    /// Removes what processes that were killed left half written before an instant; gives how many there were.
    pub async fn clean_unfinished(&self, before: Timestamp) -> Result<usize> {
        self.0.store.clean(before).await
    }

    /// A file as it is kept, encrypted, for a backup.
    pub async fn read_sealed(&self, id: FileId) -> Result<BoxStream<'static, Result<Bytes>>> {
        self.0.store.read(id).await
    }

    /// Every file as it is kept, with its length, for a backup.
    pub fn list_sealed(&self) -> BoxStream<'static, Result<(FileId, u64)>> {
        self.0.store.list(Timestamp::MAX)
    }

    /// Puts back a file from a backup.
    pub async fn restore_sealed(&self, id: FileId, content: impl Stream<Item = Result<Bytes>>) -> Result<()> {
        let mut content = pin!(content);
        let mut writing = self.0.store.write(id).await?;
        while let Some(piece) = content.next().await {
            let written = match piece {
                Ok(piece) => writing.put(piece).await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                writing.abort().await;
                return Err(error);
            }
        }
        writing.finish().await
    }

    /// Whether the store can be written and read, and whether the antivirus answers.
    pub async fn check(&self) -> Checked {
        let store = self.0.store.probe(self.new_id()).await;
        let antivirus = match &self.0.antivirus {
            None => AntivirusState::Absent,
            Some(antivirus) => match antivirus.version().await {
                Some(version) => AntivirusState::Up { version },
                None => AntivirusState::Down,
            },
        };
        Checked { store, antivirus }
    }

    /// The kind by content. What is refused is scanned too, so that a virus is called by its name.
    async fn recognise(&self, head: &[u8]) -> Result<Kind> {
        let refusal = match sniff::kind(head) {
            Ok(kind) => return Ok(kind),
            Err(refusal) => refusal,
        };
        if let Some(antivirus) = &self.0.antivirus
            && let Verdict::Infected(found) = antivirus.scan(head).await
        {
            return Err(infected(&found));
        }
        Err(Error::invalid(FIELD, refusal))
    }

    async fn receive(&self, key: &FileKey, kind: Kind) -> Result<Receiving> {
        let scanning = match &self.0.antivirus {
            Some(antivirus) => Some(antivirus.start().await),
            None => None,
        };
        let watch = (kind == Kind::Pdf).then(EncryptWatch::default);
        Receiving::open(&self.0.store, key, self.new_id(), scanning, watch).await
    }

    fn new_id(&self) -> FileId {
        let now = self.0.clock.now().as_millisecond();
        let millis = u64::try_from(now).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &crypto::random()).into_uuid().into()
    }
}

fn infected(found: &str) -> Error {
    tracing::warn!(found, "an infected file was refused");
    let sentence = "L’antivirus a trouvé un virus dans ce fichier : il n’a pas été gardé. Faites analyser votre appareil, puis envoyez un autre exemplaire du document.";
    Error::invalid(FIELD, sentence)
}

fn pending(reason: &str) -> Scan {
    tracing::error!(reason, "the antivirus gives no verdict");
    Scan::Pending
}

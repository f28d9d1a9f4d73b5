//! A file while it comes in: counted, hashed, watched, scanned and sealed in one pass, nothing held but a block.
//! Whether its kind is accepted was decided before, on its first bytes.

use std::fmt::Display;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::{
    FIELD, FileKey, Scan, Stored, infected, pending,
    seal::Sealer,
    sniff::{self, EncryptWatch},
    store::{Store, Writing},
};
use crate::{
    Error, FileId, Result,
    antivirus::{Scanning, Verdict},
    crypto,
    templates::french,
};

/// What comes from the sender, counted.
pub(super) struct Incoming {
    left: u64,
    max_bytes: u64,
}

impl Incoming {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { left: max_bytes, max_bytes }
    }

    /// Enough of the file to know what it is; an empty one is refused.
    pub(super) async fn head<E: Display>(&mut self, content: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        while head.len() < sniff::HEAD
            && let Some(piece) = self.next(content).await?
        {
            head.extend_from_slice(&piece);
        }
        if head.is_empty() {
            let sentence = "Ce fichier est vide (0 octet). Vérifiez qu’il s’ouvre sur votre appareil, puis envoyez-le à nouveau.";
            return Err(Error::invalid(FIELD, sentence));
        }
        Ok(head)
    }

    async fn next<E: Display>(&mut self, content: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) -> Result<Option<Bytes>> {
        let Some(piece) = content.next().await else { return Ok(None) };
        let piece = piece.map_err(|error| {
            tracing::info!(%error, "a file stopped coming");
            Error::invalid(FIELD, "L’envoi du fichier a été interrompu. Vérifiez votre connexion, puis envoyez-le à nouveau.")
        })?;
        self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(|| {
            let limit = french::size(self.max_bytes);
            let sentence =
                format!("Ce fichier est trop lourd : {limit} au plus. Prenez la photo en qualité moyenne, ou envoyez les pages séparément.");
            Error::invalid(FIELD, sentence)
        })?;
        Ok(Some(piece))
    }
}

/// A file on its way to the store.
pub(super) struct Receiving {
    id: FileId,
    writing: Writing,
    scanning: Option<Scanning>,
    reading: Option<Reading>,
    size: u64,
}

/// What is computed on each piece.
struct Reading {
    sealer: Sealer,
    watch: Option<EncryptWatch>,
    digest: Sha256,
}

/// From this size on, a piece is computed apart from the threads that answer people.
const MUCH: usize = 64 * 1024;

impl Reading {
    fn take(&mut self, piece: &[u8]) -> Result<Vec<Bytes>> {
        self.digest.update(piece);
        if let Some(watch) = &mut self.watch {
            watch.feed(piece);
        }
        self.sealer.push(piece)
    }
}

impl Receiving {
    pub(super) async fn open(store: &Store, key: &FileKey, id: FileId, scanning: Option<Scanning>, watch: Option<EncryptWatch>) -> Result<Self> {
        let mut writing = store.write(id).await?;
        let (sealer, header) = Sealer::new(&key.0, id);
        writing.put(header).await?;
        let reading = Reading { sealer, watch, digest: Sha256::new() };
        Ok(Self { id, writing, scanning, reading: Some(reading), size: 0 })
    }

    pub(super) async fn take(&mut self, piece: Bytes) -> Result<()> {
        self.size += piece.len() as u64;
        if let Some(scanning) = &mut self.scanning {
            scanning.feed(&piece).await;
        }
        let mut reading = self.reading()?;
        let (reading, sealed) = match piece.len() {
            ..MUCH => {
                let sealed = reading.take(&piece);
                (reading, sealed)
            }
            _ => tokio::task::spawn_blocking(move || {
                let sealed = reading.take(&piece);
                (reading, sealed)
            })
            .await
            .map_err(Error::internal)?,
        };
        self.reading = Some(reading);
        for sealed in sealed? {
            self.writing.put(sealed).await?;
        }
        Ok(())
    }

    fn reading(&mut self) -> Result<Reading> {
        self.reading.take().ok_or_else(|| Error::internal("a piece of this file was lost while it was read"))
    }

    pub(super) async fn drain<E: Display>(
        &mut self,
        content: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
        incoming: &mut Incoming,
    ) -> Result<()> {
        while let Some(piece) = incoming.next(content).await? {
            self.take(piece).await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self, name: &str, content_type: &'static str) -> Result<Stored> {
        let Reading { sealer, watch, digest } = self.reading()?;
        let scan = match self.judge(watch).await {
            Ok(scan) => scan,
            Err(refusal) => return self.give_up(refusal).await,
        };
        let Self { id, mut writing, size, .. } = self;
        let last = sealer.finish()?;
        if let Err(error) = writing.put(last).await {
            writing.abort().await;
            return Err(error);
        }
        writing.finish().await?;
        Ok(Stored { id, size, sha256: crypto::hex(&digest.finalize()), content_type, name: harmless(name), scan })
    }

    /// What the whole content told.
    async fn judge(&mut self, watch: Option<EncryptWatch>) -> Result<Scan> {
        if watch.is_some_and(EncryptWatch::finish) {
            let sentence = "Ce PDF est protégé : nous ne pourrions pas le lire. Ouvrez-le, choisissez « Imprimer », puis « Enregistrer en PDF », et envoyez la copie.";
            return Err(Error::invalid(FIELD, sentence));
        }
        let Some(scanning) = self.scanning.take() else { return Ok(Scan::Clean) };
        match scanning.verdict().await {
            Verdict::Clean => Ok(Scan::Clean),
            Verdict::Infected(found) => Err(infected(&found)),
            Verdict::Unknown(reason) => Ok(pending(&reason)),
        }
    }

    pub(super) async fn give_up<T>(self, error: Error) -> Result<T> {
        self.writing.abort().await;
        Err(error)
    }
}

/// The last part of a path, without control characters, of a bounded length; its ending is kept.
pub(super) fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|letter| !letter.is_control()).collect();
    let clean = clean.trim().trim_start_matches('.');
    let letters = clean.chars().count();
    match (letters, clean.rsplit_once('.')) {
        (0, _) => "document".into(),
        (..=120, _) => clean.into(),
        (_, Some((stem, end))) if end.len() <= 5 => format!("{}.{end}", stem.chars().take(110).collect::<String>()),
        _ => clean.chars().take(120).collect(),
    }
}

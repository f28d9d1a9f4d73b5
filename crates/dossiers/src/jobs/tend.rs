//! What keeps the house: files to erase or scan again, clocks to watch, drafts and old dossiers.

use kernel::files::{FileKey, Scan as FileScan};
use kernel::jobs::{JobCx, JobResult, Outcome};
use kernel::{Error, FileId};
use serde_json::Value as Json;

use super::{tenant, text};
use crate::piece::Scan;
use crate::{elimination, store, version, watch};

/// Pieces scanned again in one run.
const SCANS: i64 = 20;

/// Erases a file nothing names any more.
pub(super) async fn erase_file(cx: JobCx, payload: Json) -> JobResult {
    let file: FileId = text(&payload, "file").parse().map_err(Error::from)?;
    cx.app.files.remove(file).await?;
    Ok(Outcome::Done)
}

/// Asks the antivirus again about the files it had not seen; an infected one is erased.
pub(super) async fn scan_pieces(cx: JobCx, _: Json) -> JobResult {
    let pending = cx
        .read(async |tx| {
            let mut pending = Vec::new();
            for piece in store::piece::pending(tx, SCANS).await? {
                let dossier = store::dossier::load(tx, piece.dossier).await?;
                pending.push((piece, dossier.file_key));
            }
            Ok(pending)
        })
        .await?;
    for (mut piece, sealed) in pending {
        let key = FileKey::open(&cx.app.keys, &sealed)?;
        piece.scan = match cx.app.files.scan(&key, piece.file).await? {
            FileScan::Pending => continue,
            FileScan::Clean => Scan::Clean,
            FileScan::Infected => Scan::Infected,
        };
        if piece.scan == Scan::Infected {
            cx.app.files.remove(piece.file).await?;
        }
        cx.write(async |tx| store::piece::save(tx, &piece).await).await?;
    }
    Ok(Outcome::Done)
}

/// Lets the circuits do what they do by themselves when a time is over.
pub(super) async fn watch_delais(cx: JobCx, _: Json) -> JobResult {
    let tenant = tenant(&cx).await?;
    for id in cx.read(async |tx| watch::unanswered(tx).await).await? {
        cx.write(async |tx| watch::look_at(tx, &tenant, id).await).await?;
    }
    let mut after = None;
    loop {
        let late = cx.read(async |tx| watch::late(tx, after).await).await?;
        let Some(last) = late.last().copied() else { return Ok(Outcome::Done) };
        for (_, id) in late {
            cx.write(async |tx| watch::look_at(tx, &tenant, id).await).await?;
        }
        after = Some(last);
    }
}

/// Erases the drafts whose time is over.
pub(super) async fn purge_drafts(cx: JobCx, _: Json) -> JobResult {
    while cx.write(async |tx| elimination::purge_drafts(tx).await).await? {}
    Ok(Outcome::Done)
}

/// Puts on the elimination list what has been kept long enough, by the rule of the newest version of each démarche.
pub(super) async fn list_eliminations(cx: JobCx, _: Json) -> JobResult {
    for (row, _) in cx.read(async |tx| teleservices::teleservices(tx).await).await? {
        let version = cx.read(async |tx| version::of(tx, row.id).await).await?;
        while cx.write(async |tx| elimination::list_ended(tx, &version.package).await).await? > 0 {}
    }
    Ok(Outcome::Done)
}

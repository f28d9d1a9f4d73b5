//! What keeps the house: files to erase or scan again, clocks to watch, drafts and old dossiers.

use kernel::files::{FileKey, Scan as FileScan};
use kernel::jobs::{JobCx, JobResult, Outcome};
use kernel::telemetry::METRICS;
use kernel::{DossierId, Error, FileId, Result, Tenant, VersionId};
use serde_json::Value as Json;

use super::{tenant, text};
use crate::piece::{Piece, Scan};
use crate::{course, elimination, store, version, watch};

/// Pieces read at once, to be scanned again.
const SCANS: i64 = 20;
/// Answers that do not come after which the antivirus is left alone.
const SILENT: u32 = 3;

/// Erases a file nothing names any more.
pub(super) async fn erase_file(cx: JobCx, payload: Json) -> JobResult {
    let file: FileId = text(&payload, "file").parse().map_err(Error::from)?;
    cx.app.files.remove(file).await?;
    Ok(Outcome::Done)
}

/// Asks the antivirus again about the files it had not seen; an infected one is erased. A file that cannot be read keeps
/// nobody waiting; an antivirus that says nothing of several in a row is asked again at the next run.
pub(super) async fn scan_pieces(cx: JobCx, _: Json) -> JobResult {
    let tenant = tenant(&cx).await?;
    let (mut after, mut silent) = (None, 0);
    loop {
        let pending = cx.read(async |tx| store::piece::pending(tx, after, SCANS).await).await?;
        let Some((last, _)) = pending.last() else { return Ok(Outcome::Done) };
        after = Some(last.id);
        for (piece, sealed) in pending {
            let id = piece.id;
            match scan_piece(&cx, &tenant, piece, &sealed).await {
                Ok(FileScan::Pending) => silent += 1,
                Ok(_) => silent = 0,
                Err(error) => failed("ScanPieces", &error, &id),
            }
            if silent >= SILENT {
                return Ok(Outcome::Done);
            }
        }
    }
}

async fn scan_piece(cx: &JobCx, tenant: &Tenant, mut piece: Piece, sealed: &[u8]) -> Result<FileScan> {
    let key = FileKey::open(&cx.app.keys, sealed)?;
    let said = cx.app.files.scan(&key, piece.file).await?;
    piece.scan = match said {
        FileScan::Pending => return Ok(said),
        FileScan::Clean => Scan::Clean,
        FileScan::Infected => Scan::Infected,
    };
    if piece.scan == Scan::Infected {
        cx.app.files.remove(piece.file).await?;
    }
    cx.write(async |tx| {
        store::piece::save(tx, &piece).await?;
        let mut dossier = store::dossier::lock(tx, piece.dossier).await?;
        let version = version::of(tx, dossier.version).await?;
        course::settle_requests(tx, tenant, &version.package, &mut dossier).await
    })
    .await?;
    Ok(said)
}

/// Lets the circuits do what they do by themselves when a time is over. A dossier that cannot move stops no other.
pub(super) async fn watch_delais(cx: JobCx, _: Json) -> JobResult {
    let tenant = tenant(&cx).await?;
    let mut after = None;
    loop {
        let unanswered = cx.read(async |tx| watch::unanswered(tx, after).await).await?;
        let Some(last) = unanswered.last().copied() else { break };
        look_at_each(&cx, &tenant, unanswered).await;
        after = Some(last);
    }
    let mut after = None;
    loop {
        let late = cx.read(async |tx| watch::late(tx, after).await).await?;
        let Some(last) = late.last().copied() else { return Ok(Outcome::Done) };
        look_at_each(&cx, &tenant, late.into_iter().map(|(_, id)| id).collect()).await;
        after = Some(last);
    }
}

async fn look_at_each(cx: &JobCx, tenant: &Tenant, ids: Vec<DossierId>) {
    for id in ids {
        if let Err(error) = cx.write(async |tx| watch::look_at(tx, tenant, id).await).await {
            failed("WatchDelais", &error, &id);
        }
    }
}

/// One of many could not be tended: said in the log and counted, and the others have their turn.
fn failed(job: &'static str, error: &Error, of: &dyn std::fmt::Display) {
    tracing::error!(job, %error, of = %of, "one of many could not be tended");
    METRICS.count("parvis_tend_failures_total", &[("kind", job)], 1);
}

/// Erases the drafts whose time is over.
pub(super) async fn purge_drafts(cx: JobCx, _: Json) -> JobResult {
    while cx.write(async |tx| elimination::purge_drafts(tx).await).await? {}
    Ok(Outcome::Done)
}

/// Puts on the elimination list what has been kept long enough, by the rule of the newest version of each démarche.
pub(super) async fn list_eliminations(cx: JobCx, _: Json) -> JobResult {
    for (row, _) in cx.read(async |tx| teleservices::teleservices(tx).await).await? {
        if let Err(error) = list_of(&cx, row.id).await {
            failed("ListEliminations", &error, &row.slug);
        }
    }
    Ok(Outcome::Done)
}

async fn list_of(cx: &JobCx, id: VersionId) -> Result<()> {
    let version = cx.read(async |tx| version::of(tx, id).await).await?;
    while cx.write(async |tx| elimination::list_ended(tx, &version.package).await).await? > 0 {}
    Ok(())
}

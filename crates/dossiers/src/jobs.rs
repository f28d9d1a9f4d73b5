//! Background work of this domain: mails, letters, files to erase or scan again, clocks to watch, purges. Each job
//! carries ids, reloads, and may run twice: what was kept or sent once is not kept or sent again.

mod deliver;
mod inform;
mod tend;

use std::time::Duration;

use documents::Letter;
use kernel::jobs::{JobCx, JobKind};
use kernel::{DossierId, Error, Result, Tenant};
use serde_json::Value as Json;

/// The kinds of jobs, by name.
pub fn jobs() -> Vec<JobKind> {
    vec![
        JobKind::new("SendAccuseReception", deliver::send_accuse_reception),
        JobKind::new("SendResumeLink", deliver::send_resume_link),
        JobKind::new("SendPieceRequest", deliver::send_piece_request),
        JobKind::new("SendMessageNotice", deliver::send_message_notice),
        JobKind::new("SendWithdrawal", deliver::send_withdrawal),
        JobKind::new("ProduceCourrier", deliver::produce_courrier),
        JobKind::new("SendDecision", deliver::send_decision),
        JobKind::new("PrepareDeliveries", crate::liaisons::prepare_deliveries),
        JobKind::new("InformUsager", inform::inform_usager),
        JobKind::new("EraseFile", tend::erase_file),
        JobKind::new("ScanPieces", tend::scan_pieces).every(Duration::from_secs(120)),
        JobKind::new("WatchDelais", tend::watch_delais).every(Duration::from_secs(3_600)).deadline(Duration::from_secs(600)),
        JobKind::new("PurgeDrafts", tend::purge_drafts).every(Duration::from_secs(6 * 3_600)),
        JobKind::new("ListEliminations", tend::list_eliminations).every(Duration::from_secs(24 * 3_600)),
    ]
}

/// Draws a letter, off the threads that answer people.
pub(crate) async fn draw(letter: Letter) -> Result<Vec<u8>> {
    let drawn = tokio::task::spawn_blocking(move || documents::render(&letter)).await;
    drawn.map_err(Error::internal)?.map_err(Error::internal)
}

async fn tenant(cx: &JobCx) -> Result<Tenant> {
    kernel::tenant::by_id(&cx.app.db, cx.scope.tenant).await
}

fn dossier_of(payload: &Json) -> Result<DossierId> {
    let text = payload.get("dossier").and_then(Json::as_str).unwrap_or_default();
    text.parse().map_err(Error::from)
}

fn text<'a>(payload: &'a Json, name: &str) -> &'a str {
    payload.get(name).and_then(Json::as_str).unwrap_or_default()
}

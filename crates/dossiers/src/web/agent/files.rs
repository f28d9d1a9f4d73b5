//! The files of a dossier, for agents: pieces, letters, the receipt to print. Streamed as they are decrypted, given as
//! files to keep or as plain pictures: what somebody sent never runs in our name. Opening a piece is journalled.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::files::FileKey;
use kernel::web::{AgentCx, Form, attachment};
use kernel::{CourrierId, Error, Result};

use super::check::{PDF, find, is_pdf, is_picture};
use super::opened::Opened;
use super::pieces::is_readable;
use crate::jobs;
use crate::letters::About;
use crate::model::Dossier;
use crate::privacy::Privacy;
use crate::thread::{ACCUSE, Courrier};
use teleservices::Version;

/// The file of a piece: to keep, or to look at when it is a picture or a PDF; the reading is a line of the journal.
pub(crate) async fn file(cx: AgentCx, Path((id, piece)): Path<(String, String)>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let piece = find(&opened, &piece)?;
    if !is_readable(piece) {
        return Err(Error::NotFound);
    }
    opened.note(&cx, &piece.code).await?;
    let key = FileKey::open(&cx.app.keys, &opened.dossier().file_key)?;
    let content = Body::from_stream(cx.app.files.open(&key, piece.file).await?);
    if form.has("voir") && is_picture(piece) {
        return Ok(shown(&piece.content_type, PICTURE, content));
    }
    if form.has("voir") && is_pdf(piece) {
        return Ok(shown(PDF, READER, content));
    }
    Ok(private(attachment(&piece.name, &piece.content_type, content)))
}

/// A letter of the dossier.
pub(crate) async fn courrier(cx: AgentCx, Path((id, courrier)): Path<(String, String)>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let courrier: CourrierId = courrier.parse()?;
    let courrier = opened.whole.courriers.iter().find(|known| known.id == courrier).ok_or(Error::NotFound)?;
    let key = FileKey::open(&cx.app.keys, &opened.dossier().file_key)?;
    let content = Body::from_stream(cx.app.files.open(&key, courrier.file).await?);
    Ok(private(attachment(&format!("{}.pdf", courrier.title), "application/pdf", content)))
}

/// The receipt, to print at the counter: the one that was sent, or drawn now if it has not left yet.
pub(crate) async fn accuse(cx: AgentCx, Path(id): Path<String>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    receipt(&cx, opened.dossier(), &opened.whole.version, &opened.whole.courriers).await
}

/// The receipt of a dossier that the caller may give.
pub(super) async fn receipt(cx: &AgentCx, dossier: &Dossier, version: &Version, courriers: &[Courrier]) -> Result<Response> {
    let name = format!("accuse-{}.pdf", dossier.number_text());
    if let Some(courrier) = courriers.iter().find(|courrier| courrier.model == ACCUSE) {
        let key = FileKey::open(&cx.app.keys, &dossier.file_key)?;
        let content = Body::from_stream(cx.app.files.open(&key, courrier.file).await?);
        return Ok(private(attachment(&name, "application/pdf", content)));
    }
    let tenant = cx.tenant.clone();
    let letter = cx
        .read(async |tx| {
            let about = About::load(tx, &tenant, version, dossier).await?;
            let privacy = Privacy::of(&tenant, &version.package).map(|privacy| privacy.sentences()).unwrap_or_default();
            Ok(about.accuse_letter(&about.accuse(privacy)?))
        })
        .await?;
    Ok(private(attachment(&name, "application/pdf", jobs::draw(letter).await?)))
}

/// What a picture may do: nothing, whatever it holds.
const PICTURE: &str = "default-src 'none'; sandbox";
/// What a PDF may do: be drawn by the browser's own reader, in our pages or alone. The reader does not open under a
/// `sandbox`; it gives the document no page, no cookie and no network.
const READER: &str = "default-src 'none'; frame-ancestors 'self'";

/// A file inside our page: of that kind and no other.
fn shown(content_type: &str, may: &'static str, content: Body) -> Response {
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, value(content_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(may)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    private((headers, content).into_response())
}

/// What is of somebody stays out of caches.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

//! What the usager downloads: his receipt, his letters, the pieces he sent. Streamed as they are decrypted.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::files::FileKey;
use kernel::{CourrierId, Error, FileId, PieceId, Result};

use crate::letters::About;
use crate::piece::Scan;
use crate::privacy::Privacy;
use crate::thread::ACCUSE;
use crate::web::mine::Mine;
use crate::{jobs, store, version};

/// The acknowledgement: the one that was sent, or drawn now if the mail has not left yet.
pub(crate) async fn accuse(mine: Mine) -> Result<Response> {
    let (tenant, dossier) = (mine.tenant.clone(), &mine.dossier);
    let name = format!("accuse-{}.pdf", dossier.number_text());
    let kept = mine.read(async |tx| store::thread::courriers(tx, dossier.id).await).await?;
    if let Some(courrier) = kept.iter().find(|courrier| courrier.model == ACCUSE) {
        return download(&mine, courrier.file, "application/pdf", &name).await;
    }
    let letter = mine
        .read(async |tx| {
            let version = version::of(tx, dossier.version).await?;
            let about = About::load(tx, &tenant, &version, dossier).await?;
            let privacy = Privacy::of(&tenant, &version.package).map(|privacy| privacy.sentences()).unwrap_or_default();
            Ok(about.accuse_letter(&about.accuse(privacy)?))
        })
        .await?;
    let pdf = jobs::draw(letter).await?;
    Ok((headers("application/pdf", &name), pdf).into_response())
}

/// A piece the usager sent, once it is known to be harmless.
pub(crate) async fn piece(mine: Mine, Path((_, id)): Path<(String, String)>) -> Result<Response> {
    let id: PieceId = id.parse()?;
    let dossier = mine.dossier.id;
    let piece = mine.read(async |tx| store::piece::load(tx, dossier, id).await).await?;
    if piece.scan != Scan::Clean || piece.erased_at.is_some() {
        return Err(Error::NotFound);
    }
    download(&mine, piece.file, &piece.content_type, &piece.name).await
}

/// A letter of the service.
pub(crate) async fn courrier(mine: Mine, Path((_, id)): Path<(String, String)>) -> Result<Response> {
    let id: CourrierId = id.parse()?;
    let dossier = mine.dossier.id;
    let courriers = mine.read(async |tx| store::thread::courriers(tx, dossier).await).await?;
    let courrier = courriers.into_iter().find(|courrier| courrier.id == id).ok_or(Error::NotFound)?;
    download(&mine, courrier.file, "application/pdf", &format!("{}.pdf", courrier.title)).await
}

async fn download(mine: &Mine, file: FileId, content_type: &str, name: &str) -> Result<Response> {
    let key = FileKey::open(&mine.app.keys, &mine.dossier.file_key)?;
    let content = mine.app.files.open(&key, file).await?;
    Ok((headers(content_type, name), Body::from_stream(content)).into_response())
}

/// A file is saved, never opened in the page: what somebody sent must not run in our name.
pub(crate) fn headers(content_type: &str, name: &str) -> [(header::HeaderName, HeaderValue); 3] {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    [
        (header::CONTENT_TYPE, value(content_type)),
        (header::CONTENT_DISPOSITION, value(&disposition)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ]
}

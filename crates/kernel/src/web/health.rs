//! Whether the program lives, whether it can serve, and its counters. These answer without a tenant, to probes and to
//! the machine itself; they say nothing of anybody.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Web, ctx, headers, log};
use crate::{Error, Result, db::migrate};

/// What is written to know that the disk takes it.
static PROBE: [u8; 64 << 10] = [0; 64 << 10];
/// A probe waits no longer than this.
const PATIENCE: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// What `readyz` last found, and when: it is asked by anybody, and writes to the disk.
pub(super) type Known = tokio::sync::Mutex<Option<(Timestamp, StatusCode, serde_json::Value)>>;

/// How long it is believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(5);

/// `GET /readyz`: database, schema and disk, each by name. Looked at once in five seconds, whoever asks.
pub(super) async fn ready(Extension(web): Extension<Arc<Web>>) -> Response {
    let now = web.app.clock.now();
    let mut known = web.ready.lock().await;
    let (status, body) = match &*known {
        Some((at, status, body)) if now.duration_since(*at).abs() < BELIEVED => (*status, body.clone()),
        _ => {
            let (status, body) = look(&web).await;
            *known = Some((now, status, body.clone()));
            (status, body)
        }
    };
    (status, Json(body)).into_response()
}

async fn look(web: &Web) -> (StatusCode, serde_json::Value) {
    let app = &web.app;
    let checks =
        [("database", within(app.db.ping()).await), ("migrations", within(schema(web)).await), ("disk", within(disk(&app.config.data)).await)];
    let is_ready = checks.iter().all(|(_, outcome)| outcome.is_ok());
    for (name, error) in checks.iter().filter_map(|(name, outcome)| outcome.as_ref().err().map(|error| (name, error))) {
        tracing::warn!(check = name, ?error, "not ready");
    }
    let word = |outcome: &Result<()>| if outcome.is_ok() { "ok" } else { "ko" };
    let body: serde_json::Map<_, _> = checks.iter().map(|(name, outcome)| ((*name).to_owned(), json!(word(outcome)))).collect();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, body.into())
}

async fn within(check: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::time::timeout(PATIENCE, check).await.unwrap_or(Err(Error::Unavailable("délai dépassé")))
}

/// Whether the database has the shape that this program knows.
async fn schema(web: &Web) -> Result<()> {
    match migrate::state(&web.app.db, &web.migrations).await? {
        migrate::State::UpToDate => Ok(()),
        migrate::State::Behind(_) | migrate::State::Ahead(_) => Err(Error::Unavailable("schéma de la base")),
    }
}

/// Whether the data folder takes a file.
async fn disk(folder: &Path) -> Result<()> {
    let path = folder.join(format!(".sonde-{}", super::random_number()));
    let written = async {
        let mut file = tokio::fs::File::create(&path).await?;
        tokio::io::AsyncWriteExt::write_all(&mut file, &PROBE).await?;
        file.sync_all().await
    };
    let written = written.await;
    let _ = tokio::fs::remove_file(&path).await;
    written.map_err(Error::from)
}

/// `GET /metrics`: for the machine itself only.
pub(super) async fn metrics(Extension(web): Extension<Arc<Web>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let is_far = parts.headers.contains_key("x-forwarded-for");
    if is_far || !ctx::client(&parts, 0).is_loopback() {
        return headers::bare(StatusCode::NOT_FOUND, "");
    }
    let kind = [("content-type", "text/plain; version=0.0.4; charset=utf-8")];
    (kind, log::counters(&web)).into_response()
}

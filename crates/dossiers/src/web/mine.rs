//! The dossier of a path, handed over only to whom it belongs: the account that made it, the browser that holds its
//! key, the agent who is typing it. Anybody else gets 404. It reads; use cases load again under lock.

use std::ops::Deref;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use kernel::crypto::hash_token;
use kernel::web::{Ctx, see_other};
use kernel::{App, DossierId, Error, Result, Tx};

use crate::model::Dossier;
use crate::piece::Piece;
use crate::rights;

/// Where a browser keeps the key of its dossiers.
const KEY: &str = "dossiers";

/// A dossier of whoever asks.
pub struct Mine {
    cx: Ctx,
    /// As it was when the request came.
    pub dossier: Dossier,
    /// Its pieces then, in the order they came.
    pub pieces: Vec<Piece>,
}

impl Deref for Mine {
    type Target = Ctx;
    fn deref(&self) -> &Ctx {
        &self.cx
    }
}

/// Why somebody has no dossier here, or where it went.
pub enum Elsewhere {
    /// Nowhere for him.
    Refused(Error),
    /// Sent by the agent who typed it: he goes on among the pages of agents.
    Sent(DossierId),
}

impl From<Error> for Elsewhere {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for Elsewhere {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(error) => error.into_response(),
            Self::Sent(id) => see_other(&format!("/agent/saisie/{id}")),
        }
    }
}

impl FromRequestParts<App> for Mine {
    type Rejection = Elsewhere;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Elsewhere> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, text)| text.parse::<DossierId>().ok());
        let cx = Ctx::from_request_parts(parts, app).await?;
        let (id, hash) = (id.ok_or(Error::NotFound)?, key_hash(&cx));
        match cx.read(async |tx| rights::mine(tx, id, hash.as_deref()).await).await {
            Ok((dossier, pieces)) => Ok(Self { cx, dossier, pieces }),
            Err(Error::NotFound) if cx.actor().agent().is_some() => {
                cx.read(async |tx| rights::just_entered(tx, id).await).await?;
                Err(Elsewhere::Sent(id))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The hash of the key this browser holds, if it holds one.
pub(crate) fn key_hash(cx: &Ctx) -> Option<String> {
    cx.session.get::<String>(KEY).map(|key| hash_token(&key))
}

/// The hash of the key of this browser, which gets one if it had none.
pub(crate) async fn give_key(cx: &Ctx, tx: &mut Tx) -> Result<String> {
    if let Some(hash) = key_hash(cx) {
        return Ok(hash);
    }
    let key = tx.random_token();
    cx.remember(tx, KEY, &key).await?;
    Ok(hash_token(&key))
}

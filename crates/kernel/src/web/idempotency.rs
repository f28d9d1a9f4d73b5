//! A form that is safe to send twice. The key of its rendering and the answer are written in the transaction of the
//! work itself. Only successes are kept, as a status and a Location, never a page.

use axum::{http::StatusCode, response::Response};

use super::{ctx::Ctx, form::Form, store};
use crate::{Result, Tx, crypto::hash_token};

/// What a second sending is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// 303 after a form, 201 from the API.
    pub status: u16,
    /// Where to go.
    pub location: String,
}

impl Ctx {
    /// Does the work of a form once, whatever the number of times that it is sent, and leads to the page that the
    /// work names. The same key with another body steps aside: the work is done, and what it finds decides.
    /// A key is of one browser's session: what was answered to somebody is never told to another who has his key.
    pub async fn once(&self, form: &Form, work: impl AsyncFnOnce(&mut Tx) -> Result<String>) -> Result<Response> {
        let session = self.session.id.map(|id| id.to_string()).unwrap_or_default();
        let key = form.key().map(|key| hash_token(&format!("{}\n{key}\n{session}", self.path())));
        let body_hash = form.hash();
        let done = self.write(async |tx| once(tx, key.as_deref(), &body_hash, StatusCode::SEE_OTHER, work).await).await?;
        Ok(super::see_other(&done.location))
    }
}

/// Does the work once under a key, inside a unit that somebody else opened. Without a key, it is done each time.
pub async fn once(
    tx: &mut Tx,
    key: Option<&str>,
    body_hash: &str,
    status: StatusCode,
    work: impl AsyncFnOnce(&mut Tx) -> Result<String>,
) -> Result<Done> {
    let status = status.as_u16();
    let Some(key) = key else {
        return Ok(Done { status, location: work(tx).await? });
    };
    if !store::take_key(tx, key, body_hash).await? {
        return match store::answer(tx, key).await? {
            Some(given) if given.body_hash == body_hash => Ok(Done { status: given.status, location: given.location }),
            _ => Ok(Done { status, location: work(tx).await? }),
        };
    }
    let location = work(tx).await?;
    store::save_answer(tx, key, status, &location).await?;
    Ok(Done { status, location })
}

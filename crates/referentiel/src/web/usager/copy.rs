//! `/mes-donnees/copie.json`: all that is held, as one file that a program can read again.

use axum::response::Response;
use kernel::{
    Result,
    web::{SignedUsager, attachment},
};

use crate::{PersonalDataCopied, Registry, take_copy};

/// `GET /mes-donnees/copie.json`
pub(super) async fn download(cx: SignedUsager, registry: Registry) -> Result<Response> {
    let copy = cx.read(async |tx| take_copy(tx, registry.personal, cx.usager).await).await?;
    cx.write(async |tx| tx.emit(&PersonalDataCopied { usager: cx.usager }).await).await?;
    let name = format!("mes-donnees-{}.json", cx.tenant.slug);
    Ok(attachment(&name, "application/json", serde_json::to_string_pretty(&copy)?))
}

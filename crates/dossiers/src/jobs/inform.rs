//! Records that who sent a demand himself was told, on the page he sent it from, who may read his record.

use kernel::UsagerId;
use kernel::jobs::{JobCx, JobResult, Outcome};
use serde_json::Value as Json;

use super::text;
use crate::channel::Channel;

/// After a deposit. Who asked at the counter or by letter saw no page: he is not said to be informed.
pub(super) async fn inform_usager(cx: JobCx, payload: Json) -> JobResult {
    if text(&payload, "channel") != Channel::Ligne.code() {
        return Ok(Outcome::Done);
    }
    let usager: UsagerId = text(&payload, "usager").parse().map_err(kernel::Error::from)?;
    cx.write(async |tx| rgpd::inform(tx, usager).await).await?;
    Ok(Outcome::Done)
}

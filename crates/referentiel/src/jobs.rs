//! Background work of this domain: facts withdrawn a year ago are removed.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::jobs::{JobCx, JobKind, JobResult, Outcome};

use crate::store;

/// How long a withdrawn fact stays, so that a mistake can be undone.
const WITHDRAWN: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Every kind of job of this domain.
pub fn jobs() -> Vec<JobKind> {
    vec![JobKind::new("PurgeFacts", purge).every(Duration::from_secs(24 * 3_600))]
}

async fn purge(cx: JobCx, _: serde_json::Value) -> JobResult {
    cx.write(async |tx| {
        let before = tx.now().checked_sub(WITHDRAWN)?;
        store::purge_facts(tx, before).await
    })
    .await?;
    Ok(Outcome::Done)
}

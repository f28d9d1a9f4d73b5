//! Background work of this domain: proofs past their prescription are removed.

use std::time::Duration;

use jiff::SignedDuration;
use kernel::jobs::{JobCx, JobKind, JobResult, Outcome};

use crate::store;

/// Five years, leap days included: the common prescription (code civil, article 2224).
const PROOF: SignedDuration = SignedDuration::from_hours((5 * 365 + 2) * 24);

/// Every kind of job of this domain.
pub fn jobs() -> Vec<JobKind> {
    vec![JobKind::new("PurgeRgpd", purge).every(Duration::from_secs(24 * 3_600))]
}

async fn purge(cx: JobCx, _: serde_json::Value) -> JobResult {
    cx.write(async |tx| {
        let before = tx.now().checked_sub(PROOF)?;
        store::purge(tx, before).await
    })
    .await?;
    Ok(Outcome::Done)
}

//! Lists for the administrator: the démarches of the tenant, the versions of one.

use crate::store::{self, VersionRow};
use kernel::{Result, Tx};

/// Every démarche ever published, with the version it names and whether it is online.
pub async fn teleservices(tx: &mut Tx) -> Result<Vec<(VersionRow, bool)>> {
    store::every(tx).await
}

/// The last hundred versions of a démarche, newest first.
pub async fn versions(tx: &mut Tx, slug: &str) -> Result<Vec<VersionRow>> {
    store::versions(tx, slug).await
}

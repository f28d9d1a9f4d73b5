//! What left for other applications about a dossier, and whether it arrived; what waits of the flows, for the home of the
//! day. The exchanges keep it; this file only says it in words.

use kernel::Result;
use kernel::web::AgentCx;
use serde::Serialize;

use super::opened::Opened;

/// What one application was told, in words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeliveryView {
    pub application: String,
    pub say: String,
    pub tone: &'static str,
}

/// What left about a dossier.
pub(crate) async fn of_dossier(_: &AgentCx, _: &Opened) -> Result<Vec<DeliveryView>> {
    Ok(Vec::new())
}

/// A flow that is stuck, in words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AlertView {
    pub what: String,
    pub say: String,
    /// Where it is watched, for whoever may go there.
    pub href: Option<String>,
}

/// The flows that are stuck.
pub(crate) async fn alerts(_: &AgentCx) -> Result<Vec<AlertView>> {
    Ok(Vec::new())
}

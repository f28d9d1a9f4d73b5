//! The applications of a tenant: registered, changed, paused, resumed, their keys. Their addresses and secrets are the
//! tenant's and are never in a package; secrets are sealed, keys are kept as hashes, neither is shown a second time.

mod change;
mod keys;
mod pause;
mod secrets;

pub use change::{Change, Registered, change, name, register};
pub use keys::{add_key, close_key, holder, rotate_secret};
pub(crate) use pause::block;
pub use pause::{pause, resume};
pub use secrets::{Secrets, SigningSecret};

use kernel::{ApplicationId, Result, Tx};

use crate::{model::Application, store};

/// All applications of the tenant, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Application>> {
    store::applications(tx).await
}

/// An application by its slug.
pub async fn by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Application>> {
    store::application_by_slug(tx, slug).await
}

/// An application; `NotFound` when there is none.
pub async fn by_id(tx: &mut Tx, id: ApplicationId) -> Result<Application> {
    store::application(tx, id).await
}

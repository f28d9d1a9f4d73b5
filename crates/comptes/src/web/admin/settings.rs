//! Changing the settings of a tenant, whichever page asks: read again, compared, told to the journal by their names alone,
//! kept, and seen by every page. Which settings a page shows and what it refuses is its own business.

use kernel::{Event, Result, Subject, Tenant, tenant, web::AdminCx};
use serde::Serialize;

use crate::MANAGE_TENANT;

/// The look, the contacts or the legal notices of the tenant were changed: names of settings alone.
#[derive(Serialize)]
pub struct TenantChanged {
    /// Which.
    pub settings: Vec<&'static str>,
}

impl Event for TenantChanged {
    const KIND: &'static str = "TenantChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// Applies a change, which gives the names of what it changed, and says what was done.
pub(super) async fn change(cx: &AdminCx, done: &str, apply: impl FnOnce(&mut Tenant) -> Vec<&'static str>) -> Result<()> {
    // Read again: another node may have changed it since this one kept it.
    let mut tenant = tenant::by_id(&cx.app.db, cx.tenant.id).await?;
    let changed = apply(&mut tenant);
    cx.write(async |tx| {
        tx.allow_any(MANAGE_TENANT)?;
        if !changed.is_empty() {
            tx.emit(&TenantChanged { settings: changed }).await?;
        }
        cx.flash(tx, done).await
    })
    .await?;
    tenant::save(&cx.app.db, &tenant).await?;
    cx.tenants_changed();
    Ok(())
}

/// Puts new texts in place, and names those that differ: name of the setting, what is kept, what is wanted.
pub(super) fn renew<const N: usize>(texts: [(&'static str, &mut String, &String); N]) -> Vec<&'static str> {
    let mut changed = vec![];
    for (name, kept, new) in texts {
        if kept != new {
            new.clone_into(kept);
            changed.push(name);
        }
    }
    changed
}

//! What pages show and hardly ever changes, kept in memory a few seconds per tenant, so that a page does not ask for it
//! again. A change is seen within that time on every node, without anybody telling it. Nothing that a decision rests on
//! is kept here: use cases read again.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use crate::{Result, TenantId, Tx};

/// As the tenant's own words: a change is seen within this.
const FRESH: Duration = Duration::from_secs(3);
/// More tenants than a node serves at once; beyond, all are let go and come back as they serve.
const TENANTS: usize = 2_000;

/// By database (tests open several) and tenant: when it was read, and what.
type Values<T> = HashMap<(String, TenantId), (Instant, T)>;

/// Something of each tenant, kept a few seconds: a `static` beside the function that reads it.
pub struct Kept<T>(OnceLock<Mutex<Values<T>>>);

impl<T: Clone> Kept<T> {
    /// Nothing yet.
    #[expect(clippy::new_without_default, reason = "a static is made by a constant function")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// What is kept of the tenant of this unit, read anew when it is not fresh.
    pub async fn of(&self, tx: &mut Tx, read: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let (key, now) = ((tx.db.address(), tx.tenant()), Instant::now());
        if let Some(value) = self.with(|kept| kept.get(&key).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, value)| value.clone())) {
            return Ok(value);
        }
        let value = read(tx).await?;
        self.with(|kept| {
            if kept.len() >= TENANTS {
                kept.clear();
            }
            kept.insert(key, (now, value.clone()));
        });
        Ok(value)
    }

    fn with<R>(&self, work: impl FnOnce(&mut Values<T>) -> R) -> R {
        work(&mut self.0.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner))
    }
}

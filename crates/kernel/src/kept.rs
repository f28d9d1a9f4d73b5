//! What is kept in memory while the program runs, beside the database it was read from, so that two databases in one
//! process share nothing. [`Kept`] is what pages show and hardly ever changes, kept a few seconds per tenant, so that a
//! page does not ask for it again: a change is seen within that time on every node, without anybody telling it. Nothing
//! that a decision rests on is kept there: use cases read again.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{Result, TenantId, Tx};

/// As the tenant's own words: a change is seen within this.
const FRESH: Duration = Duration::from_secs(3);
/// More tenants than a node serves at once; beyond, all are let go and come back as they serve.
const TENANTS: usize = 2_000;

/// What each domain keeps, by its type: empty at first, lost at the end.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Memory {
    pub fn of<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        of_type.downcast().expect("what is kept under a type is of this type")
    }
}

/// Something of each tenant, kept a few seconds: when it was read, and what. Got by [`Tx::kept`].
pub struct Kept<T>(Mutex<HashMap<TenantId, (Instant, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept of the tenant of this unit, read anew when it is not fresh.
    pub async fn of(&self, tx: &mut Tx, read: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        let (tenant, now) = (tx.tenant(), Instant::now());
        let is_fresh = |(at, _): &&(Instant, T)| at.elapsed() < FRESH;
        if let Some((_, value)) = self.values().get(&tenant).filter(is_fresh) {
            return Ok(value.clone());
        }
        let value = read(tx).await?;
        let mut values = self.values();
        if values.len() >= TENANTS {
            values.clear();
        }
        values.insert(tenant, (now, value.clone()));
        Ok(value)
    }

    fn values(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, (Instant, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

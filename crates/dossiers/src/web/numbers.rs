//! Numbers of dossiers, taken by blocks of fifty in a short unit of their own and handed out from memory: no row is
//! written by every submission. A node that stops loses the rest of its block: gaps are normal.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use kernel::{App, Result, Scope, Tenant, TenantId};

use crate::numero::{BLOCK, Numero};
use crate::store;

/// Which series: the database (tests open several), the tenant, the year.
type Series = (String, TenantId, i16);

static TAKEN: LazyLock<Mutex<HashMap<Series, Vec<Range<i64>>>>> = LazyLock::new(Mutex::default);

/// The next number of a tenant, for this year.
pub async fn take(app: &App, scope: &Scope, tenant: &Tenant) -> Result<Numero> {
    let year = scope.zone.to_datetime(app.clock.now()).year();
    let series = (app.db.address(), tenant.id, year);
    let rank = match next(&series) {
        Some(rank) => rank,
        None => {
            let first = app.db.write(scope, async |tx| store::counter::take_block(tx, year).await).await?;
            give(series, first)
        }
    };
    Ok(Numero::new(&tenant.settings.number_prefix, year, rank))
}

fn next(series: &Series) -> Option<i64> {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let blocks = taken.get_mut(series)?;
    while let Some(block) = blocks.last_mut() {
        if let Some(rank) = block.next() {
            return Some(rank);
        }
        blocks.pop();
    }
    None
}

fn give(series: Series, first: i64) -> i64 {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    taken.entry(series).or_default().push(first + 1..first + BLOCK);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_gives_each_of_its_numbers_once() {
        let series = || ("memory".to_owned(), TenantId::from(uuid::Uuid::from_u128(1)), 2026);
        assert_eq!(next(&series()), None);
        let mut given = vec![give(series(), 51)];
        given.extend(std::iter::from_fn(|| next(&series())));
        assert_eq!(given, (51..101).collect::<Vec<_>>());
    }
}

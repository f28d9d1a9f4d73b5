//! Numbers of dossiers, taken by blocks of fifty in a short unit of their own and handed out from memory: no row is
//! written by every submission. A node that stops loses the rest of its block: gaps are normal.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use kernel::{App, Result, Scope, Tenant, TenantId};

use crate::numero::{BLOCK, Numero};
use crate::store;

/// Which series: the tenant, the year.
type Series = (TenantId, i16);

/// The blocks that this node has taken and not yet given out.
#[derive(Default)]
struct Blocks(Mutex<HashMap<Series, Vec<Range<i64>>>>);

/// The next number of a tenant, for this year.
pub async fn take(app: &App, scope: &Scope, tenant: &Tenant) -> Result<Numero> {
    let year = scope.zone.to_datetime(app.clock.now()).year();
    let (blocks, series) = (app.db.kept::<Blocks>(), (tenant.id, year));
    let rank = match blocks.next(&series) {
        Some(rank) => rank,
        None => {
            let first = app.db.write(scope, async |tx| store::counter::take_block(tx, year).await).await?;
            blocks.give(series, first)
        }
    };
    Ok(Numero::new(&tenant.settings.number_prefix, year, rank))
}

impl Blocks {
    fn next(&self, series: &Series) -> Option<i64> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = taken.get_mut(series)?;
        while let Some(block) = blocks.last_mut() {
            if let Some(rank) = block.next() {
                return Some(rank);
            }
            blocks.pop();
        }
        None
    }

    fn give(&self, series: Series, first: i64) -> i64 {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.entry(series).or_default().push(first + 1..first + BLOCK);
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_gives_each_of_its_numbers_once() {
        let (blocks, series) = (Blocks::default(), (TenantId::from(uuid::Uuid::from_u128(1)), 2026));
        assert_eq!(blocks.next(&series), None);
        let mut given = vec![blocks.give(series, 51)];
        given.extend(std::iter::from_fn(|| blocks.next(&series)));
        assert_eq!(given, (51..101).collect::<Vec<_>>());
    }
}

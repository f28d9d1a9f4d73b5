//! All the SQL of this domain, one file per group of tables. It decides nothing: use cases do.

use jiff::civil::{Date, date};

/// Where a walk by date begins: before any, and a day that PostgreSQL has, which the first one of the calendar is not.
const FIRST: Date = date(1, 1, 1);

pub(crate) mod access;
pub(crate) mod counter;
pub(crate) mod dossier;
pub(crate) mod elimination;
pub(crate) mod list;
pub(crate) mod piece;
pub(crate) mod thread;

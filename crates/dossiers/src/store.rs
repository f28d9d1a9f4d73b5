//! All the SQL of this domain, one file per group of tables. It decides nothing: use cases do.

pub(crate) mod access;
pub(crate) mod counter;
pub(crate) mod dossier;
pub(crate) mod elimination;
pub(crate) mod list;
pub(crate) mod piece;
pub(crate) mod thread;

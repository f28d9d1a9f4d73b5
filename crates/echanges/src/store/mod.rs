//! The SQL of exchanges: applications and their keys, deliveries, answers, incoming files.

mod applications;
mod deliveries;
mod incoming;

pub(crate) use applications::*;
pub(crate) use deliveries::*;
pub(crate) use incoming::*;

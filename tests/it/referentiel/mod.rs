//! The référentiel: what partners read of it, what the person and the agents see of it.

mod agents;
mod my_data;
mod read;
mod record_facts;

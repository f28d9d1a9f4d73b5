//! The integration tests: one binary that mirrors the crates. Through the front door wherever there is one.

mod access;
mod api;
mod comptes_;
mod dossiers_;
mod echanges_;
mod faults;
mod journeys;
mod kernel_;
mod leavers;
mod operation;
mod referentiel;
mod rgpd;
mod statements;
mod support;
mod teleservices;
mod templates;
mod tenants;

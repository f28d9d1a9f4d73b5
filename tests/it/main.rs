//! The integration tests: one binary that mirrors the crates. Through the front door wherever there is one.

mod dossiers_;
mod echanges_;
mod kernel_;
mod referentiel;
mod rgpd;
mod support;
mod templates;
mod teleservices;

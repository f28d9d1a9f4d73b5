//! dossiers.

//! referentiel.

//! echanges.

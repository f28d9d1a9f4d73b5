//! rgpd.

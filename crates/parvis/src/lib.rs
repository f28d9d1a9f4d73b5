//! parvis.

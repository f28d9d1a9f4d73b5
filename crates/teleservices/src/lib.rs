//! teleservices.

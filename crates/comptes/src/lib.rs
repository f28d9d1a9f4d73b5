//! comptes.

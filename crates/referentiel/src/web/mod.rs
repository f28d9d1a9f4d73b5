//! The pages of this domain: how an usager's sign-in ends, because it is here that the person is known.

mod connexion;
mod relier;

use kernel::{
    templates::Sample,
    web::{Pages, Routes},
};

/// The routes of this domain.
pub fn routes() -> Routes {
    let public = relier::pages_of(connexion::pages_of(Pages::new()));
    let rights = crate::RIGHTS.iter().map(|(right, label)| (right.0, *label)).collect();
    Routes { public, rights, ..Routes::default() }
}

/// The pages of this domain, with their samples.
pub fn pages() -> Vec<Sample> {
    relier::samples_of()
}

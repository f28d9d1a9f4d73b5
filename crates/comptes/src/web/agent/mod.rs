//! The agents' way in: ProConnect, the collectivité's directory, a local account with a second factor; the link of an
//! invitation; the agent's own account.

mod compte;
mod connexion;
mod entry;
mod invitation;
mod second_facteur;

use kernel::{templates::Sample, web::Pages};

/// Open to all, in the space of agents.
pub(super) fn public_pages_of(pages: Pages) -> Pages {
    invitation::pages_of(second_facteur::pages_of(connexion::pages_of(pages)))
}

/// For agents.
pub(super) fn pages_of(pages: Pages) -> Pages {
    compte::pages_of(pages)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [connexion::samples_of(), second_facteur::samples_of(), invitation::samples_of(), compte::samples_of()].into_iter().flatten().collect()
}

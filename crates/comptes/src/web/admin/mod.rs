//! What an administrator sets: agents, teams, partners, identity providers, look. The use cases ask for the right.

mod accueil;
mod agents;
mod apparence;
mod identites;
mod mentions;
mod partenaires;
mod services;
mod settings;

use axum::response::Response;
use kernel::{
    Result,
    templates::Sample,
    web::{AdminCx, Pages},
};

use super::reveal;

pub(super) fn pages_of(pages: Pages) -> Pages {
    let pages = pages.get(reveal::PATH, show_secret);
    let pages = agents::pages_of(accueil::pages_of(pages));
    let pages = partenaires::pages_of(services::pages_of(pages));
    identites::pages_of(mentions::pages_of(apparence::pages_of(pages)))
}

pub(super) fn samples_of() -> Vec<Sample> {
    [
        accueil::samples_of(),
        agents::samples_of(),
        services::samples_of(),
        partenaires::samples_of(),
        apparence::samples_of(),
        mentions::samples_of(),
        identites::samples_of(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

async fn show_secret(cx: AdminCx) -> Result<Response> {
    reveal::show(&cx).await
}

//! Dossiers: one usager's file for one téléservice, from the draft to the elimination list. Filling, deposit, receipt,
//! examination, requests for pieces, decisions, letters, messages, and the clocks of the law.
//!
//! It knows no démarche: questions, states, words, delays and letters come from the version of the téléservice that the
//! dossier keeps. What is sure: a dossier is deposited once and keeps its version; it moves only by the steps of its
//! circuit; a decision is made once; what is not the person's own word never reaches the registry; nothing deposited is
//! destroyed without the visa of the archives.

pub mod accuse;
pub mod add_piece;
pub mod adopt;
pub mod answer_request;
pub mod ask_piece;
mod asked;
pub mod assign;
mod certified;
pub mod channel;
pub mod course;
pub mod decide;
pub mod delai;
pub mod elimination;
pub mod enter_for;
pub mod events;
pub mod filling;
mod jobs;
pub mod judge_piece;
pub mod letters;
pub mod liaisons;
pub mod links;
pub mod list;
pub mod model;
pub mod numbers;
pub mod numero;
mod panel;
mod personal;
pub mod phase;
pub mod piece;
pub mod post;
pub mod privacy;
pub mod read;
pub mod readiness;
pub mod receive;
pub mod remove_piece;
pub mod rights;
pub mod save_for_later;
pub mod save_page;
pub mod service;
pub mod start;
mod store;
pub mod submit;
pub mod thread;
pub mod timeline;
pub mod transition;
pub mod version;
pub mod watch;
mod web;
pub mod withdraw;
pub mod words;
pub mod write_message;

pub use jobs::jobs;
pub use liaisons::{Arrivals, Liaisons};
pub use model::{Decision, Dossier, Outcome};
pub use panel::DossiersPanel;
pub use personal::Dossiers;
pub use web::routes;

/// The templates of this domain.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

/// An example of each page.
pub fn pages() -> Vec<kernel::templates::Sample> {
    let mut all = web::usager::samples();
    all.extend(web::agent::samples());
    all.extend(web::admin::samples());
    all
}

#[cfg(test)]
mod tests {
    use kernel::templates::{KernelTemplates, Source};
    use kernel::web::{Audience, Site};
    use kernel::words::Words;

    use super::*;

    #[test]
    fn every_page_draws_with_every_example() {
        let sources = [Source::of::<KernelTemplates>(""), Source::of::<Templates>("dossiers")];
        let templates = kernel::templates::Templates::new(&sources, Words::installed()).unwrap();
        let site = Site::sample(Audience::Public);
        for sample in pages() {
            let html = templates.render_sample(&sample, &site).unwrap_or_else(|error| panic!("{} {}: {error:?}", sample.template, sample.number));
            assert_eq!(html.matches("<h1").count(), 1, "{} {}", sample.template, sample.number);
        }
    }
}

//! The program as a library: what the domains give, put together. It decides nothing: which job follows which event
//! is in `reactions`, which domain gives which routes, jobs and pages in `registries`, what starts them in `boot`.

pub mod backup;
pub mod boot;
pub mod commands;
pub mod demo;
pub mod event_words;
pub mod journal_words;
pub mod migrations;
pub mod reactions;
pub mod registries;

/// The templates of the program's own pages.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

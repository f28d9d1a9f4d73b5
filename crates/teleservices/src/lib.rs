//! Téléservices: the text format, its check, the engine that applies it, the versions published.
//!
//! A téléservice is a text. `package` reads and checks it, `engine` applies it to answers, both pure. The rest keeps
//! the versions of each tenant and finds them again. No name of a démarche stands in this crate: adding one is adding
//! a folder. It holds no dossier and no answer of anybody.

pub mod engine;
pub mod package;

#[cfg(test)]
mod tests;

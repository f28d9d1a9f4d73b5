//! Téléservices: the text format, its check, the engine that applies it, the versions published.
//!
//! A téléservice is a text. `package` reads and checks it, `engine` applies it to answers, both pure. The rest keeps
//! the versions of each tenant and finds them again. No name of a démarche stands in this crate: adding one is adding
//! a folder. It holds no dossier and no answer of anybody.

mod catalogue;
pub mod engine;
pub mod package;
mod publish;
mod store;
mod take_off;
pub mod tools;
mod transfer;
mod version;
mod versions;
pub mod web;

pub use catalogue::{Catalogue, Entry, catalogue};
pub use package::{Files, Package, Setting};
pub use publish::{Published, TeleservicePublished, publish, restore};
pub use store::VersionRow;
pub use take_off::{TeleserviceTakenOff, take_off};
pub use transfer::{import, pack, texts};
pub use version::{Version, online_and, published, version};
pub use versions::{teleservices, versions};

use kernel::Right;

/// May put téléservices online and take them off.
pub const PUBLISH: Right = Right("teleservices.publier");

/// The templates of these pages.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct Templates;

#[cfg(test)]
mod tests;

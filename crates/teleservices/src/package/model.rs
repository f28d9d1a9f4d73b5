//! What a package is once read: values only. It reads no file and decides nothing;
//! `read` fills it, `check` crosses it, `engine` applies it.

mod card;
mod circuit;
mod essai;
mod form;
mod liaison;

pub use card::*;
pub use circuit::*;
pub use essai::*;
pub use form::*;
pub use liaison::*;

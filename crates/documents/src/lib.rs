//! Letters as PDF: receipts, decisions, printed acknowledgements.
//!
//! One function, [`render`], turns a [`Letter`] into a tagged PDF that is PDF/A-3a (kept for ever)
//! and PDF/UA-1 (read by everybody) at once. The layout is `letter.typ`, which we own: what comes
//! from outside is data and is never read as typst source. Nothing here opens a file, calls the
//! network or reads a clock, and nothing knows what a dossier is.
//!
//! Rendering takes a few milliseconds of processor: call it off the async threads.
//!
//! ```
//! use documents::{Block, Inline, Letter, Sender};
//!
//! let mut letter = Letter::new("Accusé de réception", jiff::civil::date(2026, 11, 24));
//! letter.sender = Sender { name: "Commune de Beaulieu-sur-Lys".into(), ..Sender::default() };
//! letter.recipient = vec!["Madame Inès Bonnard".into()];
//! letter.blocks = vec![Block::Paragraph(vec![Inline::text("Nous avons bien reçu votre demande.")])];
//! let pdf = documents::render(&letter)?;
//! assert!(pdf.starts_with(b"%PDF-"));
//! # Ok::<(), documents::Error>(())
//! ```

mod check;
mod data;
mod letter;
mod markdown;
mod text;
mod world;

#[cfg(test)]
mod tests;

pub use check::{Checked, check};
pub use letter::{Block, Inline, Letter, Sender, Signature};
pub use markdown::escape as escape_markdown;
pub use text::french;

use std::fmt;

/// Why a letter could not become a PDF. The text is for whoever runs the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A title is compulsory: it names the document to a screen reader.
    NoTitle,
    /// The language is not a code such as `fr`.
    Language(String),
    /// The sender's logo is not an SVG picture that can be drawn.
    Logo(String),
    /// The engine refused: the reasons it gives.
    Layout(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTitle => write!(f, "Le document n’a pas de titre."),
            Self::Language(code) => write!(f, "« {code} » n’est pas un code de langue."),
            Self::Logo(why) => write!(f, "Le logo n’est pas une image SVG lisible : {why}"),
            Self::Layout(why) => write!(f, "Le document n’a pas pu être composé : {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// Composes the letter and returns the bytes of its PDF.
///
/// The same letter gives the same bytes.
pub fn render(letter: &Letter) -> Result<Vec<u8>, Error> {
    let prepared = data::prepare(letter)?;
    world::compile(&prepared)
}

/// Tells whether an SVG text can be the logo of a sender, by drawing it once.
pub fn check_logo(svg: &str) -> Result<(), Error> {
    let mut letter = Letter::new("Logo", jiff::civil::date(2026, 1, 1));
    letter.sender.name = "Logo".to_owned();
    letter.sender.logo_svg = Some(svg.to_owned());
    match render(&letter) {
        Err(Error::Layout(why)) => Err(Error::Logo(why)),
        other => other.map(drop),
    }
}

//! What a letter is made of. Plain values: no layout, no engine.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A letter of an administration, on A4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Language of the text, `fr` for most: it rules hyphenation and the reading voice.
    pub lang: String,
    /// The subject, first heading of the page and title of the file.
    pub title: String,
    /// The date of the document, kept in the file.
    pub date: Date,
    /// Who writes.
    pub sender: Sender,
    /// Name and postal address, one line each, placed for a window envelope.
    pub recipient: Vec<String>,
    /// What to quote when answering: (`"Référence"`, `"D-2026-000123"`).
    pub reference: Vec<(String, String)>,
    /// « Beaulieu-sur-Lys, le 24 novembre 2026 ».
    pub place_date: String,
    /// The body.
    pub blocks: Vec<Block>,
    /// Who signs; a receipt has none.
    pub signature: Option<Signature>,
    /// Small lines at the bottom of each page.
    pub footer: Vec<String>,
}

/// The head of the letter, on the left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The collectivité.
    pub name: String,
    /// Service, address, telephone, mail address.
    pub lines: Vec<String>,
    /// A whole SVG document; a strip of colour stands in its place without one.
    pub logo_svg: Option<String>,
    /// The brand colour, `#0b5a63`. Darkened for text if it would be too pale to read.
    pub brand: String,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph; a line break in a text is kept.
    Paragraph(Vec<Inline>),
    /// A list with dashes.
    List(Vec<Vec<Inline>>),
    /// A list with numbers.
    Numbered(Vec<Vec<Inline>>),
    /// A table of two columns: what, and its value.
    Facts(Vec<(String, String)>),
    /// Something to notice, in a frame; the title may be empty.
    Notice { title: String, text: Vec<Inline> },
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Text that matters.
    Bold(String),
    /// A link to `http:`, `https:`, `mailto:` or `tel:`; any other becomes its text alone.
    /// The address is printed too where the text does not say it.
    Link { text: String, url: String },
}

/// Who signs, and as what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// First name and name.
    pub name: String,
    /// « La directrice de l’état civil ».
    pub role: String,
    /// The service, may be empty.
    pub service: String,
}

impl Letter {
    /// An empty letter in French: fill in the fields that it needs.
    pub fn new(title: impl Into<String>, date: Date) -> Self {
        Self {
            lang: "fr".to_owned(),
            title: title.into(),
            date,
            sender: Sender::default(),
            recipient: Vec::new(),
            reference: Vec::new(),
            place_date: String::new(),
            blocks: Vec::new(),
            signature: None,
            footer: Vec::new(),
        }
    }

    /// Reads the body of a letter written in Markdown: headings, paragraphs, lists, bold and links.
    ///
    /// What else Markdown knows keeps its words and loses its look; HTML stays visible as text.
    /// A value put in the text before must have gone through [`crate::escape_markdown`].
    pub fn markdown(source: &str) -> Vec<Block> {
        crate::markdown::blocks(source)
    }
}

impl Block {
    /// A paragraph of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Paragraph(vec![Inline::text(text)])
    }
}

impl Inline {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Text that matters.
    pub fn bold(text: impl Into<String>) -> Self {
        Self::Bold(text.into())
    }

    /// A link.
    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Link { text: text.into(), url: url.into() }
    }
}

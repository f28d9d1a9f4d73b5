//! What leaves: named values in the order of the package. How they are written is said by `formats/`; where they come
//! from, by the domain that built them.

use serde::{Deserialize, Serialize};

/// A document to send, before any format.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Name of the root element in XML.
    pub root: String,
    /// In order.
    pub fields: Vec<Field>,
}

/// One value and its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Column in CSV; otherwise a path: `Demandeur/Nom`, `Titulaire[2]/Nom`, `@attribut`.
    pub path: String,
    /// Text, number, boolean, or null when there is nothing to say.
    pub value: serde_json::Value,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Semicolons, one line of names and one of values.
    Csv,
    /// A tree of elements.
    Xml,
    /// A tree of members.
    Json,
}

impl Document {
    /// An empty document.
    pub fn new(root: impl Into<String>) -> Self {
        Self { root: root.into(), fields: vec![] }
    }

    /// With one value more.
    pub fn with(mut self, path: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.fields.push(Field { path: path.into(), value: value.into() });
        self
    }

    /// The names of what leaves, without any value: for the journal.
    pub fn names(&self) -> Vec<String> {
        let filled = self.fields.iter().filter(|field| !field.value.is_null());
        filled.map(|field| field.path.clone()).collect()
    }
}

impl Format {
    /// As in the database and in packages.
    pub fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Json => "json",
        }
    }

    /// Reads a code.
    pub fn read(code: &str) -> Option<Self> {
        [Self::Csv, Self::Xml, Self::Json].into_iter().find(|format| format.code() == code)
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Json => "application/json",
        }
    }
}

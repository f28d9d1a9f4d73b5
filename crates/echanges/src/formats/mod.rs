//! How a document is written: CSV, XML, JSON. Pure. A value that is null is left out, but for its column in CSV.

mod csv;
mod json;
mod path;
mod read;
mod xml;

pub use json::tree;
pub use read::read_xml;

use kernel::{Error, Result};

use crate::{Document, Format};

/// Writes the document. `Refused` when the paths of the package cannot stand together.
pub fn write(format: Format, document: &Document) -> Result<Vec<u8>> {
    match format {
        Format::Csv => csv::write(document),
        Format::Xml => xml::write(document),
        Format::Json => Ok(serde_json::to_vec_pretty(&json::tree(document)?)?),
    }
}

/// A scalar as text: « oui » and « non » for booleans, a list joined by commas.
fn text(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "oui".into(),
        Value::Bool(false) => "non".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

fn wrong_path(path: &str) -> Error {
    Error::refused("liaison-path", format!("Le chemin « {path} » de la liaison ne peut pas être écrit avec les autres."))
}

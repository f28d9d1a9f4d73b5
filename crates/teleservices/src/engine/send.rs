//! What a liaison sends: values by path, then a CSV, XML or JSON file. It knows no channel, address nor secret.

use super::Answers;
use super::walk::View;
use crate::package::{Format, Known, Liaison, LiaisonEvent, Package, Setting};
use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// What a liaison may read of a dossier.
pub struct Dossier<'a> {
    pub answers: &'a Answers,
    /// Fields of the transition that sets the liaison off; empty at deposit.
    pub fields: &'a Answers,
    pub numero: &'a str,
    pub depose_le: Date,
    pub canal: &'a str,
}

/// A file ready to leave by any channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// `csv`, `xml` or `json`.
    pub extension: &'static str,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

impl Package {
    /// The liaisons that an event of a dossier sets off.
    pub fn liaisons_on(&self, event: &LiaisonEvent, dossier: &Dossier, setting: &Setting) -> Vec<&Liaison> {
        let concerned: Vec<&Liaison> = self.liaisons.iter().filter(|liaison| liaison.event == *event).collect();
        if concerned.is_empty() {
            return concerned;
        }
        let known = self.known(dossier, setting);
        concerned
            .into_iter()
            .filter(|liaison| liaison.condition.as_ref().is_none_or(|condition| condition.holds(&known)))
            .collect()
    }

    /// Paths and texts, in the order of the package; what is empty is left out.
    pub fn values(&self, liaison: &Liaison, dossier: &Dossier, setting: &Setting) -> Vec<(String, String)> {
        let known = self.known(dossier, setting);
        let text = |value: Json| match value {
            Json::Null => None,
            Json::String(text) => Some(text),
            Json::Array(items) => Some(items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")),
            other => Some(other.to_string()),
        };
        let value = |field: &crate::package::LiaisonField| {
            let text = field.formula.value(&known).and_then(text).filter(|text| !text.is_empty())?;
            Some((field.path.clone(), text))
        };
        liaison.fields.iter().filter_map(value).collect()
    }

    /// The file of a liaison.
    pub fn sending(&self, liaison: &Liaison, dossier: &Dossier, setting: &Setting) -> kernel::Result<Sending> {
        let values = self.values(liaison, dossier, setting);
        Ok(match liaison.format {
            Format::Csv => {
                let columns: Vec<&str> = liaison.fields.iter().map(|field| field.path.as_str()).collect();
                Sending { extension: "csv", content_type: "text/csv; charset=utf-8", bytes: csv(&columns, &values)? }
            }
            Format::Xml => Sending {
                extension: "xml",
                content_type: "application/xml",
                bytes: xml(&liaison.root, &values).into_bytes(),
            },
            Format::Json => Sending {
                extension: "json",
                content_type: "application/json",
                bytes: tree(&values).json().to_string().into_bytes(),
            },
        })
    }

    fn known(&self, dossier: &Dossier, setting: &Setting) -> Known {
        let View { mut known, .. } = self.view(dossier.answers, setting);
        for field in self.fields() {
            field.know(dossier.fields.get(&field.id).unwrap_or(&Json::Null), &mut known);
        }
        known.add("numero", "string", &dossier.numero.into());
        known.add("depose_le", "date", &dossier.depose_le.to_string().into());
        known.add("canal", "string", &dossier.canal.into());
        known
    }
}

/// A heading and one line, separated by semicolons, for software and spreadsheets alike.
fn csv(columns: &[&str], values: &[(String, String)]) -> kernel::Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let cell = |column: &&str| {
        values.iter().find(|(path, _)| path == column).map_or_else(String::new, |(_, text)| harmless(text))
    };
    writer
        .write_record(columns)
        .and_then(|()| writer.write_record(columns.iter().map(cell)))
        .map_err(kernel::Error::internal)?;
    writer.into_inner().map_err(|e| kernel::Error::internal(e.to_string()))
}

/// A text that a spreadsheet would run as a formula gets an apostrophe; signed numbers and phone numbers do not.
fn harmless(text: &str) -> String {
    let runs = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !text[1..].chars().all(|c| c.is_ascii_digit() || " .,".contains(c)),
        _ => false,
    };
    if runs { format!("'{text}") } else { text.to_owned() }
}

#[derive(Default)]
struct Node {
    text: Option<String>,
    /// Name, rank of repetition, node; in the order of the package.
    children: Vec<(String, u8, Node)>,
}

fn tree(values: &[(String, String)]) -> Node {
    let mut root = Node::default();
    for (path, text) in values {
        let mut node = &mut root;
        for part in path.split('/') {
            let (name, rank) = part
                .split_once('[')
                .map_or((part, 1), |(name, rank)| (name, rank.trim_end_matches(']').parse().unwrap_or(1)));
            let at = node.children.iter().position(|(known, r, _)| known == name && *r == rank).unwrap_or_else(|| {
                node.children.push((name.to_owned(), rank, Node::default()));
                node.children.len() - 1
            });
            node = &mut node.children[at].2;
        }
        node.text = Some(text.clone());
    }
    root
}

impl Node {
    fn json(&self) -> Json {
        if self.children.is_empty() {
            return self.text.clone().map_or(Json::Null, Json::String);
        }
        let mut object = Map::new();
        for (name, rank, child) in &self.children {
            let value = child.json();
            match object.get_mut(name) {
                Some(Json::Array(list)) => list.push(value),
                Some(first) => *first = Json::Array(vec![first.take(), value]),
                None if *rank > 1 => drop(object.insert(name.clone(), Json::Array(vec![value]))),
                None => drop(object.insert(name.clone(), value)),
            }
        }
        Json::Object(object)
    }

    fn write(&self, name: &str, depth: usize, out: &mut String) {
        let indent = " ".repeat(depth * 2);
        let _ = write!(out, "{indent}<{name}");
        for (attribute, _, child) in self.children.iter().filter(|(name, _, _)| name.starts_with('@')) {
            let _ = write!(out, " {}=\"{}\"", &attribute[1..], escape(child.text.as_deref().unwrap_or_default()));
        }
        let elements = || self.children.iter().filter(|(name, _, _)| !name.starts_with('@'));
        if elements().next().is_none() {
            let _ = writeln!(out, ">{}</{name}>", escape(self.text.as_deref().unwrap_or_default()));
            return;
        }
        out.push_str(">\n");
        for (name, _, child) in elements() {
            child.write(name, depth + 1, out);
        }
        let _ = writeln!(out, "{indent}</{name}>");
    }
}

fn xml(root: &str, values: &[(String, String)]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    tree(values).write(root, 0, &mut out);
    out
}

/// Text for XML: characters that XML forbids are dropped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Vec<(String, String)> {
        [
            ("@canal", "0"),
            ("Demande/Type", "A & B"),
            ("Demande/Titulaire/Nom", "N’Guyen"),
            ("Demande/Titulaire[2]/Nom", "<Bo>"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .to_vec()
    }

    #[test]
    fn paths_make_a_nested_xml_with_attributes_and_repeats() {
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Racine canal=\"0\">\n  <Demande>\n    <Type>A &amp; B</Type>\n    <Titulaire>\n      <Nom>N’Guyen</Nom>\n    </Titulaire>\n    <Titulaire>\n      <Nom>&lt;Bo&gt;</Nom>\n    </Titulaire>\n  </Demande>\n</Racine>\n";
        assert_eq!(xml("Racine", &values()), expected);
    }

    #[test]
    fn the_same_paths_make_json() {
        let json = tree(&values()).json();
        assert_eq!(json["Demande"]["Titulaire"][1]["Nom"], "<Bo>");
        assert_eq!(json["Demande"]["Type"], "A & B");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        let values = [("a", "=1+1"), ("b", "+33 6 12"), ("c", "x;y")].map(|(p, t)| (p.to_owned(), t.to_owned()));
        let text = String::from_utf8(csv(&["a", "b", "c"], &values).unwrap()).unwrap();
        assert_eq!(text, "a;b;c\r\n'=1+1;+33 6 12;\"x;y\"\r\n");
    }
}

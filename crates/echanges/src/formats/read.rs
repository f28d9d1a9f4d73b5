//! Reads an XML file that somebody sent as named values: the same paths as `Document` writes. Tolerant of layouts,
//! strict on dangers: no DTD, no entity but the five of XML, bounds on depth, on the number of values and on length.

use std::collections::HashMap;

use kernel::{Error, Result};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use crate::{Document, Field};

/// Deeper than any form of the administration.
const DEPTH: usize = 30;
/// More values than any of them has.
const VALUES: usize = 5_000;

/// The values of the file, by path. `Refused` in a sentence for the sender.
pub fn read_xml(bytes: &[u8]) -> Result<Document> {
    let text = decode(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut reading = Reading::default();
    loop {
        match reader.read_event().map_err(|_| refused("Ce fichier n’est pas du XML valable."))? {
            Event::Start(element) => {
                reading.open(&element)?;
            }
            Event::Empty(element) => {
                reading.open(&element)?;
                reading.close()?;
            }
            Event::End(_) => reading.close()?,
            Event::Text(text) => reading.say(&text.xml_content(quick_xml::XmlVersion::Explicit1_0)),
            Event::CData(text) => reading.say(&text.xml_content(quick_xml::XmlVersion::Explicit1_0)),
            Event::GeneralRef(reference) => reading.say(character(&reference)?.encode_utf8(&mut [0; 4])),
            Event::DocType(_) => return Err(refused("Ce fichier contient une DTD : elles ne sont pas acceptées.")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    reading.end()
}

#[derive(Default)]
struct Reading {
    document: Document,
    open: Vec<Element>,
}

struct Element {
    path: String,
    text: String,
    has_children: bool,
    /// How many children of each name came so far.
    seen: HashMap<String, usize>,
}

impl Reading {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<()> {
        let name = local(element.name().into_inner().as_ref());
        let path = match self.open.last_mut() {
            None if !self.document.root.is_empty() => return Err(refused("Ce fichier a plusieurs racines.")),
            None => {
                self.document.root.clone_from(&name);
                String::new()
            }
            Some(parent) => {
                parent.has_children = true;
                let rank = parent.seen.entry(name.clone()).or_default();
                *rank += 1;
                let step = if *rank == 1 { name } else { format!("{name}[{rank}]") };
                join(&parent.path, &step)
            }
        };
        if self.open.len() >= DEPTH {
            return Err(refused("Ce fichier a trop de niveaux."));
        }
        for attribute in element.attributes() {
            let wrong = |_| refused("Ce fichier a un attribut illisible.");
            let attribute = attribute.map_err(wrong)?;
            let name = local(attribute.key.into_inner().as_ref());
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|_| refused("Ce fichier a un attribut illisible."))?;
            if !name.starts_with("xmlns") {
                self.keep(join(&path, &format!("@{name}")), value.into_owned())?;
            }
        }
        self.open.push(Element { path, text: String::new(), has_children: false, seen: HashMap::new() });
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(&mut self) -> Result<()> {
        let Some(element) = self.open.pop() else { return Ok(()) };
        let text = element.text.trim();
        if element.has_children || text.is_empty() {
            return Ok(());
        }
        self.keep(element.path, text.to_owned())
    }

    fn keep(&mut self, path: String, text: String) -> Result<()> {
        if self.document.fields.len() >= VALUES {
            return Err(refused("Ce fichier contient trop de valeurs."));
        }
        self.document.fields.push(Field { path, value: text.into() });
        Ok(())
    }

    fn end(self) -> Result<Document> {
        match self.open.is_empty() && !self.document.root.is_empty() {
            true => Ok(self.document),
            false => Err(refused("Ce fichier s’arrête avant sa fin.")),
        }
    }
}

impl Document {
    /// The text at a path, when there is one.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.path == path).and_then(|field| field.value.as_str())
    }
}

/// UTF-8, or ISO-8859-1 when the file says so, as older software does.
fn decode(bytes: &[u8]) -> Result<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).to_lowercase();
    let declaration = start.split("?>").next().unwrap_or_default();
    if ["iso-8859-1", "iso-8859-15", "windows-1252"].iter().any(|name| declaration.contains(name)) {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| refused("Ce fichier n’est ni en UTF-8 ni en ISO-8859-1."))
}

fn character(reference: &BytesRef<'_>) -> Result<char> {
    let numbered = reference.resolve_char_ref().map_err(|_| refused("Ce fichier contient un caractère inconnu."))?;
    if let Some(character) = numbered {
        return Ok(character);
    }
    match reference.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(refused("Ce fichier contient une entité : elles ne sont pas acceptées.")),
    }
}

/// Without its prefix: layouts differ by it and by nothing else.
fn local(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    match name.split_once(':') {
        Some(("xmlns", _)) => "xmlns".into(),
        Some((_, local)) => local.into(),
        None => name.into_owned(),
    }
}

fn join(parent: &str, step: &str) -> String {
    if parent.is_empty() { step.to_owned() } else { format!("{parent}/{step}") }
}

fn refused(sentence: &str) -> Error {
    Error::refused("xml", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let document = Document::new("EnveloppeMetierType")
            .with("@canal_utilise", "0")
            .with("DemandeActe/Titulaire/Nom", "L’<Épée> & fils \"É\"")
            .with("DemandeActe/Titulaire[2]/Nom", "B")
            .with("DemandeActe/Titulaire[2]/Parent[2]/Nom", "C");
        let bytes = super::super::write(crate::Format::Xml, &document).expect("written");
        let read = read_xml(&bytes).expect("read");
        assert_eq!(read.text("DemandeActe/Titulaire[2]/Parent/Nom"), Some("C"), "ranks are those of the file");
        assert_eq!(read.fields[..3], document.fields[..3]);
    }

    #[test]
    fn prefixes_comments_cdata_and_old_encodings_are_understood() {
        let xml = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n:A xmlns:n=\"urn:x\"><!-- c --><n:B>Lef&#232;vre <![CDATA[& fils]]></n:B><n:C>\u{e9}</n:C></n:A>";
        let bytes: Vec<u8> = xml.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin 1")).collect();
        let read = read_xml(&bytes).expect("read");
        assert_eq!((read.text("B"), read.text("C"), read.root.as_str()), (Some("Lefèvre & fils"), Some("é"), "A"));
        assert_eq!(read.fields.len(), 2);
    }

    #[test]
    fn dangers_are_refused_in_a_sentence() {
        let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
        let many = format!("<a>{}</a>", "<b>1</b>".repeat(VALUES + 1));
        let laughs = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        let wrong = [laughs, "<a>&externe;</a>", &deep, &many, "<a><b></a>", "<a>", "", "du texte", "<a/><b/>", "<a b=1/>"];
        for text in wrong {
            let refused = read_xml(text.as_bytes());
            assert!(matches!(refused, Err(Error::Refused(_))), "{}", &text[..text.len().min(60)]);
        }
        assert!(read_xml(b"<a>\xFF</a>").is_err());
    }
}

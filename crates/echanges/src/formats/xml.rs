//! The document as XML: elements in the order of the package, attributes on theirs, UTF-8, no DTD. Characters that
//! XML 1.0 cannot hold are left out.

use kernel::{Error, Result};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{path, wrong_path};
use crate::Document;

#[derive(Default)]
struct Element {
    name: String,
    rank: usize,
    attributes: Vec<(String, String)>,
    text: Option<String>,
    children: Vec<Element>,
}

pub(super) fn write(document: &Document) -> Result<Vec<u8>> {
    let root = build(document)?;
    let mut out = Writer::new_with_indent(vec![], b' ', 1);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).map_err(Error::internal)?;
    put(&mut out, &root).map_err(Error::internal)?;
    let mut bytes = out.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn build(document: &Document) -> Result<Element> {
    let mut root = Element { name: document.root.clone(), ..Element::default() };
    if root.name.is_empty() {
        root.name = "demande".into();
    }
    for field in document.fields.iter().filter(|field| !field.value.is_null()) {
        let place = path::parse(&field.path).ok_or_else(|| wrong_path(&field.path))?;
        let mut at = &mut root;
        for step in &place.steps {
            at = at.child(&step.name, step.index);
        }
        let text = clean(&super::text(&field.value));
        match place.attribute {
            Some(name) if at.attributes.iter().all(|(of, _)| *of != name) => at.attributes.push((name, text)),
            None if at.text.is_none() && at.children.is_empty() => at.text = Some(text),
            _ => return Err(wrong_path(&field.path)),
        }
    }
    check(&root)?;
    Ok(root)
}

impl Element {
    fn child(&mut self, name: &str, rank: usize) -> &mut Self {
        let found = self.children.iter().position(|child| child.name == name && child.rank == rank);
        let at = found.unwrap_or_else(|| {
            self.children.push(Self { name: name.to_owned(), rank, ..Self::default() });
            self.children.len() - 1
        });
        &mut self.children[at]
    }
}

/// Text beside elements is not a layout that anybody reads.
fn check(element: &Element) -> Result<()> {
    if element.text.is_some() && !element.children.is_empty() {
        return Err(wrong_path(&element.name));
    }
    element.children.iter().try_for_each(check)
}

fn put(out: &mut Writer<Vec<u8>>, element: &Element) -> std::io::Result<()> {
    let mut start = BytesStart::new(element.name.as_str());
    for (name, value) in &element.attributes {
        start.push_attribute((name.as_str(), value.as_str()));
    }
    if element.text.is_none() && element.children.is_empty() {
        return out.write_event(Event::Empty(start));
    }
    out.write_event(Event::Start(start))?;
    if let Some(text) = &element.text {
        out.write_event(Event::Text(BytesText::new(text)))?;
    }
    for child in &element.children {
        put(out, child)?;
    }
    out.write_event(Event::End(BytesEnd::new(element.name.as_str())))
}

/// Without the characters that XML 1.0 forbids even when escaped.
fn clean(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(document: &Document) -> String {
        String::from_utf8(write(document).expect("written")).expect("UTF-8")
    }

    #[test]
    fn elements_keep_the_order_of_the_package() {
        let document = Document::new("EnveloppeMetierType")
            .with("@canal_utilise", "0")
            .with("DemandeActe/TypeActe/Code", "MARIAGE")
            .with("DemandeActe/Titulaire[1]/Nom", "L’<Épée> & fils")
            .with("DemandeActe/Titulaire[2]/Nom", "B\u{0}")
            .with("DemandeActe/Vide", serde_json::Value::Null);
        let wanted = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EnveloppeMetierType canal_utilise=\"0\">\n <DemandeActe>\n  \
                      <TypeActe>\n   <Code>MARIAGE</Code>\n  </TypeActe>\n  <Titulaire>\n   <Nom>L’&lt;Épée&gt; &amp; fils</Nom>\n  </Titulaire>\n  \
                      <Titulaire>\n   <Nom>B</Nom>\n  </Titulaire>\n </DemandeActe>\n</EnveloppeMetierType>\n";
        assert_eq!(xml(&document), wanted);
    }

    #[test]
    fn text_beside_elements_is_refused() {
        assert!(write(&Document::new("x").with("A", 1).with("A/B", 2)).is_err());
        assert!(write(&Document::new("x").with("A/B", 2).with("A", 1)).is_err());
    }
}

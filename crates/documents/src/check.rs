//! Looks at a PDF from outside: is it the kind of file that [`crate::render`] promises?
//!
//! A light check of what the file declares and contains, for tests. It is not a validator of
//! PDF/A or PDF/UA, and reads only files whose objects are plain or deflated.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

/// What was seen in a file that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub pages: usize,
    pub title: String,
    /// Structure types and how many of each: `H1`, `P`, `L`, `Table`, `Link`…
    pub tags: BTreeMap<String, usize>,
}

/// What a file must say, and the sentence when it does not.
const MUST: [(&str, &str); 7] = [
    ("<pdfaid:part>3</pdfaid:part>", "not PDF/A-3"),
    ("<pdfaid:conformance>A</pdfaid:conformance>", "not PDF/A of level A"),
    ("<pdfuaid:part>1</pdfuaid:part>", "not PDF/UA-1"),
    ("/Marked true", "not marked as tagged"),
    ("/StructTreeRoot", "no structure"),
    ("/Lang", "no language"),
    ("/DisplayDocTitle true", "the title is not shown"),
];
/// What a file may never hold.
const MUST_NOT: [&str; 4] = ["/Encrypt", "/JavaScript", "/Launch", "/EmbeddedFile"];

/// Checks what a PDF declares: standards, tags, language, title, embedded fonts, no active content.
pub fn check(pdf: &[u8]) -> Result<Checked, String> {
    if !pdf.starts_with(b"%PDF-1.7") {
        return Err("not a PDF 1.7".to_owned());
    }
    let text = spaced(&objects(pdf));
    if let Some((_, sentence)) = MUST.iter().find(|(needle, _)| !text.contains(needle)) {
        return Err((*sentence).to_owned());
    }
    if let Some(found) = MUST_NOT.iter().find(|needle| text.contains(*needle)) {
        return Err(format!("{found} is not allowed"));
    }
    let (described, embedded) = (text.matches("/Type /FontDescriptor").count(), text.matches("/FontFile").count());
    if described == 0 || described != embedded {
        return Err(format!("{described} fonts but {embedded} embedded"));
    }
    let title = between(&text, "<rdf:li xml:lang=\"x-default\">", "</rdf:li>").ok_or("no title")?;
    let tags = structure(&text);
    match tags.get("H1") {
        Some(1) => Ok(Checked { pages: text.matches("/Type /Page ").count(), title: title.to_owned(), tags }),
        other => Err(format!("{} main headings", other.unwrap_or(&0))),
    }
}

/// The text of all objects: those outside streams, those in object streams, and the metadata.
fn objects(pdf: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = pdf;
    while let Some(at) = find(rest, b"stream\n").or_else(|| find(rest, b"stream\r\n")) {
        let (head, tail) = rest.split_at(at);
        let head = String::from_utf8_lossy(head);
        let end = find(tail, b"endstream").unwrap_or(tail.len());
        let body = tail[..end].trim_ascii_start();
        let body = body.strip_prefix(b"stream").unwrap_or(body).trim_ascii_start();
        let dictionary = spaced(&head[head.rfind(" obj").unwrap_or(0)..]);
        text.push_str(&head);
        if dictionary.contains("/Type /ObjStm") || dictionary.contains("/Type /Metadata") {
            text.push_str(&inflated(&dictionary, body));
        }
        rest = tail.get(end + b"endstream".len()..).unwrap_or_default();
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

fn inflated(dictionary: &str, body: &[u8]) -> String {
    let mut out = Vec::new();
    if dictionary.contains("/FlateDecode") && ZlibDecoder::new(body).read_to_end(&mut out).is_err() {
        return String::new();
    }
    let bytes = if dictionary.contains("/FlateDecode") { &out } else { body };
    String::from_utf8_lossy(bytes).into_owned()
}

/// The same with one space between words, and one before each name.
fn spaced(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace('/', " /")
        .replace("  /", " /")
        .replace(" /rdf:", "/rdf:")
        .replace("< /", "</")
        .replace(">>", " >>")
        .replace("  >>", " >>")
}

/// Counts the structure elements by type.
fn structure(text: &str) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    for element in text.split("/Type /StructElem").skip(1) {
        let name: Option<String> = element.split_once("/S /").map(|(_, rest)| rest.chars().take_while(char::is_ascii_alphanumeric).collect());
        *tags.entry(name.unwrap_or_default()).or_insert(0) += 1;
    }
    tags
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside).filter(|inside| !inside.is_empty())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

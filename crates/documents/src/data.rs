//! From a letter to the JSON that the layout reads: cleaned, French spaces set, nothing empty.
//!
//! This is the only way a value reaches the layout, and it reaches it as data.

use serde_json::{Value, json};

use crate::text::{breakable, clean, french};
use crate::{Block, Error, Inline, Letter, world};

/// Text on white must contrast at least so much (WCAG AA).
const CONTRAST: f64 = 4.5;
/// The colour of a sender who has none that can be read.
const INK: [u8; 3] = [0x13, 0x1f, 0x21];
/// Length of the reminder of the subject at the top of the next pages.
const REMINDER: usize = 70;

/// What the engine is given: the data, and the logo apart.
pub(crate) struct Prepared {
    pub json: String,
    pub logo: Option<String>,
    pub date: jiff::civil::Date,
}

/// Checks the letter and writes its data.
pub(crate) fn prepare(letter: &Letter) -> Result<Prepared, Error> {
    let lang = language(&letter.lang)?;
    let print = Print { french: lang == "fr" };
    let title = print.line(&letter.title);
    if title.is_empty() {
        return Err(Error::NoTitle);
    }
    let (ink, band) = colours(&letter.sender.brand);
    let logo = letter.sender.logo_svg.clone().filter(|svg| !svg.trim().is_empty());
    let json = json!({
        "lang": lang,
        "of": if print.french { "sur" } else { "/" },
        "title": title,
        "reminder": shorten(&title),
        "date": { "year": letter.date.year(), "month": letter.date.month(), "day": letter.date.day() },
        "sender": { "name": print.line(&letter.sender.name), "lines": print.lines(&letter.sender.lines) },
        "ink": ink,
        "band": band,
        "logo": logo.is_some(),
        "recipient": letter.recipient.iter().map(|l| breakable(&cleaned(l))).filter(|l| !l.is_empty()).collect::<Vec<_>>(),
        "reference": print.pairs(&letter.reference),
        "place_date": print.line(&letter.place_date),
        "blocks": letter.blocks.iter().filter_map(|b| print.block(b)).collect::<Vec<_>>(),
        "signature": letter.signature.as_ref().map(|s| json!({
            "name": print.line(&s.name), "role": print.line(&s.role), "service": print.line(&s.service),
        })),
        "footer": print.lines(&letter.footer),
    });
    Ok(Prepared { json: json.to_string(), logo, date: letter.date })
}

/// `fr-FR` and `fr` are both `fr`.
fn language(code: &str) -> Result<String, Error> {
    let main = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let is_code = matches!(main.len(), 2 | 3) && main.bytes().all(|b| b.is_ascii_lowercase());
    if is_code { Ok(main) } else { Err(Error::Language(code.to_owned())) }
}

fn cleaned(text: &str) -> String {
    clean(text, world::can_draw).trim().to_owned()
}

/// How the texts of one letter are set.
struct Print {
    french: bool,
}

impl Print {
    /// A text as it is printed; its line breaks are kept.
    fn text(&self, text: &str) -> String {
        let text = clean(text, world::can_draw);
        breakable(&if self.french { french(&text) } else { text })
    }

    /// A text on one line.
    fn line(&self, text: &str) -> String {
        self.text(&text.replace('\n', " ")).trim().to_owned()
    }

    fn lines(&self, lines: &[String]) -> Vec<String> {
        lines.iter().map(|l| self.line(l)).filter(|l| !l.is_empty()).collect()
    }

    fn pairs(&self, pairs: &[(String, String)]) -> Vec<Value> {
        let filled = pairs.iter().filter(|(name, value)| !name.trim().is_empty() || !value.trim().is_empty());
        filled.map(|(name, value)| json!([self.line(name), self.parts(&[Inline::text(value.trim())])])).collect()
    }

    fn block(&self, block: &Block) -> Option<Value> {
        let runs = |items: &[Vec<Inline>]| items.iter().filter_map(|i| self.run(i)).collect::<Vec<_>>();
        match block {
            Block::Heading(text) => Some(self.line(text)).filter(|t| !t.is_empty()).map(|t| json!({"is": "heading", "text": t})),
            Block::Paragraph(run) => self.run(run).map(|run| json!({"is": "paragraph", "run": run})),
            Block::List(items) => list("list", runs(items)),
            Block::Numbered(items) => list("numbered", runs(items)),
            Block::Facts(pairs) => list("facts", self.pairs(pairs)),
            Block::Notice { title, text } => {
                let (title, run) = (self.line(title), self.parts(text));
                (!title.is_empty() || !run.is_empty()).then(|| json!({"is": "notice", "title": title, "run": run}))
            }
        }
    }

    /// The parts of a run, or nothing if it would print nothing.
    fn run(&self, run: &[Inline]) -> Option<Vec<Value>> {
        let says = run.iter().any(|inline| match inline {
            Inline::Text(t) | Inline::Bold(t) | Inline::Link { text: t, .. } => !clean(t, world::can_draw).trim().is_empty(),
        });
        says.then(|| self.parts(run))
    }

    fn parts(&self, run: &[Inline]) -> Vec<Value> {
        let mut parts = Vec::new();
        for inline in run {
            match inline {
                Inline::Text(text) => self.push(&mut parts, "text", text),
                Inline::Bold(text) => self.push(&mut parts, "bold", text),
                Inline::Link { text, url } => self.link(&mut parts, text, url),
            }
        }
        parts
    }

    /// Adds a text, with a break between its lines.
    fn push(&self, parts: &mut Vec<Value>, is: &str, text: &str) {
        for (i, line) in self.text(text).split('\n').enumerate() {
            if i > 0 {
                parts.push(json!({"is": "break"}));
            }
            if !line.is_empty() {
                parts.push(json!({"is": is, "text": line}));
            }
        }
    }

    /// Adds a link, and its address in words for who reads on paper.
    fn link(&self, parts: &mut Vec<Value>, text: &str, url: &str) {
        let url = cleaned(url);
        let says_it = bare(text) == bare(&url);
        // An address is left as it is: no French space belongs in it.
        let words = match cleaned(text) {
            words if words.is_empty() => url.clone(),
            words if says_it => words,
            _ => self.line(text),
        };
        if !is_web(&url) && !url.starts_with("mailto:") && !url.starts_with("tel:") || url.contains(char::is_whitespace) {
            return self.push(parts, "text", &words);
        }
        parts.push(json!({"is": "link", "text": words, "url": url}));
        if is_web(&url) && !says_it && !text.trim().is_empty() {
            parts.push(json!({"is": "text", "text": breakable(&format!(" ({url})"))}));
        }
    }
}

fn list(is: &str, items: Vec<impl serde::Serialize>) -> Option<Value> {
    (!items.is_empty()).then(|| json!({"is": is, "items": items}))
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// An address without what people leave out when they say it.
fn bare(url: &str) -> &str {
    let url = url.trim().trim_end_matches('/');
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

fn shorten(title: &str) -> String {
    match title.char_indices().nth(REMINDER) {
        Some((at, _)) => format!("{}…", title[..at].trim_end()),
        None => title.to_owned(),
    }
}

/// The colour of titles, darkened until it can be read, and the colour of the strip, as it is.
fn colours(brand: &str) -> (String, String) {
    let brand = parse_colour(brand).unwrap_or(INK);
    let mut ink = brand;
    while contrast_on_white(ink) < CONTRAST {
        ink = ink.map(|c| (f64::from(c) * 0.92) as u8);
    }
    (hex(ink), hex(brand))
}

fn parse_colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, r, g, b] = value.to_be_bytes();
    Some([r, g, b])
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Contrast ratio of WCAG 2 against a white sheet.
fn contrast_on_white(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pale_brand_is_darkened_for_text_and_kept_for_the_strip() {
        let (ink, band) = colours("#ffd54f");
        assert_eq!(band, "#ffd54f");
        let ink = parse_colour(&ink).unwrap();
        assert!((4.5..5.6).contains(&contrast_on_white(ink)));
    }

    #[test]
    fn a_brand_that_is_no_colour_gives_plain_ink() {
        assert_eq!(colours("rgb(1,2,3)").0, "#131f21");
        assert_eq!(colours("#é1234").0, "#131f21");
    }

    #[test]
    fn a_dangerous_link_becomes_its_text() {
        let mut parts = Vec::new();
        Print { french: true }.link(&mut parts, "cliquez", "javascript:alert(1)");
        assert_eq!(parts, vec![json!({"is": "text", "text": "cliquez"})]);
    }

    #[test]
    fn a_link_prints_its_address_once() {
        let mut parts = Vec::new();
        Print { french: true }.link(&mut parts, "exemple.fr/suivi", "https://exemple.fr/suivi/");
        assert_eq!(parts.len(), 1);
        Print { french: true }.link(&mut parts, "le suivi", "https://exemple.fr/suivi");
        assert_eq!(parts[2], json!({"is": "text", "text": " (https://exemple.fr/suivi)"}));
    }

    #[test]
    fn a_title_and_a_language_are_compulsory() {
        let date = jiff::civil::date(2026, 11, 24);
        assert_eq!(prepare(&Letter::new(" \n", date)).err(), Some(Error::NoTitle));
        let mut letter = Letter::new("Titre", date);
        letter.lang = "français".into();
        assert_eq!(prepare(&letter).err(), Some(Error::Language("français".into())));
    }
}

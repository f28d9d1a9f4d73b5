//! Words: the French sentence is the key; other languages are gettext catalogues (`locales/en.po`).
//! A phrase that a catalogue lacks is shown in French. Plural forms of gettext are not read: a page chooses
//! between two phrases with the `plural` filter.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::OnceLock,
};

use crate::{Error, Result, templates::french};

/// The language of the sentences themselves.
pub const FRENCH: &str = "fr";

tokio::task_local! {
    static LANGUAGE: String;
}

/// The catalogues of the program, by language.
#[derive(Debug, Default)]
pub struct Words(BTreeMap<String, HashMap<String, String>>);

static INSTALLED: OnceLock<Words> = OnceLock::new();

impl Words {
    /// No catalogue: French alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a catalogue, as the text of a `.po` file. Entries that are empty, fuzzy or plural are left out.
    pub fn add(&mut self, language: &str, po: &str) -> Result<()> {
        let phrases = parse(po).map_err(|line| Error::internal(format!("locales/{language}.po, line {line}")))?;
        self.0.entry(language.into()).or_default().extend(phrases);
        Ok(())
    }

    /// Makes these the words of the program, once, at start. `false` if others were there already.
    pub fn install(self) -> bool {
        INSTALLED.set(self).is_ok()
    }

    /// The words of the program.
    pub fn installed() -> &'static Self {
        INSTALLED.get_or_init(Self::default)
    }

    /// The languages, French first.
    pub fn languages(&self) -> Vec<&str> {
        let others = self.0.keys().map(String::as_str).filter(|language| *language != FRENCH);
        std::iter::once(FRENCH).chain(others).collect()
    }

    /// The phrase in a language, ready to be shown: in French, with its no-break spaces.
    ///
    /// ```
    /// let mut words = kernel::words::Words::new();
    /// words.add("en", "msgid \"Continuer\"\nmsgstr \"Continue\"\n").expect("a catalogue");
    /// assert_eq!(words.say("en", "Continuer"), "Continue");
    /// assert_eq!(words.say("en", "Retour"), "Retour");
    /// ```
    pub fn say<'a>(&'a self, language: &str, phrase: &str) -> Cow<'a, str> {
        match self.0.get(language).and_then(|catalogue| catalogue.get(phrase)) {
            Some(translated) => Cow::Borrowed(translated),
            None => Cow::Owned(french::typography(phrase)),
        }
    }

    /// Whether a language has this phrase: a test lists those it lacks.
    pub fn has(&self, language: &str, phrase: &str) -> bool {
        language == FRENCH || self.0.get(language).is_some_and(|catalogue| catalogue.contains_key(phrase))
    }
}

/// A sentence of Rust code, in the language of the reader; `{name}` is replaced by the argument of that name.
///
/// ```
/// let n = 3;
/// assert_eq!(kernel::t!("Ajoutez {n} fichiers.", n = n), "Ajoutez 3 fichiers.");
/// ```
#[macro_export]
macro_rules! t {
    ($phrase:literal $(,)?) => { $crate::words::phrase($phrase) };
    ($phrase:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::words::fill(&$crate::words::phrase($phrase), &[$((stringify!($name), &$value.to_string())),+])
    };
}

/// What `t!` calls: the phrase in the language of the current task, French by default.
pub fn phrase(phrase: &str) -> String {
    let language = LANGUAGE.try_with(Clone::clone);
    let language = language.as_deref().unwrap_or(FRENCH);
    Words::installed().say(language, phrase).into_owned()
}

/// Replaces `{name}` by its value; a brace that names nothing stays as it is.
pub fn fill(phrase: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(phrase.len() + 16);
    let mut rest = phrase;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let inner = &rest[open + 1..];
        let named = inner.find('}').and_then(|end| {
            let value = values.iter().find(|(name, _)| *name == &inner[..end])?.1;
            Some((value, &inner[end + 1..]))
        });
        match named {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Runs a piece of work for a reader of this language: `t!` inside it speaks it.
pub async fn in_language<T>(language: &str, work: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language.into(), work).await
}

/// The pairs of a `.po` file; an error is the number of the line that cannot be read.
fn parse(po: &str) -> Result<Vec<(String, String)>, usize> {
    let mut entries = Vec::new();
    let mut entry = Entry::default();
    for (number, line) in po.lines().enumerate() {
        let line = line.trim();
        let (field, text) = match line.split_once(' ') {
            _ if line.starts_with('"') => (None, line),
            Some((word @ ("msgid" | "msgstr" | "msgctxt" | "msgid_plural"), text)) => (Some(word), text.trim()),
            Some((word, text)) if word.starts_with("msgstr[") => (Some("msgid_plural"), text.trim()),
            _ if line.is_empty() || line.starts_with('#') => {
                entry.close(&mut entries);
                entry.skipped |= line.starts_with("#,") && line.contains("fuzzy");
                continue;
            }
            _ => return Err(number + 1),
        };
        if field == Some("msgid") {
            entry.close(&mut entries);
        }
        entry.take(field, &unquote(text).ok_or(number + 1)?);
    }
    entry.close(&mut entries);
    Ok(entries)
}

/// An entry of a `.po` file while it is read.
#[derive(Default)]
struct Entry {
    id: String,
    text: String,
    in_text: bool,
    started: bool,
    skipped: bool,
}

impl Entry {
    fn take(&mut self, field: Option<&str>, text: &str) {
        match field {
            Some("msgid") => (self.started, self.in_text) = (true, false),
            Some("msgstr") => self.in_text = true,
            Some(_) => self.skipped = true,
            None => {}
        }
        if self.in_text {
            self.text.push_str(text)
        } else if self.started {
            self.id.push_str(text)
        }
    }

    fn close(&mut self, entries: &mut Vec<(String, String)>) {
        if !self.started {
            return;
        }
        let done = std::mem::take(self);
        if !done.skipped && !done.id.is_empty() && !done.text.is_empty() {
            entries.push((done.id, done.text));
        }
    }
}

fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                't' => '\t',
                other => other,
            },
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PO: &str = r#"# English
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"

#: layout.html
msgid "Continuer"
msgstr "Continue"

#, fuzzy
msgid "Retour"
msgstr "Backwards"

msgid "Une phrase "
"longue"
msgstr ""
"A \"long\" "
"sentence"
msgid "Vide"
msgstr ""
"#;

    fn english() -> Words {
        let mut words = Words::new();
        words.add("en", PO).expect("a catalogue");
        words
    }

    #[test]
    fn a_catalogue_gives_what_it_has_and_french_stands_for_the_rest() {
        let words = english();
        assert_eq!(words.say("en", "Continuer"), "Continue");
        assert_eq!(words.say("en", "Une phrase longue"), "A \"long\" sentence");
        assert_eq!(words.say("en", "Retour"), "Retour", "a fuzzy entry is not used");
        assert_eq!(words.say("en", "Vide"), "Vide");
        assert_eq!(words.say("de", "Continuer"), "Continuer");
        assert!(!words.has("en", "Vide") && words.has("en", "Continuer") && words.has("fr", "Vide"));
    }

    #[test]
    fn french_is_shown_with_its_no_break_spaces() {
        assert_eq!(english().say("fr", "Prêt ?"), "Prêt\u{202f}?");
    }

    #[test]
    fn a_broken_catalogue_names_its_line() {
        assert_eq!(parse("msgid \"a\"\nmsgstr oops\n"), Err(2));
        assert_eq!(parse("msgid \"a\"\nwhat is this\n"), Err(2));
    }

    #[test]
    fn arguments_fill_their_names_only() {
        assert_eq!(fill("{a} et {b} {c} {", &[("a", "1"), ("b", "{a}")]), "1 et {a} {c} {");
        assert_eq!(t!("Encore {n} jours", n = 3), "Encore 3 jours");
    }

    #[tokio::test]
    async fn the_language_of_the_task_is_the_one_of_its_reader() {
        let inside = in_language("en", async { LANGUAGE.with(Clone::clone) }).await;
        assert_eq!(inside, "en");
        assert_eq!(phrase("Continuer"), "Continuer");
    }
}

//! Reads TOML with the place of every value, and says in French what a key expects.
//! It knows no key of the format: `read` asks for them one by one, and what nobody asked is unknown.

use super::flaw::{Place, Report, suggest};
use super::setting::Words;
use super::toml_words::{json, syntax, translated, type_name};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

type Spanned<T> = toml::Spanned<T>;

/// A text of the package and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub text: String,
    pub place: Place,
}

impl Located {
    /// A text that stands nowhere: the default of a key left out.
    pub(crate) fn absent(place: &Place) -> Located {
        Located { text: String::new(), place: place.clone() }
    }
}

/// One file being read.
pub(crate) struct Source<'a> {
    pub file: Arc<str>,
    pub text: &'a str,
    pub report: &'a RefCell<Report>,
    pub words: &'a Words,
}

impl Source<'_> {
    /// Parses the file and hands its root over; a file that is not TOML is only reported.
    pub fn open<T>(&self, read: impl FnOnce(&Table) -> T) -> Option<T> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let (message, mend) = syntax(error.message());
            self.report.borrow_mut().error(&self.place(span), message, mend);
        }
        if !errors.is_empty() {
            return None;
        }
        let root = Table::new(self, String::new(), 0..0, root.get_ref());
        let value = read(&root);
        root.end();
        Some(value)
    }

    pub fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file.clone(), start: span.start, end: span.end }
    }

    /// Where a word stands within a text of the file.
    fn mention(&self, place: &Place, word: &str) -> Place {
        let within = self.text.get(place.start..place.end).and_then(|text| text.find(word));
        within.map_or_else(|| place.clone(), |at| self.place(place.start + at..place.start + at + word.len()))
    }
}

/// One table of the file.
pub(crate) struct Table<'a> {
    source: &'a Source<'a>,
    /// How the author wrote it: `[[question]]`; empty for the root.
    name: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    fn new(source: &'a Source<'a>, name: String, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        Table { source, name, span, table, asked: RefCell::default() }
    }

    /// Where the table begins.
    pub fn place(&self) -> Place {
        self.source.place(self.span.clone())
    }

    /// Where the value of a key stands, or the table when the key is absent.
    pub fn place_of(&self, key: &'static str) -> Place {
        self.get(key).map_or_else(|| self.place(), |value| self.source.place(value.span()))
    }

    pub fn error(&self, place: &Place, message: impl Into<String>, mend: impl Into<String>) {
        self.source.report.borrow_mut().error(place, message, mend);
    }

    pub fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// A text as it is written: an id, a formula, a template.
    pub fn raw(&self, key: &'static str) -> Option<Located> {
        let value = self.get(key)?;
        let place = self.source.place(value.span());
        match value.get_ref() {
            DeValue::String(text) => Some(Located { text: text.to_string(), place }),
            other => {
                self.expects(&place, key, "un texte entre guillemets", other);
                None
            }
        }
    }

    /// As [`Table::raw`], compulsory.
    pub fn raw_needed(&self, key: &'static str) -> Located {
        if !self.has(key) {
            self.lacks(key);
        }
        self.raw(key).unwrap_or_else(|| Located::absent(&self.place()))
    }

    /// A text for people: the words of the tenant are put in place.
    pub fn words(&self, key: &'static str) -> Option<String> {
        let located = self.raw(key)?;
        Some(self.fill(&located))
    }

    /// As [`Table::words`], compulsory and not empty.
    pub fn words_needed(&self, key: &'static str) -> String {
        let located = self.raw_needed(key);
        if self.has(key) && located.text.trim().is_empty() {
            self.error(&located.place, format!("« {key} » est vide"), "écrivez le texte que la personne lira");
        }
        self.fill(&located)
    }

    /// A list of texts for people.
    pub fn words_list(&self, key: &'static str) -> Vec<String> {
        self.raw_list(key).iter().map(|located| self.fill(located)).collect()
    }

    /// A list of texts as written; one text alone is a list of one.
    pub fn raw_list(&self, key: &'static str) -> Vec<Located> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let text = |item: &Spanned<DeValue>| {
            let place = self.source.place(item.span());
            match item.get_ref() {
                DeValue::String(text) => Some(Located { text: text.to_string(), place }),
                other => {
                    self.expects(&place, key, "des textes entre guillemets", other);
                    None
                }
            }
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(text).collect(),
            _ => text(value).into_iter().collect(),
        }
    }

    pub fn bool(&self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else { return default };
        match value.get_ref() {
            DeValue::Boolean(b) => *b,
            other => {
                self.expects(&self.source.place(value.span()), key, "true ou false, sans guillemets", other);
                default
            }
        }
    }

    /// A whole number at least `min`.
    pub fn int(&self, key: &'static str, min: i64) -> Option<i64> {
        let value = self.get(key)?;
        let place = self.source.place(value.span());
        let DeValue::Integer(n) = value.get_ref() else {
            self.expects(&place, key, "un nombre entier, sans guillemets", value.get_ref());
            return None;
        };
        match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) if n >= min => Some(n),
            _ => {
                self.error(&place, format!("« {key} » ne peut pas valoir {}", n.as_str()), format!("au moins {min}"));
                None
            }
        }
    }

    /// One word of a closed list.
    pub fn one_of<T: Copy>(&self, key: &'static str, known: &[(&str, T)]) -> Option<T> {
        let located = self.raw(key)?;
        self.word(key, &located, known)
    }

    /// As [`Table::one_of`], compulsory.
    pub fn one_of_needed<T: Copy>(&self, key: &'static str, known: &[(&str, T)]) -> Option<T> {
        if !self.has(key) {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.error(&self.place(), format!("il manque « {key} » {}", self.here()), format!("possible : {}", words.join(", ")));
            return None;
        }
        self.one_of(key, known)
    }

    /// Several words of a closed list.
    pub fn some_of<T: Copy>(&self, key: &'static str, known: &[(&str, T)]) -> Vec<T> {
        self.raw_list(key).iter().filter_map(|located| self.word(key, located, known)).collect()
    }

    /// A table within this one, written `[name]` or `[this.name]`.
    pub fn table(&self, key: &'static str) -> Option<Table<'_>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Table::new(self.source, self.child(key, false), value.span(), table)),
            other => {
                self.expects(&self.source.place(value.span()), key, &format!("un tableau {}", self.child(key, false)), other);
                None
            }
        }
    }

    /// Tables within this one, written `[[name]]`; the caller ends each.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'_>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let name = self.child(key, true);
        let DeValue::Array(items) = value.get_ref() else {
            self.expects(&self.source.place(value.span()), key, &format!("des tableaux {name}"), value.get_ref());
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => tables.push(Table::new(self.source, name.clone(), item.span(), table)),
                other => self.expects(&self.source.place(item.span()), key, &format!("des tableaux {name}"), other),
            }
        }
        tables
    }

    /// Free names → texts, in order of name: `champs = { date_envoi = "date" }`.
    pub fn pairs(&self, key: &'static str) -> Vec<(Located, Located)> {
        let mut pairs = Vec::new();
        for (name, value, place) in self.free(key) {
            match value {
                DeValue::String(text) => {
                    let located = Located { text: text.to_string(), place };
                    pairs.push((name, located));
                }
                other => self.expects(&place, key, "des noms suivis d’un texte entre guillemets", other),
            }
        }
        pairs
    }

    /// Free names → values of any type, as JSON: the answers of an essai.
    pub fn values(&self, key: &'static str) -> Vec<(Located, Json)> {
        self.free(key).into_iter().map(|(name, value, _)| (name, json(value))).collect()
    }

    /// The value of one key as JSON.
    pub fn json(&self, key: &'static str) -> Option<Json> {
        self.get(key).map(|value| json(value.get_ref()))
    }

    /// Reports the keys that nobody asked for.
    pub fn end(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter() {
            if !asked.contains(&key.get_ref().as_ref()) {
                let message = format!("« {} » n’est pas une clé {}", key.get_ref(), self.of());
                let meant = translated(key.get_ref()).filter(|word| asked.contains(word));
                self.error(&self.source.place(key.span()), message, suggest(meant.unwrap_or(key.get_ref()), asked.iter().copied()));
            }
        }
    }

    /// Puts the words of the tenant in a text; a name that is left is reported.
    fn fill(&self, located: &Located) -> String {
        let filled = self.source.words.fill(&located.text);
        if let Some(name) = Words::left(&filled) {
            self.error(
                &self.source.mention(&located.place, &name),
                format!("« {{{{ {name} }}}} » n’est pas connu ici"),
                suggest(&name, Words::NAMES),
            );
        }
        filled
    }

    fn word<T: Copy>(&self, key: &'static str, located: &Located, known: &[(&str, T)]) -> Option<T> {
        let text = located.text.replace('\'', "’");
        let found = known.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let message = format!("« {} » n’est pas une valeur de « {key} »", located.text);
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.error(&located.place, message, suggest(&located.text, words));
        }
        found
    }

    fn free(&self, key: &'static str) -> Vec<(Located, &DeValue<'a>, Place)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Table(table) = value.get_ref() else {
            self.expects(&self.source.place(value.span()), key, &format!("un tableau {}", self.child(key, false)), value.get_ref());
            return Vec::new();
        };
        let mut found: Vec<_> = table
            .iter()
            .map(|(name, value)| {
                let located = Located { text: name.get_ref().to_string(), place: self.source.place(name.span()) };
                (located, value.get_ref(), self.source.place(value.span()))
            })
            .collect();
        found.sort_by_key(|(name, _, _)| name.place.start);
        found
    }

    fn get(&self, key: &'static str) -> Option<&Spanned<DeValue<'a>>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn lacks(&self, key: &str) {
        self.error(&self.place(), format!("il manque « {key} » {}", self.here()), format!("ajoutez une ligne {key} = \"…\""));
    }

    fn expects(&self, place: &Place, key: &str, what: &str, found: &DeValue) {
        self.error(place, format!("« {key} » attend {what}"), format!("ici, c’est {}", type_name(found)));
    }

    fn child(&self, key: &str, many: bool) -> String {
        let parent = self.name.trim_matches(['[', ']']);
        let path = if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") };
        if many { format!("[[{path}]]") } else { format!("[{path}]") }
    }

    fn here(&self) -> String {
        if self.name.is_empty() { "dans ce fichier".to_owned() } else { format!("dans {}", self.name) }
    }

    fn of(&self) -> String {
        if self.name.is_empty() { format!("de « {} »", self.source.file) } else { format!("de {}", self.name) }
    }
}

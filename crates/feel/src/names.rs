//! The names a rule may mention, with their types, and the nearest of them when one is misspelt.
//! It holds no value: those are facts.

use std::collections::BTreeMap;
use std::str::FromStr;

/// The type of a name or of a result, as far as the check follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Boolean,
    Number,
    Text,
    Date,
    Time,
    DateTime,
    Duration,
    List(Box<Type>),
    Context,
    Any,
}

impl Type {
    /// The type with its article, for a French sentence.
    pub fn in_french(&self) -> String {
        match self {
            Type::Boolean => "un oui ou non".into(),
            Type::Number => "un nombre".into(),
            Type::Text => "un texte".into(),
            Type::Date => "une date".into(),
            Type::Time => "une heure".into(),
            Type::DateTime => "une date avec heure".into(),
            Type::Duration => "une durée".into(),
            Type::List(_) => "une liste".into(),
            Type::Context => "un groupe de valeurs".into(),
            Type::Any => "une valeur".into(),
        }
    }

    /// Whether a value of this type may stand beside one of the other.
    pub(crate) fn meets(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::List(a), Type::List(b)) => a.meets(b),
            (a, b) => a == b,
        }
    }

    /// The type that covers both.
    pub(crate) fn or(self, other: Type) -> Type {
        match (self, other) {
            (a, b) if a == b => a,
            (Type::List(a), Type::List(b)) => Type::List(Box::new(a.or(*b))),
            _ => Type::Any,
        }
    }

    pub(crate) fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }
}

impl FromStr for Type {
    type Err = String;

    /// Reads a FEEL type name: `boolean`, `number`, `string`, `date`, `time`, `date and time`, `duration`, `list`,
    /// `list<date>`, `context`, `any`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(inner) = text.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
            return Ok(Type::list(inner.parse()?));
        }
        Ok(match text {
            "boolean" => Type::Boolean,
            "number" => Type::Number,
            "string" | "text" => Type::Text,
            "date" => Type::Date,
            "time" => Type::Time,
            "date and time" => Type::DateTime,
            "duration" | "days and time duration" | "years and months duration" => Type::Duration,
            "list" => Type::list(Type::Any),
            "context" => Type::Context,
            "any" | "Any" => Type::Any,
            other => return Err(format!("le type « {other} » n’existe pas")),
        })
    }
}

/// What a rule may mention. The parts of a context, or of the items of a list, are declared with a dot:
/// `adresse.commune`, `enfants.naissance`. A context without declared parts accepts any part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(pub BTreeMap<String, Type>);

impl Names {
    /// No name at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more name.
    pub fn with(mut self, name: impl Into<String>, type_: Type) -> Self {
        self.insert(name, type_);
        self
    }

    /// Adds a name, or changes its type.
    pub fn insert(&mut self, name: impl Into<String>, type_: Type) {
        self.0.insert(name.into(), type_);
    }

    /// The type of a name; the root of a dotted name is a context.
    pub fn get(&self, name: &str) -> Option<Type> {
        self.0.get(name).cloned().or_else(|| self.parts(name).next().map(|_| Type::Context))
    }

    /// All the names with their types, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.0.iter().map(|(name, type_)| (name.as_str(), type_))
    }

    /// The declared parts of a name, without the dot.
    pub(crate) fn parts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let prefix = format!("{name}.");
        self.0.keys().filter_map(move |key| key.strip_prefix(prefix.as_str()))
    }

    /// The names as written first in an expression: what stands before the dot.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|key| key.split('.').next().unwrap_or(key))
    }
}

impl FromIterator<(String, Type)> for Names {
    fn from_iter<I: IntoIterator<Item = (String, Type)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

/// The candidate that looks most like the word, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed || shares_start(word, candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

fn shares_start(word: &str, candidate: &str) -> bool {
    word.len() >= 4 && candidate.len() >= 4 && (word.starts_with(candidate) || candidate.starts_with(word))
}

/// The number of letters to change, add, remove or swap to go from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_letter_finds_the_name_that_was_meant() {
        assert_eq!(nearest("naissnace", ["nom", "naissance"].into_iter()), Some("naissance"));
    }

    #[test]
    fn a_word_far_from_everything_has_no_suggestion() {
        assert_eq!(nearest("quotient", ["nom", "age"].into_iter()), None);
    }

    #[test]
    fn a_dotted_name_makes_its_root_a_context() {
        let names = Names::new().with("adresse.commune", Type::Text);
        assert_eq!(names.get("adresse"), Some(Type::Context));
    }

    #[test]
    fn a_list_type_is_read_with_the_type_of_its_items() {
        assert_eq!("list<date>".parse(), Ok(Type::list(Type::Date)));
    }
}

//! The names that a rule may mention, with their types, and the nearest one to a name that does not exist.

use std::collections::BTreeMap;

/// Type of a value, as far as a check before any evaluation can know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// true, false
    Boolean,
    /// Exact decimal.
    Number,
    /// Text.
    Text,
    /// Date without time.
    Date,
    /// Time of day.
    Time,
    /// Date and time.
    DateTime,
    /// Days and time, or years and months.
    Duration,
    /// Several values of a type.
    List(Box<Type>),
    /// Named members, as an address.
    Context,
    /// Anything: nothing is checked.
    Any,
}

impl Type {
    /// In French, with its article.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Boolean => "un oui ou non",
            Self::Number => "un nombre",
            Self::Text => "un texte",
            Self::Date => "une date",
            Self::Time => "une heure",
            Self::DateTime => "une date et heure",
            Self::Duration => "une durée",
            Self::List(_) => "une liste",
            Self::Context => "un groupe de valeurs",
            Self::Any => "une valeur",
        }
    }

    /// Whether values of the two types can be compared.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self == other || *self == Self::Any || *other == Self::Any
    }
}

/// Names and types.
#[derive(Debug, Clone, Default)]
pub struct Names(pub BTreeMap<String, Type>);

impl Names {
    /// No name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name.
    pub fn with(mut self, name: impl Into<String>, type_: Type) -> Self {
        self.0.insert(name.into(), type_);
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Type> {
        self.0.get(name)
    }

    /// The name that looks most like this one, if one is near enough to be a slip of the hand.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        let near = self.0.keys().map(|known| (distance(name, known), known.as_str()));
        near.filter(|(far, known)| *far <= 1 + known.len().min(name.len()) / 4).min().map(|(_, known)| known)
    }
}

/// Levenshtein distance, on characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut line: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = line[0];
        line[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = line[j + 1];
            line[j + 1] = change.min(line[j] + 1).min(corner + 1);
        }
    }
    line[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_recognised_and_a_stranger_is_not() {
        let names = Names::new().with("quotient", Type::Number).with("prix", Type::Number);
        assert_eq!(names.nearest("quotiant"), Some("quotient"));
        assert_eq!(names.nearest("pri"), Some("prix"));
        assert_eq!(names.nearest("commune"), None);
    }
}

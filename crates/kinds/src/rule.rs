//! What an author may ask of an answer beside its kind: compulsory, bounds, length, pattern, choices.
//!
//! A rule comes from the question's table of the package, with French keys. It holds no label and no condition:
//! these belong to the question.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kind::Refusal;

/// The limits of one answer. `Rule::default()` is a compulsory answer without limit of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Whether an answer is needed to go on.
    #[serde(rename = "obligatoire")]
    pub required: bool,
    /// Smallest number, amount in euros, or earliest date (`"2020-01-01"`, `"aujourd’hui - 18 ans"`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// Greatest number, amount in euros, or latest date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// Regular expression that the whole text must follow.
    #[serde(rename = "forme", skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// The sentence that replaces ours when the pattern or a bound refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Greatest length of a text, in characters.
    #[serde(rename = "longueur_max", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// Greatest number of decimals of a number.
    #[serde(rename = "decimales", skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// What can be chosen.
    #[serde(rename = "choix", skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Smallest number of choices.
    #[serde(rename = "choix_min", skip_serializing_if = "Option::is_none")]
    pub min_items: Option<usize>,
    /// Greatest number of choices.
    #[serde(rename = "choix_max", skip_serializing_if = "Option::is_none")]
    pub max_items: Option<usize>,
    /// The day on which the answer is judged; set by the caller, see [`Rule::on_day`].
    #[serde(skip)]
    pub today: Option<Date>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            required: true,
            min: None,
            max: None,
            pattern: None,
            message: None,
            max_length: None,
            decimals: None,
            choices: Vec::new(),
            min_items: None,
            max_items: None,
            today: None,
        }
    }
}

impl Rule {
    /// The keys of a question's table that belong to its rule.
    pub const KEYS: &'static [&'static str] =
        &["obligatoire", "min", "max", "forme", "message", "longueur_max", "decimales", "choix", "choix_min", "choix_max"];

    /// The rule as it stands on a day: bounds such as `"aujourd’hui"` need it.
    pub fn on_day(self, today: Date) -> Self {
        Self { today: Some(today), ..self }
    }

    /// The label of a choice, if there is such a choice.
    pub fn label(&self, value: &str) -> Option<&str> {
        self.choice(value).map(|choice| choice.label.as_str())
    }

    pub(crate) fn choice(&self, value: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.value == value)
    }

    /// A refusal with the author's sentence, or ours.
    pub(crate) fn refuse(&self, ours: impl FnOnce() -> String) -> Refusal {
        Refusal::new(self.message.clone().unwrap_or_else(ours))
    }

    /// Refuses a text that does not follow the pattern.
    pub(crate) fn follow_pattern(&self, text: &str) -> Result<(), Refusal> {
        match &self.pattern {
            Some(pattern) if !pattern.holds(text) => {
                Err(self.refuse(|| "Cette réponse n’a pas la forme attendue. Vérifiez ce que vous avez écrit.".into()))
            }
            _ => Ok(()),
        }
    }
}

/// A possible answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(rename = "valeur")]
    pub value: String,
    #[serde(rename = "libelle")]
    pub label: String,
    #[serde(rename = "aide", default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// In a multiple choice, this one excludes the others ("Aucun de ces cas").
    #[serde(rename = "seul", default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
}

impl Choice {
    /// A choice without hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None, alone: false }
    }
}

/// A limit as an author writes it; each kind reads it in its own way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "RawBound", into = "RawBound")]
pub enum Bound {
    Number(f64),
    Text(String),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum RawBound {
    Integer(i64),
    Number(f64),
    Text(String),
    /// A date written without quotes in TOML.
    Toml {
        #[serde(rename = "$__toml_private_datetime")]
        text: String,
    },
}

impl From<RawBound> for Bound {
    fn from(raw: RawBound) -> Self {
        match raw {
            RawBound::Integer(n) => Bound::Number(n as f64),
            RawBound::Number(n) => Bound::Number(n),
            RawBound::Text(text) | RawBound::Toml { text } => Bound::Text(text),
        }
    }
}

impl From<Bound> for RawBound {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => RawBound::Integer(n as i64),
            Bound::Number(n) => RawBound::Number(n),
            Bound::Text(text) => RawBound::Text(text),
        }
    }
}

impl Bound {
    /// The bound as a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Bound::Number(n) => Some(*n),
            Bound::Text(text) => text.trim().replace(',', ".").parse().ok().filter(|n: &f64| n.is_finite()),
        }
    }

    /// Whether the bound moves with the day.
    pub fn is_relative(&self) -> bool {
        matches!(self, Bound::Text(text) if relative(text).is_some())
    }

    /// The bound as a date: `"2026-11-24"`, `"aujourd’hui"`, `"aujourd’hui - 6 mois"`, `"aujourd’hui + 30 jours"`.
    pub fn date(&self, today: Option<Date>) -> Option<Date> {
        let Bound::Text(text) = self else { return None };
        match relative(text) {
            Some((count, unit)) => today?.checked_add(unit.span(count)).ok(),
            None => text.trim().parse().ok(),
        }
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Days,
    Months,
    Years,
}

impl Unit {
    fn span(self, count: i64) -> jiff::Span {
        match self {
            Unit::Days => count.days(),
            Unit::Months => count.months(),
            Unit::Years => count.years(),
        }
    }
}

/// Reads `aujourd’hui - 6 mois`; counts beyond two centuries are refused as slips.
fn relative(text: &str) -> Option<(i64, Unit)> {
    let text = text.to_lowercase().replace(['’', '\''], "");
    let rest = text.trim().strip_prefix("aujourdhui")?.trim();
    if rest.is_empty() {
        return Some((0, Unit::Days));
    }
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, rest.strip_prefix('+')?),
    };
    let (count, unit) = rest.trim().split_once(char::is_whitespace)?;
    let unit = match unit.trim() {
        "jour" | "jours" => Unit::Days,
        "mois" => Unit::Months,
        "an" | "ans" | "année" | "années" => Unit::Years,
        _ => return None,
    };
    let count: i64 = count.parse().ok().filter(|n| (0..=73_000).contains(n))?;
    Some((sign * count, unit))
}

/// A regular expression that holds for a whole text; prepared once, when the package is read.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: regex::Regex,
}

impl Pattern {
    /// Prepares a pattern, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        regex::RegexBuilder::new(&format!("^(?:{text})$"))
            .size_limit(200_000)
            .build()
            .map(|regex| Self { text: text.to_owned(), regex })
            .map_err(|_| format!("La forme « {text} » n’est pas une expression régulière que nous savons lire."))
    }

    /// Whether the whole text follows the pattern.
    pub fn holds(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// As the author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Pattern::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_rule_is_read_from_the_table_of_a_question() {
        let rule: Rule = toml::from_str(
            r#"
            obligatoire = false
            min = 2020-01-01
            max = "aujourd’hui"
            forme = "[A-Z]{2}"
            choix = [{ valeur = "oui", libelle = "Oui", aide = "Peut-être" }]
            "#,
        )
        .unwrap();
        assert!(!rule.required);
        assert_eq!(rule.min.as_ref().unwrap().date(None), Some(date(2020, 1, 1)));
        assert!(rule.max.as_ref().unwrap().is_relative());
        assert!(rule.pattern.as_ref().unwrap().holds("AB") && !rule.pattern.as_ref().unwrap().holds("ABC"));
        assert_eq!(rule.label("oui"), Some("Oui"));
        let again: Rule = serde_json::from_value(serde_json::to_value(&rule).unwrap()).unwrap();
        assert_eq!(again, rule);
    }

    #[test]
    fn the_listed_keys_are_those_that_are_written() {
        let full = Rule {
            min: Some(Bound::Number(1.0)),
            max: Some(Bound::Number(2.5)),
            pattern: Some(Pattern::parse("a").unwrap()),
            message: Some("non".into()),
            max_length: Some(3),
            decimals: Some(0),
            choices: vec![Choice::new("a", "A")],
            min_items: Some(1),
            max_items: Some(2),
            ..Rule::default()
        };
        let json = serde_json::to_value(full).unwrap();
        let mut written: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut listed = Rule::KEYS.to_vec();
        written.sort_unstable();
        listed.sort_unstable();
        assert_eq!(written, listed);
    }

    #[test]
    fn a_bound_may_move_with_the_day() {
        let today = Some(date(2026, 11, 24));
        let at = |text: &str| Bound::Text(text.into()).date(today);
        assert_eq!(at("aujourd’hui"), today);
        assert_eq!(at("aujourd'hui - 18 ans"), Some(date(2008, 11, 24)));
        assert_eq!(at("aujourd’hui + 30 jours"), Some(date(2026, 12, 24)));
        assert_eq!(at("demain"), None);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_refused_with_the_package() {
        assert!(toml::from_str::<Rule>("forme = \"[a-\"").is_err());
    }
}

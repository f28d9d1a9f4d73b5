//! A FEEL formula of a package: its text, its place, and the rule made of it once.
//! The only file of the crate that speaks to `feel`.

use super::files::Files;
use super::flaw::{Place, Report};
use super::reader::Located;
use super::setting::Setting;
use serde_json::Value as Json;
use std::cell::RefCell;

pub use feel::{Outcome, Truth};

/// A formula, compiled when the package is loaded.
#[derive(Clone)]
pub struct Formula {
    pub text: String,
    pub place: Place,
    rule: Option<feel::Rule>,
}

impl std::fmt::Debug for Formula {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Formula({})", self.text)
    }
}

impl Formula {
    pub(crate) fn new(located: Located) -> Formula {
        Formula { text: located.text, place: located.place, rule: None }
    }

    /// Makes the rule; a name unknown, a wrong type, a misspelt formula are reported where they stand.
    pub(crate) fn compile(&mut self, names: &Names, want: Want, files: &Files, report: &RefCell<Report>) {
        match feel::Rule::parse(&self.text, &names.0) {
            Ok(rule) if want == Want::Condition && !yields_truth(&rule) => report.borrow_mut().error(
                &self.place,
                "cette condition ne répond pas par oui ou par non",
                "une condition compare : prix > 100, lieu = \"ici\", majeur",
            ),
            Ok(rule) => self.rule = Some(rule),
            Err(flaw) => {
                let (message, mend) = flaw.message.split_once(" : ").map_or((flaw.message.as_str(), ""), |(m, s)| (m, s));
                report.borrow_mut().error(&within(&self.place, files, flaw.column), message, mend);
            }
        }
    }

    /// Yes, no, or which facts are missing that could still change the answer.
    pub fn truth(&self, known: &Known) -> Truth {
        match self.rule().truth(&known.0) {
            Ok(truth) => truth,
            Err(flaw) => {
                tracing::error!(formula = %self.text, flaw = %flaw.message, "A formula could not be evaluated");
                Truth::No
            }
        }
    }

    /// Whether it holds for sure.
    pub fn holds(&self, known: &Known) -> bool {
        matches!(self.truth(known), Truth::Yes)
    }

    /// Its value, or nothing when facts are missing.
    pub fn value(&self, known: &Known) -> Option<Json> {
        match self.rule().eval(&known.0) {
            Ok(Outcome::Known(value)) => Some(value),
            Ok(Outcome::Missing(_)) => None,
            Err(flaw) => {
                tracing::error!(formula = %self.text, flaw = %flaw.message, "A formula could not be evaluated");
                None
            }
        }
    }

    /// The names it mentions.
    pub fn names(&self) -> &[String] {
        self.rule.as_ref().map(|rule| rule.names()).unwrap_or_default()
    }

    /// The formula in a French sentence, with the labels of the questions.
    pub fn sentence(&self, labels: &dyn Fn(&str) -> Option<String>) -> String {
        self.rule().sentence(labels)
    }

    /// Why: each part of a condition, in words, and what it answers.
    pub fn trace(&self, known: &Known, labels: &dyn Fn(&str) -> Option<String>) -> Vec<feel::Step> {
        self.rule().trace(&known.0, labels)
    }

    fn rule(&self) -> &feel::Rule {
        self.rule.as_ref().expect("a package that is loaded has all its formulas compiled")
    }
}

/// What a formula is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Condition,
    Value,
}

fn yields_truth(rule: &feel::Rule) -> bool {
    matches!(rule.type_(), feel::Type::Boolean | feel::Type::Any)
}

/// The names a formula may mention.
#[derive(Clone, Default)]
pub(crate) struct Names(feel::Names);

impl Names {
    /// What every formula may mention.
    pub fn of_setting() -> Names {
        let mut names = Names::default();
        for (name, type_) in Setting::NAMES {
            names.add(name, type_);
        }
        names
    }

    pub fn add(&mut self, name: &str, type_: &str) {
        self.0.0.insert(name.to_owned(), type_of(type_));
    }
}

/// What is known when a formula is evaluated.
#[derive(Default)]
pub struct Known(feel::Facts);

impl Known {
    /// The facts of the setting.
    pub fn of(setting: &Setting) -> Known {
        let mut known = Known::default();
        for ((name, type_), (_, value)) in Setting::NAMES.iter().zip(setting.values()) {
            known.add(name, type_, &value);
        }
        known
    }

    /// Adds a fact; `null` is « answered: nothing ».
    pub fn add(&mut self, name: &str, type_: &str, value: &Json) {
        self.0.set(name, type_of(type_), value);
    }
}

/// The type of `kinds` in `feel`'s words.
fn type_of(type_: &str) -> feel::Type {
    use feel::Type;
    match type_ {
        "boolean" => Type::Boolean,
        "number" => Type::Number,
        "string" | "text" => Type::Text,
        "date" => Type::Date,
        "list<string>" => Type::List(Box::new(Type::Text)),
        "context" => Type::Context,
        _ => Type::Any,
    }
}

/// The place of a column of the formula, within the quoted text of the file.
fn within(place: &Place, files: &Files, column: usize) -> Place {
    let raw = files.get(&place.file).and_then(|text| text.get(place.start..place.end)).unwrap_or_default();
    let quotes = ["\"\"\"\n", "'''\n", "\"\"\"", "'''", "\"", "'"].iter().find(|q| raw.starts_with(**q)).map_or(0, |q| q.len());
    let escapes = raw.starts_with('"');
    let mut left = column.saturating_sub(1);
    let mut chars = raw[quotes..].char_indices();
    let mut at = quotes;
    while left > 0 {
        match chars.next() {
            Some((_, '\\')) if escapes => {
                chars.next();
            }
            Some(_) => {}
            None => break,
        }
        left -= 1;
        at = quotes + chars.clone().next().map_or(raw.len() - quotes, |(i, _)| i);
    }
    let word = raw[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum::<usize>();
    Place { file: place.file.clone(), start: place.start + at, end: place.start + at + word.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_of_a_formula_is_found_behind_escapes() {
        let text = "si = \"a = \\\"x\\\" and prx > 1\"";
        let files = Files::default().with("f", text);
        let place = Place { file: "f".into(), start: 5, end: text.len() };
        let found = within(&place, &files, 13);
        assert_eq!(&text[found.start..found.end], "prx");
    }
}

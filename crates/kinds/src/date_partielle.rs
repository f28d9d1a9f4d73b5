//! A date of which the day, or the day and the month, may be unknown: `1950`, `1950-05`, `1950-05-01`.
//!
//! Births "vers 1950" exist in the registers and come so from FranceConnect. The rules see the first day of what is
//! known, as FranceConnect itself completes such dates.

use jiff::civil;
use serde_json::{Value as Json, json};

use crate::date::{self, Boxes};
use crate::kind::{Control, Expect, FeelValue, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Bound, Rule};

pub(crate) struct DatePartielle;

impl Kind for DatePartielle {
    fn name(&self) -> &'static str {
        "date_partielle"
    }

    fn parts(&self) -> &'static [&'static str] {
        date::PARTS
    }

    fn part_label(&self, part: &str) -> &'static str {
        date::part_label(part)
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let Boxes { day, month, year } = Boxes::read(input)?;
        let (day, month) = (known(&day), known(&month));
        if day.is_empty() && month.is_empty() && year.is_empty() {
            return Ok(None);
        }
        if year.is_empty() {
            let sentence = "Écrivez au moins l’année, avec ses quatre chiffres, par exemple 1950.";
            return Err(Refusal::new(sentence).on("annee"));
        }
        let partial = read(day, month, &year)?;
        date::within(partial.first_day(), rule)?;
        Ok(Some(json!(partial.to_iso())))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let Some(text) = value.as_str() else {
            return Vec::new();
        };
        match Partial::parse(text) {
            Some(partial) => date::fill_parts(partial.day, partial.month, partial.year),
            None if text.trim().is_empty() => Vec::new(),
            None => vec![("annee".to_owned(), text.to_owned())],
        }
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        let text = value.as_str().unwrap_or_default();
        Partial::parse(text).map_or_else(|| text.to_owned(), |partial| partial.in_words())
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn feel(&self, value: &Json) -> FeelValue {
        let first = value.as_str().and_then(Partial::parse).map(|partial| partial.first_day().to_string());
        FeelValue { type_: self.feel_type(), json: json!(first) }
    }

    fn feel_type(&self) -> &'static str {
        "date"
    }

    fn control(&self) -> Control {
        Control::Boxes
    }

    fn hints(&self) -> Hints {
        date::part_hints("annee")
    }

    fn part_hints(&self, part: &str) -> Hints {
        date::part_hints(part)
    }

    fn missing(&self) -> &'static str {
        "Écrivez la date avec le jour, le mois et l’année, par exemple 12 9 1950. Si vous ne connaissez que l’année, écrivez-la seule."
    }

    fn expected(&self) -> &'static str {
        "une date comme \"1950-05-01\", \"1950-05\" ou \"1950\""
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        date::check_bounds(rule)
    }

    fn samples(&self) -> Vec<Sample> {
        let past = Rule { max: Some(Bound::Text("2026-11-24".into())), ..Rule::default() };
        let three = |d, m, y, expect| Sample::parts(&[("jour", d), ("mois", m), ("annee", y)], expect);
        let good = |json: &str, shown| Expect::Value { json: json!(json), shown };
        let refused = |part, says| Expect::Refused { part: Some(part), says };
        vec![
            three("", "", "1950", good("1950", "1950")),
            three("", "5", "1950", good("1950-05", "mai 1950")),
            three("1", "mai", "1950", good("1950-05-01", "1er\u{a0}mai 1950")),
            three("00", "00", "1950", good("1950", "1950")),
            three("", "", "", Expect::Blank),
            three("1", "5", "", refused("annee", "au moins l’année")),
            three("1", "", "1950", refused("mois", "le mois")),
            three("", "15", "1950", refused("mois", "entre 1 et 12")),
            three("", "", "50", refused("annee", "quatre chiffres")),
            three("", "", "2027", refused("annee", "24\u{a0}novembre 2026 ou avant")).under(past),
        ]
    }
}

/// The canonical form of a date as FranceConnect and older registers write it: `1950-00-00` becomes `1950`.
pub fn normalize(text: &str) -> Option<String> {
    Partial::parse(text.trim()).map(|partial| partial.to_iso())
}

struct Partial {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        let mut groups = text.split('-');
        let year = groups.next()?;
        let month = groups.next().map_or("", known);
        let day = groups.next().map_or("", known);
        let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
        if groups.next().is_some() || !digits(month) || !digits(day) {
            return None;
        }
        read(day, month, year).ok()
    }

    fn first_day(&self) -> civil::Date {
        civil::date(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

    fn to_iso(&self) -> String {
        let first = self.first_day().to_string();
        match (self.month, self.day) {
            (None, _) => first[..4].to_owned(),
            (_, None) => first[..7].to_owned(),
            _ => first,
        }
    }

    fn in_words(&self) -> String {
        match (self.month, self.day) {
            (None, _) => self.year.to_string(),
            (Some(month), None) => format!("{} {}", date::month_name(month), self.year),
            _ => date::in_words(self.first_day()),
        }
    }
}

fn read(day: &str, month: &str, year: &str) -> Result<Partial, Refusal> {
    let year = date::read_year(year)?;
    if month.is_empty() {
        if day.is_empty() {
            return Ok(Partial { year, month: None, day: None });
        }
        let sentence = "Écrivez aussi le mois, par exemple 5 pour mai, ou laissez le jour vide.";
        return Err(Refusal::new(sentence).on("mois"));
    }
    let month = date::read_month(month)?;
    let day = match day {
        "" => None,
        day => Some(date::read_day(day, month, year)?.day()),
    };
    Ok(Partial { year, month: Some(month), day })
}

/// Registers write zeros for what they do not know.
fn known(text: &str) -> &str {
    match text {
        "0" | "00" => "",
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_franceconnect_are_brought_to_one_form() {
        assert_eq!(normalize("1950-00-00").as_deref(), Some("1950"));
        assert_eq!(normalize("1950-05-00").as_deref(), Some("1950-05"));
        assert_eq!(normalize("1962-08-24").as_deref(), Some("1962-08-24"));
        assert_eq!(normalize("1962-13"), None);
        assert_eq!(normalize("24/08/1962"), None);
    }

    #[test]
    fn the_rules_see_the_first_day_of_what_is_known() {
        assert_eq!(DatePartielle.feel(&json!("1950-05")).json, json!("1950-05-01"));
    }
}

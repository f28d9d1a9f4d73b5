//! A full date, written in three boxes and kept as ISO text: `2026-11-24`.
//!
//! A date pasted whole ("12/09/2026", or the ISO text of a native date field) is understood too. Dates of which only
//! the year or the month is known are `date_partielle`.

use jiff::civil;
use serde_json::{Value as Json, json};

use crate::clean;
use crate::fold::search_key;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Bound, Rule};

pub(crate) const PARTS: &[&str] = &["jour", "mois", "annee"];

const MONTHS: [&str; 12] = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

/// The kind itself, for the pages that ask a date without a package.
pub struct Date;

impl Kind for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn parts(&self) -> &'static [&'static str] {
        PARTS
    }

    fn part_label(&self, part: &str) -> &'static str {
        part_label(part)
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let Boxes { day, month, year } = Boxes::read(input)?;
        if day.is_empty() && month.is_empty() && year.is_empty() {
            return Ok(None);
        }
        missing_parts(&[("jour", "le jour", &day), ("mois", "le mois", &month), ("annee", "l’année", &year)])?;
        let (year, month) = (read_year(&year)?, read_month(&month)?);
        let date = read_day(&day, month, year)?;
        within(date, rule)?;
        Ok(Some(json!(date.to_string())))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let Some(text) = value.as_str() else {
            return Vec::new();
        };
        match text.parse::<civil::Date>() {
            Ok(date) => fill_parts(Some(date.day()), Some(date.month()), date.year()),
            Err(_) if text.trim().is_empty() => Vec::new(),
            Err(_) => vec![("jour".to_owned(), text.to_owned())],
        }
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        let text = value.as_str().unwrap_or_default();
        text.parse().map_or_else(|_| text.to_owned(), in_words)
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn feel_type(&self) -> &'static str {
        "date"
    }

    fn control(&self) -> Control {
        Control::Boxes
    }

    fn hints(&self) -> Hints {
        Hints { inputmode: Some("numeric"), size: Some(2), ..Hints::TEXT }
    }

    fn part_hints(&self, part: &str) -> Hints {
        part_hints(part)
    }

    fn missing(&self) -> &'static str {
        "Écrivez la date avec le jour, le mois et l’année, par exemple 12 9 2026."
    }

    fn expected(&self) -> &'static str {
        "une date comme \"2026-11-24\""
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_bounds(rule)
    }

    fn samples(&self) -> Vec<Sample> {
        let past = Rule { max: Some(Bound::Text("aujourd’hui".into())), ..Rule::default() }.on_day(civil::date(2026, 11, 24));
        let three = |d, m, y, expect| Sample::parts(&[("jour", d), ("mois", m), ("annee", y)], expect);
        let good = |json: &str, shown| Expect::Value { json: json!(json), shown };
        let refused = |part, says| Expect::Refused { part: Some(part), says };
        vec![
            three("12", "9", "2026", good("2026-09-12", "12\u{a0}septembre 2026")),
            three("01", "Févr.", "1980", good("1980-02-01", "1er\u{a0}février 1980")),
            three("29", "02", "2024", good("2024-02-29", "29\u{a0}février 2024")),
            three("24/11/2026", "", "", good("2026-11-24", "24\u{a0}novembre 2026")),
            Sample::parts(&[("jour", "2026-11-24")], good("2026-11-24", "24\u{a0}novembre 2026")),
            three("24", "11", "2026", good("2026-11-24", "24\u{a0}novembre 2026")).under(past.clone()),
            three("", " ", "", Expect::Blank),
            three("12", "", "2026", refused("mois", "le mois")),
            three("", "", "2026", refused("jour", "le jour et le mois")),
            three("31", "4", "2026", refused("jour", "avril 2026 a 30 jours")),
            three("0", "4", "2026", refused("jour", "entre 1 et 30")),
            three("12", "13", "2026", refused("mois", "entre 1 et 12")),
            three("12", "9", "26", refused("annee", "quatre chiffres")),
            three("12", "9", "3026", refused("annee", "entre 1800 et 2199")),
            three("25", "11", "2026", refused("annee", "24\u{a0}novembre 2026 ou avant")).under(past),
            three("a", "11", "2026", refused("jour", "en chiffres")),
        ]
    }
}

/// A date in words, `24 novembre 2026`, `1er janvier 2027`: day and month kept together by a no-break space.
pub fn in_words(date: civil::Date) -> String {
    let day = match date.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    };
    format!("{day}\u{a0}{} {}", month_name(date.month()), date.year())
}

pub(crate) fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// The three boxes, cleaned; a whole date pasted in the first one is spread over them.
pub(crate) struct Boxes {
    pub day: String,
    pub month: String,
    pub year: String,
}

impl Boxes {
    pub fn read(input: &Input<'_>) -> Result<Self, Refusal> {
        let read = |part| clean::line(input.first(part)).map_err(|refusal| refusal.on(part));
        let (day, month, year) = (read("jour")?, read("mois")?, read("annee")?);
        if month.is_empty()
            && year.is_empty()
            && let Some(whole) = Self::split(&day)
        {
            return Ok(whole);
        }
        Ok(Self { day, month, year })
    }

    fn split(text: &str) -> Option<Self> {
        let groups: Vec<&str> = text.split(['/', '-', '.', ' ']).filter(|group| !group.is_empty()).collect();
        let &[a, b, c] = groups.as_slice() else {
            return None;
        };
        let (day, month, year) = if a.len() == 4 { (c, b, a) } else { (a, b, c) };
        Some(Self { day: day.to_owned(), month: month.to_owned(), year: year.to_owned() })
    }
}

/// Names every box left blank, and points at the first.
fn missing_parts(boxes: &[(&'static str, &str, &str)]) -> Result<(), Refusal> {
    let blank: Vec<_> = boxes.iter().filter(|(_, _, text)| text.is_empty()).collect();
    let Some((first, _, _)) = blank.first() else {
        return Ok(());
    };
    let names: Vec<&str> = blank.iter().map(|(_, name, _)| *name).collect();
    let sentence = format!("Complétez la date : il manque {}. Écrivez le jour, le mois et l’année, par exemple 12 9 2026.", names.join(" et "));
    Err(Refusal::new(sentence).on(first))
}

pub(crate) fn read_year(text: &str) -> Result<i16, Refusal> {
    if text.len() != 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        let sentence = "Écrivez l’année avec ses quatre chiffres, par exemple 1980.";
        return Err(Refusal::new(sentence).on("annee"));
    }
    match text.parse() {
        Ok(year @ 1800..=2199) => Ok(year),
        _ => Err(Refusal::new("Écrivez une année entre 1800 et 2199, par exemple 1980.").on("annee")),
    }
}

/// A month by its number or its name, whole or shortened.
pub(crate) fn read_month(text: &str) -> Result<i8, Refusal> {
    if let Ok(month @ 1..=12) = text.parse::<i8>() {
        return Ok(month);
    }
    let key = search_key(text);
    let named = MONTHS.iter().position(|name| key.len() >= 3 && search_key(name).starts_with(&key));
    // "jui" may be June or July.
    match named.filter(|_| key != "jui") {
        Some(at) => Ok(at as i8 + 1),
        None => Err(Refusal::new("Écrivez le mois avec un nombre entre 1 et 12, par exemple 9 pour septembre.").on("mois")),
    }
}

pub(crate) fn read_day(text: &str, month: i8, year: i16) -> Result<civil::Date, Refusal> {
    let last = civil::date(year, month, 1).days_in_month();
    let digits = text.strip_suffix("er").unwrap_or(text).trim();
    let sentence = match digits.parse::<i8>() {
        Ok(day) if (1..=last).contains(&day) => return Ok(civil::date(year, month, day)),
        Ok(day) if (29..=31).contains(&day) => {
            format!("Vérifiez le jour : {} {year} a {last} jours.", month_name(month))
        }
        Ok(_) => format!("Écrivez le jour avec un nombre entre 1 et {last}, par exemple 12."),
        Err(_) => format!("Écrivez le jour en chiffres, entre 1 et {last}, par exemple 12."),
    };
    Err(Refusal::new(sentence).on("jour"))
}

pub(crate) fn within(date: civil::Date, rule: &Rule) -> Result<(), Refusal> {
    let bound = |bound: &Option<Bound>| {
        let bound = bound.as_ref()?;
        debug_assert!(rule.today.is_some() || !bound.is_relative(), "a rule with a bound that moves is judged without a day: call Rule::on_day");
        bound.date(rule.today)
    };
    if let Some(min) = bound(&rule.min).filter(|min| date < *min) {
        let ours = || format!("Écrivez une date : le {} ou après.", in_words(min));
        return Err(rule.refuse(ours).on("annee"));
    }
    if let Some(max) = bound(&rule.max).filter(|max| date > *max) {
        let ours = || format!("Écrivez une date : le {} ou avant.", in_words(max));
        return Err(rule.refuse(ours).on("annee"));
    }
    Ok(())
}

pub(crate) fn check_bounds(rule: &Rule) -> Result<(), String> {
    let day = Some(civil::date(2000, 1, 1));
    for (key, bound) in [("min", &rule.min), ("max", &rule.max)] {
        if bound.as_ref().is_some_and(|bound| bound.date(day).is_none()) {
            return Err(format!("« {key} » doit être une date comme \"2026-11-24\", ou \"aujourd’hui\", \"aujourd’hui - 18 ans\"."));
        }
    }
    Ok(())
}

pub(crate) fn part_label(part: &str) -> &'static str {
    match part {
        "jour" => "Jour",
        "mois" => "Mois",
        _ => "Année",
    }
}

/// The `autocomplete` is that of a birth date, the only one browsers know; a page sets it only for a birth date.
pub(crate) fn part_hints(part: &str) -> Hints {
    let (autocomplete, size) = match part {
        "jour" => ("bday-day", 2),
        "mois" => ("bday-month", 2),
        _ => ("bday-year", 4),
    };
    Hints { inputmode: Some("numeric"), autocomplete: Some(autocomplete), size: Some(size), ..Hints::TEXT }
}

pub(crate) fn fill_parts(day: Option<i8>, month: Option<i8>, year: i16) -> Vec<(String, String)> {
    [("jour", day), ("mois", month)]
        .into_iter()
        .filter_map(|(part, number)| Some((part.to_owned(), number?.to_string())))
        .chain([("annee".to_owned(), format!("{year:04}"))])
        .collect()
}

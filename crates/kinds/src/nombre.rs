//! A number: persons in a household, kilometres, a quantity. JSON number, whole when it is whole.
//!
//! Not for money (`montant`), nor for codes with zeros in front (`texte`). Fifteen digits at most, so that every
//! value is kept exactly.

use serde_json::{Number, Value as Json, json};

use crate::clean;
use crate::decimal::{Decimal, group};
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Bound, Rule};

const MAX_DIGITS: usize = 15;

pub(crate) struct Nombre;

impl Kind for Nombre {
    fn name(&self) -> &'static str {
        "nombre"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        if text.is_empty() {
            return Ok(None);
        }
        let decimal = Decimal::parse(&text).ok_or_else(|| Refusal::new(format!("Écrivez un nombre en chiffres, par exemple {}.", example(rule))))?;
        if let Some(max) = rule.decimals.filter(|max| decimal.fraction.len() > usize::from(*max)) {
            return Err(too_precise(max));
        }
        if decimal.whole.len() + decimal.fraction.len() > MAX_DIGITS {
            return Err(Refusal::new("Écrivez un nombre de 15 chiffres au plus, par exemple 12 500."));
        }
        let number = to_number(&decimal);
        within(&number, rule)?;
        Ok(Some(Json::Number(number)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        match value {
            Json::Number(number) => vec![(String::new(), plain(number))],
            _ => Vec::new(),
        }
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        let Json::Number(number) = value else {
            return String::new();
        };
        pretty(&plain(number))
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_number().map(plain).unwrap_or_default()
    }

    fn feel_type(&self) -> &'static str {
        "number"
    }

    fn control(&self) -> Control {
        Control::Measure("")
    }

    fn hints(&self) -> Hints {
        Hints { inputmode: Some("decimal"), size: Some(10), ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez un nombre, par exemple 3."
    }

    fn expected(&self) -> &'static str {
        "un nombre JSON de 15 chiffres au plus, par exemple 12.5"
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_bounds(rule)
    }

    fn samples(&self) -> Vec<Sample> {
        let persons = Rule { min: Some(Bound::Number(1.0)), max: Some(Bound::Number(20.0)), decimals: Some(0), ..Rule::default() };
        vec![
            Sample::good("3", json!(3), "3"),
            Sample::good("012 500,50", json!(12500.5), "12\u{202f}500,5"),
            Sample::good("-4.25", json!(-4.25), "−4,25"),
            Sample::good("-0", json!(0), "0"),
            Sample::good("20", json!(20), "20").under(persons.clone()),
            Sample::parts(&[("", "  ")], Expect::Blank),
            Sample::bad("trois", "en chiffres"),
            Sample::bad("1,5", "nombre entier").under(persons.clone()),
            Sample::bad("0", "au moins 1").under(persons.clone()),
            Sample::bad("21", "20 au plus").under(persons),
            Sample::bad("1234567890123456", "15 chiffres"),
            Sample::bad("NaN", "en chiffres"),
        ]
    }
}

/// The refusal of bounds that are not numbers, or of a minimum above the maximum.
pub(crate) fn check_bounds(rule: &Rule) -> Result<(), String> {
    for (key, bound) in [("min", &rule.min), ("max", &rule.max)] {
        if bound.as_ref().is_some_and(|bound| bound.number().is_none()) {
            return Err(format!("« {key} » doit être un nombre."));
        }
    }
    match (bound(&rule.min), bound(&rule.max)) {
        (Some(min), Some(max)) if min > max => Err("« min » dépasse « max » : échangez-les.".into()),
        _ => Ok(()),
    }
}

fn bound(bound: &Option<Bound>) -> Option<f64> {
    bound.as_ref().and_then(Bound::number)
}

fn within(number: &Number, rule: &Rule) -> Result<(), Refusal> {
    let value = number.as_f64().unwrap_or_default();
    let words = |limit: f64| pretty(&plain(&from_f64(limit)));
    if let Some(min) = bound(&rule.min).filter(|min| value < *min) {
        return Err(rule.refuse(|| format!("Écrivez un nombre d’au moins {}.", words(min))));
    }
    if let Some(max) = bound(&rule.max).filter(|max| value > *max) {
        return Err(rule.refuse(|| format!("Écrivez un nombre de {} au plus.", words(max))));
    }
    Ok(())
}

fn too_precise(max: u8) -> Refusal {
    Refusal::new(match max {
        0 => "Écrivez un nombre entier, sans virgule, par exemple 3.".to_owned(),
        1 => "Écrivez au plus un chiffre après la virgule, par exemple 2,5.".to_owned(),
        max => format!("Écrivez au plus {max} chiffres après la virgule, par exemple 2,5."),
    })
}

fn example(rule: &Rule) -> &'static str {
    match rule.decimals {
        Some(0) => "3",
        _ => "12,5",
    }
}

fn to_number(decimal: &Decimal) -> Number {
    let sign = if decimal.negative { "-" } else { "" };
    if decimal.fraction.is_empty() {
        return Number::from(format!("{sign}{}", decimal.whole).parse::<i64>().unwrap_or_default());
    }
    let text = format!("{sign}{}.{}", decimal.whole, decimal.fraction);
    from_f64(text.parse().unwrap_or_default())
}

fn from_f64(value: f64) -> Number {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Number::from(value as i64);
    }
    Number::from_f64(value).unwrap_or_else(|| Number::from(0))
}

/// With a decimal comma and nothing else.
fn plain(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => format!("{value}").replace('.', ","),
        _ => number.to_string(),
    }
}

fn pretty(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |rest| ("−", rest));
    match digits.split_once(',') {
        Some((whole, fraction)) => format!("{sign}{},{fraction}", group(whole)),
        None => format!("{sign}{}", group(digits)),
    }
}

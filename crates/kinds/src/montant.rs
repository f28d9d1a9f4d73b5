//! An amount in euros, kept as a whole number of cents.
//!
//! The rules see euros (`1890.5`), bounds are in euros. No other currency.

use serde_json::{Number, Value as Json, json};

use crate::clean;
use crate::decimal::{Decimal, group};
use crate::kind::{Control, Expect, FeelValue, Hints, Input, Kind, Refusal, Sample};
use crate::nombre::check_bounds;
use crate::rule::{Bound, Rule};

/// Ten billion euros: enough for a budget, small enough to be exact everywhere.
const MAX_CENTS: i64 = 1_000_000_000_000;

pub(crate) struct Montant;

impl Kind for Montant {
    fn name(&self) -> &'static str {
        "montant"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        if text.is_empty() {
            return Ok(None);
        }
        let cents = read(&text)?;
        within(cents, rule)?;
        Ok(Some(json!(cents)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        value.as_i64().map(|cents| (String::new(), plain(cents))).into_iter().collect()
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        value.as_i64().map(euros).unwrap_or_default()
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_i64().map(plain).unwrap_or_default()
    }

    fn feel(&self, value: &Json) -> FeelValue {
        let cents = value.as_i64().unwrap_or_default();
        let json = match cents % 100 {
            0 => json!(cents / 100),
            _ => Number::from_f64(cents as f64 / 100.0).map_or(Json::Null, Json::Number),
        };
        FeelValue { type_: self.feel_type(), json }
    }

    fn feel_type(&self) -> &'static str {
        "number"
    }

    fn control(&self) -> Control {
        Control::Measure("euros")
    }

    fn hints(&self) -> Hints {
        Hints { inputmode: Some("decimal"), size: Some(10), ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez le montant en euros, par exemple 1890,50."
    }

    fn expected(&self) -> &'static str {
        "un nombre entier de centimes, par exemple 189050"
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_bounds(rule)
    }

    fn samples(&self) -> Vec<Sample> {
        let price = Rule { max: Some(Bound::Number(8000.0)), ..Rule::default() };
        let signed = Rule { min: Some(Bound::Number(-100.0)), ..Rule::default() };
        vec![
            Sample::good("1890", json!(189_000), "1\u{202f}890,00\u{a0}€"),
            Sample::good("1 890,5 €", json!(189_050), "1\u{202f}890,50\u{a0}€"),
            Sample::good("1.890,05", json!(189_005), "1\u{202f}890,05\u{a0}€"),
            Sample::good("12.30 euros", json!(1230), "12,30\u{a0}€"),
            Sample::good("0", json!(0), "0,00\u{a0}€"),
            Sample::good("-12", json!(-1200), "−12,00\u{a0}€").under(signed),
            Sample::parts(&[("", "")], Expect::Blank),
            Sample::bad("-12", "0,00\u{a0}€ ou plus"),
            Sample::bad("mille", "par exemple 1890,50"),
            Sample::bad("1.890", "centimes"),
            Sample::bad("12,345", "centimes"),
            Sample::bad("8000,01", "8\u{202f}000,00\u{a0}€ ou moins").under(price),
            Sample::bad("99999999999999999999", "trop grand"),
        ]
    }
}

/// Cents as a person reads them: `1 890,50 €`, with no-break spaces.
pub fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}\u{a0}€", group(&(cents / 100).to_string()), cents % 100)
}

fn read(text: &str) -> Result<i64, Refusal> {
    let lower = text.to_lowercase();
    let bare = ["euros", "euro", "eur", "€"].iter().find_map(|unit| lower.trim_end().strip_suffix(unit)).unwrap_or(&lower);
    let decimal = Decimal::parse(bare).ok_or_else(|| Refusal::new("Écrivez le montant en euros, en chiffres, par exemple 1890,50."))?;
    // `1.890` may be one thousand eight hundred and ninety euros or less than two: only the person knows.
    let after = bare.rsplit_once([',', '.']).map_or(0, |(_, fraction)| fraction.trim().len());
    if after > 2 {
        return Err(Refusal::new("Écrivez au plus deux chiffres pour les centimes, après une virgule, par exemple 1890,50."));
    }
    let cents = format!("{}{:0<2}", decimal.whole, decimal.fraction).parse::<i64>();
    match cents {
        Ok(cents) if cents <= MAX_CENTS => Ok(if decimal.negative { -cents } else { cents }),
        _ => Err(Refusal::new("Ce montant est trop grand. Vérifiez-le, par exemple 1890,50.")),
    }
}

fn within(cents: i64, rule: &Rule) -> Result<(), Refusal> {
    let in_cents = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::number).map(|euros| (euros * 100.0).round() as i64);
    let min = in_cents(&rule.min).unwrap_or(0);
    if cents < min {
        return Err(rule.refuse(|| format!("Le montant doit être de {} ou plus.", euros(min))));
    }
    if let Some(max) = in_cents(&rule.max).filter(|max| cents > *max) {
        return Err(rule.refuse(|| format!("Le montant doit être de {} ou moins.", euros(max))));
    }
    Ok(())
}

/// `1890,50`.
fn plain(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_see_euros() {
        assert_eq!(Montant.feel(&json!(189_050)).json, json!(1890.5));
        assert_eq!(Montant.feel(&json!(189_000)).json, json!(1890));
    }
}

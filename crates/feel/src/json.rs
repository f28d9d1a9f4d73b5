//! JSON to values of the engine and back. Numbers keep their decimals: they go through their text, never through a float,
//! except in [`to_json`] where the caller's JSON has nothing better. Temporal values come out as ISO text.

use crate::Type;
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelNumber, Name};
use serde_json::Value as Json;

/// Reads JSON as it is: texts stay texts.
pub(crate) fn plain(json: &Json) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null(None),
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => self::number(&number.to_string())?,
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(plain).collect::<Result<_, _>>()?),
        Json::Object(entries) => {
            let mut context = FeelContext::default();
            for (name, value) in entries {
                context.set_entry(&Name::from(name.as_str()), plain(value)?);
            }
            Value::Context(context)
        }
    })
}

pub(crate) fn number(text: &str) -> Result<Value, String> {
    text.trim().parse::<FeelNumber>().map(Value::Number).map_err(|_| format!("« {text} » n’est pas un nombre"))
}

/// Reads a text as a date, a time, a duration…
pub(crate) fn temporal(text: &str, type_: &Type) -> Result<Value, String> {
    let read = match type_ {
        Type::Date => Value::try_from_xsd_date(text),
        Type::Time => Value::try_from_xsd_time(text),
        Type::DateTime => Value::try_from_xsd_date_time(text),
        _ => Value::try_from_xsd_duration(text),
    };
    read.map_err(|_| format!("« {text} » n’est pas {}", type_.in_french()))
}

/// Which temporal type a text is, if any.
pub(crate) fn temporal_type(text: &str) -> Option<Type> {
    [Type::Date, Type::DateTime, Type::Time, Type::Duration].into_iter().find(|type_| temporal(text, type_).is_ok())
}

/// A value as JSON text, numbers with all their figures.
pub(crate) fn to_text(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::Null(_) => "null".into(),
        Value::Boolean(value) => value.to_string(),
        Value::Number(number) => figures(number),
        Value::String(text) => Json::String(text.clone()).to_string(),
        Value::List(items) | Value::ExpressionList(items) => {
            let items = items.iter().map(to_text).collect::<Result<Vec<_>, _>>()?;
            format!("[{}]", items.join(","))
        }
        Value::Context(context) => {
            let entries = context.iter().map(|(name, value)| Ok(format!("{}:{}", Json::String(name.as_str().to_owned()), to_text(value)?)));
            format!("{{{}}}", entries.collect::<Result<Vec<_>, String>>()?.join(","))
        }
        Value::Date(_) | Value::Time(_) | Value::DateTime(_) | Value::DaysAndTimeDuration(_) => quoted(value),
        Value::YearsAndMonthsDuration(_) | Value::Range(..) => quoted(value),
        Value::BuiltInFunction(_) | Value::FunctionDefinition(..) => return Err("le résultat est une fonction, pas une valeur".into()),
        _ => return Err("le résultat n’est pas une valeur".into()),
    })
}

/// The figures of a number as JSON wants them. What overflowed is no number: `null`, as FEEL has it.
fn figures(number: &FeelNumber) -> String {
    let raw = format!("{number:?}");
    if raw.contains("Inf") || raw.contains("NaN") {
        return "null".into();
    }
    let written = number.to_string();
    let (sign, digits) = written.strip_prefix('-').map_or(("", written.as_str()), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    match digits.chars().next() {
        None => "0".into(),
        Some('.') => format!("{sign}0{digits}"),
        Some(_) => format!("{sign}{digits}"),
    }
}

fn quoted(value: &Value) -> String {
    Json::String(value.to_string()).to_string()
}

/// A value as JSON. A number beyond the 17 figures of a float is rounded: [`to_text`] does not.
pub(crate) fn to_json(value: &Value) -> Result<Json, String> {
    read(&to_text(value)?)
}

/// Reads back a text of [`to_text`]; JSON's own numbers stop at some 308 figures.
pub(crate) fn read(text: &str) -> Result<Json, String> {
    serde_json::from_str(text).map_err(|_| "un nombre du résultat est trop grand".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_date_stays_a_text() {
        assert!(matches!(plain(&Json::String("2020-01-01".into())), Ok(Value::String(_))));
    }

    #[test]
    fn quotes_and_lines_of_a_text_are_escaped() {
        assert_eq!(to_text(&Value::String("a \"b\"\n".into())), Ok("\"a \\\"b\\\"\\n\"".into()));
    }

    #[test]
    fn a_number_keeps_its_thirty_four_figures() {
        let value = number("1234567890123456789012345678.901234").unwrap();
        assert_eq!(to_text(&value), Ok("1234567890123456789012345678.901234".into()));
    }

    #[test]
    fn zeros_are_written_once() {
        let written = |text: &str| to_text(&number(text).unwrap()).unwrap();
        assert_eq!([written("0e100"), written("-0"), written("0.50"), written("-007")], ["0", "0", "0.50", "-7"]);
    }

    #[test]
    fn a_number_that_overflowed_is_null() {
        let Value::Number(huge) = number("9e6144").unwrap() else { panic!() };
        assert_eq!(to_text(&Value::Number(huge * huge)), Ok("null".into()));
    }

    #[test]
    fn a_null_with_a_reason_is_null() {
        assert_eq!(to_json(&Value::Null(Some("division by zero".into()))), Ok(Json::Null));
    }
}

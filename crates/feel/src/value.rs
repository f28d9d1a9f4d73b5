//! Between JSON and the evaluator's values. Dates, times and durations are ISO text in JSON.

use std::str::FromStr as _;

use dsntk_feel::{FeelNumber, Name, context::FeelContext, values::Value};
use serde_json::Value as Json;

use crate::Type;

/// A JSON value of a known type; what does not fit its type is null, as FEEL has it.
pub(crate) fn to_feel(json: &Json, type_: &Type) -> Value {
    match (type_, json) {
        (Type::Date | Type::Time | Type::DateTime | Type::Duration, Json::String(text)) => temporal(type_, text),
        (Type::List(of), Json::Array(items)) => Value::List(items.iter().map(|item| to_feel(item, of)).collect()),
        (Type::Number, Json::String(text)) => FeelNumber::from_str(text).map_or(Value::Null(None), Value::Number),
        _ => plain(json),
    }
}

/// A JSON value as it is: texts stay texts.
pub(crate) fn plain(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null(None),
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => FeelNumber::from_str(&number.to_string()).map_or(Value::Null(None), Value::Number),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(plain).collect()),
        Json::Object(members) => {
            let mut context = FeelContext::default();
            for (name, value) in members {
                context.set_entry(&Name::from(name.as_str()), plain(value));
            }
            Value::Context(context)
        }
    }
}

fn temporal(type_: &Type, text: &str) -> Value {
    let function = match type_ {
        Type::Date => "date",
        Type::Time => "time",
        Type::DateTime => "date and time",
        _ => "duration",
    };
    let quoted = format!("{function}({})", Json::String(text.to_owned()));
    let scope = dsntk_feel::FeelScope::default();
    match dsntk_feel_parser::parse_expression(&scope, &quoted, false) {
        Ok(node) => dsntk_feel_evaluator::evaluate(&scope, &node),
        Err(_) => Value::Null(None),
    }
}

/// What the evaluator found, as JSON. `None` for what has no JSON form (a function).
pub(crate) fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null(_) => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Number(number) => number_json(&number.to_string()),
        Value::String(text) => Json::String(text.clone()),
        Value::Date(value) => Json::String(value.to_string()),
        Value::Time(value) => Json::String(value.to_string()),
        Value::DateTime(value) => Json::String(value.to_string()),
        Value::DaysAndTimeDuration(value) => Json::String(value.to_string()),
        Value::YearsAndMonthsDuration(value) => Json::String(value.to_string()),
        Value::List(items) | Value::ExpressionList(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Value::Context(context) => {
            let members = context.iter().map(|(name, value)| Some((name.to_string(), to_json(value)?)));
            Json::Object(members.collect::<Option<_>>()?)
        }
        Value::Range(..) => Json::String(value.to_string()),
        _ => return None,
    })
}

/// A number that JSON's usual readers give back unchanged; one with more digits is text, so that none is lost.
fn number_json(text: &str) -> Json {
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    match text.parse::<f64>() {
        Ok(float) if float.to_string() == text => float.into(),
        _ => Json::String(text.to_owned()),
    }
}

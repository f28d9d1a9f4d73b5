//! Values of the database as JSON, and back, without loss: the type of the column says how each is written.

use kernel::{Result, Type, Value};
use serde_json::Value as Json;

use super::damaged;

/// As a column of a migration is declared.
pub(super) fn type_name(of: Type) -> &'static str {
    match of {
        Type::Bool => "boolean",
        Type::I64 => "bigint",
        Type::F64 => "double precision",
        Type::Text => "text",
        Type::Uuid => "uuid",
        Type::Timestamp => "timestamptz",
        Type::Date => "date",
        Type::Json => "jsonb",
        Type::Bytes => "bytea",
    }
}

/// Instants and dates as ISO text, bytes in hexadecimal.
pub(super) fn write(value: &Value) -> Json {
    match value {
        Value::Null(_) | Value::List(_) => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        Value::Text(value) => value.as_str().into(),
        Value::Uuid(value) => value.to_string().into(),
        Value::Timestamp(value) => value.to_string().into(),
        Value::Date(value) => value.to_string().into(),
        Value::Json(value) => value.clone(),
        Value::Bytes(value) => kernel::crypto::hex(value).into(),
    }
}

/// What `write` wrote.
pub(super) fn read(json: Json, of: Type) -> Result<Value> {
    let wrong = || damaged("une valeur n’est pas du type de sa colonne");
    if json.is_null() {
        return Ok(Value::Null(of));
    }
    let read = match (of, json) {
        (Type::Bool, Json::Bool(value)) => Some(Value::Bool(value)),
        (Type::I64, Json::Number(value)) => value.as_i64().map(Value::I64),
        (Type::F64, Json::Number(value)) => value.as_f64().map(Value::F64),
        (Type::Text, Json::String(value)) => Some(Value::Text(value)),
        (Type::Uuid, Json::String(value)) => value.parse().ok().map(Value::Uuid),
        (Type::Timestamp, Json::String(value)) => value.parse().ok().map(Value::Timestamp),
        (Type::Date, Json::String(value)) => value.parse().ok().map(Value::Date),
        (Type::Json, value) => Some(Value::Json(value)),
        (Type::Bytes, Json::String(value)) => bytes(&value).map(Value::Bytes),
        _ => None,
    };
    read.ok_or_else(wrong)
}

/// Bytes written in hexadecimal.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2));
    pairs.map(|pair| pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back_as_it_was() {
        let values = [
            Value::Bool(true),
            Value::I64(i64::MIN),
            Value::F64(0.1),
            Value::Text("l’été\n\"".into()),
            Value::Uuid(uuid::Uuid::max()),
            Value::Timestamp("2026-11-24T08:00:00.000001Z".parse().expect("an instant")),
            Value::Date(jiff::civil::date(2024, 2, 29)),
            Value::Json(serde_json::json!({ "a": [1.5, null, "x"] })),
            Value::Bytes(vec![0, 255, 16]),
        ];
        let types = [Type::Bool, Type::I64, Type::F64, Type::Text, Type::Uuid, Type::Timestamp, Type::Date, Type::Json, Type::Bytes];
        for (value, of) in values.into_iter().zip(types) {
            let line = serde_json::to_string(&write(&value)).expect("JSON");
            assert_eq!(read(serde_json::from_str(&line).expect("JSON"), of).expect("of its type"), value);
            assert_eq!(read(write(&Value::Null(of)), of).expect("a null"), Value::Null(of));
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        assert!(read(Json::from("x"), Type::I64).is_err());
        assert!(read(Json::from("0g"), Type::Bytes).is_err());
    }
}

//! The functions of the language, with what they take and give, as far as the check needs it.
//! A function absent from the table is accepted with anything and gives a value of unknown type.

use crate::Type;

/// What a function takes and gives.
pub(crate) struct Function {
    /// The type of its first argument.
    pub first: Type,
    pub least: usize,
    pub most: usize,
    pub gives: Type,
}

/// The functions a rule calls, for suggestions.
pub(crate) const KNOWN: [&str; 40] = [
    "date",
    "time",
    "date and time",
    "duration",
    "years and months duration",
    "not",
    "count",
    "min",
    "max",
    "sum",
    "mean",
    "string length",
    "upper case",
    "lower case",
    "contains",
    "starts with",
    "ends with",
    "matches",
    "substring",
    "string",
    "number",
    "list contains",
    "all",
    "any",
    "floor",
    "ceiling",
    "abs",
    "round up",
    "round down",
    "round half up",
    "decimal",
    "modulo",
    "day of week",
    "month of year",
    "string join",
    "concatenate",
    "distinct values",
    "append",
    "replace",
    "split",
];

pub(crate) fn function(name: &str) -> Function {
    let (first, least, most, gives) = match name {
        "date" => (Type::Any, 1, 3, Type::Date),
        "time" => (Type::Any, 1, 4, Type::Time),
        "date and time" => (Type::Any, 1, 3, Type::DateTime),
        "duration" => (Type::Text, 1, 1, Type::Duration),
        "years and months duration" => (Type::Date, 2, 2, Type::Duration),
        "not" => (Type::Boolean, 1, 1, Type::Boolean),
        "count" => (Type::Any, 1, 1, Type::Number),
        "sum" | "mean" | "product" | "median" | "stddev" => (Type::Any, 1, usize::MAX, Type::Number),
        "string length" => (Type::Text, 1, 1, Type::Number),
        "upper case" | "lower case" => (Type::Text, 1, 1, Type::Text),
        "contains" | "starts with" | "ends with" => (Type::Text, 2, 2, Type::Boolean),
        "matches" => (Type::Text, 2, 3, Type::Boolean),
        "substring" => (Type::Text, 2, 3, Type::Text),
        "substring before" | "substring after" => (Type::Text, 2, 2, Type::Text),
        "replace" => (Type::Text, 3, 4, Type::Text),
        "split" => (Type::Text, 2, 2, Type::list(Type::Text)),
        "string" => (Type::Any, 1, 1, Type::Text),
        "number" => (Type::Any, 1, 3, Type::Number),
        "string join" => (Type::Any, 1, 2, Type::Text),
        "list contains" => (Type::list(Type::Any), 2, 2, Type::Boolean),
        "all" | "any" => (Type::Any, 1, usize::MAX, Type::Boolean),
        "floor" | "ceiling" => (Type::Number, 1, 2, Type::Number),
        "round up" | "round down" | "round half up" | "round half down" => (Type::Number, 2, 2, Type::Number),
        "decimal" | "modulo" => (Type::Number, 2, 2, Type::Number),
        "sqrt" | "log" | "exp" => (Type::Number, 1, 1, Type::Number),
        "odd" | "even" => (Type::Number, 1, 1, Type::Boolean),
        "day of week" | "month of year" => (Type::Any, 1, 1, Type::Text),
        "day of year" | "week of year" => (Type::Any, 1, 1, Type::Number),
        "append" | "concatenate" | "union" | "distinct values" | "flatten" | "reverse" | "sublist" | "remove" | "insert before" | "index of" => {
            (Type::Any, 1, usize::MAX, Type::list(Type::Any))
        }
        _ => (Type::Any, 0, usize::MAX, Type::Any),
    };
    Function { first, least, most, gives }
}

/// The type of a property of a date, a time or a duration, if it has it.
pub(crate) fn property(of: &Type, name: &str) -> Option<Type> {
    let numbers: &[&str] = match of {
        Type::Date => &["year", "month", "day", "weekday"],
        Type::Time => &["hour", "minute", "second"],
        Type::DateTime => &["year", "month", "day", "weekday", "hour", "minute", "second"],
        Type::Duration => &["years", "months", "days", "hours", "minutes", "seconds"],
        _ => return None,
    };
    match name {
        "time offset" if matches!(of, Type::Time | Type::DateTime) => Some(Type::Duration),
        "timezone" if matches!(of, Type::Time | Type::DateTime) => Some(Type::Text),
        _ => numbers.contains(&name).then_some(Type::Number),
    }
}

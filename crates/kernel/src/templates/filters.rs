//! Filters and functions of the templates: dates, amounts, words, icons. Values come as the page's struct
//! serialises them: dates and instants as ISO text, amounts in cents.

use std::cell::RefCell;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use minijinja::{
    Environment, Error, ErrorKind, Output, State,
    value::{Kwargs, Value, ValueKind},
};

use super::{french, markdown};
use crate::words::{self, Words};

thread_local! {
    /// What surrounds the page being rendered on this thread; rendering never awaits.
    static AROUND: RefCell<Around> = RefCell::default();
}

/// The surroundings of a rendering that macros must see too, and the icons met so far.
#[derive(Default)]
pub(super) struct Around {
    zone: Option<String>,
    icons: Vec<String>,
}

/// Puts the surroundings in place for the time of a rendering.
pub(super) fn within<T>(zone: Option<String>, render: impl FnOnce() -> T) -> T {
    let before = AROUND.replace(Around { zone, icons: vec![] });
    let done = render();
    AROUND.set(before);
    done
}

/// Adds everything that templates in this language may use. `symbols` are the lines of `icons.svg`.
pub(super) fn add(env: &mut Environment<'static>, words: &'static Words, language: &str, symbols: Vec<String>) {
    env.add_filter("date", |value: &Value| day(value).map(french::date));
    env.add_filter("date_short", |value: &Value| day(value).map(french::date_short));
    env.add_filter("moment", moment);
    env.add_filter("hour", |value: &Value| Ok::<_, Error>(french::hour(local(value)?.time())));
    env.add_filter("euros", french::euros);
    env.add_filter("number", french::number);
    env.add_filter("size", french::size);
    env.add_filter("fr", |text: &str| french::typography(text));
    env.add_filter("md", |text: &str| Value::from_safe_string(markdown::html(text).to_string()));
    env.add_filter("escape", escape);
    env.add_filter("e", escape);
    add_words(env, words, language);
    add_icons(env, symbols);
    env.set_formatter(format);
}

fn add_words(env: &mut Environment<'static>, words: &'static Words, language: &str) {
    let of = language.to_string();
    env.add_function("_", move |phrase: &str, values: Kwargs| {
        let said = words.say(&of, phrase);
        fill(&said, &values)
    });
    let of = language.to_string();
    env.add_filter("plural", move |count: i64, one: &str, many: &str| {
        let phrase = if count.abs() < 2 { one } else { many };
        words::fill(&words.say(&of, phrase), &[("n", &french::number(count))])
    });
}

fn fill(phrase: &str, values: &Kwargs) -> Result<String, Error> {
    let named = values.args().map(|name| Ok((name, values.get::<Value>(name)?.to_string())));
    let named = named.collect::<Result<Vec<_>, Error>>()?;
    let pairs: Vec<(&str, &str)> = named.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(words::fill(phrase, &pairs))
}

/// `"check"|icon` draws a symbol beside a word; `icons()`, last in the layout, gives the symbols that were used.
fn add_icons(env: &mut Environment<'static>, symbols: Vec<String>) {
    let names: Vec<String> = symbols.iter().filter_map(|line| symbol_name(line)).map(str::to_string).collect();
    env.add_filter("icon", move |name: &str| {
        if !names.iter().any(|known| known == name) {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("no icon {name} in icons.svg")));
        }
        AROUND.with_borrow_mut(|around| {
            if !around.icons.iter().any(|used| used == name) {
                around.icons.push(name.into());
            }
        });
        let drawn = format!("<svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>");
        Ok(Value::from_safe_string(drawn))
    });
    env.add_function("icons", move || {
        let used = AROUND.with_borrow(|around| around.icons.clone());
        let drawn = symbols.iter().filter(|line| symbol_name(line).is_some_and(|name| used.iter().any(|u| u == name)));
        Value::from_safe_string(drawn.map(String::as_str).collect())
    });
}

/// The name in `<symbol id="i-check" …>`.
pub(super) fn symbol_name(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("<symbol id=\"i-")?.split('"').next()
}

fn moment(value: &Value) -> Result<String, Error> {
    let local = local(value)?;
    Ok(format!("{} à {}", french::date(local.date()), french::hour(local.time())))
}

/// A date, or the date of an instant where the collectivité is.
fn day(value: &Value) -> Result<Date, Error> {
    match value.as_str().and_then(|text| text.parse::<Date>().ok().filter(|_| text.len() == 10)) {
        Some(date) => Ok(date),
        None => Ok(local(value)?.date()),
    }
}

/// An instant, on the clock of the wall.
fn local(value: &Value) -> Result<jiff::civil::DateTime, Error> {
    let instant = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let instant = instant.ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("not a date nor an instant: {value:?}"))
    })?;
    Ok(AROUND.with_borrow(|around| zone(around.zone.as_deref())).to_datetime(instant))
}

fn zone(name: Option<&str>) -> TimeZone {
    let named = name.and_then(|name| TimeZone::get(name).ok());
    named.or_else(|| TimeZone::get("Europe/Paris").ok()).unwrap_or(TimeZone::UTC)
}

/// Writes a value: nothing for none, `true` and `false` as HTML wants them, `/` as itself.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Bool => Ok(out.write_str(if value.is_true() { "true" } else { "false" })?),
        ValueKind::String if matches!(state.auto_escape(), minijinja::AutoEscape::Html) && !value.is_safe() => {
            Ok(escape_into(out, value.as_str().unwrap_or_default())?)
        }
        ValueKind::Number if matches!(state.auto_escape(), minijinja::AutoEscape::Html) => {
            Ok(write!(out, "{value}")?)
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn escape(value: &Value) -> Result<Value, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    let mut out = String::new();
    match value.as_str() {
        Some(text) => escape_into(&mut out, text)?,
        None => escape_into(&mut out, &value.to_string())?,
    }
    Ok(Value::from_safe_string(out))
}

/// Writes text as HTML: what ends a text or an attribute is escaped, `/` is not.
pub fn escape_into(out: &mut impl std::fmt::Write, text: &str) -> std::fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    out.write_str(rest)
}

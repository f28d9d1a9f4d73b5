//! Filters and functions of the templates: dates, amounts, words, icons. Values come as the page's struct
//! serialises them: dates and instants as ISO text, amounts in cents.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, RwLock},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use minijinja::{
    Environment, Error, ErrorKind, Output, State,
    value::{Kwargs, Value, ValueKind},
};

use super::{french, markdown};
use crate::{
    web::question::{self, Question},
    words::{self, Words},
};

const PHRASES_AT_MOST: usize = 5_000;

thread_local! {
    /// The time zone of the page being rendered on this thread, which macros must see too; rendering never awaits.
    static ZONE: RefCell<Option<String>> = RefCell::default();
}

/// Puts the zone in place for the time of a rendering.
pub(super) fn within<T>(zone: Option<String>, render: impl FnOnce() -> T) -> T {
    let before = ZONE.replace(zone);
    let done = render();
    ZONE.set(before);
    done
}

/// Adds everything that templates in this language may use. `drawings` are those of
/// `icons.svg`, by name.
pub(super) fn add(env: &mut Environment<'static>, words: &'static Words, language: &str, drawings: HashMap<String, String>) {
    env.add_filter("date", |value: &Value| day(value).map(french::date));
    env.add_filter("date_short", |value: &Value| day(value).map(french::date_short));
    env.add_filter("moment", moment);
    env.add_filter("hour", |value: &Value| Ok::<_, Error>(french::hour(local(value)?.time())));
    env.add_filter("euros", french::euros);
    env.add_filter("number", french::number);
    env.add_filter("siret", siret);
    env.add_filter("size", french::size);
    env.add_filter("fr", typography);
    env.add_filter("md", |text: &str| Value::from_safe_string(markdown::html(text).to_string()));
    env.add_filter("escape", escape);
    env.add_filter("e", escape);
    add_words(env, words, language);
    let drawings = Arc::new(drawings);
    add_icons(env, drawings.clone());
    add_questions(env, words, language, drawings);
    env.set_formatter(format);
}

/// "213 801 855 00015": the company by threes, then the establishment; anything else as it stands.
fn siret(text: &str) -> String {
    match text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => [&text[..3], &text[3..6], &text[6..9], &text[9..]].join("\u{202f}"),
        false => text.to_owned(),
    }
}

fn add_words(env: &mut Environment<'static>, words: &'static Words, language: &str) {
    let of = language.to_string();
    let said: RwLock<HashMap<String, Value>> = RwLock::default();
    env.add_function("_", move |phrase: &str, values: Kwargs| match values.args().next() {
        Some(_) => fill(&words.say(&of, phrase), &values).map(Value::from),
        None => Ok(kept(&said, phrase, || words.say(&of, phrase).into_owned())),
    });
    let of = language.to_string();
    env.add_filter("plural", move |count: i64, one: &str, many: &str| {
        let phrase = if count.abs() < 2 { one } else { many };
        words::fill(&words.say(&of, phrase), &[("n", &french::number(count))])
    });
}

/// Phrases are those of the templates, so few: what was made once is kept.
fn kept(said: &RwLock<HashMap<String, Value>>, phrase: &str, make: impl FnOnce() -> String) -> Value {
    if let Some(known) = said.read().ok().and_then(|said| said.get(phrase).cloned()) {
        return known;
    }
    let made = Value::from(make());
    if let Ok(mut said) = said.write()
        && said.len() < PHRASES_AT_MOST
    {
        said.insert(phrase.into(), made.clone());
    }
    made
}

fn fill(phrase: &str, values: &Kwargs) -> Result<String, Error> {
    let named = values.args().map(|name| Ok((name, values.get::<Value>(name)?.to_string())));
    let named = named.collect::<Result<Vec<_>, Error>>()?;
    let pairs: Vec<(&str, &str)> = named.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(words::fill(phrase, &pairs))
}

/// `"check"|icon` draws a sign beside a word, where it stands: it costs no request.
fn add_icons(env: &mut Environment<'static>, drawings: Arc<HashMap<String, String>>) {
    env.add_filter("icon", move |name: &str| match drawings.get(name) {
        Some(drawing) => Ok(Value::from_safe_string(sign(drawing))),
        None => Err(Error::new(ErrorKind::InvalidOperation, format!("icons.svg has no icon {name}"))),
    });
}

fn sign(drawing: &str) -> String {
    format!("<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{drawing}</svg>")
}

/// `q|question` draws a [`Question`]; `q|question("q")` gives its legend that class.
fn add_questions(env: &mut Environment<'static>, words: &'static Words, language: &str, drawings: Arc<HashMap<String, String>>) {
    let of = language.to_string();
    env.add_filter("question", move |value: &Value, legend: Option<&str>| {
        let question = value.downcast_object_ref::<Question>();
        let question = question.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not a question"))?;
        let say = |phrase: &'static str| words.say(&of, phrase);
        let icon = |name: &str| drawings.get(name).map(|drawing| sign(drawing)).unwrap_or_default();
        Ok(Value::from_safe_string(question::draw(question, legend.unwrap_or_default(), &say, &icon)))
    });
}

/// Name and drawing in a line `<symbol id="i-check">…</symbol>`.
pub(super) fn drawing(line: &str) -> Option<(String, String)> {
    let (name, rest) = line.trim().strip_prefix("<symbol id=\"i-")?.split_once('"')?;
    let drawing = rest.split_once('>')?.1.strip_suffix("</symbol>")?;
    Some((name.into(), drawing.into()))
}

/// Text gets its French typography and stays safe if it was; what is not text stays as it is.
fn typography(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if value.is_safe() => Value::from_safe_string(french::typography(text)),
        Some(text) => Value::from(french::typography(text)),
        None => value.clone(),
    }
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
    let instant = instant.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("not a date nor an instant: {value:?}")))?;
    Ok(ZONE.with_borrow(|name| zone(name.as_deref())).to_datetime(instant))
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
        ValueKind::Number if matches!(state.auto_escape(), minijinja::AutoEscape::Html) => Ok(write!(out, "{value}")?),
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

/// Writes text as HTML at the end of a page being made.
pub(crate) fn escaped(html: &mut String, text: &str) {
    // Writing to a text cannot fail.
    let _ = escape_into(html, text);
}

/// The same for a sentence, with its French typography.
pub(crate) fn sentence(html: &mut String, text: &str) {
    escaped(html, &french::typography(text));
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

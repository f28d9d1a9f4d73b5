//! Pages, mails and letters are drawn by minijinja from templates that each crate embeds. A page is a struct:
//! in its template it is `page`, and what surrounds it (tenant, person, language) is `site`.
//! An unknown name is an error, never an empty hole. There is one prepared environment per language; French
//! phrases that stand alone are written into the template when it is read, so that they cost nothing.
//!
//! Filters: `date` "24 novembre 2026", `date_short` "24/11/2026", `moment` "24 novembre 2026 à 14 h 05", `hour`,
//! `euros` (cents), `number`, `size` (bytes), `fr` (typography of data), `md` (safe Markdown), `icon`,
//! `plural("un dossier", "{n} dossiers")`. Functions: `_("phrase {n}", n=3)`.
//! Instants are shown in the zone that `site.zone` names (IANA), in Paris by default; the language is `site.lang`.

mod filters;
pub mod french;
mod markdown;
mod parts;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use minijinja::{
    Environment, TemplateSource, UndefinedBehavior,
    value::{Serde, Value},
};
use rust_embed::RustEmbed;
use serde::Serialize;

pub use filters::escape_into;
pub(crate) use filters::{escaped, sentence};
pub use markdown::html as markdown;

use crate::{
    Result,
    words::{FRENCH, Words},
};

/// The file of the parts of Socle.
const PARTS: &str = "parts.html";

/// A page, a mail or a letter: values ready to be shown, and examples of them.
pub trait Page: Serialize {
    /// Name of its template: `dossiers/usager/suivi.html`.
    const TEMPLATE: &'static str;

    /// Examples: empty, one, many, error, long words. A test renders them all.
    fn samples() -> Vec<Self>
    where
        Self: Sized;
}

/// One example of a page, whatever its type.
pub struct Sample {
    /// The template that shows it.
    pub template: &'static str,
    /// Which of the examples of the page, from 0.
    pub number: usize,
    page: Value,
}

/// The examples of a page; a crate lists those of all its pages.
pub fn samples<P: Page>() -> Vec<Sample> {
    let pages = P::samples().into_iter().enumerate();
    pages.map(|(number, page)| Sample { template: P::TEMPLATE, number, page: Value::from(Serde(&page)) }).collect()
}

/// The templates of the kernel: layouts, macros, controls, icons.
#[derive(rust_embed::Embed)]
#[folder = "templates/"]
pub struct KernelTemplates;

/// The folder of templates of one crate.
#[derive(Clone, Copy)]
pub struct Source {
    prefix: &'static str,
    get: fn(&str) -> Option<String>,
    list: fn() -> Vec<String>,
}

impl Source {
    /// Templates of a crate, under the name of the crate; those of the kernel are under no name (`""`).
    pub fn of<E: RustEmbed>(prefix: &'static str) -> Self {
        Self { prefix, get: |path| String::from_utf8(E::get(path)?.data.into_owned()).ok(), list: || E::iter().map(Cow::into_owned).collect() }
    }

    fn read(&self, name: &str) -> Option<String> {
        let path = match self.prefix {
            "" => name,
            prefix => name.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        (self.get)(path)
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let prefix = self.prefix;
        (self.list)().into_iter().map(move |path| match prefix {
            "" => path,
            prefix => format!("{prefix}/{path}"),
        })
    }
}

/// All templates, ready to render. Cheap to clone.
#[derive(Clone)]
pub struct Templates(Arc<Inner>);

struct Inner {
    sources: Vec<Source>,
    words: &'static Words,
    by_language: BTreeMap<String, Environment<'static>>,
    /// For texts that a tenant edits: no template of ours can be reached, and a text cannot run for ever.
    edited: Environment<'static>,
}

impl Templates {
    /// Reads all templates. In a release build they are parsed here and a fault is told at once; in a debug build
    /// they are read again when their file changes.
    pub fn new(sources: &[Source], words: &'static Words) -> Result<Self> {
        let mut by_language = BTreeMap::new();
        for language in words.languages() {
            by_language.insert(language.to_string(), prepared(sources, words, language)?);
        }
        let sources = sources.to_vec();
        Ok(Self(Arc::new(Inner { sources, words, by_language, edited: edited(words) })))
    }

    /// The text of a page in its surroundings. `site` may have `lang` and `zone`.
    pub fn render<P: Page>(&self, page: &P, site: &impl Serialize) -> Result<String> {
        self.render_named(P::TEMPLATE, page, site)
    }

    /// The same with another template: the text part of a mail, a fragment.
    pub fn render_named(&self, name: &str, page: &impl Serialize, site: &impl Serialize) -> Result<String> {
        self.render_value(name, Value::from(Serde(page)), Value::from(Serde(site)))
    }

    /// Renders an example.
    pub fn render_sample(&self, sample: &Sample, site: &impl Serialize) -> Result<String> {
        self.render_value(sample.template, sample.page.clone(), Value::from(Serde(site)))
    }

    /// Fills a text that a tenant or a téléservice wrote, in French. Its values are the fields of `values`; the
    /// filters are the same; it reaches no template and its work is bounded. The error is for its author.
    pub fn fill(&self, text: &str, values: &impl Serialize, zone: Option<&str>) -> Result<String, Flaw> {
        let values = Value::from(Serde(values));
        let zone = zone.map(str::to_string);
        filters::within(zone, || self.0.edited.render_named_str("texte", text, values)).map_err(Flaw::from)
    }

    /// The names of all templates.
    pub fn names(&self) -> Vec<String> {
        self.0.sources.iter().flat_map(Source::names).collect()
    }

    /// The phrases that templates wrap in `_("…")`, so that a test lists those a language lacks.
    pub fn phrases(&self) -> Vec<String> {
        let texts = self.names().into_iter().filter_map(|name| self.0.sources.iter().find_map(|s| s.read(&name)));
        let mut phrases: Vec<String> = texts.flat_map(|text| phrases_of(&text)).collect();
        phrases.sort_unstable();
        phrases.dedup();
        phrases
    }

    /// The words these templates speak.
    pub fn words(&self) -> &'static Words {
        self.0.words
    }

    fn render_value(&self, name: &str, page: Value, site: Value) -> Result<String> {
        let text = |name: &str| site.get_attr(name).ok().and_then(|value| value.as_str().map(str::to_string));
        let language = text("lang");
        let known = language.as_deref().and_then(|language| self.0.by_language.get(language));
        let env = known.unwrap_or(&self.0.by_language[FRENCH]);
        let zone = text("zone");
        let template = env.get_template(name)?;
        let context = Value::from_pairs([("page", page), ("site", site)]);
        Ok(filters::within(zone, || template.render(context))?)
    }
}

fn prepared(sources: &[Source], words: &'static Words, language: &str) -> Result<Environment<'static>> {
    let mut env = environment(words, language, drawings(sources));
    parts::add(&mut env, &parts_of(sources))?;
    if cfg!(debug_assertions) {
        let (sources, language) = (sources.to_vec(), language.to_string());
        env.set_loader(move |name| {
            if name.starts_with("parts/") {
                let part = parts_of(&sources).into_iter().find(|part| part.template == name);
                return Ok(part.map(|part| TemplateSource::new(with_phrases(&part.body, words, &language))));
            }
            let Some(source) = sources.iter().copied().find(|source| source.read(name).is_some()) else {
                return Ok(None);
            };
            let text = source.read(name).unwrap_or_default();
            let (read, name) = (text.clone(), name.to_string());
            let same = move || source.read(&name).as_deref() == Some(&read);
            Ok(Some(TemplateSource::new(with_phrases(&text, words, &language)).with_uptodate_check(same)))
        });
        return Ok(env);
    }
    env.set_auto_reload(false);
    let parts = parts_of(sources).into_iter().map(|part| (part.template, part.body));
    let files = sources.iter().flat_map(|source| source.names().map(|name| (source.read(&name).unwrap_or_default(), name)));
    let files = files.filter(|(_, name)| name != PARTS).map(|(text, name)| (name, text));
    for (name, text) in files.chain(parts) {
        // The templates live as long as the program and are read once: leaked, they are found without a lock.
        env.add_template(name.leak(), with_phrases(&text, words, language).leak())?;
    }
    Ok(env)
}

/// The parts of Socle.
fn parts_of(sources: &[Source]) -> Vec<parts::Part> {
    sources.iter().filter_map(|source| source.read(PARTS)).flat_map(|file| parts::split(&file)).collect()
}

fn environment(words: &'static Words, language: &str, drawings: HashMap<String, String>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    filters::add(&mut env, words, language, drawings);
    env
}

fn edited(words: &'static Words) -> Environment<'static> {
    let mut env = environment(words, FRENCH, HashMap::new());
    env.set_fuel(Some(100_000));
    env
}

/// The drawings of `icons.svg`, one symbol a line.
fn drawings(sources: &[Source]) -> HashMap<String, String> {
    let files = sources.iter().filter_map(|source| (source.get)("icons.svg"));
    files.flat_map(|file| file.lines().filter_map(filters::drawing).collect::<Vec<_>>()).collect()
}

/// Writes each `{{ _("phrase") }}` that takes no value as the phrase itself, in this language.
fn with_phrases(text: &str, words: &Words, language: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        out.push_str(&rest[..open]);
        match alone(&rest[open + 2..]) {
            Some((phrase, after)) => {
                escaped(&mut out, &words.say(language, phrase));
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = &rest[open + 2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `_("phrase") }}` and what follows it; nothing when there is more in the braces, or a brace or escape in the phrase.
fn alone(inner: &str) -> Option<(&str, &str)> {
    let (phrase, after) = quoted(inner.strip_prefix(" _(")?)?;
    let after = after.strip_prefix(") }}")?;
    (!phrase.contains(['\\', '{', '}', '\n'])).then_some((phrase, after))
}

fn phrases_of(text: &str) -> Vec<String> {
    let calls = text.match_indices("_(").map(|(at, opening)| &text[at + opening.len()..]);
    calls.filter_map(quoted).map(|(phrase, _)| phrase.to_string()).collect()
}

/// The phrase between quotes, simple or double, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    text[1..].split_once(quote)
}

/// What is wrong with a text that somebody edited, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ligne {line} : {message}")]
pub struct Flaw {
    /// From 1.
    pub line: usize,
    /// In French.
    pub message: String,
}

impl From<minijinja::Error> for Flaw {
    fn from(error: minijinja::Error) -> Self {
        use minijinja::ErrorKind;
        let detail = error.detail().unwrap_or_default();
        let message = match error.kind() {
            ErrorKind::UndefinedError => format!("ce nom n’existe pas ici. {detail}"),
            ErrorKind::UnknownFilter => format!("ce filtre n’existe pas. {detail}"),
            ErrorKind::OutOfFuel => "ce texte demande trop de calculs.".into(),
            ErrorKind::SyntaxError => format!("cette écriture n’est pas comprise. {detail}"),
            _ => format!("ce passage ne peut pas être rempli. {detail}"),
        };
        Self { line: error.line().unwrap_or(1), message: message.trim_end().into() }
    }
}

#[cfg(test)]
mod socle_tests;
#[cfg(test)]
mod tests;

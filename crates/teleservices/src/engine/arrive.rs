//! A demand that comes as a file from elsewhere, turned into answers. What the package does not place is not lost:
//! it is handed back for a person to read. It makes no dossier.

use super::Answers;
use crate::package::{Arrival, ArrivalFrom, Package, Setting};
use echanges::Format;
use kernel::{Error, Result};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// At most this many bytes in a file.
const MAX_BYTES: usize = 1_000_000;

/// What a file said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrived {
    /// Answers in their canonical form; not checked as a whole: `check_all` says what is lacking.
    pub answers: Answers,
    /// Paths and texts that went nowhere: unknown to the package, or refused by the question.
    pub unread: Vec<(String, String)>,
    /// The sender's own identifier.
    pub identifier: Option<String>,
}

impl Package {
    /// The arrival of an application, when the package reads its files.
    pub fn arrival_from(&self, application: &str) -> Option<&Arrival> {
        self.arrivals.iter().find(|arrival| arrival.application == application)
    }

    /// Reads a file. `Refused` when it is not a file of this kind.
    pub fn arrive(&self, arrival: &Arrival, bytes: &[u8], setting: &Setting) -> Result<Arrived> {
        let texts = flatten(arrival, bytes)?;
        let find = |path: &str| texts.iter().find(|(known, _)| known == path).map(|(_, text)| text.as_str());
        let mut read: BTreeSet<&str> = BTreeSet::new();
        let mut controls: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
        for field in &arrival.fields {
            let text = match &field.from {
                ArrivalFrom::Always(text) => Some(text.as_str()),
                ArrivalFrom::Path(path) => find(path),
            };
            let Some(text) = text else { continue };
            let Some(value) = translate(&field.values, text) else { continue };
            if let ArrivalFrom::Path(path) = &field.from {
                read.insert(path);
            }
            controls.entry(&field.question.text).or_default().push((&field.part, value));
        }
        let mut arrived = Arrived { identifier: arrival.identifier.as_deref().and_then(find).map(str::to_owned), ..Arrived::default() };
        for (id, parts) in controls {
            match self.question(id).and_then(|question| answer(question, &parts, setting)) {
                Some(value) => drop(arrived.answers.insert(id.to_owned(), value)),
                None => arrived.unread.extend(parts.into_iter().map(|(part, text)| (kinds::control_name(id, part), text))),
            }
        }
        let known = |path: &str| read.contains(path) || arrival.identifier.as_deref() == Some(path);
        arrived.unread.extend(texts.iter().filter(|(path, _)| !known(path)).cloned());
        Ok(arrived)
    }
}

/// Several fields may fill one control: the last one that is there wins.
fn answer(question: &crate::package::Question, parts: &[(&str, String)], setting: &Setting) -> Option<Json> {
    let rule = question.rule.clone().on_day(setting.today);
    if let [("", text)] = parts
        && !question.kind.parts().contains(&"")
    {
        // A date in one piece, where a person fills day, month and year.
        return question.kind.normalize(&Json::from(text.as_str()), &rule).ok();
    }
    let last: BTreeMap<&str, &str> = parts.iter().map(|(part, text)| (*part, text.as_str())).collect();
    let input = last.iter().fold(kinds::Input::new(), |input, (part, text)| input.with(part, text));
    question.kind.parse(&input, &rule).ok().flatten()
}

fn translate(values: &[(String, String)], text: &str) -> Option<String> {
    match values.is_empty() {
        true => Some(text.to_owned()),
        false => values.iter().find(|(code, _)| code == text).map(|(_, value)| value.clone()),
    }
}

fn flatten(arrival: &Arrival, bytes: &[u8]) -> Result<Vec<(String, String)>> {
    if bytes.len() > MAX_BYTES {
        return Err(refused("Ce fichier est trop gros pour une demande."));
    }
    match arrival.format {
        Format::Json => {
            let json: Json = serde_json::from_slice(bytes).map_err(|_| refused("Ce fichier n’est pas du JSON lisible."))?;
            let mut texts = Vec::new();
            flatten_json(&json, String::new(), &mut texts);
            Ok(texts)
        }
        _ => flatten_xml(&arrival.root, bytes),
    }
}

fn flatten_json(json: &Json, path: String, texts: &mut Vec<(String, String)>) {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten_json(value, under(name), texts)),
        Json::Array(items) => items.iter().enumerate().for_each(|(n, value)| {
            let place = if n == 0 { path.clone() } else { format!("{path}[{}]", n + 1) };
            flatten_json(value, place, texts);
        }),
        Json::Null => {}
        Json::String(text) => texts.push((path, text.trim().to_owned())),
        other => texts.push((path, other.to_string())),
    }
}

/// `echanges` reads XML, within its bounds.
fn flatten_xml(root: &str, bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let document = echanges::formats::read_xml(bytes)?;
    if document.root != root {
        return Err(refused(format!("Ce fichier n’est pas une demande attendue : il devrait commencer par « {root} ».")));
    }
    let text = |value: Json| value.as_str().map(str::to_owned).unwrap_or_default();
    Ok(document.fields.into_iter().map(|field| (field.path, text(field.value))).collect())
}

fn refused(sentence: impl Into<String>) -> Error {
    Error::refused("arrival-unreadable", sentence)
}

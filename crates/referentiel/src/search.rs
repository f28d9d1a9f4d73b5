//! Finding a person again: by name (in any order), by mail address or by telephone. It shows who, and what tells two of them apart:
//! the name, the year of birth, the commune, and nothing by which one could write to him. Each search is a line of the
//! journal, with whom it found, never with the words typed.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use kernel::{Error, Event, Result, Subject, Tx, UsagerId, t, web::throttle::Bucket};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    CONSULT, Fact, Level, Record,
    model::golden,
    store::{self, Found},
};

/// Persons of a page of results.
pub const PAGE: u32 = 25;

/// Who somebody is, in a line.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    /// The person.
    pub usager: UsagerId,
    /// First names and name.
    pub name: String,
    /// Date of birth, in words.
    pub birth: Option<String>,
    /// Its year alone, for lists.
    pub birth_year: Option<String>,
    /// Where he lives.
    pub commune: Option<String>,
    /// How sure the identity is.
    pub level: Option<Level>,
}

/// Persons were searched, or one of them shown again: how many were found; who, as mentions.
#[derive(Serialize)]
pub struct PersonsSearched {
    found: usize,
    #[serde(skip)]
    persons: Vec<UsagerId>,
}

impl Event for PersonsSearched {
    const KIND: &'static str = "PersonsSearched";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
    fn mentions(&self) -> Vec<Subject> {
        self.persons.iter().copied().map(Subject::Usager).collect()
    }
}

/// Searches that one agent may make in an hour: no day of work needs as many, and a list of everybody would.
const SEARCHES: u32 = 200;

/// Persons whose name, or first name, starts with the words given, by name, after one if given; or those of a mail
/// address or of a telephone. At most so many, and `PAGE`. For who may open a record, or audit; `TooMany` for who does little else.
pub async fn search(tx: &mut Tx, words: &str, after: Option<(String, UsagerId)>, at_most: u32) -> Result<Vec<Found>> {
    if ![CONSULT, rgpd::AUDIT].iter().any(|right| tx.actor().may(*right, None)) {
        return Err(Error::Forbidden(CONSULT.0));
    }
    if kinds::fold::search_key(words).is_empty() {
        return Ok(vec![]);
    }
    let bucket = Bucket::new("persons", &tx.actor().label(), SEARCHES, SignedDuration::from_hours(1));
    if let Some(retry_after_s) = bucket.take(tx).await? {
        return Err(Error::TooMany { retry_after_s });
    }
    let found = find(tx, words, after, at_most.min(PAGE)).await?;
    note(tx, found.iter().map(|found| found.usager).collect()).await?;
    Ok(found)
}

async fn find(tx: &mut Tx, words: &str, after: Option<(String, UsagerId)>, at_most: u32) -> Result<Vec<Found>> {
    if words.contains('@') {
        return store::by_mail(tx, &words.trim().to_lowercase(), at_most).await;
    }
    if let Some(phone) = telephone(words) {
        return store::by_phone(tx, &phone, at_most).await;
    }
    let key = kinds::fold::search_key(words);
    let is_first = after.is_none();
    let found = store::by_key(tx, &key, after, at_most).await?;
    // "Inès Marchetti" is kept as "marchetti ines".
    match key.rsplit_once(' ') {
        Some((given, name)) if is_first && found.is_empty() => store::by_key(tx, &format!("{name} {given}"), None, at_most).await,
        _ => Ok(found),
    }
}

async fn note(tx: &mut Tx, persons: Vec<UsagerId>) -> Result<()> {
    tx.emit(&PersonsSearched { found: persons.len(), persons }).await.map(drop)
}

/// Who one person is, shown to an agent who chose him in a list; `NotFound` when there is no such person.
pub async fn shown(tx: &mut Tx, usager: UsagerId) -> Result<Card> {
    let record = crate::record(tx, usager).await?;
    note(tx, vec![usager]).await?;
    Ok(card(usager, &record))
}

/// The number that these words are, in the international form.
fn telephone(words: &str) -> Option<String> {
    let kind = kinds::kind("telephone").filter(|_| words.chars().all(|c| c.is_ascii_digit() || " .-+()\u{a0}\u{202f}".contains(c)))?;
    kind.parse(&kinds::Input::of(words), &kinds::Rule::default()).ok().flatten()?.as_str().map(ToOwned::to_owned)
}

/// Who these persons are, in the order given.
pub async fn cards(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Card>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut facts: BTreeMap<UsagerId, Vec<Fact>> = BTreeMap::new();
    for (usager, fact) in store::naming_facts(tx, ids).await? {
        facts.entry(usager).or_default().push(fact);
    }
    Ok(ids.iter().map(|id| card(*id, &golden(facts.remove(id).unwrap_or_default()))).collect())
}

/// Who a person is, from his record.
pub fn card(usager: UsagerId, record: &Record) -> Card {
    let value = |code: &str| record.get(code).map(|golden| &golden.fact.value);
    let birth = value("date_naissance").map(|value| crate::show("date_naissance", value));
    let birth_year = value("date_naissance").and_then(|value| value.as_str()?.get(..4)).map(ToOwned::to_owned);
    let commune = value("adresse").and_then(|value| value["commune"].as_str()).map(ToOwned::to_owned);
    Card { usager, name: display_name(record), birth, birth_year, commune, level: identity_level(record) }
}

/// First names, then usage or birth name.
pub fn display_name(record: &Record) -> String {
    let text = |code: &str| record.get(code).and_then(|g| g.fact.value.as_str()).unwrap_or_default();
    let name = if text("nom_usage").is_empty() { text("nom_naissance") } else { text("nom_usage") };
    let whole = format!("{} {name}", text("prenoms")).trim().to_owned();
    if whole.is_empty() { t!("Personne sans nom connu") } else { whole }
}

/// How sure the identity is: as its least sure part.
pub fn identity_level(record: &Record) -> Option<Level> {
    ["nom_naissance", "prenoms", "date_naissance"].iter().filter_map(|code| record.get(*code)).map(|g| g.fact.level).min()
}

/// A value in words, as its kind shows it.
pub fn show(code: &str, value: &Json) -> String {
    let kind = crate::attribute(code).and_then(|attribute| kinds::kind(attribute.kind));
    kind.map_or_else(|| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned), |kind| kind.show(value, &kinds::Rule::default()))
}

#[cfg(test)]
mod tests {
    use super::telephone;

    #[test]
    fn a_number_is_read_however_it_is_typed_and_a_name_is_none() {
        for typed in ["02 37 55 10 20", "0237551020", "02.37.55.10.20", "+33 2 37 55 10 20"] {
            assert_eq!(telephone(typed).as_deref(), Some("+33237551020"), "{typed}");
        }
        assert_eq!(telephone("Marchetti"), None);
        assert_eq!(telephone("1984"), None);
    }
}

//! Finding a person again: by name (in any order), by mail address or by telephone. It shows who, and what tells two of them apart.

use std::collections::BTreeMap;

use kernel::{Error, Result, Tx, UsagerId, t};
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
    /// How sure the identity is.
    pub level: Option<Level>,
}

/// Persons whose name, or first name, starts with the words given, by name, after one if given; or those of a mail
/// address or of a telephone. At most `PAGE`. For who may open a record, or audit.
pub async fn search(tx: &mut Tx, words: &str, after: Option<(String, UsagerId)>) -> Result<Vec<Found>> {
    if ![CONSULT, rgpd::AUDIT].iter().any(|right| tx.actor().may(*right, None)) {
        return Err(Error::Forbidden(CONSULT.0));
    }
    if words.contains('@') {
        return store::by_mail(tx, &words.trim().to_lowercase(), PAGE).await;
    }
    if let Some(phone) = telephone(words) {
        return store::by_phone(tx, &phone, PAGE).await;
    }
    let key = kinds::fold::search_key(words);
    if key.is_empty() {
        return Ok(vec![]);
    }
    let is_first = after.is_none();
    let found = store::by_key(tx, &key, after, PAGE).await?;
    // "Inès Marchetti" is kept as "marchetti ines".
    match key.rsplit_once(' ') {
        Some((given, name)) if is_first && found.is_empty() => store::by_key(tx, &format!("{name} {given}"), None, PAGE).await,
        _ => Ok(found),
    }
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
    let birth = record.get("date_naissance").map(|golden| crate::show("date_naissance", &golden.fact.value));
    Card { usager, name: display_name(record), birth, level: identity_level(record) }
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

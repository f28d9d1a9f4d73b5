//! A copy of all that is held about a person, for himself: GDPR articles 15 and 20. Each domain gives its part.

use kernel::{Event, Result, Subject, Tx, UsagerId};
use rgpd::PersonalData;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::{read, readings};

/// Readings told in a copy; all of them stay on his pages.
const READINGS: u32 = 2_000;

/// A person was given a copy of his data.
#[derive(Serialize)]
pub struct PersonalDataCopied {
    /// Who.
    pub usager: UsagerId,
}

impl Event for PersonalDataCopied {
    const KIND: &'static str = "PersonalDataCopied";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// All that is held about a person. Reads only: the caller emits `PersonalDataCopied` once it is whole.
pub async fn take_copy(tx: &mut Tx, personal: &[&'static dyn PersonalData], usager: UsagerId) -> Result<Json> {
    let ids = read::aliases(tx, usager).await?;
    let mut parts = Map::new();
    for domain in personal {
        let name = domain.retention().first().map_or("autre", |line| line.table);
        parts.insert(name.to_owned(), domain.export(tx, &ids).await?);
    }
    let (lines, _) = readings::lines(tx, &ids, READINGS, None).await?;
    let words = readings::Words::load(tx, &lines).await?;
    let read: Vec<_> = lines.iter().map(|line| words.reading(line)).collect();
    let kept: Vec<_> = personal.iter().flat_map(|domain| domain.retention()).collect();
    Ok(json!({
        "fait_le": tx.now(),
        "personne": ids,
        "donnees": parts,
        "lectures": read,
        "durees_de_conservation": kept,
    }))
}

//! Readings: the record of a person for himself or the agent in charge (a right), for anybody else (a permit).

use jiff::Timestamp;
use kernel::{Error, Result, Tx, UsagerId};
use rgpd::Permit;
use serde::Serialize;

use crate::{Fact, Level, Record, Source, model::golden, store};

/// What a partner receives for one attribute.
#[derive(Debug, Clone, Serialize)]
pub struct Disclosure {
    /// Code of the attribute.
    pub attribute: String,
    /// The value, or null when nothing is known.
    pub value: serde_json::Value,
    /// Where it comes from.
    pub source: Option<Source>,
    /// How sure it is.
    pub level: Option<Level>,
    /// When it became known.
    pub recorded_at: Option<Timestamp>,
}

/// All identifiers of a person, the one he is known by first; empty when there is no such person.
pub async fn aliases(tx: &mut Tx, usager: UsagerId) -> Result<Vec<UsagerId>> {
    store::aliases(tx, usager).await
}

/// The facts of a person, under all his identifiers; withdrawn ones are left out.
pub async fn facts(tx: &mut Tx, usager: UsagerId) -> Result<Vec<Fact>> {
    store::facts(tx, usager).await
}

/// The record of a person, for himself or for an agent with the right: the caller has checked it.
pub async fn record(tx: &mut Tx, usager: UsagerId) -> Result<Record> {
    Ok(golden(facts(tx, usager).await?))
}

/// The values that a permit opens. `Internal` when the permit is of another unit of work.
pub async fn read(tx: &mut Tx, permit: &Permit) -> Result<Vec<Disclosure>> {
    permit.check(tx)?;
    let record = record(tx, permit.usager()).await?;
    let one = |attribute: &String| -> Result<Disclosure> {
        if crate::attribute(attribute).is_none() {
            return Err(Error::NotFound);
        }
        let golden = record.get(attribute);
        Ok(Disclosure {
            attribute: attribute.clone(),
            value: golden.map_or(serde_json::Value::Null, |g| g.fact.value.clone()),
            source: golden.map(|g| g.fact.source.clone()),
            level: golden.map(|g| g.fact.level),
            recorded_at: golden.map(|g| g.fact.recorded_at),
        })
    };
    permit.attributes().iter().map(one).collect()
}

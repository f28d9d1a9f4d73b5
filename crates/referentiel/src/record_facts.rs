//! New facts about a person: each with its source. A surer value already there is kept and the new one is a proposal.

use kernel::{DossierId, Error, Event, FactId, Result, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{Fact, Level, Source, attribute, model::golden, read::facts, store};

/// A value and where it comes from.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// Code of the attribute.
    pub attribute: String,
    /// As its kind keeps it.
    pub value: serde_json::Value,
    /// Who said it.
    pub source: Source,
    /// In words, for the provenance line.
    pub source_label: String,
    /// How sure it is.
    pub level: Level,
    /// The dossier it came with.
    pub dossier: Option<DossierId>,
}

/// The record of a person is not what it was; names of attributes only.
#[derive(Serialize)]
pub struct UsagerChanged {
    pub(crate) usager: UsagerId,
    pub(crate) attributes: Vec<String>,
}

/// Values less sure than those kept were proposed; names of attributes only.
#[derive(Serialize)]
pub struct FactProposed {
    usager: UsagerId,
    attributes: Vec<String>,
}

impl Event for UsagerChanged {
    const KIND: &'static str = "UsagerChanged";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

impl Event for FactProposed {
    const KIND: &'static str = "FactProposed";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// Records facts; one that says again what the record says, or what was said last, and no more surely, is not written.
/// What was said once, then corrected, may be said again.
/// `Invalid` for an unknown attribute or a value that its kind refuses.
pub async fn record_facts(tx: &mut Tx, usager: UsagerId, new: Vec<NewFact>) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    for fact in &new {
        check(fact)?;
    }
    let known = facts(tx, usager).await?;
    let record = golden(known.clone());
    let says = |k: &Fact, n: &NewFact| k.value == n.value && k.level >= n.level;
    let is_known = |n: &NewFact| {
        let last = known.iter().rev().find(|k| k.attribute == n.attribute);
        record.get(&n.attribute).is_some_and(|g| says(&g.fact, n)) || last.is_some_and(|k| says(k, n))
    };
    let now = tx.now();
    let mut added = vec![];
    for fact in new.into_iter().filter(|n| !is_known(n)) {
        let id: FactId = tx.new_id();
        added.push(Fact {
            id,
            attribute: fact.attribute,
            value: fact.value,
            source: fact.source,
            source_label: fact.source_label,
            level: fact.level,
            dossier: fact.dossier,
            recorded_at: now,
        });
    }
    if added.is_empty() {
        return Ok(());
    }
    store::insert_facts(tx, usager, &added).await?;
    tell(tx, usager, known, added).await
}

fn check(fact: &NewFact) -> Result<()> {
    let unknown = || Error::invalid(fact.attribute.clone(), "Cette information n’existe pas dans le référentiel.");
    let attribute = attribute(&fact.attribute).ok_or_else(unknown)?;
    let kind = kinds::kind(attribute.kind).ok_or_else(|| Error::internal(format!("no kind {}", attribute.kind)))?;
    kind.check(&fact.value, &kinds::Rule::default()).map_err(|refusal| Error::invalid(fact.attribute.clone(), refusal.sentence))
}

async fn tell(tx: &mut Tx, usager: UsagerId, known: Vec<Fact>, added: Vec<Fact>) -> Result<()> {
    let before = golden(known.clone());
    let names: Vec<String> = added.iter().map(|f| f.attribute.clone()).collect();
    let after = golden(known.into_iter().chain(added).collect());
    let value = |record: &crate::Record, name: &str| record.get(name).map(|g| g.fact.value.clone());
    let (changed, proposed): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| value(&before, name) != value(&after, name));
    if changed.iter().any(|name| name == "telephone") {
        store::set_phone(tx, usager, value(&after, "telephone").as_ref().and_then(|phone| phone.as_str())).await?;
    }
    if !changed.is_empty() {
        tx.emit(&UsagerChanged { usager, attributes: changed }).await?;
    }
    if !proposed.is_empty() {
        tx.emit(&FactProposed { usager, attributes: proposed }).await?;
    }
    Ok(())
}

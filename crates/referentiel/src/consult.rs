//! An agent opens the record of a person: he needs the right, and it leaves a line that the person reads.

use kernel::{DossierId, Error, Event, OrgUnitId, Result, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{CONSULT, Card, Fact, Level, Member, Record, cards, foyer, model::golden, read};

/// What an agent is shown of a person.
#[derive(Debug, Clone)]
pub struct Consultation {
    /// All his identifiers, the one he is known by first.
    pub ids: Vec<UsagerId>,
    /// Every fact, oldest first.
    pub facts: Vec<Fact>,
    /// What they give today.
    pub record: Record,
    /// Who lives with him, and in which role.
    pub foyer: Vec<(Member, Card)>,
}

impl Consultation {
    /// The person, as he is known.
    pub fn usager(&self) -> UsagerId {
        self.ids[0]
    }

    /// How sure the identity is.
    pub fn level(&self) -> Option<Level> {
        crate::identity_level(&self.record)
    }
}

/// The record of a person was opened by a service: which team, for which dossier, which attributes; never a value.
#[derive(Serialize)]
pub struct UsagerConsulted {
    usager: UsagerId,
    /// The teams for which the agent holds the right; none: all.
    units: Vec<OrgUnitId>,
    dossier: Option<DossierId>,
    attributes: Vec<String>,
}

impl Event for UsagerConsulted {
    const KIND: &'static str = "UsagerConsulted";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
    fn mentions(&self) -> Vec<Subject> {
        self.dossier.map(Subject::Dossier).into_iter().collect()
    }
}

/// Opens a record, for a dossier if one is being handled. `NotFound` when there is no such person.
pub async fn consult(tx: &mut Tx, usager: UsagerId, dossier: Option<DossierId>) -> Result<Consultation> {
    tx.allow_any(CONSULT)?;
    let ids = read::aliases(tx, usager).await?;
    let known = *ids.first().ok_or(Error::NotFound)?;
    let facts = read::facts(tx, known).await?;
    let record = golden(facts.clone());
    let members = foyer::foyer_of(tx, &ids).await?;
    let others: Vec<UsagerId> = members.iter().map(|member| member.usager).collect();
    let foyer = members.into_iter().zip(cards(tx, &others).await?).filter(|(member, _)| !ids.contains(&member.usager)).collect();
    let units = tx.actor().agent().and_then(|agent| agent.units(CONSULT)).unwrap_or_default();
    tx.emit(&UsagerConsulted { usager: known, units, dossier, attributes: record.keys().cloned().collect() }).await?;
    Ok(Consultation { ids, facts, record, foyer })
}

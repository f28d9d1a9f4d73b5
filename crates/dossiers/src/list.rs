//! Lists of dossiers: what the inbox of a service shows and counts, what an usager finds in his account, what a search
//! finds. Reading a list is allowed by [`READ`] for the teams of the agent; an usager sees his own.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Actor, AgentId, DossierId, Error, OrgUnitId, Result, Tx, UsagerId};

use crate::channel::Channel;
use crate::model::Dossier;
use crate::numero::Numero;
use crate::phase::{self, Phase};
use crate::rights::READ;
use crate::store;
use crate::words::normalise;

/// Dossiers on one page of a list.
pub const PAGE: i64 = 25;

/// Filters chosen by the agent; several values each, an empty list filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Téléservices.
    pub slugs: Vec<String>,
    /// States of circuits.
    pub states: Vec<String>,
    /// Phases.
    pub phases: Vec<Phase>,
    /// Doors.
    pub channels: Vec<Channel>,
    /// Teams.
    pub units: Vec<OrgUnitId>,
    /// Agents in charge.
    pub agents: Vec<AgentId>,
    /// Those nobody is in charge of, beside those of `agents`.
    pub unassigned: bool,
    /// Due on that day at the latest.
    pub due_before: Option<Date>,
}

/// Which page of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// Open dossiers, or ended ones.
    pub is_open: bool,
    /// What the agent chose.
    pub filters: Filters,
    /// After that dossier.
    pub after: Option<(Date, DossierId)>,
}

/// One page, and where the next begins.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The dossiers.
    pub dossiers: Vec<Dossier>,
    /// Where the next page begins; none on the last.
    pub next: Option<(Date, DossierId)>,
}

/// One page of "Dossiers à traiter", nearest date first.
pub async fn inbox(tx: &mut Tx, inbox: &Inbox) -> Result<Listed> {
    let units = readable(tx)?;
    let mut dossiers = store::list::inbox(tx, inbox, units.as_deref()).await?;
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = dossiers.len() > page;
    dossiers.truncate(page);
    let place = |dossier: &Dossier| (dossier.due.map_or(store::dossier::NO_DATE, |(date, _)| date), dossier.id);
    let next = dossiers.last().filter(|_| has_more).map(place);
    Ok(Listed { dossiers, next })
}

/// How many open dossiers wait, by what the filters offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub total: i64,
    /// By team.
    pub units: BTreeMap<OrgUnitId, i64>,
    /// By téléservice.
    pub slugs: BTreeMap<String, i64>,
    /// By phase.
    pub phases: BTreeMap<Phase, i64>,
    /// By state.
    pub states: BTreeMap<String, i64>,
    /// Each of them apart, for the total of what filters leave.
    pub cells: Vec<Cell>,
}

/// How many open dossiers a team has of one téléservice in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The team; none when no team is in charge.
    pub unit: Option<OrgUnitId>,
    /// The téléservice.
    pub slug: String,
    /// The phase.
    pub phase: Option<Phase>,
    /// The state.
    pub state: String,
    /// How many.
    pub n: i64,
}

impl Counts {
    /// How many dossiers the filters leave; `None` when one of them is not counted (agent, door, date).
    pub fn left_by(&self, filters: &Filters) -> Option<i64> {
        let is_counted = filters.agents.is_empty() && !filters.unassigned && filters.channels.is_empty() && filters.due_before.is_none();
        let holds = |cell: &&Cell| {
            (filters.slugs.is_empty() || filters.slugs.contains(&cell.slug))
                && (filters.states.is_empty() || filters.states.contains(&cell.state))
                && (filters.phases.is_empty() || cell.phase.is_some_and(|phase| filters.phases.contains(&phase)))
                && (filters.units.is_empty() || cell.unit.is_some_and(|unit| filters.units.contains(&unit)))
        };
        is_counted.then(|| self.cells.iter().filter(holds).map(|cell| cell.n).sum())
    }
}

/// The counters of the inbox, for the teams the agent may read. They are kept, not counted: one statement.
pub async fn counts(tx: &mut Tx) -> Result<Counts> {
    let units = readable(tx)?;
    let mut counts = Counts::default();
    for (key, n) in store::counter::all(tx).await? {
        let parts: Vec<&str> = key.split('/').collect();
        let [unit, slug, phase, state] = parts.as_slice() else { continue };
        let unit: Option<OrgUnitId> = unit.parse().ok();
        let is_readable = units.as_ref().is_none_or(|units| unit.is_some_and(|unit| units.contains(&unit)));
        if n == 0 || !is_readable {
            continue;
        }
        counts.total += n;
        counts.cells.push(Cell { unit, slug: (*slug).to_owned(), phase: phase::from_code(phase), state: (*state).to_owned(), n });
        *counts.slugs.entry((*slug).to_owned()).or_default() += n;
        *counts.states.entry((*state).to_owned()).or_default() += n;
        if let Some(phase) = phase::from_code(phase) {
            *counts.phases.entry(phase).or_default() += n;
        }
        if let Some(unit) = unit {
            *counts.units.entry(unit).or_default() += n;
        }
    }
    Ok(counts)
}

/// Open dossiers with a message of the person that nobody has read: those of an agent, and those nobody has taken.
pub async fn unread(tx: &mut Tx, agent: AgentId) -> Result<Vec<Dossier>> {
    let units = readable(tx)?;
    store::list::unread(tx, agent, units.as_deref(), PAGE).await
}

/// Dossiers by number, or by the beginning of a name.
pub async fn search(tx: &mut Tx, typed: &str) -> Result<Vec<Dossier>> {
    let units = readable(tx)?;
    if let Some(number) = Numero::parse(typed) {
        let found = store::dossier::by_number(tx, &number).await?;
        let is_readable = |dossier: &Dossier| units.as_ref().is_none_or(|units| dossier.unit.is_some_and(|unit| units.contains(&unit)));
        return Ok(found.into_iter().filter(is_readable).collect());
    }
    let prefix = normalise(typed);
    if prefix.chars().count() < 2 {
        return Ok(Vec::new());
    }
    store::list::search(tx, &prefix, units.as_deref(), PAGE).await
}

/// The dossiers of a person under any of his ids, newest first.
pub async fn of_usagers(tx: &mut Tx, usagers: &[UsagerId], before: Option<DossierId>) -> Result<Vec<Dossier>> {
    store::list::of_usagers(tx, usagers, before, 4 * PAGE).await
}

/// The dossiers a session or a mailed link opens, newest first.
pub async fn behind_key(tx: &mut Tx, key_hash: &str) -> Result<Vec<Dossier>> {
    store::list::behind_key(tx, key_hash, PAGE).await
}

/// The teams whose dossiers the actor may read; `None` when it is all of them.
fn readable(tx: &Tx) -> Result<Option<Vec<OrgUnitId>>> {
    match tx.actor() {
        Actor::Agent(agent) => {
            tx.allow_any(READ)?;
            Ok(agent.units(READ))
        }
        Actor::System { .. } => Ok(None),
        _ => Err(Error::Forbidden(READ.0)),
    }
}

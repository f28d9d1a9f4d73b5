//! Lists of dossiers: the inbox by nearest date, those of an usager, a search by name or number. Paged by key.

use jiff::civil::Date;
use kernel::{AgentId, DossierId, Error, OrgUnitId, Result, Tx, UsagerId, Value, params};

use super::dossier::{COLUMNS, read};
use crate::list::{Filters, Inbox, PAGE};
use crate::model::Dossier;
use crate::phase::Phase;
use crate::thread::Author;

/// Builds the text of a list: constant pieces, values numbered as they come.
struct Query {
    text: String,
    values: Vec<Value>,
}

impl Query {
    fn new() -> Query {
        Query { text: format!("select {COLUMNS} from dossier where tenant_id = $1"), values: Vec::new() }
    }

    /// Adds `and <piece>`, its `?` being the value.
    fn and(&mut self, before: &str, value: Value, after: &str) {
        self.values.push(value);
        self.text.push_str(&format!(" and {before}${}{after}", self.values.len() + 1));
    }

    fn limited_in<T>(&mut self, column: &str, items: &[T])
    where
        T: Clone,
        Value: From<T> + From<Option<T>>,
    {
        if !items.is_empty() {
            self.and(&format!("{column} in ("), Value::list(items.iter().cloned()), "...)");
        }
    }

    fn end(&mut self, order: &str, limit: i64) {
        self.values.push(limit.into());
        self.text.push_str(&format!(" order by {order} limit ${}", self.values.len() + 1));
    }
}

/// One page of the inbox, nearest date first, from a place in it. `units` is what the agent may read (`None`: all).
pub(crate) async fn inbox(tx: &mut Tx, inbox: &Inbox, units: Option<&[OrgUnitId]>) -> Result<Vec<Dossier>> {
    let mut query = Query::new();
    query.and("is_open = ", inbox.is_open.into(), "");
    if let Some(units) = units {
        query.and("org_unit_id in (", Value::list(units.iter().copied()), "...)");
    }
    filter(&mut query, &inbox.filters);
    if let Some((due, id)) = inbox.after {
        query.values.extend([due.into(), id.into()]);
        let (at, next) = (query.values.len(), query.values.len() + 1);
        query.text.push_str(&format!(" and (due_on, id) > (${at}, ${next})"));
    }
    query.end("due_on, id", PAGE + 1);
    tx.all(&query.text, &query.values).await?.iter().map(read).collect()
}

fn filter(query: &mut Query, filters: &Filters) {
    query.limited_in::<String>("slug", &filters.slugs);
    query.limited_in::<String>("state", &filters.states);
    query.limited_in::<String>("phase", &filters.phases.iter().map(|phase| phase.code().to_owned()).collect::<Vec<_>>());
    query.limited_in::<String>("channel", &filters.channels.iter().map(|channel| channel.code().to_owned()).collect::<Vec<_>>());
    query.limited_in::<OrgUnitId>("org_unit_id", &filters.units);
    match (filters.unassigned, filters.agents.is_empty()) {
        (false, _) => query.limited_in::<AgentId>("agent_id", &filters.agents),
        (true, true) => query.text.push_str(" and agent_id is null"),
        (true, false) => query.and("(agent_id is null or agent_id in (", Value::list(filters.agents.iter().copied()), "...))"),
    }
    if let Some(before) = filters.due_before {
        query.and("due_on <= ", before.into(), "");
    }
}

/// The dossiers of a person under any of his ids, newest first; drafts included.
pub(crate) async fn of_usagers(tx: &mut Tx, usagers: &[UsagerId], before: Option<DossierId>, limit: i64) -> Result<Vec<Dossier>> {
    let mut query = Query::new();
    query.and("usager_id in (", Value::list(usagers.iter().copied()), "...)");
    if let Some(before) = before {
        query.and("id < ", before.into(), "");
    }
    query.end("id desc", limit);
    tx.all(&query.text, &query.values).await?.iter().map(read).collect()
}

/// The drafts and dossiers that a session or link opens, newest first.
pub(crate) async fn behind_key(tx: &mut Tx, key_hash: &str, limit: i64) -> Result<Vec<Dossier>> {
    let now = tx.now();
    let mut query = Query::new();
    query.values.extend([key_hash.into(), now.into()]);
    query.text.push_str(" and id in (select dossier_id from dossier_access where tenant_id = $1 and key_hash = $2 and expires_at > $3)");
    query.end("id desc", limit);
    tx.all(&query.text, &query.values).await?.iter().map(read).collect()
}

/// Open dossiers with an unread message of the usager, of an agent or of nobody, nearest date first.
pub(crate) async fn unread(tx: &mut Tx, agent: AgentId, units: Option<&[OrgUnitId]>, limit: i64) -> Result<Vec<Dossier>> {
    let mut query = Query::new();
    query.and("is_open = ", true.into(), "");
    query.and("(agent_id is null or agent_id = ", agent.into(), ")");
    if let Some(units) = units {
        query.and("org_unit_id in (", Value::list(units.iter().copied()), "...)");
    }
    query.and("id in (select dossier_id from message where tenant_id = $1 and read_at is null and author = ", Author::Usager.code().into(), ")");
    query.end("due_on, id", limit);
    tx.all(&query.text, &query.values).await?.iter().map(read).collect()
}

/// Deposited dossiers whose search key begins so.
pub(crate) async fn search(tx: &mut Tx, prefix: &str, units: Option<&[OrgUnitId]>, limit: i64) -> Result<Vec<Dossier>> {
    let mut query = Query::new();
    query.and("search_key >= ", prefix.into(), "");
    query.and("search_key < ", format!("{prefix}\u{10ffff}").into(), "");
    query.and("phase <> ", Phase::Brouillon.code().into(), "");
    if let Some(units) = units {
        query.and("org_unit_id in (", Value::list(units.iter().copied()), "...)");
    }
    query.end("search_key, id", limit);
    tx.all(&query.text, &query.values).await?.iter().map(read).collect()
}

/// Open dossiers whose nearest date is past, for the watch of the clocks.
pub(crate) async fn overdue(tx: &mut Tx, today: Date, after: Option<(Date, DossierId)>, limit: i64) -> Result<Vec<(Date, DossierId)>> {
    let (due, id) = after.unwrap_or((super::FIRST, DossierId::from(uuid::Uuid::nil())));
    let rows = tx
        .all(
            "select due_on, id from dossier where tenant_id = $1 and is_open = $2 and due_on < $3 and (due_on, id) > ($4, $5) \
             order by due_on, id limit $6",
            params![true, today, due, id, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("due_on")?, row.get("id")?))).collect()
}

/// Open dossiers with a request for pieces whose time is over, or that had everything before today; by id, from one on.
pub(crate) async fn unanswered(tx: &mut Tx, today: Date, after: Option<DossierId>, limit: i64) -> Result<Vec<DossierId>> {
    let after = after.unwrap_or_else(|| DossierId::from(uuid::Uuid::nil()));
    let midnight = today.to_zoned(tx.zone().clone()).map_err(Error::internal)?.timestamp();
    let rows = tx
        .all(
            "select r.dossier_id as dossier_id from piece_request r join dossier d on d.tenant_id = $1 and d.id = r.dossier_id \
             where r.tenant_id = $1 and r.closed_at is null and (r.reply_before < $2 or r.satisfied_at < $3) and d.is_open = $4 \
             and r.dossier_id > $5 group by r.dossier_id order by r.dossier_id limit $6",
            params![today, midnight, true, after, limit],
        )
        .await?;
    rows.iter().map(|row| row.get("dossier_id")).collect()
}

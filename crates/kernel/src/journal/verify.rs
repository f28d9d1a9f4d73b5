//! `journal verify`: reads the whole journal of a tenant and says what was changed, removed, added, forged or swapped,
//! and where; and whether time ever goes back in a chain.
//! The loss of the end is seen only against a head kept elsewhere, which `expected` gives.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Line,
    seal::{Signer, seal_hash, tree_head},
};
use crate::{
    Db, EventId, Result, Scope, TenantId, Tx,
    crypto::{Keys, Mark},
    params,
};

/// What was read and what is wrong.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Events read.
    pub events: usize,
    /// Seals read.
    pub seals: usize,
    /// The last seal: keep it elsewhere, it proves later that the end was not cut.
    pub head: Option<Head>,
    /// Nothing here: the journal is whole.
    pub faults: Vec<Fault>,
}

/// Number and hash of a seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// From 1.
    pub number: i64,
    /// In hexadecimal.
    pub hash: String,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// An event, a subject or a seal.
    pub at: String,
    /// In French.
    pub what: String,
}

/// Events read at once.
const PAGE: i64 = 2_000;

/// Checks chains, then seals, of one tenant. `expected`: a head kept elsewhere.
pub async fn verify(db: &Db, scope: &Scope, signer: &dyn Signer, expected: Option<&Head>) -> Result<Report> {
    let mut report = Report::default();
    let hashes = verify_chains(db, scope, &mut report).await?;
    verify_seals(db, scope, signer, &hashes, expected, &mut report).await?;
    Ok(report)
}

impl Report {
    fn fault(&mut self, at: impl ToString, what: impl Into<String>) {
        self.faults.push(Fault { at: at.to_string(), what: what.into() });
    }
}

/// Where a chain was read to.
#[derive(Default)]
struct Reached {
    length: i64,
    head: String,
    at: Option<Timestamp>,
}

async fn verify_chains(db: &Db, scope: &Scope, report: &mut Report) -> Result<HashMap<EventId, String>> {
    let keys = db.marking_keys()?;
    let mut hashes = HashMap::new();
    let mut heads: HashMap<String, Reached> = HashMap::new();
    let mut from = (String::new(), 0_i64);
    loop {
        let rows = db.read(scope, async |tx| page(tx, &from).await).await?;
        let Some(last) = rows.last() else { break };
        from = (last.subject.clone(), last.position);
        for row in rows {
            report.events += 1;
            check_line(&row, heads.entry(row.subject.clone()).or_default(), scope.tenant, keys, report);
            hashes.insert(row.id, row.hash);
        }
    }
    let mut after = String::new();
    loop {
        let chains = db.read(scope, async |tx| chains(tx, &after).await).await?;
        let Some((last, ..)) = chains.last() else { break };
        after.clone_from(last);
        for (subject, length, head) in chains {
            if heads.remove(&subject).map(|reached| (reached.length, reached.head)) != Some((length, head)) {
                report.fault(&subject, "la fin de la chaîne manque, ou la chaîne a été modifiée");
            }
        }
    }
    for subject in heads.into_keys() {
        report.fault(subject, "des lignes ont été ajoutées sans chaîne");
    }
    Ok(hashes)
}

fn check_line(row: &EventRow, reached: &mut Reached, tenant: TenantId, keys: &Keys, report: &mut Report) {
    let (subject, position) = (&row.subject, row.position);
    if position != reached.length + 1 {
        report.fault(row.id, format!("{subject} : {} ligne(s) retirée(s) avant la position {position}", position - reached.length - 1));
    } else if row.previous != reached.head {
        report.fault(row.id, format!("{subject} : la ligne {position} ne suit pas la précédente (échange ou modification)"));
    }
    if row.hash(tenant) != row.hash {
        report.fault(row.id, format!("{subject} : la ligne {position} a été modifiée"));
    }
    match keys.check_mark(row.hash.as_bytes(), &row.mark) {
        Mark::Ours => {}
        Mark::Forged => report.fault(row.id, format!("{subject} : la ligne {position} n’a pas été écrite par ce programme")),
        Mark::UnknownKey => report.fault(row.id, format!("{subject} : la ligne {position} porte une clé qui n’est pas dans le fichier de clés")),
    }
    if reached.at.is_some_and(|at| row.at < at) {
        report.fault(row.id, format!("{subject} : la ligne {position} est datée d’avant la précédente"));
    }
    *reached = Reached { length: position, head: row.hash.clone(), at: Some(row.at) };
}

async fn verify_seals(
    db: &Db,
    scope: &Scope,
    signer: &dyn Signer,
    hashes: &HashMap<EventId, String>,
    expected: Option<&Head>,
    report: &mut Report,
) -> Result<()> {
    let mut sealed: HashSet<EventId> = HashSet::new();
    let mut head = Head { number: 0, hash: String::new() };
    loop {
        let seals = db.read(scope, async |tx| seals(tx, head.number).await).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            report.seals += 1;
            check_seal(&seal, scope.tenant, &head, signer, hashes, report);
            sealed.extend(seal.events.split_whitespace().filter_map(|id| id.parse::<EventId>().ok()));
            head = Head { number: seal.number, hash: seal.hash };
            if let Some(expected) = expected
                && expected.number == head.number
                && expected.hash != head.hash
            {
                report.fault(format!("scellé {}", head.number), "n’est pas celui qui a été conservé ailleurs");
            }
        }
    }
    if let Some(expected) = expected
        && expected.number > head.number
    {
        report.fault(format!("scellé {}", expected.number), "la fin du journal a été retirée");
    }
    let waiting: HashSet<EventId> = db.read(scope, async |tx| unsealed(tx).await).await?;
    for id in hashes.keys().filter(|id| !sealed.contains(id) && !waiting.contains(id)) {
        report.fault(id, "ligne ajoutée hors de tout scellé");
    }
    report.head = (head.number > 0).then_some(head);
    Ok(())
}

fn check_seal(seal: &SealRow, tenant: TenantId, last: &Head, signer: &dyn Signer, hashes: &HashMap<EventId, String>, report: &mut Report) {
    let name = format!("scellé {}", seal.number);
    if seal.number != last.number + 1 || seal.previous != last.hash {
        report.fault(&name, "ne suit pas le précédent");
    }
    let computed = seal_hash(tenant, seal.number, seal.at, &seal.events, &seal.root, &seal.previous);
    if computed != seal.hash || !signer.verify(&seal.key_id, seal.hash.as_bytes(), &seal.signature) {
        report.fault(&name, "a été modifié, ou sa signature n’est pas la nôtre");
    }
    let mut leaves = vec![];
    for id in seal.events.split_whitespace() {
        match id.parse().ok().and_then(|id: EventId| hashes.get(&id)) {
            Some(hash) => leaves.push(hash.as_str()),
            None => report.fault(id, format!("ligne retirée (elle était dans le {name})")),
        }
    }
    if super::hex(&tree_head(&leaves)) != seal.root {
        report.fault(&name, "ne correspond plus aux lignes qu’il couvre");
    }
}

struct EventRow {
    id: EventId,
    subject: String,
    position: i64,
    kind: String,
    at: Timestamp,
    actor: String,
    mentions: String,
    payload: String,
    previous: String,
    hash: String,
    mark: String,
}

impl EventRow {
    fn hash(&self, tenant: TenantId) -> String {
        Line {
            tenant: tenant.to_string(),
            id: self.id.to_string(),
            subject: &self.subject,
            position: self.position,
            kind: &self.kind,
            at: self.at.to_string(),
            actor: &self.actor,
            mentions: &self.mentions,
            payload: &self.payload,
            previous: &self.previous,
        }
        .hash()
    }
}

async fn page(tx: &mut Tx, from: &(String, i64)) -> Result<Vec<EventRow>> {
    let sql = "select id, subject, position, kind, at, actor, mentions, payload, previous, hash, mark from event \
               where tenant_id = $1 and (subject, position) > ($2, $3) order by subject, position limit $4";
    let rows = tx.all(sql, params![&from.0, from.1, PAGE]).await?;
    let read = |row: &crate::Row| -> Result<EventRow> {
        Ok(EventRow {
            id: row.get("id")?,
            subject: row.get("subject")?,
            position: row.get("position")?,
            kind: row.get("kind")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            mentions: row.get("mentions")?,
            payload: row.get("payload")?,
            previous: row.get("previous")?,
            hash: row.get("hash")?,
            mark: row.get("mark")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn chains(tx: &mut Tx, after: &str) -> Result<Vec<(String, i64, String)>> {
    let sql = "select subject, length, head from chain where tenant_id = $1 and subject > $2 order by subject limit $3";
    let rows = tx.all(sql, params![after, PAGE]).await?;
    rows.iter().map(|row| Ok((row.get("subject")?, row.get("length")?, row.get("head")?))).collect()
}

struct SealRow {
    number: i64,
    at: Timestamp,
    events: String,
    root: String,
    previous: String,
    hash: String,
    key_id: String,
    signature: String,
}

async fn seals(tx: &mut Tx, after: i64) -> Result<Vec<SealRow>> {
    let sql = "select number, at, events, root, previous, hash, key_id, signature from seal \
               where tenant_id = $1 and number > $2 order by number limit $3";
    let rows = tx.all(sql, params![after, 500_i64]).await?;
    let read = |row: &crate::Row| -> Result<SealRow> {
        Ok(SealRow {
            number: row.get("number")?,
            at: row.get("at")?,
            events: row.get("events")?,
            root: row.get("root")?,
            previous: row.get("previous")?,
            hash: row.get("hash")?,
            key_id: row.get("key_id")?,
            signature: row.get("signature")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn unsealed(tx: &mut Tx) -> Result<HashSet<EventId>> {
    let rows = tx.all("select event_id from unsealed where tenant_id = $1 order by event_id limit $2", params![1_000_000_i64]).await?;
    rows.iter().map(|row| row.get("event_id")).collect()
}

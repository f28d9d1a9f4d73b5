//! The journal on screen (who, what, when), filtered by kind and by subject, and as a file.

use axum::{body::Body, response::Response};
use futures_util::stream;
use jiff::Timestamp;
use kernel::{
    Error, EventId, Result,
    journal::{Filter, Recorded},
    templates::Page,
    web::{AdminCx, Ctx, Form, attachment},
};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{Actors, Basis, JournalExported, Registry, read_journal};

/// Lines of a page.
const PAGE: u32 = 50;
/// Lines of one reading of the file.
const SLICE: u32 = 500;

/// The journal, one page of it.
#[derive(Serialize)]
pub(super) struct JournalPage {
    lines: Vec<LineView>,
    /// Kinds, for the filter.
    kinds: Vec<Choice>,
    /// Subject, for the filter.
    subject: String,
    /// Filters in force.
    chips: Vec<Chip>,
    /// The same filters, as a file.
    export: String,
    next: Option<String>,
}

#[derive(Clone, Serialize)]
struct LineView {
    at: Timestamp,
    what: String,
    who: String,
    subject: String,
    /// What else was written, as `name: value`.
    details: String,
}

#[derive(Clone, Serialize)]
struct Choice {
    value: String,
    label: String,
    count: Option<i64>,
    checked: bool,
}

#[derive(Clone, Serialize)]
struct Chip {
    label: String,
    href: String,
}

impl Page for JournalPage {
    const TEMPLATE: &'static str = "rgpd/admin/journal.html";
    fn samples() -> Vec<Self> {
        let line = LineView {
            at: Timestamp::UNIX_EPOCH,
            what: "Informations lues par un partenaire".into(),
            who: "Caisse des écoles".into(),
            subject: "usa_0190b0c6f2d87c0e8d7a6f5e4c3b2a19".into(),
            details: "finalité : tarif-cantine".into(),
        };
        let kind = Choice { value: "Disclosed".into(), label: "Informations lues par un partenaire".into(), count: None, checked: true };
        let chip = Chip { label: "Informations lues".into(), href: "/admin/journal".into() };
        let page = |lines, chips, next| Self {
            lines,
            kinds: vec![kind.clone()],
            subject: String::new(),
            chips,
            export: "/admin/journal.csv".into(),
            next,
        };
        vec![
            page(vec![], vec![], None),
            page(vec![], vec![chip.clone()], None),
            page(vec![line; 50], vec![chip], Some("/admin/journal?avant=evt_1".into())),
        ]
    }
}

/// `GET /admin/journal?genre=…&sujet=…&avant=…`
pub(super) async fn show(cx: AdminCx, query: Form, registry: Registry) -> Result<Response> {
    let filter = filter_of(&query);
    let before = query.filled("avant").map(str::parse::<EventId>).transpose()?;
    let (lines, actors) = cx
        .read(async |tx| Ok((read_journal(tx, &filter, PAGE + 1, before).await?, Actors::load(tx).await?)))
        .await?;
    let has_more = lines.len() > PAGE as usize;
    let lines: Vec<Recorded> = lines.into_iter().take(PAGE as usize).collect();
    let last = lines.last().map(|line| line.id);
    let next = last.filter(|_| has_more).map(|last| address("/admin/journal", &filter, Some(last)));
    cx.page(&JournalPage {
        lines: lines.iter().map(|line| view(line, &actors, &registry)).collect(),
        kinds: kinds(&filter, &registry),
        subject: filter.subjects.first().cloned().unwrap_or_default(),
        chips: chips(&filter, &registry),
        export: address("/admin/journal.csv", &filter, None),
        next,
    })
}

fn filter_of(query: &Form) -> Filter {
    let filled = |name: &'static str| query.all(name).map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned).collect();
    Filter { kinds: filled("genre"), subjects: filled("sujet") }
}

fn address(path: &str, filter: &Filter, before: Option<EventId>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let pairs = filter.kinds.iter().map(|kind| ("genre", kind)).chain(filter.subjects.iter().map(|subject| ("sujet", subject)));
    let mut said: Vec<String> = pairs
        .map(|(name, text)| format!("{name}={}", text.chars().filter(|c| is_plain(*c)).collect::<String>()))
        .collect();
    said.extend(before.map(|before| format!("avant={before}")));
    if said.is_empty() { path.to_owned() } else { format!("{path}?{}", said.join("&")) }
}

fn kinds(filter: &Filter, registry: &Registry) -> Vec<Choice> {
    let one = |(kind, label): &(&str, &str)| Choice {
        value: (*kind).to_owned(),
        label: (*label).to_owned(),
        count: None,
        checked: filter.kinds.iter().any(|of| of == kind),
    };
    registry.events.iter().map(one).collect()
}

fn chips(filter: &Filter, registry: &Registry) -> Vec<Chip> {
    let mut chips = vec![];
    for kind in &filter.kinds {
        let rest = Filter { kinds: filter.kinds.iter().filter(|of| *of != kind).cloned().collect(), subjects: filter.subjects.clone() };
        chips.push(Chip { label: label(kind, registry), href: address("/admin/journal", &rest, None) });
    }
    for subject in &filter.subjects {
        let rest = Filter { kinds: filter.kinds.clone(), subjects: vec![] };
        chips.push(Chip { label: subject.clone(), href: address("/admin/journal", &rest, None) });
    }
    chips
}

fn label(kind: &str, registry: &Registry) -> String {
    registry.events.iter().find(|(of, _)| *of == kind).map_or_else(|| kind.to_owned(), |(_, label)| (*label).to_owned())
}

fn view(line: &Recorded, actors: &Actors, registry: &Registry) -> LineView {
    LineView {
        at: line.at,
        what: label(&line.kind, registry),
        who: actors.name(&line.actor),
        subject: if line.subject == "espace" { "réglages de l’espace".into() } else { line.subject.clone() },
        details: details(line, actors),
    }
}

/// What was written beside the subject, one `name: value` after the other.
fn details(line: &Recorded, actors: &Actors) -> String {
    let Json::Object(members) = &line.payload else { return String::new() };
    let said = members.iter().filter_map(|(name, value)| {
        let text = match value {
            Json::Null => return None,
            Json::String(text) if *text == line.subject => return None,
            Json::Array(items) => items.iter().map(|item| plain(item, actors)).collect::<Vec<_>>().join(", "),
            other => plain(other, actors),
        };
        (!text.is_empty()).then(|| format!("{} : {text}", french(name)))
    });
    said.collect::<Vec<_>>().join(" ; ")
}

/// A value in words: ids of partners and agents by their names, a basis by its label.
fn plain(value: &Json, actors: &Actors) -> String {
    match value {
        Json::String(text) if text.starts_with("par_") || text.starts_with("age_") => actors.name(text),
        Json::String(text) => Basis::of_code(text).map_or_else(|| text.clone(), |basis| basis.label().to_owned()),
        Json::Bool(true) => "oui".into(),
        Json::Bool(false) => "non".into(),
        other => other.to_string(),
    }
}

/// Names of members, in French.
fn french(name: &str) -> &str {
    match name {
        "purpose" => "finalité",
        "attributes" => "informations",
        "basis" => "fondement",
        "means" => "moyen",
        "profiles" => "profils",
        "role" => "rôle",
        "request" => "demande",
        "right" => "droit",
        "due_on" => "réponse avant le",
        "is_granted" => "accordée",
        "kinds" => "genres",
        "subjects" => "sujets",
        other => other,
    }
}

/// `GET /admin/journal.csv?genre=…&sujet=…`: walked by key, whatever its length; the export is itself a line.
pub(super) async fn export(cx: AdminCx, query: Form, registry: Registry) -> Result<Response> {
    let filter = filter_of(&query);
    let actors = cx
        .write(async |tx| {
            tx.allow_any(crate::AUDIT)?;
            tx.emit(&JournalExported { kinds: filter.kinds.clone(), subjects: filter.subjects.clone() }).await?;
            Actors::load(tx).await
        })
        .await?;
    let walk = Walk { cx: (*cx).clone(), filter, actors, registry, before: None, is_done: false };
    let lines = stream::try_unfold(walk, async |mut walk: Walk| match walk.is_done {
        true => Ok::<_, Error>(None),
        false => Ok(Some((walk.slice().await?, walk))),
    });
    Ok(attachment("journal.csv", "text/csv; charset=utf-8", Body::from_stream(lines)))
}

struct Walk {
    cx: Ctx,
    filter: Filter,
    actors: Actors,
    registry: Registry,
    before: Option<EventId>,
    is_done: bool,
}

impl Walk {
    /// The next lines of the file; its head first.
    async fn slice(&mut self) -> Result<String> {
        let (filter, before) = (&self.filter, self.before);
        let lines = self.cx.read(async |tx| read_journal(tx, filter, SLICE, before).await).await?;
        let mut text = String::new();
        if before.is_none() {
            text.push_str("\u{feff}Date;Numéro;Sujet;Place;Genre;Ce qui s’est passé;Qui;Identifiant de qui;Précisions\r\n");
        }
        for line in &lines {
            let (id, position) = (line.id.to_string(), line.position.to_string());
            let (at, what) = (line.at.to_string(), label(&line.kind, &self.registry));
            let (who, details) = (self.actors.name(&line.actor), details(line, &self.actors));
            let cells = [&at, &id, &line.subject, &position, &line.kind, &what, &who, &line.actor, &details];
            text.push_str(&cells.map(|cell| quoted(cell)).join(";"));
            text.push_str("\r\n");
        }
        self.before = lines.last().map(|line| line.id);
        self.is_done = lines.len() < SLICE as usize;
        Ok(text)
    }
}

/// A cell that a spreadsheet takes for text, never for a formula.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("a \"b\"; c"), "\"a \"\"b\"\"; c\"");
    }

    #[test]
    fn an_address_keeps_the_filters_and_nothing_else() {
        let filter = Filter { kinds: vec!["Disclosed".into()], subjects: vec!["usa_1&x=<".into()] };
        assert_eq!(address("/admin/journal", &filter, None), "/admin/journal?genre=Disclosed&sujet=usa_1x");
    }
}

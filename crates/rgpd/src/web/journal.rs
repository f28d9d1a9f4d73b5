//! The journal on screen (who, what, when), filtered by kind and by subject, and as a file.

use axum::{body::Body, response::Response};
use futures_util::stream;
use jiff::Timestamp;
use kernel::{
    Error, EventId, Result, Tx,
    journal::{Filter, Recorded},
    templates::Page,
    web::{AdminCx, Ctx, Form, attachment},
};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{Actors, Detail, JournalExported, Registry, Told, read_journal};

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
    told: Told,
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
            told: Told {
                about: "Une personne".into(),
                href: Some("/admin/acces?usager=usa_0190b0c6f2d87c0e8d7a6f5e4c3b2a19".into()),
                details: vec![
                    Detail { label: "finalité".into(), text: "tarif-cantine".into(), href: None },
                    Detail { label: "dossier".into(), text: "VSA-2026-004011".into(), href: Some("/agent/dossiers/dos_1".into()) },
                ],
            },
        };
        let kind = Choice { value: "Disclosed".into(), label: "Informations lues par un partenaire".into(), count: None, checked: true };
        let chip = Chip { label: "Informations lues".into(), href: "/admin/journal".into() };
        let page =
            |lines, chips, next| Self { lines, kinds: vec![kind.clone()], subject: String::new(), chips, export: "/admin/journal.csv".into(), next };
        vec![
            page(vec![], vec![], None),
            page(vec![], vec![chip.clone()], None),
            page(vec![line; 50], vec![chip], Some("/admin/journal?avant=evt_1".into())),
        ]
    }
}

/// `GET /admin/journal?genre=…&sujet=…&avant=…`
pub(super) async fn show(cx: AdminCx, query: Form, registry: Registry) -> Result<Response> {
    let before = query.filled("avant").map(str::parse::<EventId>).transpose()?;
    let (filter, lines, told, actors, has_more) = cx
        .read(async |tx| {
            let filter = filter_of(tx, &query, &registry).await?;
            let mut lines = read_journal(tx, &filter, PAGE + 1, before).await?;
            let has_more = lines.len() > PAGE as usize;
            lines.truncate(PAGE as usize);
            let told = (registry.tell)(tx, &lines).await?;
            Ok((filter, lines, told, Actors::load(tx).await?, has_more))
        })
        .await?;
    let last = lines.last().map(|line| line.id);
    let next = last.filter(|_| has_more).map(|last| address("/admin/journal", &filter, Some(last)));
    cx.page(&JournalPage {
        lines: lines.iter().zip(told).map(|(line, told)| view(line, told, &actors, &registry)).collect(),
        kinds: kinds(&filter, &registry),
        subject: query.filled("sujet").unwrap_or_default().to_owned(),
        chips: chips(&filter, &registry),
        export: address("/admin/journal.csv", &filter, None),
        next,
    })
}

async fn filter_of(tx: &mut Tx, query: &Form, registry: &Registry) -> Result<Filter> {
    let filled = |name: &'static str| query.all(name).map(str::trim).filter(|text| !text.is_empty());
    let mut subjects = vec![];
    for typed in filled("sujet") {
        subjects.push((registry.find)(tx, typed).await?);
    }
    Ok(Filter { kinds: filled("genre").map(ToOwned::to_owned).collect(), subjects })
}

fn address(path: &str, filter: &Filter, before: Option<EventId>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let pairs = filter.kinds.iter().map(|kind| ("genre", kind)).chain(filter.subjects.iter().map(|subject| ("sujet", subject)));
    let mut said: Vec<String> = pairs.map(|(name, text)| format!("{name}={}", text.chars().filter(|c| is_plain(*c)).collect::<String>())).collect();
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

fn view(line: &Recorded, told: Told, actors: &Actors, registry: &Registry) -> LineView {
    LineView { at: line.at, what: label(&line.kind, registry), who: who(line, actors), told }
}

/// Who acted. Whoever signs in is nobody yet when the line is written: it says whose account was opened.
fn who(line: &Recorded, actors: &Actors) -> String {
    let member = |name| line.payload.get(name).and_then(Json::as_str);
    match (line.actor.as_str(), member("agent"), member("compte").or(member("usager"))) {
        ("visiteur", Some(agent), _) => actors.name(agent),
        ("visiteur", None, Some(_)) if line.kind.starts_with("Compte") => kernel::t!("La personne elle-même"),
        (actor, ..) => actors.name(actor),
    }
}

/// What was written beside the subject, one `name : value` after the other.
fn details(told: &Told) -> String {
    told.details.iter().map(|detail| format!("{} : {}", detail.label, detail.text)).collect::<Vec<_>>().join(" ; ")
}

/// `GET /admin/journal.csv?genre=…&sujet=…`: walked by key, whatever its length; the export is itself a line.
pub(super) async fn export(cx: AdminCx, query: Form, registry: Registry) -> Result<Response> {
    let (filter, actors) = cx
        .write(async |tx| {
            tx.allow_any(crate::AUDIT)?;
            let filter = filter_of(tx, &query, &registry).await?;
            tx.emit(&JournalExported { kinds: filter.kinds.clone(), subjects: filter.subjects.clone() }).await?;
            Ok((filter, Actors::load(tx).await?))
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
        let tell = self.registry.tell;
        let (lines, told) = self
            .cx
            .read(async |tx| {
                let lines = read_journal(tx, filter, SLICE, before).await?;
                let told = tell(tx, &lines).await?;
                Ok((lines, told))
            })
            .await?;
        let mut text = String::new();
        if before.is_none() {
            text.push_str("\u{feff}Date;Numéro;Sujet;Place;Genre;Ce qui s’est passé;Qui;Identifiant de qui;Précisions\r\n");
        }
        for (line, told) in lines.iter().zip(&told) {
            let (id, position) = (line.id.to_string(), line.position.to_string());
            let (at, what) = (line.at.to_string(), label(&line.kind, &self.registry));
            let (who, details) = (who(line, &self.actors), details(told));
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

//! One dossier, whole: who, where it stands and until when, pieces, answers with where they come from, what may be done,
//! messages, notes, letters, history. An agent who may only read finds no form.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::{Page, french};
use kernel::web::{AgentCx, Form};
use kernel::{Error, FieldError, FieldErrors, Result, Tenant};
use serde::Serialize;
use teleservices::engine::Section;
use teleservices::package::Transition;

use super::history::{EventView, history, readings};
use super::opened::{HeadView, Opened};
use super::pieces::{self, PieceView, RequestView, is_readable};
use super::posting::{self, PostView};
use super::shared::{DelaiView, clocks, moment};
use super::staff::Choice;
use super::step::{asks_for_pieces, blocked};
use super::watching::{self, DeliveryView};
use crate::phase::{self, Phase, is_decided};
use crate::piece::{Piece, Verdict};
use crate::readiness::missing;
use crate::rights::INSTRUCT;
use crate::thread::{ACCUSE, Author};
use crate::web::usager::{FileRow, LineView, MessageView, SectionView};
use crate::words::size_text;
use crate::write_message::{add_note, write_message};

/// A dossier.
#[derive(Debug, Serialize)]
pub(crate) struct DossierPage {
    pub head: HeadView,
    /// "déposé le 1er novembre 2026 en ligne".
    pub received: String,
    pub external: Option<String>,
    /// The sheet of the person, for whoever may open it.
    pub person: Option<String>,
    /// "vous", a colleague, nobody.
    pub assignee: Option<String>,
    pub is_mine: bool,
    pub assignees: Vec<Choice>,
    pub units: Vec<Choice>,
    /// Who else has it open.
    pub others: Vec<String>,
    pub clocks: Vec<DelaiView>,
    pub computed: Vec<LineView>,
    pub steps: Vec<StepLink>,
    pub blocked: Vec<BlockerView>,
    pub decision: Option<DecisionView>,
    pub values: Vec<LineView>,
    pub pieces: Vec<PieceView>,
    pub pieces_summary: String,
    pub missing: Vec<String>,
    pub requests: Vec<RequestView>,
    pub sections: Vec<SectionView>,
    /// What holds for every answer without a line of its own.
    pub declared: String,
    pub messages: Vec<MessageView>,
    pub unread: usize,
    pub notes: Vec<MessageView>,
    /// Letters that no mail takes to the person.
    pub to_post: Vec<PostView>,
    pub courriers: Vec<FileRow>,
    pub deliveries: Vec<DeliveryView>,
    pub history: Vec<EventView>,
    pub readings: Vec<EventView>,
    pub may_instruct: bool,
    pub message: String,
    pub note: String,
    pub errors: Vec<FieldError>,
}

/// A step that may be taken.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StepLink {
    pub label: String,
    pub href: String,
    /// Nothing to fill: one button does it.
    pub is_direct: bool,
    /// Style of its button.
    pub kind: &'static str,
    pub is_decision: bool,
    pub is_blocked: bool,
    pub seen: String,
}

/// What keeps from accepting, and the piece to look at when it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BlockerView {
    pub sentence: String,
    pub href: Option<String>,
}

/// The decision, once made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionView {
    pub when: String,
    pub signer: String,
    pub motif: Option<String>,
    pub precision: Option<String>,
}

impl Page for DossierPage {
    const TEMPLATE: &'static str = "dossiers/agent/dossier.html";

    fn samples() -> Vec<Self> {
        vec![samples::full(), samples::bare(), samples::in_error()]
    }
}

/// The dossier; opening it is a line of the journal.
pub(crate) async fn show(cx: AgentCx, Path(id): Path<String>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    opened.note(&cx, "dossier").await?;
    cx.page(&build(&cx, &opened, Typed::default()).await?)
}

/// A message to the person.
pub(crate) async fn write(cx: AgentCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let text = form.get("message").unwrap_or_default();
    let opened = Opened::of(&cx, &id).await?;
    let (id, path) = (opened.dossier().id, opened.path());
    let done = cx.once(&form, async |tx| write_message(tx, id, text).await.map(|_| format!("{path}#messages"))).await;
    refused(&cx, &opened, done, Typed { message: text.to_owned(), ..Typed::default() }).await
}

/// A private note.
pub(crate) async fn note(cx: AgentCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let text = form.get("note").unwrap_or_default();
    let opened = Opened::of(&cx, &id).await?;
    let (id, path) = (opened.dossier().id, opened.path());
    let done = cx.once(&form, async |tx| add_note(tx, id, text).await.map(|_| format!("{path}#notes"))).await;
    refused(&cx, &opened, done, Typed { note: text.to_owned(), ..Typed::default() }).await
}

/// What was typed on the page, and what is wrong with it.
#[derive(Default)]
struct Typed {
    message: String,
    note: String,
    faults: FieldErrors,
}

/// The page again, with what is wrong in one of its forms.
pub(crate) async fn refuse(cx: &AgentCx, opened: &Opened, faults: FieldErrors) -> Result<Response> {
    let page = build(cx, opened, Typed { faults, ..Typed::default() }).await?;
    cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn refused(cx: &AgentCx, opened: &Opened, done: Result<Response>, typed: Typed) -> Result<Response> {
    let Err(Error::Invalid(faults)) = done else { return done };
    let page = build(cx, opened, Typed { faults, ..typed }).await?;
    cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn build(cx: &AgentCx, opened: &Opened, typed: Typed) -> Result<DossierPage> {
    let (tenant, dossier, me) = (&*cx.tenant, opened.dossier(), cx.agent.id);
    let may_instruct = opened.may(cx, INSTRUCT);
    let all = steps(opened, may_instruct);
    let units = opened.staff.units.iter().map(|unit| Choice::new(unit.id.to_string(), unit.name.clone(), dossier.unit == Some(unit.id)));
    let messages: Vec<MessageView> = opened.whole.messages.iter().map(|message| message_view(message, opened, tenant)).collect();
    let lines = opened.package().computed_lines(&opened.filling().view);
    Ok(DossierPage {
        head: opened.head(),
        received: received(opened, tenant),
        external: dossier.external.as_ref().map(|external| format!("{}, numéro {}", external.source, external.reference)),
        person: dossier.usager.filter(|_| cx.actor().may(referentiel::CONSULT, None)).map(|usager| format!("/agent/usagers/{usager}")),
        assignee: dossier.agent.and_then(|agent| opened.staff.name(agent)).map(str::to_owned),
        is_mine: dossier.agent == Some(me),
        assignees: if may_instruct { opened.staff.assignees(me, dossier.agent) } else { Vec::new() },
        units: if may_instruct && opened.staff.units.len() > 1 { units.collect() } else { Vec::new() },
        others: opened.others(me).into_iter().map(|(name, at)| open_since(name, at, tenant)).collect(),
        clocks: clocks(dossier, &opened.whole.clocks, opened.today),
        computed: lines.into_iter().map(|line| plain(line.label, line.shown)).collect(),
        blocked: blockers(opened),
        steps: all,
        decision: decision(opened, tenant),
        values: values(opened),
        pieces: pieces::received(cx, opened),
        pieces_summary: pieces::summary(opened),
        missing: pieces::missing(opened),
        requests: pieces::requests(opened),
        sections: opened.package().summary(&dossier.answers, &opened.setting).into_iter().map(|section| section_view(opened, section)).collect(),
        declared: format!("Sans autre mention, la personne l’a déclaré {}, le {}.", dossier.channel.label(), day_received(opened, tenant)),
        unread: opened.whole.messages.iter().filter(|message| message.author == Author::Usager && message.read_at.is_none()).count(),
        messages,
        notes: opened.whole.notes.iter().map(|note| note_view(note, tenant)).collect(),
        to_post: posting::waiting(cx, opened),
        courriers: courriers(opened, tenant),
        deliveries: watching::of_dossier(cx, opened).await?,
        history: history(opened, tenant),
        readings: readings(opened, tenant),
        may_instruct,
        message: typed.message,
        note: typed.note,
        errors: typed.faults.0,
    })
}

/// The steps of the circuit: moves first, then decisions, refusals last.
fn steps(opened: &Opened, may_instruct: bool) -> Vec<StepLink> {
    let path = opened.path();
    let seen = opened.dossier().mark();
    let link = |taken: &Transition| {
        let to = opened.package().state(&taken.to.text).map_or(Phase::EnInstruction, |state| state.phase);
        let asks = asks_for_pieces(opened, taken);
        StepLink {
            label: taken.label.clone(),
            href: if asks { format!("{path}/complement") } else { format!("{path}/etapes/{}", taken.id) },
            is_direct: !asks && taken.fields.is_empty() && taken.motifs.is_empty() && taken.courrier.is_none() && !is_decided(to),
            kind: match to {
                Phase::Refuse => "danger",
                Phase::Accepte => "",
                _ => "second",
            },
            is_decision: is_decided(to),
            is_blocked: !blocked(opened, taken).is_empty(),
            seen: seen.clone(),
        }
    };
    let open = opened.steps.iter().filter_map(|id| opened.package().transition(id));
    let mut steps: Vec<StepLink> = open.filter(|_| may_instruct).map(link).collect();
    steps.sort_by_key(|step| (step.is_decision, step.kind == "danger"));
    // One filled button on the page: the first decision that may be pressed, else the first step that refuses nothing.
    let first = steps.iter().position(|step| step.kind.is_empty() && !step.is_blocked);
    let first = first.or_else(|| steps.iter().position(|step| step.kind == "second" && !step.is_blocked));
    if let Some(step) = first.and_then(|at| steps.get_mut(at)) {
        step.kind = "";
    }
    for (at, step) in steps.iter_mut().enumerate() {
        if step.kind.is_empty() && Some(at) != first {
            step.kind = "second";
        }
    }
    steps
}

/// What is missing before any of the steps that wait for something.
fn blockers(opened: &Opened) -> Vec<BlockerView> {
    let (mut all, filling): (Vec<BlockerView>, _) = (Vec::new(), opened.filling());
    for taken in opened.steps.iter().filter_map(|id| opened.package().transition(id)) {
        let Some(to) = opened.package().state(&taken.to.text) else { continue };
        for blocker in missing(opened.package(), &filling, &opened.whole.pieces, opened.dossier().phase, to.phase) {
            let unseen = |piece: &&Piece| piece.code == blocker.piece && piece.verdict == Verdict::AVerifier && is_readable(piece);
            let piece = opened.whole.pieces.iter().find(unseen);
            let view = BlockerView { href: piece.map(|piece| format!("{}/pieces/{}", opened.path(), piece.id)), sentence: blocker.sentence };
            if !all.contains(&view) {
                all.push(view);
            }
        }
    }
    all
}

fn received(opened: &Opened, tenant: &Tenant) -> String {
    let dossier = opened.dossier();
    let by = dossier.entered_by.and_then(|agent| opened.staff.name(agent));
    let by = by.map(|name| format!(", saisi par {name}")).unwrap_or_default();
    format!("déposé le {} {}{by}", day_received(opened, tenant), dossier.channel.label())
}

fn day_received(opened: &Opened, tenant: &Tenant) -> String {
    let at = opened.dossier().submitted_at.unwrap_or(opened.dossier().created_at);
    french::date(tenant.zone().to_datetime(at).date())
}

fn open_since(name: &str, at: jiff::Timestamp, tenant: &Tenant) -> String {
    format!("{name} a ce dossier ouvert depuis {}.", french::hour(tenant.zone().to_datetime(at).time()))
}

fn decision(opened: &Opened, tenant: &Tenant) -> Option<DecisionView> {
    let made = opened.dossier().decision.as_ref()?;
    let motif = made.motif.as_deref().and_then(|id| opened.package().motif(id));
    Some(DecisionView {
        when: moment(made.at, tenant),
        signer: if made.role.is_empty() { made.signer.clone() } else { format!("{}, {}", made.signer, made.role) },
        motif: motif.map(|motif| motif.label.clone()),
        precision: made.precision.clone(),
    })
}

/// What the steps taken so far gave: a date of sending, a number of copies, an amount.
fn values(opened: &Opened) -> Vec<LineView> {
    let details = &opened.dossier().details;
    let mut lines: Vec<LineView> = Vec::new();
    for field in opened.package().fields() {
        let value = field.show(details.get(&field.id));
        if !value.is_empty() && !lines.iter().any(|line| line.label == field.label) {
            lines.push(plain(field.label.clone(), value));
        }
    }
    lines
}

fn section_view(opened: &Opened, section: Section) -> SectionView {
    let lines = section.lines.into_iter().map(|line| {
        let origin = opened.dossier().origins.get(&line.id);
        LineView {
            source: origin.map(|origin| origin.on.map_or_else(|| origin.label.clone(), |on| format!("{}, {}", origin.label, french::date(on)))),
            verified: origin.is_some_and(|origin| origin.verified),
            value: if line.shown.is_empty() { "Pas de réponse".into() } else { line.shown },
            label: line.label,
            act: None,
        }
    });
    SectionView { title: section.title, lines: lines.collect() }
}

fn message_view(message: &crate::thread::Message, opened: &Opened, tenant: &Tenant) -> MessageView {
    let is_service = message.author == Author::Service;
    let service = opened.dossier().unit.and_then(|unit| opened.staff.unit(unit)).map(str::to_owned);
    MessageView {
        mine: is_service,
        author: message.author_name.clone(),
        service: service.filter(|_| is_service),
        at: message.written_at.to_string(),
        when: moment(message.written_at, tenant),
        text: message.text.clone(),
    }
}

fn note_view(note: &crate::thread::Note, tenant: &Tenant) -> MessageView {
    MessageView {
        mine: false,
        author: note.author.clone(),
        service: None,
        at: note.written_at.to_string(),
        when: moment(note.written_at, tenant),
        text: note.text.clone(),
    }
}

fn courriers(opened: &Opened, tenant: &Tenant) -> Vec<FileRow> {
    let row = |courrier: &crate::thread::Courrier| FileRow {
        name: courrier.title.clone(),
        href: Some(format!("{}/courriers/{}", opened.path(), courrier.id)),
        say: match courrier.sent_at {
            Some(at) => format!("Envoyé le {}, PDF, {}", french::date(tenant.zone().to_datetime(at).date()), size_text(courrier.size)),
            None if opened.mail.is_none() => format!("À imprimer et à poster, PDF, {}", size_text(courrier.size)),
            None => format!("PDF, {}", size_text(courrier.size)),
        },
        tone: if courrier.sent_at.is_some() { "good" } else { "" },
        remove: None,
    };
    let mut rows: Vec<FileRow> = opened.whole.courriers.iter().map(row).collect();
    if !opened.whole.courriers.iter().any(|courrier| courrier.model == ACCUSE) && phase::is_open(opened.dossier().phase) {
        rows.insert(
            0,
            FileRow {
                name: "Accusé de réception".into(),
                href: Some(format!("{}/accuse.pdf", opened.path())),
                say: "Pas encore envoyé, PDF".into(),
                tone: "",
                remove: None,
            },
        );
    }
    rows
}

fn plain(label: String, value: String) -> LineView {
    LineView { label, value, source: None, verified: false, act: None }
}

/// Examples of the page.
mod samples;

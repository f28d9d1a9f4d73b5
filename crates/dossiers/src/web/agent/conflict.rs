//! Two agents on one dossier: the second is told who did what and when, finds what she had typed, may keep it as a
//! private note, and may go on where the circuit still lets her. Nothing typed is lost, nothing is overwritten.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form};
use kernel::{Error, Result};
use serde::Serialize;
use teleservices::package::{Question, Transition};

use super::opened::{HeadView, Opened};
use super::shared::moment;
use super::step::{self, SEEN};
use crate::rights::{DECIDE, INSTRUCT};
use crate::web::usager::LineView;

/// What changed, and what was typed.
#[derive(Debug, Serialize)]
pub(crate) struct ConflictPage {
    pub head: HeadView,
    /// Who did what.
    pub sentence: String,
    pub now: Vec<LineView>,
    pub step: String,
    pub typed: Vec<LineView>,
    /// The same step once more, where it is still open.
    pub again: Option<Again>,
    /// What a private note would keep; none where there is nothing to keep or no right to.
    pub note: Option<String>,
}

/// The form, as it was typed, for the dossier as it is now.
#[derive(Debug, Serialize)]
pub(crate) struct Again {
    pub action: String,
    pub kept: Vec<(String, String)>,
}

impl Page for ConflictPage {
    const TEMPLATE: &'static str = "dossiers/agent/conflit.html";

    fn samples() -> Vec<Self> {
        let line = |label: &str, value: &str| LineView { label: label.into(), value: value.into(), source: None, verified: false, act: None };
        let page = |again: Option<Again>, note: Option<String>| Self {
            head: HeadView::sample(),
            sentence: "Paul Guérin a déjà accepté ce dossier, le 3 décembre 2026 à 9 h 52. Rien d’autre n’a changé : relisez-le avant d’agir.".into(),
            now: vec![line("État", "Acceptée"), line("Montant de l’aide", "400 €")],
            step: "Accepter".into(),
            typed: if note.is_some() { vec![line("Montant de l’aide", "250 €")] } else { vec![] },
            again,
            note,
        };
        let again = Again { action: "/agent/dossiers/dos_1/etapes/accepter".into(), kept: vec![("montant_accorde".into(), "250".into())] };
        vec![page(None, Some("Accepter, non enregistré. Montant de l’aide : 250 €".into())), page(Some(again), None)]
    }
}

/// Who did what since the form was drawn; nothing when nobody did.
pub(crate) fn since(cx: &AgentCx, opened: &Opened, form: &Form) -> Option<String> {
    let is_changed = form.get(SEEN).is_some_and(|seen| seen != opened.dossier().mark());
    match opened.dossier().conflict(&cx.tenant.zone()) {
        Error::Conflict(problem) if is_changed => Some(problem.sentence),
        _ => None,
    }
}

/// The page of a step that could not be taken because the dossier moved; without the right to take it, the refusal.
pub(crate) fn page(cx: &AgentCx, opened: &Opened, taken: &Transition, form: &Form, sentence: Option<String>) -> Result<Response> {
    let dossier = opened.dossier();
    let is_still_open = step::open(opened, &taken.id).is_ok();
    let sentence = match (sentence, dossier.conflict(&cx.tenant.zone())) {
        (Some(sentence), _) => sentence,
        (None, _) if taken.from.iter().any(|from| from.text == dossier.state) => return Err(refusal(cx, opened)),
        (None, Error::Conflict(problem)) => problem.sentence,
        (None, error) => return Err(error),
    };
    let typed = typed(cx, opened, taken, form);
    let note = (!typed.is_empty() && opened.may(cx, INSTRUCT)).then(|| note(taken, &typed));
    let kept = form.pairs().filter(|(name, _)| *name != SEEN).map(|(name, text)| (name.to_owned(), text.to_owned()));
    let kept = kept.chain([(SEEN.to_owned(), dossier.mark())]).collect();
    let page = ConflictPage {
        head: opened.head(),
        sentence,
        now: now(cx, opened),
        step: taken.label.clone(),
        typed,
        again: is_still_open.then(|| Again { action: format!("{}/etapes/{}", opened.path(), taken.id), kept }),
        note,
    };
    cx.page_status(StatusCode::CONFLICT, &page)
}

/// The step is open to others, or its condition does not hold.
fn refusal(cx: &AgentCx, opened: &Opened) -> Error {
    match (opened.may(cx, INSTRUCT), opened.may(cx, DECIDE)) {
        (false, _) => Error::Forbidden(INSTRUCT.0),
        (_, false) => Error::Forbidden(DECIDE.0),
        _ => Error::conflict("step-not-open", "Cette étape n’est pas possible avec les réponses de ce dossier."),
    }
}

/// What is kept of the dossier now: state, who moved it, decision, values of the steps taken.
fn now(cx: &AgentCx, opened: &Opened) -> Vec<LineView> {
    let (dossier, package) = (opened.dossier(), opened.package());
    let mut lines = vec![line("État", opened.head().state.text)];
    if let Some(moved) = &dossier.moved {
        lines.push(line("Changé par", format!("{}, {}", moved.by, moment(moved.at, &cx.tenant))));
    }
    if let Some(decision) = &dossier.decision {
        let motif = decision.motif.as_deref().and_then(|id| package.motif(id));
        lines.extend(motif.map(|motif| line("Motif", motif.label.clone())));
        lines.extend(decision.precision.clone().map(|text| line("Précision", text)));
    }
    let kept = package.fields().filter_map(|field| Some((field, dossier.details.get(&field.id)?)));
    let mut fields: Vec<LineView> = kept.map(|(field, value)| line(&field.label, field.show(Some(value)))).collect();
    fields.dedup_by(|a, b| a.label == b.label && a.value == b.value);
    lines.extend(fields);
    lines
}

/// What the agent had typed, in words where the package understands it.
fn typed(cx: &AgentCx, opened: &Opened, taken: &Transition, form: &Form) -> Vec<LineView> {
    let given = step::given(cx, opened, taken, form);
    let shown = |field: &Question| match &given {
        Ok(given) => field.show(given.fields.get(&field.id)),
        Err(_) => raw(field, form),
    };
    let mut lines: Vec<LineView> = taken.fields.iter().map(|field| line(&field.label, shown(field))).collect();
    let motif = form.get(teleservices::engine::fields::MOTIF).and_then(|id| opened.package().motif(id));
    lines.extend(motif.map(|motif| line("Motif", motif.label.clone())));
    lines.extend(form.filled(step::PRECISION).map(|text| line("Précision", text.to_owned())));
    lines.retain(|line| !line.value.is_empty());
    lines
}

fn raw(field: &Question, form: &Form) -> String {
    let names: Vec<String> = field.kind.parts().iter().map(|part| kinds::control_name(&field.id, part)).collect();
    let texts = names.iter().flat_map(|name| form.all(name)).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}

fn note(taken: &Transition, typed: &[LineView]) -> String {
    let lines: Vec<String> = typed.iter().map(|line| format!("{} : {}", line.label, line.value)).collect();
    format!("« {} », non enregistré.\n{}", taken.label, lines.join("\n"))
}

fn line(label: &str, value: String) -> LineView {
    LineView { label: label.to_owned(), value, source: None, verified: false, act: None }
}

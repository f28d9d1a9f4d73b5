//! One step of the circuit, taken by an agent: its fields, its reasons, its letter, all from the package; no step is
//! named here. Deciding is such a step. Whoever acts on a dossier that moved meanwhile is shown who did what.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::question::Question;
use kernel::web::{AgentCx, Form};
use kernel::{Error, FieldError, FieldErrors, Result};
use serde::Serialize;
use teleservices::engine::Move;
use teleservices::engine::fields::{AskedField, MOTIF};
use teleservices::package::{Package, Transition};
use teleservices::web::question::Showing;

use super::conflict;
use super::letter;
use super::opened::{HeadView, Opened};
use super::shared::{DelaiView, clocks};
use super::staff::Choice;
use crate::phase::is_decided;
use crate::readiness::blockers;
use crate::save_page::Texts;
use crate::transition::{Given, NOT_READY, Signer, Step, transition};
use crate::web::summary::named;
use crate::web::usager::{LineView, examples, sent};

/// The name of what the agent adds in her own words.
pub(crate) const PRECISION: &str = "_precision";
/// The name of who signs.
const SIGNER: &str = "_signataire";
/// The name of the dossier's mark, as it was when the page was drawn.
pub(crate) const SEEN: &str = "_vu";
/// The name of what is to be done with the form: `apercu`, `pdf`, `modifier`, or take the step.
const DO: &str = "_faire";

/// The form of one step.
#[derive(Debug, Serialize)]
pub(crate) struct StepPage {
    pub head: HeadView,
    /// The verb of the package.
    pub label: String,
    pub hint: Option<String>,
    pub action: String,
    /// The mark of the dossier: what it was when this page was drawn.
    pub seen: String,
    pub fields: Vec<Question>,
    pub motifs: Vec<Choice>,
    /// The agent may add words of her own, and choose who signs.
    pub is_decision: bool,
    pub precision: String,
    pub signers: Vec<Choice>,
    pub has_letter: bool,
    /// What taking it does, one sentence a line.
    pub effects: Vec<String>,
    /// What is missing before it may be taken.
    pub blocked: Vec<String>,
    pub computed: Vec<LineView>,
    pub clocks: Vec<DelaiView>,
    /// Somebody else acted meanwhile: what, and that pressing again goes on.
    pub warning: Option<String>,
    pub errors: Vec<FieldError>,
}

impl Page for StepPage {
    const TEMPLATE: &'static str = "dossiers/agent/etape.html";

    fn samples() -> Vec<Self> {
        let page = |is_decision: bool, blocked: Vec<String>, errors: Vec<FieldError>| Self {
            head: HeadView::sample(),
            label: "Accepter".into(),
            hint: (!is_decision).then(|| "Pour une demande en double.".into()),
            action: "/agent/dossiers/dos_1/etapes/accepter".into(),
            seen: "en_cours".into(),
            fields: vec![examples::question("montant", errors.first().map(|error| error.sentence.as_str())), examples::question("texte_long", None)],
            motifs: if is_decision {
                vec![Choice::new("hors_commune", "La personne n’habite pas la commune", true), Choice::new("mineur", "Moins de 18 ans", false)]
            } else {
                vec![]
            },
            is_decision,
            precision: String::new(),
            signers: vec![Choice::new("age_1", "Hervé Tanguy, adjoint aux mobilités", true)],
            has_letter: is_decision,
            effects: vec!["La personne verra : « Acceptée ».".into(), "Un courrier est produit et envoyé.".into()],
            blocked,
            computed: vec![LineView { label: "Aide calculée".into(), value: "400 €".into(), source: None, verified: false, act: None }],
            clocks: vec![],
            warning: errors.first().map(|_| "Paul Guérin a changé l’état de ce dossier.".into()),
            errors,
        };
        let fault = FieldError { field: "q_montant".into(), sentence: "Indiquez le montant.".into() };
        vec![
            page(true, vec![], vec![]),
            page(true, vec!["À vérifier d’abord : La facture du vélo.".into()], vec![]),
            page(false, vec![], vec![fault]),
        ]
    }
}

/// What was typed for a step, and what is wrong with it.
#[derive(Default)]
pub(crate) struct Typed {
    pub texts: Option<Texts>,
    pub faults: FieldErrors,
    pub warning: Option<String>,
}

/// The form of a step.
pub(crate) async fn show(cx: AgentCx, Path((id, step)): Path<(String, String)>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let taken = open(&opened, &step)?;
    cx.page(&page(&cx, &opened, taken, Typed::default()))
}

/// What an agent sends for a step: to see the letter, to correct, or to take it.
pub(crate) async fn act(cx: AgentCx, Path((id, step)): Path<(String, String)>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let taken = opened.package().transition(&step).ok_or(Error::NotFound)?;
    let wish = form.get(DO).filter(|wish| ["apercu", "pdf", "modifier"].contains(wish));
    if wish.is_some() && open(&opened, &step).is_err() {
        return conflict::page(&cx, &opened, taken, &form, None);
    }
    let typed = Typed { texts: Some(sent(&form)), ..Typed::default() };
    if wish == Some("modifier") {
        let warning = conflict::since(&cx, &opened, &form);
        return cx.page(&page(&cx, &opened, taken, Typed { warning, ..typed }));
    }
    let given = match given(&cx, &opened, taken, &form) {
        Ok(given) => given,
        Err(faults) => return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &opened, taken, Typed { faults, ..typed })),
    };
    match wish {
        Some("apercu") => letter::preview(&cx, &opened, taken, &form, &given).await,
        Some(_) => letter::pdf(&cx, &opened, taken, &given).await,
        None => take(&cx, &opened, taken, &form, given).await,
    }
}

async fn take(cx: &AgentCx, opened: &Opened, taken: &Transition, form: &Form, given: Given) -> Result<Response> {
    let typed = || Typed { texts: Some(sent(form)), ..Typed::default() };
    let (tenant, id, seen) = (cx.tenant.clone(), opened.dossier().id, form.filled(SEEN).map(str::to_owned));
    let (name, label) = (taken.id.clone(), taken.label.clone());
    let done = cx
        .once(form, async |tx| {
            let after = transition(tx, &tenant, Step { id, transition: name, given, seen }).await?;
            cx.flash(tx, format!("« {label} » : c’est fait.")).await?;
            Ok(format!("/agent/dossiers/{}", after.id))
        })
        .await;
    match done {
        Err(Error::Conflict(problem)) if problem.code == NOT_READY => {
            let now = Opened::of(cx, &id.to_string()).await?;
            cx.page_status(StatusCode::CONFLICT, &page(cx, &now, taken, typed()))
        }
        Err(Error::Conflict(problem)) => {
            let now = Opened::of(cx, &id.to_string()).await?;
            conflict::page(cx, &now, taken, form, Some(problem.sentence))
        }
        Err(Error::Invalid(faults)) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(cx, opened, taken, Typed { faults, ..typed() })),
        done => done,
    }
}

/// A step that the agent may take now, by the form of this file; a request for pieces has a form of its own.
pub(crate) fn open<'a>(opened: &'a Opened, step: &str) -> Result<&'a Transition> {
    let taken = opened.package().transition(step).ok_or(Error::NotFound)?;
    if opened.steps.contains(&taken.id) { Ok(taken) } else { Err(Error::NotFound) }
}

/// Does the step ask the usager for something, by a request for pieces?
pub(crate) fn asks_for_pieces(opened: &Opened, taken: &Transition) -> bool {
    let asks = opened.package().move_of(taken, &opened.dossier().state) == Move::AskUsager;
    asks && !opened.package().pieces_an_agent_may_ask(&opened.filling().view).is_empty()
}

/// What is missing before a step may be taken.
pub(crate) fn blocked(opened: &Opened, taken: &Transition) -> Vec<String> {
    let Some(to) = opened.package().state(&taken.to.text) else { return Vec::new() };
    blockers(opened.package(), &opened.filling(), &opened.whole.pieces, opened.dossier().phase, to.phase)
}

/// The values of the form, as the package accepts them.
pub(crate) fn given(cx: &AgentCx, opened: &Opened, taken: &Transition, form: &Form) -> Result<Given, FieldErrors> {
    let of = |name: &str| form.pairs().filter(|(known, _)| *known == name).map(|(_, text)| text).collect();
    let applied = opened.package().read_fields(taken, &of, opened.filling().view, &opened.setting)?;
    Ok(Given {
        fields: applied.fields,
        motif: applied.motif.map(|motif| motif.id.clone()),
        precision: form.filled(PRECISION).map(str::to_owned),
        signer: form.filled(SIGNER).and_then(|id| id.parse().ok()).map(|id| Signer::Agent(id, cx.app.profiles)),
    })
}

/// The form of a step, empty or as it was typed.
pub(crate) fn page(cx: &AgentCx, opened: &Opened, taken: &Transition, typed: Typed) -> StepPage {
    let package = opened.package();
    let is_decision = package.state(&taken.to.text).is_some_and(|state| is_decided(state.phase)) && opened.dossier().decision.is_none();
    let text = |name: &str| typed.texts.as_ref().and_then(|texts| texts.get(name)).and_then(|texts| texts.first());
    let lines = package.computed_lines(&opened.filling().view);
    StepPage {
        head: opened.head(),
        label: taken.label.clone(),
        hint: taken.hint.clone(),
        action: format!("{}/etapes/{}", opened.path(), taken.id),
        seen: opened.dossier().mark(),
        fields: fields(opened, taken, &typed),
        motifs: motifs(package, taken, text(MOTIF)),
        is_decision,
        precision: text(PRECISION).cloned().unwrap_or_default(),
        signers: if is_decision { signers(cx, opened, text(SIGNER)) } else { Vec::new() },
        has_letter: taken.courrier.is_some(),
        effects: effects(opened, taken),
        blocked: blocked(opened, taken),
        computed: lines.into_iter().map(|line| LineView { label: line.label, value: line.shown, source: None, verified: false, act: None }).collect(),
        clocks: clocks(opened.dossier(), &opened.whole.clocks, opened.today),
        warning: typed.warning,
        errors: named(&typed.faults, taken.fields.iter()),
    }
}

fn fields(opened: &Opened, taken: &Transition, typed: &Typed) -> Vec<Question> {
    let texts = typed.texts.as_ref();
    let of = |name: &str| texts.and_then(|texts| texts.get(name)).into_iter().flatten().map(String::as_str).collect();
    let form: Option<teleservices::engine::Form> = texts.is_some().then_some(&of);
    let view = |field: AskedField| {
        let AskedField { question, rule, proposed } = field;
        Showing { question, rule, answer: proposed.as_ref(), typed: texts, faults: &typed.faults, source: None }.view()
    };
    taken.asked(form, opened.filling().view, &opened.setting).into_iter().map(view).collect()
}

fn motifs(package: &Package, taken: &Transition, chosen: Option<&String>) -> Vec<Choice> {
    let motif = |id: &str| Some(Choice::new(id, package.motif(id)?.label.clone(), chosen.is_some_and(|chosen| chosen == id)));
    taken.motifs.iter().filter_map(|id| motif(&id.text)).collect()
}

/// Who may sign: those who may decide for the team, whoever acts first.
fn signers(cx: &AgentCx, opened: &Opened, chosen: Option<&String>) -> Vec<Choice> {
    let (own, others): (Vec<&super::staff::Colleague>, Vec<_>) =
        opened.staff.deciders(opened.dossier().unit).partition(|agent| agent.id == cx.agent.id);
    let choice = |agent: &super::staff::Colleague| {
        let label = if agent.job_title.is_empty() { agent.name.clone() } else { format!("{}, {}", agent.name, agent.job_title) };
        Choice::new(agent.id.to_string(), label, chosen.is_some_and(|chosen| *chosen == agent.id.to_string()))
    };
    own.into_iter().chain(others).map(choice).collect()
}

/// The words of a state whose values are still to be typed: each stands as « … ».
fn with_gaps(words: &str) -> String {
    let mut parts = words.split("{{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}…{}", part.split_once("}}").map_or("", |(_, after)| after)))
}

/// What taking the step does, said before the button.
fn effects(opened: &Opened, taken: &Transition) -> Vec<String> {
    let package = opened.package();
    let mut effects = Vec::new();
    let words = package.state(&taken.to.text).map(|state| with_gaps(&state.name.text));
    effects.extend(words.map(|words| format!("La personne verra : « {words} ».")));
    if let Some(courrier) = taken.courrier.as_ref().and_then(|courrier| package.courriers.get(&courrier.text)) {
        effects.push(format!("Un courrier est produit : « {} ».", courrier.title));
    }
    match (&taken.mail, &opened.mail, &taken.courrier) {
        (None, ..) => {}
        (Some(_), Some(mail), _) => effects.push(format!("Un mail la prévient, à {mail}.")),
        (Some(_), None, Some(_)) => effects.push("Aucun mail ne part à cette personne : le courrier sera à imprimer et à poster.".into()),
        (Some(_), None, None) => effects.push("Aucun mail ne part à cette personne : prévenez-la autrement.".into()),
    }
    if package.state(&taken.to.text).is_some_and(|state| state.phase.is_ended()) && !opened.dossier().phase.is_ended() {
        effects.push("Le dossier quitte la liste des dossiers à traiter.".into());
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::with_gaps;

    #[test]
    fn a_value_to_come_is_an_ellipsis_and_never_a_hole() {
        assert_eq!(with_gaps("Parti par courrier le {{ date_envoi }}"), "Parti par courrier le …");
        assert_eq!(with_gaps("{{ a }} sur {{ b }}, en cours"), "… sur …, en cours");
        assert_eq!(with_gaps("Acceptée"), "Acceptée");
    }
}

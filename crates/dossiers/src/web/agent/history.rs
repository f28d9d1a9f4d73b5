//! What happened to a dossier, for agents: every move, who made it, in words. Readings are told apart, folded: they
//! are many. The usager's timeline is another list (`timeline.rs`), in which no agent is named.

use jiff::Timestamp;
use kernel::Tenant;
use kernel::journal::Recorded;
use serde::Serialize;
use serde_json::Value as Json;
use teleservices::package::Package;

use super::opened::Opened;
use super::shared::moment;
use crate::channel::Channel;
use crate::model::Dossier;
use crate::piece::Verdict;
use crate::post::COMPLEMENT;
use crate::version::piece_label;
use crate::words::long_date;

/// One thing that happened, as `parts.timeline` wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct EventView {
    pub title: String,
    pub state: &'static str,
    pub at: String,
    pub when: String,
    /// Who did it.
    pub text: String,
}

impl EventView {
    fn new(title: String, who: String, at: Timestamp, tenant: &Tenant) -> Self {
        Self { title, state: "done", at: at.to_string(), when: moment(at, tenant), text: who }
    }
}

/// What happened, newest first.
pub(crate) fn history(opened: &Opened, tenant: &Tenant) -> Vec<EventView> {
    let told = |event: &Recorded| {
        let title = title(opened.package(), opened.dossier(), event)?;
        Some(EventView::new(title, opened.staff.who(&event.actor), event.at, tenant))
    };
    opened.history.iter().filter_map(told).collect()
}

/// Who read it, newest first.
pub(crate) fn readings(opened: &Opened, tenant: &Tenant) -> Vec<EventView> {
    let told = |event: &Recorded| {
        let part = text(&event.payload, "part");
        let what = match part {
            "dossier" => "Dossier ouvert".to_owned(),
            "apercu" => "Aperçu du dossier".to_owned(),
            code => format!("Document ouvert : {}", piece_label(opened.package(), code)),
        };
        EventView::new(what, opened.staff.who(&event.actor), event.at, tenant)
    };
    opened.history.iter().filter(|event| event.kind == "DossierRead").map(told).collect()
}

fn title(package: &Package, dossier: &Dossier, event: &Recorded) -> Option<String> {
    let text = |name: &str| text(&event.payload, name);
    let door = || Channel::from_code(text("channel")).map_or("", Channel::label);
    let piece = || piece_label(package, text("code")).to_owned();
    Some(match event.kind.as_str() {
        "DossierStarted" => format!("Demande commencée {}", door()),
        "DossierSubmitted" => format!("Demande reçue {}", door()),
        "DossierMoved" | "DossierDecided" => step(package, dossier, text("transition"), text("to")),
        "DossierWithdrawn" => "Demande retirée".into(),
        "DossierAssigned" => "Affectation changée".into(),
        "PieceAsked" => asked(package, &event.payload),
        "RequestAnswered" => "Réponse à la demande de complément".into(),
        "PieceAdded" => format!("Document reçu : {}", piece()),
        "PieceRemoved" => format!("Document retiré : {}", piece()),
        "PieceJudged" => format!("{} : {}", piece(), Verdict::from_code(text("verdict")).map_or("", Verdict::label).to_lowercase()),
        "MessageWritten" if text("author") == "usager" => "Message de la personne".into(),
        "MessageWritten" => "Message du service".into(),
        "CourrierSent" if text("model") == COMPLEMENT => "Courrier envoyé : demande de complément".into(),
        "CourrierSent" => format!("Courrier envoyé : {}", package.courriers.get(text("model")).map_or("", |courrier| courrier.title.as_str())),
        "AccuseSent" if text("by") == "mail" => "Accusé de réception envoyé par mail".into(),
        "AccuseSent" => "Accusé de réception posté ou remis".into(),
        _ => return None,
    })
}

/// "Accepter : passé à « Acceptée »".
fn step(package: &Package, dossier: &Dossier, transition: &str, to: &str) -> String {
    let state = package.state(to).map_or_else(|| to.to_owned(), |state| package.state_agent(state, &dossier.details));
    match package.transition(transition) {
        Some(taken) => format!("{} : passé à « {state} »", taken.label),
        None => format!("Passé à « {state} »"),
    }
}

fn asked(package: &Package, payload: &Json) -> String {
    let codes = payload.get("pieces").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let labels: Vec<&str> = codes.map(|code| piece_label(package, code)).collect();
    let before = text(payload, "reply_before").parse().map(|day| format!(", avant le {}", long_date(day))).unwrap_or_default();
    format!("Complément demandé : {}{before}", labels.join(", "))
}

fn text<'a>(payload: &'a Json, name: &str) -> &'a str {
    payload.get(name).and_then(Json::as_str).unwrap_or_default()
}

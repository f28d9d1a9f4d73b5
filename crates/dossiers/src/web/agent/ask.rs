//! Asking the usager for what is missing: the pieces, the words he will read, the last day, what it does to the clock,
//! the mail as it will leave. A piece that only a doubt justifies is asked with the doubt in the agent's own words.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use kernel::templates::Page;
use kernel::web::question::Question;
use kernel::web::{AgentCx, Form};
use kernel::{Error, FieldError, FieldErrors, PieceId, Result};
use kinds::{Input, control_name};
use serde::Serialize;
use teleservices::package::{Piece as Wanted, PieceWhen};

use super::opened::{HeadView, Opened};
use super::shared::short_date;
use super::step::SEEN;
use crate::ask_piece::{AskPiece, ask_piece};
use crate::asked::subject;
use crate::judge_piece::{JudgePiece, judge_piece};
use crate::piece::Verdict;
use crate::rights::INSTRUCT;
use crate::version;
use crate::words::long_date;

/// The form of a request.
#[derive(Debug, Serialize)]
pub(crate) struct AskPage {
    pub head: HeadView,
    pub action: String,
    pub seen: String,
    pub pieces: Vec<PieceChoice>,
    pub reason: String,
    /// The last day.
    pub before: Question,
    /// What the request does to the clock.
    pub effect: String,
    /// A request already waits.
    pub already: Vec<String>,
    /// The piece that will be marked as to be sent again.
    pub replaces: Option<String>,
    pub preview: Option<MailView>,
    pub errors: Vec<FieldError>,
}

/// One piece that may be asked for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceChoice {
    pub code: String,
    pub label: String,
    pub hint: String,
    pub checked: bool,
    pub on_doubt: bool,
    pub models: Vec<ModelChoice>,
}

/// A ready sentence for a piece.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ModelChoice {
    pub value: String,
    pub label: String,
    pub text: String,
    pub checked: bool,
}

/// The mail as it will leave.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MailView {
    pub to: Option<String>,
    pub subject: String,
    pub pieces: String,
    pub text: String,
}

impl Page for AskPage {
    const TEMPLATE: &'static str = "dossiers/agent/complement.html";

    fn samples() -> Vec<Self> {
        let page = |on_doubt: bool, preview: Option<MailView>, errors: Vec<FieldError>| Self {
            head: HeadView::sample(),
            action: "/agent/dossiers/dos_1/complement".into(),
            seen: "en_cours.0".into(),
            pieces: vec![PieceChoice {
                code: "facture".into(),
                label: "La facture du vélo".into(),
                hint: "Règlement de l’aide, article 3".into(),
                checked: true,
                on_doubt,
                models: vec![ModelChoice {
                    value: "facture.0".into(),
                    label: "Facture illisible".into(),
                    text: "La facture ne se lit pas.".into(),
                    checked: true,
                }],
            }],
            reason: "Bonjour,\nla facture est coupée.".into(),
            before: before("17/12/2026".split('/').map(str::to_owned).collect(), &FieldErrors(errors.clone())),
            effect: "Le délai légal est suspendu.".into(),
            already: if on_doubt { vec!["RIB, avant le 17 décembre 2026".into()] } else { vec![] },
            replaces: on_doubt.then(|| "pie_1".into()),
            preview,
            errors,
        };
        let mail = MailView {
            to: Some("lan@exemple.fr".into()),
            subject: subject(jiff::civil::date(2026, 12, 17)),
            pieces: "La facture du vélo".into(),
            text: "La facture ne se lit pas.".into(),
        };
        let fault = |field: &str| FieldError { field: field.into(), sentence: "Donnez une date à venir.".into() };
        vec![
            page(false, None, vec![]),
            page(true, Some(mail.clone()), vec![]),
            page(true, Some(MailView { to: None, ..mail }), vec![]),
            page(true, None, vec![fault("avant_le.jour"), fault("pieces"), fault("motif")]),
        ]
    }
}

/// The form, with the piece of the address ticked.
pub(crate) async fn show(cx: AgentCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    if !opened.may(&cx, INSTRUCT) {
        return Err(Error::Forbidden(INSTRUCT.0));
    }
    cx.page(&page(&cx, &opened, &form, FieldErrors::new(), false))
}

/// The request: seen first, or sent.
pub(crate) async fn send(cx: AgentCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let read = match read(&cx, &opened, &form) {
        Ok(read) => read,
        Err(faults) => return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &opened, &form, faults, false)),
    };
    if form.get("_faire") == Some("apercu") {
        return cx.page(&page(&cx, &opened, &form, FieldErrors::new(), true));
    }
    let tenant = cx.tenant.clone();
    let replaced: Option<PieceId> = form.get("remplace").and_then(|id| id.parse().ok());
    let done = cx
        .once(&form, async |tx| {
            if let Some(piece) = replaced {
                let motif = Some(read.reason.clone());
                judge_piece(tx, JudgePiece { id: read.id, piece, verdict: Verdict::Refusee, motif }).await?;
            }
            let request = ask_piece(tx, &tenant, read).await?;
            cx.flash(tx, format!("La demande est envoyée. Réponse attendue avant le {}.", long_date(request.reply_before))).await?;
            Ok(format!("/agent/dossiers/{}", request.dossier))
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &opened, &form, faults, false)),
        Err(Error::Conflict(problem)) => {
            let now = Opened::of(&cx, &id).await?;
            let faults = FieldErrors(vec![FieldError { field: String::new(), sentence: problem.sentence }]);
            cx.page_status(StatusCode::CONFLICT, &page(&cx, &now, &form, faults, false))
        }
        done => done,
    }
}

/// What is asked, or all that is wrong with it.
fn read(cx: &AgentCx, opened: &Opened, form: &Form) -> Result<AskPiece, FieldErrors> {
    let mut faults = FieldErrors::new();
    let codes: Vec<String> = form.all("pieces").map(str::to_owned).collect();
    if codes.is_empty() {
        faults.push("pieces", "Choisissez au moins une pièce à demander.");
    }
    let on_doubt = |code: &String| opened.package().piece(code).is_some_and(|wanted| wanted.when == PieceWhen::Doute);
    if codes.iter().any(on_doubt) && form.filled("motif").is_none() {
        faults.push("motif", "Écrivez votre doute avec vos mots : ce document ne peut être demandé que pour cela, et la personne le lira.");
    } else if reason(opened, form).is_empty() {
        faults.push("motif", "Choisissez une phrase toute prête, ou écrivez à la personne pourquoi vous demandez ce document.");
    }
    let day = match deadline(form) {
        Ok(Some(day)) => day,
        Ok(None) => version::complement_end(&cx.tenant, opened.package(), opened.today),
        Err(sentence) => {
            faults.push("avant_le.jour", sentence);
            opened.today
        }
    };
    match faults.is_empty() {
        true => Ok(AskPiece {
            id: opened.dossier().id,
            codes,
            reason: reason(opened, form),
            reply_before: Some(day),
            seen: form.filled(SEEN).map(str::to_owned),
        }),
        false => Err(faults),
    }
}

/// The agent's own words, then the chosen sentences.
fn reason(opened: &Opened, form: &Form) -> String {
    let chosen = choices(opened, form).into_iter().filter(|piece| piece.checked).flat_map(|piece| piece.models);
    let models = chosen.filter(|model| model.checked).map(|model| model.text);
    form.filled("motif").map(|own| own.replace("\r\n", "\n")).into_iter().chain(models).collect::<Vec<_>>().join("\n\n")
}

fn deadline(form: &Form) -> Result<Option<Date>, String> {
    let kind = kinds::kind("date").ok_or("Cette date ne peut pas être lue.")?;
    let input = kind.parts().iter().fold(Input::new(), |input, part| input.with(part, form.get(&control_name("avant_le", part)).unwrap_or_default()));
    match kind.parse(&input, &kinds::Rule::default()) {
        Ok(value) => Ok(value.and_then(|value| value.as_str().and_then(|day| day.parse().ok()))),
        Err(refusal) => Err(refusal.sentence),
    }
}

/// The pieces that may be asked for these answers.
fn choices(opened: &Opened, form: &Form) -> Vec<PieceChoice> {
    let chosen: Vec<&str> = form.all("pieces").chain(form.all("piece")).collect();
    let models: Vec<&str> = form.all("modele").collect();
    let choice = |wanted: &&Wanted| PieceChoice {
        code: wanted.id.clone(),
        label: wanted.label.clone(),
        hint: wanted.legal_text.clone(),
        checked: chosen.contains(&wanted.id.as_str()),
        on_doubt: wanted.when == PieceWhen::Doute,
        models: wanted
            .models
            .iter()
            .enumerate()
            .map(|(at, model)| {
                let value = format!("{}.{at}", wanted.id);
                ModelChoice { checked: models.contains(&value.as_str()), value, label: model.label.clone(), text: model.text.clone() }
            })
            .collect(),
    };
    let filling = opened.filling();
    opened.package().pieces_an_agent_may_ask(&filling.view).iter().map(choice).collect()
}

fn page(cx: &AgentCx, opened: &Opened, form: &Form, faults: FieldErrors, with_preview: bool) -> AskPage {
    let day = deadline(form).ok().flatten().unwrap_or_else(|| version::complement_end(&cx.tenant, opened.package(), opened.today));
    let typed: Vec<String> =
        ["jour", "mois", "annee"].iter().map(|part| form.get(&control_name("avant_le", part)).unwrap_or_default().to_owned()).collect();
    let proposed = vec![day.day().to_string(), day.month().to_string(), day.year().to_string()];
    let texts = if typed.iter().all(String::is_empty) { proposed } else { typed };
    let pieces = choices(opened, form);
    let chosen: Vec<&PieceChoice> = pieces.iter().filter(|piece| piece.checked).collect();
    AskPage {
        head: opened.head(),
        action: format!("{}/complement", opened.path()),
        seen: opened.dossier().mark(),
        reason: form.get("motif").unwrap_or_default().to_owned(),
        before: before(texts, &faults),
        effect: effect(opened, &chosen, day),
        already: super::pieces::requests(opened).into_iter().map(|request| format!("{}, avant le {}", request.pieces, request.before)).collect(),
        replaces: form.get("remplace").filter(|id| id.parse::<PieceId>().is_ok()).map(str::to_owned),
        preview: with_preview.then(|| MailView {
            to: opened.mail.clone(),
            subject: subject(day),
            pieces: chosen.iter().map(|piece| piece.label.as_str()).collect::<Vec<_>>().join(", "),
            text: reason(opened, form),
        }),
        pieces,
        errors: faults.0,
    }
}

fn before(texts: Vec<String>, faults: &FieldErrors) -> Question {
    let mut question = Question::new(&kinds::date::Date, "avant_le", "Réponse attendue avant le");
    question.fill(["jour", "mois", "annee"].into_iter().zip(texts.iter().map(String::as_str)));
    question.error = faults.of("avant_le.jour").or_else(|| faults.of("avant_le")).map(str::to_owned);
    if question.error.is_some() {
        question.parts.iter_mut().for_each(|part| part.error = question.error.clone());
    }
    question
}

/// What the request does to the clocks (L114-5), said before sending.
fn effect(opened: &Opened, chosen: &[&PieceChoice], day: Date) -> String {
    use teleservices::package::Silence;
    let is_required =
        |choice: &&PieceChoice| opened.package().piece(&choice.code).is_some_and(|piece| piece.indispensable || piece.when == PieceWhen::Depot);
    let required = chosen.is_empty() || chosen.iter().any(is_required);
    match opened.whole.clocks.legal.as_ref().and_then(|legal| legal.silence) {
        Some(Silence::Rejet) if required => {
            format!("Le délai légal est suspendu jusqu’à la réponse, au plus tard jusqu’au {} (L114-5).", short_date(day))
        }
        Some(Silence::Acceptation) if required => "Le délai légal ne court plus : il repartira de la réception des pièces (L114-5).".into(),
        Some(_) => "Ce document n’est pas indispensable : le délai légal continue de courir.".into(),
        None => "Aucun délai légal ne court pour cette demande. L’engagement du service attend la réponse.".into(),
    }
}

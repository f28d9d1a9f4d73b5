//! One piece under the eyes of an agent: the file, what was declared, and the verdict. "Next" leads to the next piece
//! to check. A refusal says why in words the usager reads, from a model of the package or her own.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form};
use kernel::{Error, FieldError, FieldErrors, PieceId, Result};
use serde::Serialize;

use super::opened::{HeadView, Opened};
use super::pieces::{self, PieceView, is_readable};
use crate::judge_piece::{JudgePiece, judge_piece};
use crate::piece::{Piece, Verdict};
use crate::rights::INSTRUCT;
use crate::web::usager::LineView;

/// One piece to check.
#[derive(Debug, Serialize)]
pub(crate) struct CheckPage {
    pub head: HeadView,
    pub piece: PieceView,
    /// The picture itself, where the page can show it.
    pub picture: Option<String>,
    /// The PDF, in a frame.
    pub frame: Option<String>,
    /// The text that lets the service ask for it.
    pub legal_text: String,
    /// What was answered, to compare.
    pub answers: Vec<LineView>,
    /// Ready reasons to refuse: label and text.
    pub models: Vec<Model>,
    pub motif: String,
    pub action: String,
    /// The next piece to check.
    pub next: Option<String>,
    pub errors: Vec<FieldError>,
}

/// A ready sentence of the package.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Model {
    pub value: String,
    pub label: String,
    pub text: String,
    pub checked: bool,
}

impl Page for CheckPage {
    const TEMPLATE: &'static str = "dossiers/agent/piece.html";

    fn samples() -> Vec<Self> {
        let page = |can_judge: bool, errors: Vec<FieldError>| Self {
            head: HeadView::sample(),
            piece: PieceView::sample("La facture du vélo", can_judge),
            picture: can_judge.then(|| "/agent/dossiers/dos_1/fichiers/pie_1?voir=oui".into()),
            frame: (!can_judge).then(|| "/agent/dossiers/dos_1/fichiers/pie_1?voir=oui".into()),
            legal_text: "Règlement de l’aide, article 3".into(),
            answers: vec![LineView { label: "Prix payé".into(), value: "1 890 €".into(), source: None, verified: false, act: None }],
            models: vec![Model {
                value: "0".into(),
                label: "Facture illisible".into(),
                text: "La facture ne se lit pas.".into(),
                checked: !errors.is_empty(),
            }],
            motif: String::new(),
            action: "/agent/dossiers/dos_1/pieces/pie_1".into(),
            next: can_judge.then(|| "/agent/dossiers/dos_1/pieces/pie_2".into()),
            errors,
        };
        let fault = FieldError { field: "motif".into(), sentence: "Écrivez votre texte avant de l’envoyer.".into() };
        vec![page(true, vec![]), page(false, vec![]), page(true, vec![fault])]
    }
}

/// The piece.
pub(crate) async fn show(cx: AgentCx, Path((id, piece)): Path<(String, String)>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let piece = find(&opened, &piece)?;
    cx.page(&page(&cx, &opened, piece, &Form::default(), FieldErrors::new()))
}

/// The verdict.
pub(crate) async fn judge(cx: AgentCx, Path((id, piece)): Path<(String, String)>, form: Form) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    let piece = find(&opened, &piece)?;
    let verdict = form.get("avis").and_then(Verdict::from_code).ok_or_else(|| Error::invalid("avis", "Choisissez un avis."))?;
    let input = JudgePiece { id: opened.dossier().id, piece: piece.id, verdict, motif: Some(motif(&opened, piece, &form)) };
    let back = next(&opened, piece).filter(|_| form.has("suivante")).unwrap_or_else(|| opened.path());
    let label = crate::version::piece_label(opened.package(), &piece.code).to_owned();
    let done = cx
        .once(&form, async |tx| {
            let judged = judge_piece(tx, input).await?;
            cx.flash(tx, format!("{label} : {}.", judged.verdict.label().to_lowercase())).await?;
            Ok(back)
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &opened, piece, &form, faults)),
        done => done,
    }
}

/// The piece of an address.
pub(super) fn find<'a>(opened: &'a Opened, id: &str) -> Result<&'a Piece> {
    let id: PieceId = id.parse()?;
    opened.whole.pieces.iter().find(|piece| piece.id == id).ok_or(Error::NotFound)
}

/// What a PDF says it is.
pub(super) const PDF: &str = "application/pdf";

/// Browsers read these in a frame.
pub(super) fn is_pdf(piece: &Piece) -> bool {
    piece.content_type == PDF
}

/// Browsers draw these; others are downloaded.
pub(super) fn is_picture(piece: &Piece) -> bool {
    ["image/jpeg", "image/png", "image/webp"].contains(&piece.content_type.as_str())
}

/// The reason as it was typed, or that of the chosen model.
fn motif(opened: &Opened, piece: &Piece, form: &Form) -> String {
    let own = form.filled("motif").map(str::to_owned);
    let model = || models(opened, piece, form).into_iter().find(|model| model.checked).map(|model| model.text);
    own.or_else(model).unwrap_or_default()
}

fn models(opened: &Opened, piece: &Piece, form: &Form) -> Vec<Model> {
    let models = opened.package().piece(&piece.code).map(|wanted| wanted.models.as_slice()).unwrap_or_default();
    let view = |(at, model): (usize, &teleservices::package::PieceModel)| Model {
        value: at.to_string(),
        label: model.label.clone(),
        text: model.text.clone(),
        checked: form.get("modele").is_some_and(|chosen| chosen == at.to_string()),
    };
    models.iter().enumerate().map(view).collect()
}

/// The next piece to check, another than this one.
fn next(opened: &Opened, piece: &Piece) -> Option<String> {
    let mut waiting = opened.whole.pieces.iter().filter(|other| other.id != piece.id && other.verdict == Verdict::AVerifier && is_readable(other));
    waiting.next().map(|other| format!("{}/pieces/{}", opened.path(), other.id))
}

fn page(cx: &AgentCx, opened: &Opened, piece: &Piece, form: &Form, faults: FieldErrors) -> CheckPage {
    let sections = opened.package().summary(&opened.dossier().answers, &opened.setting);
    let lines = sections.into_iter().flat_map(|section| section.lines).filter(|line| !line.shown.is_empty());
    let wanted = opened.package().piece(&piece.code);
    let shown = |is: bool| (is && is_readable(piece)).then(|| format!("{}/fichiers/{}?voir=oui", opened.path(), piece.id));
    CheckPage {
        head: opened.head(),
        piece: pieces::view(&cx.tenant, opened, piece, opened.may(cx, INSTRUCT)),
        picture: shown(is_picture(piece)),
        frame: shown(is_pdf(piece)),
        legal_text: wanted.map(|wanted| wanted.legal_text.clone()).unwrap_or_default(),
        answers: lines.map(|line| LineView { label: line.label, value: line.shown, source: None, verified: false, act: None }).collect(),
        models: models(opened, piece, form),
        motif: form.get("motif").unwrap_or_default().to_owned(),
        action: format!("{}/pieces/{}", opened.path(), piece.id),
        next: next(opened, piece),
        errors: faults.0,
    }
}

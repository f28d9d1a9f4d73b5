//! The pieces of a dossier as an agent sees them: what was asked, what came, the verdict on each, what is still
//! awaited. Views only: verdicts are given in `check.rs`, requests made in `ask.rs`.

use kernel::Tenant;
use kernel::web::AgentCx;
use serde::Serialize;

use super::opened::Opened;
use super::shared::{TagView, moment};
use crate::piece::{Piece, PieceRequest, Scan, Verdict};
use crate::rights::INSTRUCT;
use crate::version::piece_label;
use crate::words::{long_date, size_text};

/// One piece received.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceView {
    pub id: String,
    /// What it is for the téléservice.
    pub label: String,
    /// The file, as the usager called it, and its size.
    pub file: String,
    pub tag: TagView,
    /// Who gave the verdict, and when.
    pub by: String,
    /// Why it was refused, as the usager reads it.
    pub motif: Option<String>,
    /// Where the file is; none while it may not be opened.
    pub href: Option<String>,
    /// Its own page: the viewer and the verdict.
    pub check: String,
    /// Where to ask for it again.
    pub ask: String,
    pub can_judge: bool,
    /// The copy goes as soon as it is accepted.
    pub erased_after: bool,
}

/// A request that waits for the usager.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequestView {
    pub pieces: String,
    pub reason: String,
    pub before: String,
    pub by: String,
    pub is_late: bool,
}

impl PieceView {
    /// An example.
    pub fn sample(label: &str, can_judge: bool) -> Self {
        let tag = if can_judge { TagView { text: "À vérifier".into(), tone: "warn", fill: "half" } } else { tag_of(Verdict::Refusee) };
        Self {
            id: "pie_1".into(),
            label: label.into(),
            file: "facture.jpg, 2,1 Mo".into(),
            tag,
            by: if can_judge { String::new() } else { "Nadia Roussel, 12 novembre 2026, 9 h 30".into() },
            motif: (!can_judge).then(|| "Le bas du document est coupé.".into()),
            href: Some("/agent/dossiers/dos_1/fichiers/pie_1".into()),
            check: "/agent/dossiers/dos_1/pieces/pie_1".into(),
            ask: "/agent/dossiers/dos_1/complement?piece=facture".into(),
            can_judge,
            erased_after: can_judge,
        }
    }
}

/// The pieces received, those to check first.
pub(crate) fn received(cx: &AgentCx, opened: &Opened) -> Vec<PieceView> {
    let can_judge = opened.may(cx, INSTRUCT);
    let mut pieces: Vec<&Piece> = opened.whole.pieces.iter().collect();
    pieces.sort_by_key(|piece| piece.verdict != Verdict::AVerifier);
    pieces.into_iter().map(|piece| view(&cx.tenant, opened, piece, can_judge)).collect()
}

/// One piece.
pub(crate) fn view(tenant: &Tenant, opened: &Opened, piece: &Piece, can_judge: bool) -> PieceView {
    let path = opened.path();
    let wanted = opened.package().piece(&piece.code);
    let mut by = piece.verdict_by.iter().zip(piece.verdict_at).map(|(by, at)| format!("{by}, {}", moment(at, tenant)));
    PieceView {
        id: piece.id.to_string(),
        label: piece_label(opened.package(), &piece.code).to_owned(),
        file: format!("{}, {}", piece.name, size_text(piece.size)),
        tag: tag(piece),
        by: by.next_back().unwrap_or_default(),
        motif: piece.verdict_motif.clone(),
        href: is_readable(piece).then(|| format!("{path}/fichiers/{}", piece.id)),
        check: format!("{path}/pieces/{}", piece.id),
        ask: format!("{path}/complement?piece={}&remplace={}", piece.code, piece.id),
        can_judge: can_judge && piece.erased_at.is_none() && piece.scan != Scan::Infected,
        erased_after: wanted.is_some_and(|wanted| wanted.erase_after_check) && piece.erased_at.is_none(),
    }
}

/// May its file be opened: scanned, and still there?
pub(crate) fn is_readable(piece: &Piece) -> bool {
    piece.scan == Scan::Clean && piece.erased_at.is_none()
}

fn tag(piece: &Piece) -> TagView {
    let words = |text: &str, tone, fill| TagView { text: text.into(), tone, fill };
    match piece.scan {
        Scan::Infected => words("Virus : fichier effacé", "bad", "cross"),
        Scan::Pending => words("En cours d’analyse", "", ""),
        Scan::Clean if piece.erased_at.is_some() => match piece.verdict {
            Verdict::AVerifier => words("Effacée sans contrôle", "", ""),
            Verdict::Acceptee => words("Contrôlée puis effacée", "good", "full"),
            Verdict::Refusee => words("Refusée puis effacée", "bad", "cross"),
        },
        Scan::Clean => tag_of(piece.verdict),
    }
}

fn tag_of(verdict: Verdict) -> TagView {
    let (tone, fill) = match verdict {
        Verdict::AVerifier => ("warn", "half"),
        Verdict::Acceptee => ("good", "full"),
        Verdict::Refusee => ("bad", "cross"),
    };
    TagView { text: verdict.label().into(), tone, fill }
}

/// "1 sur 3 à vérifier".
pub(crate) fn summary(opened: &Opened) -> String {
    let pieces = &opened.whole.pieces;
    let to_check = pieces.iter().filter(|piece| piece.verdict == Verdict::AVerifier && is_readable(piece)).count();
    match (to_check, pieces.len()) {
        (_, 0) => String::new(),
        (0, _) => "Toutes vérifiées".into(),
        (n, of) => format!("{n} sur {of} à vérifier"),
    }
}

/// The pieces of the deposit that are not there, or no longer count.
pub(crate) fn missing(opened: &Opened) -> Vec<String> {
    let checked = |code: &str| opened.whole.pieces.iter().any(|piece| piece.code == code && piece.verdict == Verdict::Acceptee);
    let filling = opened.filling();
    let missing = filling.missing_pieces(&opened.whole.pieces).filter(|wanted| !checked(&wanted.id));
    missing.map(|wanted| wanted.label.clone()).collect()
}

/// The requests that wait.
pub(crate) fn requests(opened: &Opened) -> Vec<RequestView> {
    let view = |request: &PieceRequest| RequestView {
        pieces: request.codes.iter().map(|code| piece_label(opened.package(), code)).collect::<Vec<_>>().join(", "),
        reason: request.reason.clone(),
        before: long_date(request.reply_before),
        by: request.asked_by.clone(),
        is_late: opened.today > request.reply_before,
    };
    let ended = opened.dossier().phase.is_ended();
    opened.whole.requests.iter().filter(|request| !ended && request.is_open()).map(view).collect()
}

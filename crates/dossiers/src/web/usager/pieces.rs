//! The pieces: one request per file, whether a script or the button sends it. The file is stored, recognised and
//! scanned before the unit of work opens; what the use case refuses is removed at once.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::files::{FileKey, Stored};
use kernel::templates::Page;
use kernel::web::{Form, Upload, see_other, throttle};
use kernel::{Error, FieldError, FieldErrors, PieceId, Result};
use serde::Serialize;
use teleservices::package::Piece as Wanted;

use super::shared::{Reader, StepView, back, examples, step_path, steps};
use crate::add_piece::{AddPiece, add_piece};
use crate::filling::Step;
use crate::model::Dossier;
use crate::piece::{Piece, Scan, Verdict};
use crate::remove_piece::remove_piece;
use crate::version;
use crate::web::mine::Mine;
use crate::words::size_text;

/// The pieces of a draft.
#[derive(Debug, Serialize)]
pub(crate) struct PiecesPage {
    pub service: String,
    pub fields: Vec<PieceField>,
    pub steps: Vec<StepView>,
    pub back: String,
    pub path: String,
    pub saved: String,
    pub errors: Vec<FieldError>,
}

/// One piece asked for, and what was received for it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceField {
    pub code: String,
    pub label: String,
    pub hint: String,
    pub error: Option<String>,
    pub rows: Vec<FileRow>,
    /// Where its files are sent.
    pub upload: String,
    pub accept: String,
    pub max: u64,
    pub multiple: bool,
    /// Room for one more.
    pub is_open: bool,
}

/// One file received.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FileRow {
    pub name: String,
    pub href: Option<String>,
    pub say: String,
    pub tone: &'static str,
    pub remove: Option<Remove>,
}

/// The button that takes a file back.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Remove {
    pub name: &'static str,
    pub value: String,
    pub action: String,
}

impl Page for PiecesPage {
    const TEMPLATE: &'static str = "dossiers/usager/pieces.html";

    fn samples() -> Vec<Self> {
        let page = |rows: Vec<FileRow>, error: Option<&str>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            fields: vec![sample_field(rows, error)],
            steps: examples::steps(),
            back: "/dossiers/dos_1/pages/velo".into(),
            path: "/dossiers/dos_1/pieces".into(),
            saved: "Brouillon enregistré à 14 h 05.".into(),
            errors: error.map(|sentence| FieldError { field: "facture".into(), sentence: sentence.into() }).into_iter().collect(),
        };
        vec![
            page(vec![], None),
            page(vec![sample_row("facture-page-1.jpg", "good"), sample_row(&"tres-long-nom-".repeat(12), "")], None),
            page(vec![], Some("« facture.pdf » pèse 14 Mo, la limite est de 10 Mo.")),
        ]
    }
}

/// An example of a field of files.
pub(crate) fn sample_field(rows: Vec<FileRow>, error: Option<&str>) -> PieceField {
    PieceField {
        code: "facture".into(),
        label: "Facture du vélo".into(),
        hint: "Photo ou PDF, 10 Mo au plus par fichier.".into(),
        error: error.map(str::to_owned),
        rows,
        upload: "/dossiers/dos_1/pieces/facture".into(),
        accept: "image/*,.pdf".into(),
        max: 10_000_000,
        multiple: true,
        is_open: true,
    }
}

fn sample_row(name: &str, tone: &'static str) -> FileRow {
    let remove = Remove { name: "piece", value: "pie_1".into(), action: "/dossiers/dos_1/retirer-piece".into() };
    FileRow { name: name.into(), href: Some("/dossiers/dos_1/fichiers/pie_1".into()), say: "Reçu, 2,1 Mo".into(), tone, remove: Some(remove) }
}

/// The pieces asked for, and those received.
pub(crate) async fn show(mine: Mine) -> Result<Response> {
    if !mine.dossier.is_draft() {
        return Ok(see_other(&format!("/dossiers/{}", mine.dossier.id)));
    }
    mine.page(&build(&mine, &FieldErrors::new()).await?)
}

/// "Continuer": nothing may be missing.
pub(crate) async fn go_on(mine: Mine, form: Form) -> Result<Response> {
    let id = mine.dossier.id;
    if form.has("plus-tard") {
        return Ok(see_other(&format!("/dossiers/{id}/plus-tard")));
    }
    let (tenant, dossier) = (mine.tenant.clone(), mine.dossier.clone());
    let missing = mine
        .read(async |tx| {
            let version = version::of(tx, dossier.version).await?;
            let reader = Reader::new(&tenant, &version, &dossier, tx.today());
            let mut faults = FieldErrors::new();
            for wanted in reader.filling(&dossier).missing_pieces(&mine.pieces) {
                faults.push(&wanted.id, format!("Ajoutez ce document : {}.", wanted.label));
            }
            Ok(faults)
        })
        .await?;
    if missing.is_empty() {
        return Ok(see_other(&step_path(id, &Step::Check)));
    }
    let page = build(&mine, &missing).await?;
    mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// One file, for a draft or for a request of the service: back to the page with the file, or the page with the reason.
pub(crate) async fn add(mine: Mine, Path((_, code)): Path<(String, String)>, upload: Upload) -> Result<Response> {
    let done = match receive(&mine, &code, upload).await {
        Ok(stored) => keep(&mine, &code, stored).await,
        Err(error) => Err(error),
    };
    let faults = match done {
        Ok(()) => return Ok(see_other(&format!("{}#champ-{code}", place(&mine.dossier)))),
        Err(Error::Invalid(faults)) => {
            // The store names its own field: here it is the piece.
            FieldErrors(faults.0.into_iter().map(|fault| FieldError { field: code.clone(), sentence: fault.sentence }).collect())
        }
        Err(Error::Refused(problem) | Error::Conflict(problem) | Error::TooLarge(problem)) => {
            FieldErrors(vec![FieldError { field: code.clone(), sentence: problem.sentence }])
        }
        Err(error) => return Err(error),
    };
    if !mine.dossier.is_draft() {
        return super::follow::after_upload(&mine, &faults).await;
    }
    let page = build(&mine, &faults).await?;
    mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The address where files are sent, read: the browser was reloaded, or an address copied.
pub(crate) async fn come_back(mine: Mine, Path((_, code)): Path<(String, String)>) -> Result<Response> {
    Ok(see_other(&format!("{}#champ-{code}", place(&mine.dossier))))
}

/// Where the pieces of a dossier are shown.
fn place(dossier: &Dossier) -> String {
    let id = dossier.id;
    if dossier.is_draft() { format!("/dossiers/{id}/pieces") } else { format!("/dossiers/{id}") }
}

/// Takes a file back.
pub(crate) async fn remove(mine: Mine, form: Form) -> Result<Response> {
    let id = mine.dossier.id;
    let piece: PieceId = form.get("piece").and_then(|text| text.parse().ok()).ok_or(Error::NotFound)?;
    let back = place(&mine.dossier);
    let tenant = mine.tenant.clone();
    mine.once(&form, async |tx| remove_piece(tx, &tenant, id, piece).await.map(|()| back)).await
}

const TOO_MANY: &str = "Beaucoup de fichiers ont été envoyés aujourd’hui depuis cette connexion à internet. \
                        Connectez-vous pour continuer, ou revenez demain : vos réponses sont gardées.";

/// Stores the file of a request, against the limit of the piece.
async fn receive(mine: &Mine, code: &str, mut upload: Upload) -> Result<Stored> {
    let id = mine.dossier.version;
    let version = mine.read(async |tx| version::of(tx, id).await).await?;
    let wanted = version.package.piece(code).ok_or(Error::NotFound)?;
    let Some(file) = upload.file().await? else {
        return Err(Error::invalid(code, "Choisissez d’abord un fichier sur votre appareil, puis ajoutez-le."));
    };
    mine.write(async |tx| throttle::quota(mine, tx, "files", mine.app.config.limits.files, TOO_MANY).await).await?;
    let key = FileKey::open(&mine.app.keys, &mine.dossier.file_key)?;
    let name = file.name.clone();
    mine.app.files.store(&key, &name, file, wanted.max_size).await
}

/// Attaches a stored file; one that is refused, or that was there already, is removed.
async fn keep(mine: &Mine, code: &str, stored: Stored) -> Result<()> {
    let (id, file) = (mine.dossier.id, stored.id);
    let said = format!("« {} » est ajouté.", stored.name);
    let input = AddPiece { id, code: code.to_owned(), stored };
    let added = mine
        .write(async |tx| {
            let added = add_piece(tx, &mine.tenant, input).await?;
            mine.flash(tx, said).await?;
            Ok(added)
        })
        .await;
    if !matches!(&added, Ok(added) if added.is_new) {
        mine.app.files.remove(file).await?;
    }
    added.map(drop)
}

async fn build(mine: &Mine, faults: &FieldErrors) -> Result<PiecesPage> {
    let (tenant, dossier) = (mine.tenant.clone(), &mine.dossier);
    let (version, today) = mine.read(async |tx| Ok((version::of(tx, dossier.version).await?, tx.today()))).await?;
    let reader = Reader::new(&tenant, &version, dossier, today);
    let filling = reader.filling(dossier);
    let steps = steps(&filling, dossier, &Step::Pieces);
    let field = |wanted: &&Wanted| {
        let received: Vec<&Piece> = mine.pieces.iter().filter(|piece| piece.code == wanted.id).collect();
        field(dossier, wanted, &received, faults)
    };
    Ok(PiecesPage {
        service: version.package.card.title.clone(),
        fields: filling.pieces().iter().map(field).collect(),
        back: back(&steps, &dossier.slug),
        steps,
        path: format!("/dossiers/{}/pieces", dossier.id),
        saved: reader.saved(dossier),
        errors: faults.0.clone(),
    })
}

/// One piece asked for, as the page shows it.
pub(crate) fn field(dossier: &Dossier, wanted: &Wanted, received: &[&Piece], faults: &FieldErrors) -> PieceField {
    let limit = format!("{}, {} au plus par fichier.", kinds_of_files(wanted), size_text(i64::try_from(wanted.max_size).unwrap_or(i64::MAX)));
    let counting = received.iter().filter(|piece| piece.counts()).count();
    PieceField {
        code: wanted.id.clone(),
        label: wanted.label.clone(),
        hint: wanted.hint.as_deref().map_or_else(|| limit.clone(), |hint| format!("{hint} {limit}")),
        error: faults.of(&wanted.id).map(str::to_owned),
        rows: received.iter().map(|piece| row(dossier, piece)).collect(),
        upload: format!("/dossiers/{}/pieces/{}", dossier.id, wanted.id),
        accept: accept(wanted),
        max: wanted.max_size,
        multiple: wanted.max_files > 1,
        is_open: counting < usize::from(wanted.max_files),
    }
}

fn kinds_of_files(wanted: &Wanted) -> &'static str {
    let has_pdf = wanted.formats.contains(&"pdf");
    let has_photo = wanted.formats.iter().any(|format| *format != "pdf");
    match (has_pdf, has_photo) {
        (true, true) => "Photo ou PDF",
        (true, false) => "PDF",
        _ => "Photo",
    }
}

fn accept(wanted: &Wanted) -> String {
    let kinds = wanted.formats.iter().map(|format| match *format {
        "pdf" => ".pdf".to_owned(),
        photo => format!("image/{photo}"),
    });
    kinds.collect::<Vec<_>>().join(",")
}

/// One file received, as a line.
pub(crate) fn row(dossier: &Dossier, piece: &Piece) -> FileRow {
    let size = size_text(piece.size);
    let (say, tone) = match (piece.scan, piece.verdict) {
        (_, Verdict::Acceptee) if piece.erased_at.is_some() => (format!("Contrôlé puis effacé, {size}"), "good"),
        (_, Verdict::Refusee) if piece.erased_at.is_some() => {
            (format!("Refusé puis effacé : {}", piece.verdict_motif.clone().unwrap_or_default()), "bad")
        }
        _ if piece.erased_at.is_some() => (format!("Effacé avec la fin de la demande, {size}"), ""),
        (Scan::Infected, _) => ("Refusé : ce fichier contient un virus. Envoyez-en un autre.".to_owned(), "bad"),
        (Scan::Pending, _) => (format!("Reçu, {size}, en cours d’analyse"), ""),
        (_, Verdict::Acceptee) => ("Accepté".to_owned(), "good"),
        (_, Verdict::Refusee) => (format!("À renvoyer : {}", piece.verdict_motif.clone().unwrap_or_default()), "bad"),
        _ => (format!("Reçu, {size}"), "good"),
    };
    let may_remove = dossier.is_draft() || piece.request.is_some() && piece.verdict == Verdict::AVerifier && piece.erased_at.is_none();
    let is_readable = piece.scan == Scan::Clean && piece.erased_at.is_none();
    FileRow {
        name: piece.name.clone(),
        href: is_readable.then(|| format!("/dossiers/{}/fichiers/{}", dossier.id, piece.id)),
        say,
        tone,
        remove: may_remove.then(|| Remove { name: "piece", value: piece.id.to_string(), action: format!("/dossiers/{}/retirer-piece", dossier.id) }),
    }
}

//! The elimination list: dossiers kept as long as they had to be. Whoever has the right chooses lines, quotes the visa of
//! the archives, and they are destroyed. Nothing is destroyed by the clock alone.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use kernel::templates::Page;
use kernel::web::{AdminCx, Form};
use kernel::{DossierId, Error, FieldError, Result, Tx};
use serde::{Deserialize, Serialize};

use crate::elimination::{Listed, PAGE, eliminate, waiting};
use crate::rights::ELIMINATE;

/// Where the list is.
const HERE: &str = "/admin/eliminations";

/// One page of the list.
#[derive(Debug, Default, Serialize)]
pub(crate) struct EliminationsPage {
    lines: Vec<Line>,
    visa: String,
    /// The page that follows; empty on the last.
    next: String,
    errors: Vec<FieldError>,
}

/// One dossier.
#[derive(Clone, Debug, Serialize)]
struct Line {
    id: String,
    number: String,
    demarche: String,
    ended_on: Date,
    rule: String,
    is_chosen: bool,
}

impl Page for EliminationsPage {
    const TEMPLATE: &'static str = "dossiers/admin/eliminations.html";

    fn samples() -> Vec<Self> {
        let line = |n: u32| Line {
            id: format!("dos_{n}"),
            number: format!("VSA-2026-{n:06}"),
            demarche: "Aide à l’achat d’un vélo".into(),
            ended_on: Date::constant(2016, 11, 24),
            rule: "10 ans après la fin du dossier".into(),
            is_chosen: n == 1,
        };
        let fault = FieldError { field: "visa".into(), sentence: "Indiquez la référence et la date du visa.".into() };
        vec![
            Self::default(),
            Self { lines: vec![line(1), line(2)], next: format!("{HERE}?apres=2016-11-24.dos_2"), ..Self::default() },
            Self { lines: vec![line(1)], visa: "Visa 2026-12".into(), errors: vec![fault], ..Self::default() },
        ]
    }
}

/// After which line.
#[derive(Deserialize)]
pub(crate) struct After {
    apres: Option<String>,
}

impl After {
    fn place(&self) -> Option<(Date, DossierId)> {
        let (day, id) = self.apres.as_deref()?.split_once('.')?;
        Some((day.parse().ok()?, id.parse().ok()?))
    }
}

/// `GET /admin/eliminations`
pub(crate) async fn show(cx: AdminCx, Query(after): Query<After>) -> Result<Response> {
    let page = cx.read(async |tx| page(tx, after.place(), &[]).await).await?;
    cx.page(&page)
}

/// `POST /admin/eliminations`
pub(crate) async fn destroy(cx: AdminCx, form: Form) -> Result<Response> {
    cx.read(async |tx| tx.allow_any(ELIMINATE)).await?;
    let chosen: Vec<DossierId> = form.all("d").filter_map(|id| id.parse().ok()).collect();
    let visa = form.get("visa").unwrap_or_default();
    let done = cx
        .once(&form, async |tx| {
            let destroyed = eliminate(tx, &chosen, visa).await?;
            cx.flash(tx, format!("Dossiers éliminés : {destroyed}. Le visa est gardé avec leur numéro.")).await?;
            Ok(HERE.to_owned())
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => {
            let page = cx.read(async |tx| page(tx, None, &chosen).await).await?;
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &EliminationsPage { visa: visa.to_owned(), errors: faults.0, ..page })
        }
        done => done,
    }
}

async fn page(tx: &mut Tx, after: Option<(Date, DossierId)>, chosen: &[DossierId]) -> Result<EliminationsPage> {
    let listed = waiting(tx, after).await?;
    let online = teleservices::online_and(tx, &[]).await?;
    let title =
        |slug: &str| online.iter().find(|version| version.slug == slug).map_or_else(|| slug.to_owned(), |version| version.package.card.title.clone());
    let next = listed.last().filter(|_| i64::try_from(listed.len()) == Ok(PAGE));
    let line = |listed: &Listed| Line {
        id: listed.dossier.to_string(),
        number: listed.number.clone(),
        demarche: title(&listed.slug),
        ended_on: listed.ended_on,
        rule: listed.rule.clone(),
        is_chosen: chosen.contains(&listed.dossier),
    };
    Ok(EliminationsPage {
        next: next.map(|last| format!("{HERE}?apres={}.{}", last.ended_on, last.dossier)).unwrap_or_default(),
        lines: listed.iter().map(line).collect(),
        ..EliminationsPage::default()
    })
}

//! The search of the top of the page: dossiers by number or by the beginning of a name, and persons. Each says why it
//! was found. Only what the agent may read is looked at.

use axum::response::Response;
use kernel::Result;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form};
use serde::Serialize;

use super::entry::{PersonView, persons};
use super::inbox::{RowView, Versions, sample_row};
use super::staff::staff;
use crate::list;
use crate::rights::READ;

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct FoundPage {
    pub typed: String,
    pub rows: Vec<RowView>,
    pub has_more: bool,
    pub persons: Vec<PersonView>,
}

impl Page for FoundPage {
    const TEMPLATE: &'static str = "dossiers/agent/recherche.html";

    fn samples() -> Vec<Self> {
        let person = PersonView { name: "Inès Marchetti".into(), about: "né(e) en 1984".into(), href: "/agent/usagers/usa_1".into() };
        let full = Self { typed: "marchetti".into(), rows: vec![sample_row("Marchetti Inès", "", true)], has_more: true, persons: vec![person] };
        vec![
            full,
            Self { typed: String::new(), rows: vec![], has_more: false, persons: vec![] },
            Self { typed: "zzz".into(), rows: vec![], has_more: false, persons: vec![] },
        ]
    }
}

/// The results.
pub(crate) async fn show(cx: AgentCx, form: Form) -> Result<Response> {
    let typed = form.typed("q", 200);
    let (tenant, staff) = (cx.tenant.clone(), staff(&cx).await?);
    let (may_read, may_consult) = (cx.actor().may(READ, None), cx.actor().may(referentiel::CONSULT, None));
    let read = cx.read(async |tx| {
        let dossiers = if may_read { list::search(tx, &typed).await? } else { Vec::new() };
        let versions = Versions::around(tx, dossiers.iter()).await?;
        let today = tx.today();
        let rows: Vec<RowView> = dossiers.iter().map(|dossier| versions.row(&tenant, &staff, dossier, today)).collect();
        Ok(rows)
    });
    let rows = read.await?;
    let persons = match may_consult {
        true => cx.write(async |tx| persons(tx, &typed, "/agent/usagers/").await).await?,
        false => Vec::new(),
    };
    let has_more = i64::try_from(rows.len()).is_ok_and(|shown| shown >= list::PAGE);
    cx.page(&FoundPage { typed, rows, has_more, persons })
}

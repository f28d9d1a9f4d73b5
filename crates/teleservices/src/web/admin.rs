//! S1, the list: every téléservice of the tenant, its version, whether it is online.

use axum::response::Response;
use jiff::Timestamp;
use kernel::{Result, templates::Page, web::AdminCx};
use serde::Serialize;

/// One téléservice.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub slug: String,
    pub number: i64,
    pub published_at: Timestamp,
    pub is_online: bool,
}

/// S1.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ListPage {
    pub lines: Vec<Line>,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "teleservices/admin/liste.html";
    fn samples() -> Vec<Self> {
        let line = |slug: &str, is_online| Line { slug: slug.into(), number: 3, published_at: Timestamp::UNIX_EPOCH, is_online };
        vec![Self::default(), Self { lines: vec![line("aide-velo", true), line("contact", false)] }]
    }
}

/// `GET /admin/teleservices`
pub(crate) async fn list(cx: AdminCx) -> Result<Response> {
    let found = cx.read(async |tx| crate::teleservices(tx).await).await?;
    let line = |(row, is_online): (crate::VersionRow, bool)| Line { slug: row.slug, number: row.number, published_at: row.published_at, is_online };
    cx.page(&ListPage { lines: found.into_iter().map(line).collect() })
}

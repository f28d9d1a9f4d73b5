//! S1, the list: every téléservice of the tenant, its version, whether it is online.

use axum::response::Response;
use jiff::Timestamp;
use kernel::{Result, templates::Page, web::AdminCx};
use serde::Serialize;

/// One téléservice.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub slug: String,
    /// As people read it.
    pub title: String,
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
        let line = |slug: &str, is_online| Line {
            title: if is_online { "Aide à l’achat d’un vélo".into() } else { "Contacter la mairie".into() },
            slug: slug.into(),
            number: 3,
            published_at: Timestamp::UNIX_EPOCH,
            is_online,
        };
        vec![Self::default(), Self { lines: vec![line("aide-velo", true), line("contact", false)] }]
    }
}

/// `GET /admin/teleservices`
pub(crate) async fn list(cx: AdminCx) -> Result<Response> {
    let lines = cx
        .read(async |tx| {
            let mut lines = Vec::new();
            for (row, is_online) in crate::teleservices(tx).await? {
                let title = crate::version(tx, row.id).await?.package.card.title.clone();
                lines.push(Line { title, slug: row.slug, number: row.number, published_at: row.published_at, is_online });
            }
            Ok(lines)
        })
        .await?;
    cx.page(&ListPage { lines })
}

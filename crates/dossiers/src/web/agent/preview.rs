//! The panel beside the list: what an agent needs to choose what to do next, and no form. It is a page of its own: the
//! script takes the panel out of it, and without script the link of the row leads to the dossier itself.

use axum::extract::Path;
use axum::response::Response;
use kernel::Result;
use kernel::templates::Page;
use kernel::web::AgentCx;
use serde::Serialize;

use super::opened::{HeadView, Opened};
use super::pieces::{self, PieceView};
use super::shared::{DelaiView, clocks};
use crate::rights::INSTRUCT;
use crate::web::usager::LineView;

/// Answers shown in the panel.
const SHOWN: usize = 8;

/// A dossier in brief.
#[derive(Debug, Serialize)]
pub(crate) struct PreviewPage {
    pub head: HeadView,
    pub clocks: Vec<DelaiView>,
    pub lines: Vec<LineView>,
    pub pieces: Vec<PieceView>,
    /// The first piece to check.
    pub to_check: Option<PieceView>,
    pub may_instruct: bool,
}

impl Page for PreviewPage {
    const TEMPLATE: &'static str = "dossiers/agent/apercu.html";

    fn samples() -> Vec<Self> {
        let page = |may_instruct: bool| Self {
            head: HeadView::sample(),
            clocks: vec![],
            lines: vec![LineView { label: "Aide calculée".into(), value: "400 €".into(), source: None, verified: false, act: None }],
            pieces: vec![PieceView::sample("La facture du vélo", may_instruct)],
            to_check: may_instruct.then(|| PieceView::sample("La facture du vélo", true)),
            may_instruct,
        };
        vec![page(true), page(false)]
    }
}

/// The panel.
pub(crate) async fn show(cx: AgentCx, Path(id): Path<String>) -> Result<Response> {
    let opened = Opened::of(&cx, &id).await?;
    opened.note(&cx, "apercu").await?;
    let package = opened.package();
    let computed = package.computed_lines(&opened.filling().view);
    let answers = package.summary(&opened.dossier().answers, &opened.setting).into_iter().flat_map(|section| section.lines);
    let lines = computed.into_iter().chain(answers).filter(|line| !line.shown.is_empty()).take(SHOWN);
    let pieces = pieces::received(&cx, &opened);
    cx.page(&PreviewPage {
        head: opened.head(),
        clocks: clocks(opened.dossier(), &opened.whole.clocks, opened.today),
        lines: lines.map(|line| LineView { label: line.label, value: line.shown, source: None, verified: false, act: None }).collect(),
        to_check: pieces.iter().find(|piece| piece.can_judge && piece.tag.tone == "warn").cloned(),
        pieces,
        may_instruct: opened.may(&cx, INSTRUCT),
    })
}

//! The letter of a step before it is sent: as a page and as the very PDF, with the values just typed. Nothing is
//! written; the typed values travel in the page, to correct them or to send.

use axum::response::Response;
use documents::{Block, Inline, Letter};
use kernel::templates::Page;
use kernel::web::{AgentCx, Form, attachment};
use kernel::{Error, Result};
use serde::Serialize;
use teleservices::package::Transition;

use super::opened::{HeadView, Opened};
use super::step::{SEEN, blocked};
use crate::letters;
use crate::transition::Given;

/// A letter, and what to do with it.
#[derive(Debug, Serialize)]
pub(crate) struct LetterPage {
    pub head: HeadView,
    pub label: String,
    pub action: String,
    pub letter: LetterView,
    /// What was typed, sent again by each button.
    pub kept: Vec<(String, String)>,
    pub blocked: Vec<String>,
}

/// A letter as a page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct LetterView {
    pub title: String,
    pub sender: Vec<String>,
    pub recipient: Vec<String>,
    pub place_date: String,
    pub reference: Vec<(String, String)>,
    pub blocks: Vec<BlockView>,
    pub signature: Vec<String>,
}

/// A part of the body.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BlockView {
    Heading { text: String },
    Paragraph { runs: Vec<Run> },
    List { is_numbered: bool, items: Vec<Vec<Run>> },
    Facts { rows: Vec<(String, String)> },
    Notice { title: String, runs: Vec<Run> },
}

/// A run of text.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub text: String,
    pub is_bold: bool,
    pub href: Option<String>,
}

impl Page for LetterPage {
    const TEMPLATE: &'static str = "dossiers/agent/courrier.html";

    fn samples() -> Vec<Self> {
        let page = |blocked: Vec<String>| {
            let mut letter = Letter::new("Réponse à votre demande", jiff::civil::date(2026, 12, 3));
            letter.blocks =
                Letter::markdown("Bonjour,\n\n**Votre demande est acceptée.**\n\n## Contester\n\n- un recours\n- un [autre](https://exemple.fr)");
            letter.blocks.push(Block::Facts(vec![("Numéro".into(), "VSA-2026-004011".into())]));
            letter.blocks.push(Block::Notice { title: "À savoir".into(), text: vec![Inline::text("Gardez ce courrier.")] });
            letter.recipient = vec!["Nguyen Thi Lan".into(), "3 bis impasse du Vieux-Lavoir".into()];
            Self {
                head: HeadView::sample(),
                label: "Accepter".into(),
                action: "/agent/dossiers/dos_1/etapes/accepter".into(),
                letter: LetterView::of(&letter),
                kept: vec![("montant_accorde".into(), "400".into())],
                blocked,
            }
        };
        vec![page(vec![]), page(vec!["À vérifier d’abord : La facture du vélo.".into()])]
    }
}

/// The letter as a page.
pub(crate) async fn preview(cx: &AgentCx, opened: &Opened, taken: &Transition, form: &Form, given: &Given) -> Result<Response> {
    let letter = drawn(cx, opened, taken, given).await?;
    let kept = form.pairs().filter(|(name, _)| *name != "_faire").map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut kept: Vec<(String, String)> = kept.collect();
    if !kept.iter().any(|(name, _)| name == SEEN) {
        kept.push((SEEN.to_owned(), opened.dossier().mark()));
    }
    cx.page(&LetterPage {
        head: opened.head(),
        label: taken.label.clone(),
        action: format!("{}/etapes/{}", opened.path(), taken.id),
        letter: LetterView::of(&letter),
        kept,
        blocked: blocked(opened, taken),
    })
}

/// The letter as the PDF that would be sent.
pub(crate) async fn pdf(cx: &AgentCx, opened: &Opened, taken: &Transition, given: &Given) -> Result<Response> {
    let letter = drawn(cx, opened, taken, given).await?;
    let pdf = crate::jobs::draw(letter).await?;
    Ok(attachment(&format!("apercu-{}.pdf", opened.dossier().number_text()), "application/pdf", pdf))
}

async fn drawn(cx: &AgentCx, opened: &Opened, taken: &Transition, given: &Given) -> Result<Letter> {
    let (tenant, id) = (cx.tenant.clone(), opened.dossier().id);
    let letter = cx.read(async |tx| letters::preview(tx, &tenant, id, &taken.id, given).await).await?;
    letter.ok_or(Error::NotFound)
}

impl LetterView {
    /// A letter, in plain values.
    pub fn of(letter: &Letter) -> Self {
        let signed = letter.signature.iter().flat_map(|signature| [&signature.name, &signature.role, &signature.service]);
        Self {
            title: letter.title.clone(),
            sender: std::iter::once(&letter.sender.name).chain(&letter.sender.lines).cloned().collect(),
            recipient: letter.recipient.clone(),
            place_date: letter.place_date.clone(),
            reference: letter.reference.clone(),
            blocks: letter.blocks.iter().map(block).collect(),
            signature: signed.filter(|line| !line.is_empty()).cloned().collect(),
        }
    }
}

fn block(block: &Block) -> BlockView {
    match block {
        Block::Heading(text) => BlockView::Heading { text: text.clone() },
        Block::Paragraph(inlines) => BlockView::Paragraph { runs: runs(inlines) },
        Block::List(items) => BlockView::List { is_numbered: false, items: items.iter().map(|item| runs(item)).collect() },
        Block::Numbered(items) => BlockView::List { is_numbered: true, items: items.iter().map(|item| runs(item)).collect() },
        Block::Facts(rows) => BlockView::Facts { rows: rows.clone() },
        Block::Notice { title, text } => BlockView::Notice { title: title.clone(), runs: runs(text) },
    }
}

fn runs(inlines: &[Inline]) -> Vec<Run> {
    let run = |inline: &Inline| match inline {
        Inline::Text(text) => Run { text: text.clone(), is_bold: false, href: None },
        Inline::Bold(text) => Run { text: text.clone(), is_bold: true, href: None },
        // A link in a letter to be reviewed is read, not followed: its address is shown.
        Inline::Link { text, url } => Run { text: text.clone(), is_bold: false, href: Some(url.clone()) },
    };
    inlines.iter().map(run).collect()
}

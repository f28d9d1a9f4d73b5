//! Pages of the demonstration alone: the mails that did not leave, the gallery of parts.

use axum::{Json, response::Response};
use kernel::{
    Result,
    mail::Mail,
    templates::{Page, Sample, samples},
    web::{Pages, Public, Routes, gallery::Gallery},
};
use serde::Serialize;

/// A mail as it is listed.
#[derive(Debug, Clone, Serialize)]
struct Line {
    to: String,
    subject: String,
    text: String,
    attachments: Vec<String>,
    at: Option<jiff::Timestamp>,
}

/// The mails captured.
#[derive(Debug, Default, Serialize)]
struct MailsPage {
    mails: Vec<Line>,
}

impl Page for MailsPage {
    const TEMPLATE: &'static str = "parvis/demo/courriels.html";
    fn samples() -> Vec<Self> {
        let line = Line {
            to: "ines@exemple.fr".into(),
            subject: "Votre demande est reçue".into(),
            text: "Bonjour,\nvotre demande est reçue.".into(),
            attachments: vec!["accuse.pdf".into()],
            at: Some(jiff::Timestamp::UNIX_EPOCH),
        };
        vec![Self::default(), Self { mails: vec![line] }]
    }
}

/// The samples of these pages.
pub fn pages() -> Vec<Sample> {
    samples::<MailsPage>()
}

/// Mounted by `parvis demo` alone.
pub fn routes() -> Routes {
    Routes {
        public: Pages::new().get("/demo/courriels", mails).get("/demo/courriels.json", mails_json).get("/demo/galerie", gallery),
        ..Routes::default()
    }
}

/// Mails of every tenant are kept together: a tenant shows its own, told by the sender's name.
fn of_tenant(cx: &Public) -> Vec<Mail> {
    let mut mails = cx.app.mailer.captured();
    mails.retain(|mail| mail.from_name.is_empty() || mail.from_name == cx.tenant.name);
    mails.reverse();
    mails
}

async fn mails(cx: Public) -> Result<Response> {
    let line = |mail: Mail| Line {
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        attachments: mail.attachments.into_iter().map(|a| a.name).collect(),
        at: mail.captured_at,
    };
    cx.page(&MailsPage { mails: of_tenant(&cx).into_iter().take(200).map(line).collect() })
}

async fn mails_json(cx: Public) -> Json<serde_json::Value> {
    let one = |mail: Mail| {
        let attachments: Vec<String> = mail.attachments.iter().map(|a| a.name.clone()).collect();
        serde_json::json!({ "to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html, "message_id": mail.message_id, "attachments": attachments, "at": mail.captured_at })
    };
    Json(of_tenant(&cx).into_iter().map(one).collect())
}

async fn gallery(cx: Public) -> Result<Response> {
    cx.page(&Gallery::new())
}

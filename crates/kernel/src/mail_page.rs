//! The one shape of the mails that tell somebody something: facts, paragraphs, a quotation, the one thing to do; once for
//! those who read HTML and once for those who read text. Domains fill it and jobs send it.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::Serialize;

use crate::{
    App, Result, Tenant, TenantSettings,
    mail::Mail,
    templates::Page,
    web::look::{MailLook, mail_look},
};

/// One mail.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MailPage {
    pub subject: String,
    /// Who writes, under the name of the collectivité.
    pub service: String,
    /// What, and its value.
    pub facts: Vec<(String, String)>,
    /// Paragraphs, plain.
    pub paragraphs: Vec<String>,
    /// Markdown of the package, after the paragraphs.
    pub markdown: String,
    /// What somebody wrote, quoted.
    pub quote: String,
    /// The one thing to do: address and words.
    pub action: Option<Action>,
    /// Said after the action.
    pub after: Vec<String>,
}

/// The one thing to do.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    pub href: String,
    pub label: String,
}

impl Page for MailPage {
    const TEMPLATE: &'static str = "mail/avis.html";

    fn samples() -> Vec<Self> {
        let short = MailPage { subject: "Reprendre votre demande".into(), paragraphs: vec!["Bonjour,".into()], ..MailPage::default() };
        let long = MailPage {
            service: "Service Mobilités".into(),
            facts: vec![("Numéro".into(), "VSA-2026-004127".into())],
            markdown: "Votre demande est **acceptée**.".into(),
            quote: "Le bas du document est coupé.\nUne photo à plat suffit.".into(),
            action: Some(Action { href: "https://exemple.fr/reprendre/x".into(), label: "Envoyer mon document".into() }),
            after: vec!["Ce lien est valable trente jours.".into()],
            ..short.clone()
        };
        vec![short, long]
    }
}

/// What `mail.html` reads around a mail.
#[derive(Serialize)]
pub struct MailSite {
    lang: &'static str,
    zone: String,
    tenant: MailTenant,
    #[serde(flatten)]
    look: MailLook,
}

#[derive(Serialize)]
struct MailTenant {
    name: String,
    baseline: String,
    phone: String,
    hours: String,
}

impl MailSite {
    fn new(name: &str, desk: &TenantSettings) -> Self {
        Self {
            lang: "fr",
            zone: desk.time_zone.clone(),
            tenant: MailTenant { name: name.to_owned(), baseline: desk.baseline.clone(), phone: desk.phone.clone(), hours: desk.hours.clone() },
            look: mail_look(name, &desk.brand),
        }
    }

    /// What surrounds the mails of a tenant.
    pub fn of(tenant: &Tenant) -> Self {
        Self::new(&tenant.name, &tenant.settings)
    }

    /// Believable surroundings, to draw the examples.
    pub fn sample() -> Self {
        Self::new("Commune d’Exemple", &TenantSettings { phone: "02 37 00 00 00".into(), ..TenantSettings::default() })
    }
}

impl MailPage {
    /// The mail, ready to leave.
    pub fn mail(&self, app: &App, tenant: &Tenant, to: &str, message_id: String) -> Result<Mail> {
        drawn(self, &self.subject, self.text(tenant), app, tenant, to, message_id)
    }

    /// For those who read text.
    fn text(&self, tenant: &Tenant) -> String {
        let mut parts: Vec<String> = self.paragraphs.clone();
        parts.insert(1.min(parts.len()), self.facts.iter().map(|(what, value)| format!("{what} : {value}")).collect::<Vec<_>>().join("\n"));
        parts.push(plain(&self.markdown));
        parts.push(self.quote.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"));
        parts.extend(self.action.iter().map(|action| format!("{} :\n{}", action.label, action.href)));
        parts.extend(self.after.iter().cloned());
        let phone = Some(&tenant.settings.phone).filter(|phone| !phone.is_empty()).map(|phone| format!("\n{phone}")).unwrap_or_default();
        let service = Some(&self.service).filter(|service| !service.is_empty()).map(|service| format!("{service}, ")).unwrap_or_default();
        parts.push(format!("{service}{}{phone}", tenant.name));
        parts.retain(|part| !part.trim().is_empty());
        parts.join("\n\n") + "\n"
    }
}

/// A mail of a tenant, of any shape: a page drawn, and the same for those who read text.
pub fn drawn<P: Page>(page: &P, subject: &str, text: String, app: &App, tenant: &Tenant, to: &str, message_id: String) -> Result<Mail> {
    Ok(Mail {
        to: to.to_owned(),
        from_name: tenant.name.clone(),
        subject: subject.to_owned(),
        text,
        html: app.templates.render(page, &MailSite::of(tenant))?,
        message_id,
        ..Mail::default()
    })
}

/// Markdown for those who read text: no marks, paragraphs apart, and a link as its words followed by its address.
fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut addresses = Vec::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::Start(Tag::Item) => out.push_str("- "),
            Event::Start(Tag::Link { dest_url, .. }) => addresses.push(dest_url),
            Event::End(TagEnd::Link) => out.extend(addresses.pop().map(|address| format!(" ({address})"))),
            Event::End(TagEnd::Item) => out.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::List(_)) => out.push_str("\n\n"),
            _ => {}
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_link_is_its_words_and_its_address() {
        let read = plain("Lisez **tout** sur [la page](https://exemple.fr/x). Merci\\_\n\n- un\n- deux\n\nFin.");
        assert_eq!(read, "Lisez tout sur la page (https://exemple.fr/x). Merci_\n\n- un\n- deux\n\n\nFin.");
        assert_eq!(plain("Un [crochet seul"), "Un [crochet seul");
    }
}

//! The mails of this domain: what each says, once for those who read HTML and once for those who read text. Jobs send
//! them; the words of a decision are the package's own.

use kernel::templates::Page;
use kernel::web::look::mail_look;
use kernel::mail::Mail;
use kernel::{App, Result, Tenant, TenantSettings};
use serde::Serialize;

/// One mail.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct MailPage {
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
pub(crate) struct Action {
    pub href: String,
    pub label: String,
}

impl Page for MailPage {
    const TEMPLATE: &'static str = "dossiers/mail/avis.html";

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
pub(crate) struct MailSite {
    lang: &'static str,
    zone: String,
    tenant: MailTenant,
    #[serde(flatten)]
    look: kernel::web::look::MailLook,
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
            tenant: MailTenant {
                name: name.to_owned(),
                baseline: desk.baseline.clone(),
                phone: desk.phone.clone(),
                hours: desk.hours.clone(),
            },
            look: mail_look(name, &desk.brand),
        }
    }

    /// Believable surroundings, to draw the examples.
    #[cfg(test)]
    pub fn sample() -> Self {
        Self::new("Commune d’Exemple", &TenantSettings { phone: "02 37 00 00 00".into(), ..TenantSettings::default() })
    }
}

impl MailPage {
    /// The mail, ready to leave.
    pub fn mail(&self, app: &App, tenant: &Tenant, to: &str, message_id: String) -> Result<Mail> {
        Ok(Mail {
            to: to.to_owned(),
            from_name: tenant.name.clone(),
            subject: self.subject.clone(),
            text: self.text(tenant),
            html: app.templates.render(self, &MailSite::new(&tenant.name, &tenant.settings))?,
            message_id,
            ..Mail::default()
        })
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

/// Markdown for those who read text: no marks, and a link as its words followed by its address.
fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, words, address, after)) = link(rest) {
        out.push_str(before);
        out.push_str(words);
        out.push_str(" : ");
        out.push_str(address);
        rest = after;
        if rest.starts_with(['.', ',']) {
            // A mark stuck to an address would be taken for a part of it.
            out.push(' ');
        }
    }
    out.push_str(rest);
    out.replace("**", "").replace('\\', "")
}

/// The first link of a text: what stands before it, its words, its address, what follows.
fn link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (words, rest) = rest.split_once("](")?;
    let (address, after) = rest.split_once(')')?;
    Some((before, words, address, after))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_link_is_its_words_and_its_address() {
        let read = plain("Lisez **tout** sur [la page](https://exemple.fr/x). Merci, [encore](https://a.fr)");
        assert_eq!(read, "Lisez tout sur la page : https://exemple.fr/x . Merci, encore : https://a.fr");
        assert_eq!(plain("Un [crochet seul"), "Un [crochet seul");
    }
}

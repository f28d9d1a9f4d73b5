//! Mail: one message as text and HTML, with attachments, through an SMTP relay. Sent by a job only; a message that is
//! sent twice bears the same Message-ID. Without a relay mails are captured: kept in a folder or in memory, for a
//! demonstration or a test. What a mail says is not decided here.

mod capture;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Attachment as Attached, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use serde::{Deserialize, Serialize};

use self::capture::Capture;
use crate::{Clock, Config, Error, Result, config::MailConfig};

const DEADLINE: Duration = Duration::from_secs(30);

/// A mail to send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// One address.
    pub to: String,
    /// Name shown as the sender: the collectivité. Empty: the one of the settings.
    pub from_name: String,
    /// Where an answer goes, if somebody reads it.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// For those who read HTML; empty: text alone.
    pub html: String,
    /// Made from the id of the job, so that a second sending is recognised: `job_…`, or a whole `<…@…>`.
    pub message_id: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When it was captured; nobody sets it before.
    pub captured_at: Option<Timestamp>,
}

/// A file of a mail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// As the reader sees it.
    pub name: String,
    /// `application/pdf`.
    pub content_type: String,
    /// The content, base64 in JSON.
    #[serde(with = "in_base64")]
    pub bytes: Vec<u8>,
}

/// Sends mails, or captures them. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Parts>);

struct Parts {
    way: Way,
    from: Mailbox,
    clock: Clock,
}

enum Way {
    Relay(AsyncSmtpTransport<Tokio1Executor>),
    Captured(Capture),
}

impl Mailer {
    /// The relay of the settings; without one, mails are captured in `data/courriels`. Called within the
    /// runtime: the pool of connections lives there.
    pub fn new(config: &Config, clock: Clock) -> Result<Self> {
        let way = match config.mail.host.as_str() {
            "" => Way::Captured(Capture::in_folder(&config.data.join("courriels"))?),
            host => Way::Relay(relay(host, &config.mail)?),
        };
        let from = match config.mail.from.as_str() {
            "" if matches!(way, Way::Relay(_)) => {
                return Err(wrong("Donnez l’adresse d’expédition : mail.from = \"Mairie <ne-pas-repondre@exemple.fr>\"."));
            }
            "" => "ne-pas-repondre@parvis.localhost",
            from => from,
        };
        let from = from.parse().map_err(|_| wrong(&format!("L’adresse d’expédition mail.from = \"{from}\" n’est pas valable.")))?;
        Ok(Self(Arc::new(Parts { way, from, clock })))
    }

    /// A mailer that keeps mails in memory, for a test.
    pub fn in_memory(clock: Clock) -> Self {
        let address = Address::new("ne-pas-repondre", "parvis.localhost").expect("a valid address");
        Self(Arc::new(Parts { way: Way::Captured(Capture::in_memory()), from: Mailbox::new(None, address), clock }))
    }

    /// Sends. `Unavailable` when the relay is down or says "later": the job tries again. `Refused` when trying again
    /// would not help: wrong address, refusal for good. Errors never name the address.
    pub async fn send(&self, mail: &Mail) -> Result<()> {
        let message = self.message(mail)?;
        match &self.0.way {
            Way::Captured(capture) => {
                let captured_at = Some(self.0.clock.now());
                capture.keep(Mail { captured_at, ..mail.clone() })
            }
            Way::Relay(relay) => relay.send(message).await.map(drop).map_err(|error| sending(&error)),
        }
    }

    /// The mails that were captured, oldest first; none when there is a relay.
    pub fn captured(&self) -> Vec<Mail> {
        match &self.0.way {
            Way::Captured(capture) => capture.all(),
            Way::Relay(_) => vec![],
        }
    }

    /// Makes a capturing mailer behave as a relay that is down, or up again.
    pub fn set_down(&self, down: bool) {
        if let Way::Captured(capture) = &self.0.way {
            capture.set_down(down);
        }
    }

    /// Whether the relay answers.
    pub async fn check(&self) -> Result<()> {
        match &self.0.way {
            Way::Captured(_) => Ok(()),
            Way::Relay(relay) => match relay.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Error::Unavailable(WHO)),
                Err(error) => Err(sending(&error)),
            },
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message> {
        let from = match mail.from_name.as_str() {
            "" => self.0.from.clone(),
            name => Mailbox::new(Some(name.into()), self.0.from.email.clone()),
        };
        let id = match mail.message_id.as_str() {
            "" => return Err(Error::internal("a mail has the id of its job as its Message-ID")),
            whole if whole.starts_with('<') => whole.into(),
            local => format!("<{local}@{}>", from.email.domain()),
        };
        let mut builder = Message::builder()
            .message_id(Some(id))
            .date(self.0.clock.now().into())
            .from(from)
            .to(Mailbox::new(None, address(&mail.to)?))
            .subject(mail.subject.split_whitespace().collect::<Vec<_>>().join(" "));
        if let Some(reply_to) = &mail.reply_to {
            builder = builder.reply_to(Mailbox::new(None, address(reply_to)?));
        }
        builder.multipart(body(mail)?).map_err(Error::internal)
    }
}

const WHO: &str = "courrier électronique";

fn body(mail: &Mail) -> Result<MultiPart> {
    let text = SinglePart::plain(mail.text.clone());
    let mut alternative = MultiPart::alternative().singlepart(text);
    if !mail.html.is_empty() {
        alternative = alternative.singlepart(SinglePart::html(mail.html.clone()));
    }
    if mail.attachments.is_empty() {
        return Ok(alternative);
    }
    let mut mixed = MultiPart::mixed().multipart(alternative);
    for file in &mail.attachments {
        let content_type = ContentType::parse(&file.content_type).map_err(Error::internal)?;
        mixed = mixed.singlepart(Attached::new(file.name.clone()).body(file.bytes.clone(), content_type));
    }
    Ok(mixed)
}

fn address(text: &str) -> Result<Address> {
    let wrong = |_| Error::refused("mail-address", "L’adresse électronique du destinataire n’est pas valable.");
    text.trim().parse().map_err(wrong)
}

fn relay(host: &str, config: &MailConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let tls = || TlsParameters::new(host.into()).map_err(|error| wrong(&format!("Le relais {host} : {error}.")));
    let (tls, port) = match config.security.as_str() {
        "starttls" | "" => (Tls::Required(tls()?), 587),
        "tls" => (Tls::Wrapper(tls()?), 465),
        "none" => (Tls::None, 25),
        other => return Err(wrong(&format!("mail.security = \"{other}\" : choisissez starttls, tls ou none."))),
    };
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(config.port.unwrap_or(port)).tls(tls).timeout(Some(DEADLINE));
    if let (Some(user), Some(password)) = (&config.user, &config.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

/// A refusal for good is told apart from a relay that is down. The relay's own words may hold the address: only its
/// code is kept.
fn sending(error: &lettre::transport::smtp::Error) -> Error {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    if error.is_permanent() {
        return Error::refused("mail-refused", format!("Le relais de courrier a refusé le message (code {code})."));
    }
    tracing::warn!(code, timeout = error.is_timeout(), tls = error.is_tls(), "the mail relay does not take the message");
    Error::Unavailable(WHO)
}

fn wrong(sentence: &str) -> Error {
    Error::refused("config", sentence)
}

mod in_base64 {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::Deserialize as _;

    pub(super) fn serialize<S: serde::Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

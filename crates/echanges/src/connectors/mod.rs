//! The ways to reach an application, one file each: what it must be told (`options`), whether that is believable
//! (`check`), how a message is handed over (`deliver`), and how the files it leaves are fetched (`arrivals`).
//! A new one is a file and a line in `ALL`. None retries nor waits: the outcome says what to do.

mod fichier;
mod folder;
mod sftp;
mod webhook;

use std::pin::Pin;

use jiff::Timestamp;
use kernel::{App, FieldErrors, Tenant};
use serde_json::{Map, Value};

pub(crate) use folder::MAX_BYTES;
pub use folder::{Entry, Folder};

use crate::{
    application::Secrets,
    attempt::Ready,
    model::{Application, Failure},
};

/// All of them, in the order of the pages.
static ALL: &[&dyn Connector] = &[&webhook::Webhook, &fichier::Fichier, &sftp::Sftp];

/// What a connector gives back.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// A way to reach an application.
pub trait Connector: Sync {
    /// As in the database: `webhook`.
    fn kind(&self) -> &'static str;

    /// For people.
    fn label(&self) -> &'static str;

    /// What it must be told.
    fn options(&self) -> &'static [OptionField];

    /// What is wrong with what it was told, beyond what is missing.
    fn check(&self, options: &Map<String, Value>, secrets: &Secrets, errors: &mut FieldErrors);

    /// Hands a message over. `Ok` means that the other side acknowledged it.
    fn deliver<'a>(&'a self, target: &'a Target<'a>, message: &'a Message<'a>) -> Call<'a, ()>;

    /// Whether its messages are signed, with a secret that the application is given.
    fn signs(&self) -> bool {
        false
    }

    /// The folder in which the application leaves files, if it does.
    fn arrivals<'a>(&'a self, target: &'a Target<'a>) -> Option<Call<'a, Box<dyn Folder>>>;
}

/// One thing that a connector must be told.
#[derive(Debug, Clone, Copy)]
pub struct OptionField {
    /// Its name in the options and in the form.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// What to write there.
    pub hint: &'static str,
    /// Whether it is sealed and never shown.
    pub is_secret: bool,
    /// Whether it may be left empty.
    pub is_optional: bool,
}

/// Whom to reach, and with what.
pub struct Target<'a> {
    /// The program.
    pub app: &'a App,
    /// Whose messages.
    pub tenant: &'a Tenant,
    /// To whom.
    pub application: &'a Application,
    /// Its secrets, opened.
    pub secrets: Secrets,
}

/// A message to hand over.
pub struct Message<'a> {
    /// The event: the receiver knows by it what it already has.
    pub id: String,
    /// When the event happened.
    pub at: Timestamp,
    /// `depot`, `transition:delivrer`.
    pub event_name: &'a str,
    /// Everything else.
    pub(crate) ready: &'a Ready,
}

/// A connector by its kind.
pub fn find(kind: &str) -> Option<&'static dyn Connector> {
    ALL.iter().copied().find(|connector| connector.kind() == kind)
}

/// Whether messages that go by a connector are signed.
pub(crate) fn signs(kind: &str) -> bool {
    find(kind).is_some_and(Connector::signs)
}

/// All connectors.
pub fn all() -> &'static [&'static dyn Connector] {
    ALL
}

/// What is wrong with what a connector was told.
pub fn check(connector: &dyn Connector, options: &Map<String, Value>, secrets: &Secrets) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for field in connector.options().iter().filter(|field| !field.is_optional) {
        let is_there = match field.is_secret {
            true => secrets.option(field.name).is_some(),
            false => option(options, field.name).is_some(),
        };
        if !is_there {
            errors.push(field.name, format!("Indiquez « {} ». {}", field.label, field.hint));
        }
    }
    connector.check(options, secrets, &mut errors);
    errors
}

/// An option as text, when it was given.
fn option<'a>(options: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    options.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

impl Target<'_> {
    /// An option as text; one that is missing blocks the application.
    fn option(&self, name: &str) -> Result<&str, Failure> {
        let missing = || Failure::Blocked { reason: format!("réglage « {name} » manquant") };
        self.maybe(name).ok_or_else(missing)
    }

    fn maybe(&self, name: &str) -> Option<&str> {
        option(self.application.options.as_object()?, name)
    }
}

impl Message<'_> {
    /// A name that is the same at each attempt: `depot-dos_…-evt_….xml`.
    fn file_name(&self) -> String {
        let event: String = self.event_name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let delivery = &self.ready.delivery;
        format!("{event}-{}-{}.{}", delivery.dossier, self.id, delivery.format.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(kind: &str, options: Value) -> Vec<String> {
        let connector = find(kind).expect("a connector");
        let options = options.as_object().expect("an object");
        check(connector, options, &Secrets::default()).0.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn each_connector_says_what_it_lacks() {
        assert_eq!(faults("webhook", serde_json::json!({})), ["url"]);
        assert_eq!(faults("fichier", serde_json::json!({})), ["dossier"]);
        let wanted = ["hote", "utilisateur", "empreinte", "dossier", "mot_de_passe"];
        assert_eq!(faults("sftp", serde_json::json!({})), wanted);
    }

    #[test]
    fn who_is_called_is_given_a_secret_and_who_finds_a_file_is_not() {
        let signing: Vec<&str> = all().iter().map(|connector| connector.kind()).filter(|kind| signs(kind)).collect();
        assert_eq!(signing, ["webhook"]);
    }

    #[test]
    fn what_it_is_told_must_be_believable() {
        assert_eq!(faults("webhook", serde_json::json!({"url": "etat-civil"})), ["url"]);
        assert!(faults("webhook", serde_json::json!({"url": "https://etat-civil.exemple.fr/parvis"})).is_empty());
        for folder in ["../ailleurs", "/etc", "a/../../b", "a//b", "."] {
            assert_eq!(faults("fichier", serde_json::json!({"dossier": folder})), ["dossier"], "{folder}");
        }
        assert!(faults("fichier", serde_json::json!({"dossier": "etat-civil/demandes"})).is_empty());
    }
}

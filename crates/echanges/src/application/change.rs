//! Registers an application, or changes its name, contact, channel, address and secrets. What waits for it leaves by
//! the new address; what is in flight ends at the old one.

use kernel::{ApplicationId, Error, Result, Tx, crypto::Keys};

use super::{Secrets, SigningSecret};
use crate::{
    ApplicationChanged, MANAGE, connectors,
    model::{Application, ApplicationStatus},
    replay, signature, store,
};

/// What an administrator says of an application.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// For people.
    pub name: String,
    /// Whom to call when it fails.
    pub contact: String,
    /// Which connector.
    pub channel: String,
    /// What the connector needs, but for secrets.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Secret options that were typed; those that were not stay as they are.
    pub secrets: std::collections::BTreeMap<String, String>,
}

/// An application that was registered or changed.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Which.
    pub id: ApplicationId,
    /// Its first signing secret, to give to the other side; shown once.
    pub signing_secret: Option<String>,
}

/// Registers an application. `Conflict` when the slug is taken.
pub async fn register(tx: &mut Tx, keys: &Keys, slug: &str, change: Change) -> Result<Registered> {
    tx.allow_any(MANAGE)?;
    if !is_slug(slug) {
        return Err(Error::invalid("slug", "Écrivez de 2 à 60 lettres minuscules, chiffres et tirets, par exemple « etat-civil »."));
    }
    let mut application = blank(tx, slug);
    let signing_secret = fill(tx, keys, &mut application, change)?;
    if !store::insert_application(tx, &application).await? {
        let sentence = format!("Une application s’appelle déjà « {slug} ». Choisissez un autre nom, ou modifiez celle-là.");
        return Err(Error::conflict("application-exists", sentence));
    }
    tx.emit(&ApplicationChanged { application: application.id, change: "registered" }).await?;
    Ok(Registered { id: application.id, signing_secret })
}

/// Changes an application; one that a package named and nobody had set up becomes active, and what waits for it leaves.
pub async fn change(tx: &mut Tx, keys: &Keys, id: ApplicationId, change: Change) -> Result<Registered> {
    tx.allow_any(MANAGE)?;
    let mut application = store::lock_application(tx, id).await?;
    let signing_secret = fill(tx, keys, &mut application, change)?;
    store::save_application(tx, &application).await?;
    tx.emit(&ApplicationChanged { application: id, change: "changed" }).await?;
    if application.status == ApplicationStatus::Active {
        store::forget_failures(tx, id).await?;
        replay::enqueue_release(tx, id).await?;
    }
    Ok(Registered { id, signing_secret })
}

/// Writes down an application that a package names and nobody has set up: what is for it waits.
pub async fn name(tx: &mut Tx, slug: &str) -> Result<Application> {
    let application = blank(tx, slug);
    if store::insert_application(tx, &application).await? {
        tx.emit(&ApplicationChanged { application: application.id, change: "named" }).await?;
    }
    store::application_by_slug(tx, slug).await?.ok_or(Error::NotFound)
}

fn blank(tx: &mut Tx, slug: &str) -> Application {
    Application {
        id: tx.new_id(),
        slug: slug.to_owned(),
        name: slug.to_owned(),
        channel: String::new(),
        options: serde_json::json!({}),
        sealed: None,
        contact: String::new(),
        status: ApplicationStatus::Unset,
        status_reason: String::new(),
        failures: 0,
        down_since: None,
        probe_at: None,
        last_error: String::new(),
        last_success_at: None,
    }
}

/// Checks what was said and puts it in the application; gives a signing secret if one was made.
fn fill(tx: &mut Tx, keys: &Keys, application: &mut Application, change: Change) -> Result<Option<String>> {
    let mut secrets = Secrets::open(keys, application.id, application.sealed.as_deref())?;
    secrets.options.extend(change.secrets.into_iter().filter(|(_, text)| !text.is_empty()));
    let mut errors = kernel::FieldErrors::new();
    if change.name.trim().is_empty() {
        errors.push("name", "Donnez un nom à cette application, par exemple « Logiciel d’état civil ».");
    }
    match connectors::find(&change.channel) {
        Some(connector) => errors.0.extend(connectors::check(connector, &change.options, &secrets).0),
        None => errors.push("channel", "Choisissez comment cette application reçoit."),
    }
    errors.into_result()?;
    let made = (connectors::signs(&change.channel) && secrets.signing.is_empty()).then(|| signature::secret(tx.random_bytes()));
    secrets.signing.extend(made.clone().map(|secret| SigningSecret { secret, until: None }));
    application.name = change.name.trim().to_owned();
    application.contact = change.contact.trim().to_owned();
    application.channel = change.channel;
    application.options = change.options.into();
    application.sealed = Some(secrets.seal(keys, application.id)?);
    if application.status == ApplicationStatus::Unset {
        application.status = ApplicationStatus::Active;
    }
    Ok(made)
}

fn is_slug(slug: &str) -> bool {
    (2..=60).contains(&slug.len())
        && slug.starts_with(|c: char| c.is_ascii_lowercase())
        && slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

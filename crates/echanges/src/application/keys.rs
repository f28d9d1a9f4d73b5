//! The keys by which an application answers, and the secret by which it believes us. Several are valid at once while
//! one replaces another, so that nobody must change both sides in the same minute.

use jiff::SignedDuration;
use kernel::{Actor, ApplicationId, Error, Result, Tx, crypto, crypto::Keys};

use super::{Secrets, SigningSecret};
use crate::{ApplicationChanged, MANAGE, model::ROTATION, signature, store};

/// How long the former keys still open after a new one is made.
const OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Characters of a key that are shown later.
const HINT: usize = 10;

/// Makes a key for the answers of an application; it is shown once. The former ones end in seven days.
pub async fn add_key(tx: &mut Tx, id: ApplicationId) -> Result<String> {
    tx.allow_any(MANAGE)?;
    store::lock_application(tx, id).await?;
    let key = format!("pvapp_{}", tx.random_token());
    let hash = crypto::hash_token(&key);
    store::insert_key(tx, id, &hash, &key[..HINT]).await?;
    let end = tx.now().checked_add(OVERLAP)?;
    store::expire_other_keys(tx, id, &hash, end).await?;
    tx.emit(&ApplicationChanged { application: id, change: "key-added" }).await?;
    Ok(key)
}

/// Closes a key at once, named by its hash. `NotFound` when the application has no such key.
pub async fn close_key(tx: &mut Tx, id: ApplicationId, hash: &str) -> Result<()> {
    tx.allow_any(MANAGE)?;
    if store::delete_key(tx, id, hash).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.emit(&ApplicationChanged { application: id, change: "key-closed" }).await.map(drop)
}

/// Makes a new signing secret; it is shown once. The former one signs too for two days.
pub async fn rotate_secret(tx: &mut Tx, keys: &Keys, id: ApplicationId) -> Result<String> {
    tx.allow_any(MANAGE)?;
    let mut application = store::lock_application(tx, id).await?;
    let mut secrets = Secrets::open(keys, id, application.sealed.as_deref())?;
    let (now, end) = (tx.now(), tx.now().checked_add(ROTATION)?);
    secrets.signing.retain(|one| one.until.is_none_or(|until| until > now));
    for one in &mut secrets.signing {
        one.until = Some(one.until.map_or(end, |until| until.min(end)));
    }
    let secret = signature::secret(tx.random_bytes());
    secrets.signing.insert(0, SigningSecret { secret: secret.clone(), until: None });
    application.sealed = Some(secrets.seal(keys, id)?);
    store::save_application(tx, &application).await?;
    tx.emit(&ApplicationChanged { application: id, change: "secret-rotated" }).await?;
    Ok(secret)
}

/// Who holds the key of this hash today.
pub async fn holder(tx: &mut Tx, hash: &str) -> Result<Option<Actor>> {
    let found = store::key_holder(tx, hash).await?;
    Ok(found.map(|(id, name)| Actor::Application { id, name }))
}

//! Passwords: argon2id, off the async threads and never more than two at once, so that a burst of sign-ins
//! cannot take all the memory and processors. What makes a good password is said elsewhere.

use std::sync::{LazyLock, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use tokio::sync::Semaphore;

use crate::{Error, Result};

static AT_ONCE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// The text to keep of a password: `$argon2id$v=19$…`, with its own salt.
pub async fn hash_password(password: String) -> Result<String> {
    apart(move || hash(&password)).await?
}

/// Whether a password is the one of this text. With no text (unknown account) the same work is done for nothing,
/// so that the time of the answer tells nobody which accounts exist.
pub async fn verify_password(password: String, kept: Option<String>) -> Result<bool> {
    apart(move || {
        let known = kept.is_some();
        let kept = match kept {
            Some(kept) => kept,
            None => dummy()?,
        };
        let same = Argon2::default().verify_password(password.as_bytes(), kept.as_str());
        Ok(known && same.is_ok())
    })
    .await?
}

fn hash(password: &str) -> Result<String> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hashed| hashed.to_string()).map_err(Error::internal)
}

fn dummy() -> Result<String> {
    static DUMMY: OnceLock<String> = OnceLock::new();
    match DUMMY.get() {
        Some(kept) => Ok(kept.clone()),
        None => hash("nobody").map(|made| DUMMY.get_or_init(|| made).clone()),
    }
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_own_hash_only() {
        let kept = hash_password("correct cheval pile agrafe".into()).await.expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let verify = |word: &str| verify_password(word.into(), Some(kept.clone()));
        assert!(verify("correct cheval pile agrafe").await.expect("verified"));
        assert!(!verify("Correct cheval pile agrafe").await.expect("verified"));
    }

    #[tokio::test]
    async fn an_unknown_account_costs_as_much_and_is_refused() {
        assert!(!verify_password("nobody".into(), None).await.expect("verified"));
        assert!(!verify_password("nobody".into(), Some("not a hash".into())).await.expect("verified"));
    }
}

//! The description of a provider and its keys, fetched once and kept an hour: a cache that a node can lose.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use kernel::{App, http};
use openidconnect::core::CoreJsonWebKey;
use serde::{Deserialize, de::DeserializeOwned};

use super::finish::Failure;

const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// What we use of `/.well-known/openid-configuration`.
#[derive(Debug, Clone, Deserialize)]
pub struct Metadata {
    /// Must be the issuer that was set.
    pub issuer: String,
    /// Where the browser goes.
    pub authorization_endpoint: String,
    /// Where the code is exchanged.
    pub token_endpoint: String,
    /// Who the person is.
    pub userinfo_endpoint: String,
    /// Its keys.
    pub jwks_uri: String,
    /// Where one signs out.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Which proofs of the code's holder it takes; FranceConnect and ProConnect announce none and refuse unknown
    /// parameters, so that none is sent there.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether it signs its callback with `iss`.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Its public keys; those that we cannot read are left out.
#[derive(Clone, Default)]
pub(super) struct KeySet(pub Vec<CoreJsonWebKey>);

#[derive(Deserialize)]
struct RawKeys {
    keys: Vec<serde_json::Value>,
}

#[derive(Default)]
struct Cache {
    metadata: HashMap<String, (Timestamp, Metadata)>,
    keys: HashMap<String, (Timestamp, KeySet)>,
}

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

fn cache<T>(with: impl FnOnce(&mut Cache) -> T) -> T {
    with(&mut CACHE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The description of an issuer.
pub(crate) async fn metadata(app: &App, issuer: &str) -> Result<Metadata, Failure> {
    let now = app.clock.now();
    let is_fresh = |at: Timestamp| now.duration_since(at).abs() < FRESH;
    let kept = cache(|cache| cache.metadata.get(issuer).filter(|(at, _)| is_fresh(*at)).map(|(_, metadata)| metadata.clone()));
    if let Some(metadata) = kept {
        return Ok(metadata);
    }
    let metadata: Metadata = fetch(app, &format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).await?;
    if metadata.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
        return Err(Failure::Untrusted("issuer-mismatch"));
    }
    cache(|cache| cache.metadata.insert(issuer.to_owned(), (now, metadata.clone())));
    Ok(metadata)
}

/// The keys of a provider; `again` asks for them anew, for a key that was not among them.
pub(super) async fn keys(app: &App, jwks_uri: &str, again: bool) -> Result<KeySet, Failure> {
    let now = app.clock.now();
    let is_fresh = |at: Timestamp| now.duration_since(at).abs() < FRESH;
    let kept = cache(|cache| cache.keys.get(jwks_uri).filter(|(at, _)| is_fresh(*at)).map(|(_, keys)| keys.clone()));
    if let (Some(keys), false) = (kept, again) {
        return Ok(keys);
    }
    let raw: RawKeys = fetch(app, jwks_uri).await?;
    let keys = KeySet(raw.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect());
    cache(|cache| cache.keys.insert(jwks_uri.to_owned(), (now, keys.clone())));
    Ok(keys)
}

async fn fetch<T: DeserializeOwned>(app: &App, url: &str) -> Result<T, Failure> {
    let request = http::get(url).header("accept", "application/json").body(vec![]).map_err(|_| Failure::Untrusted("address"))?;
    let answer = app.http.send_waited(request).await.map_err(Failure::from_call)?;
    if !answer.status().is_success() {
        return Err(Failure::from_status(answer.status().as_u16()));
    }
    serde_json::from_slice(answer.body()).map_err(|_| Failure::Untrusted("not-json"))
}

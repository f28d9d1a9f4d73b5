//! A signed token: its header, the key that it names, its signature, its claims. ES256 and RS256 alone: `none`, and
//! secrets shared as keys, are refused whatever the header says.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{discovery::KeySet, finish::Failure};

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// Claims of which the signature was verified.
pub(super) type Claims = Map<String, Value>;

/// The claims of a token signed by one of these keys. `UnknownKey` when the key that it names is not among them:
/// the caller may ask for the keys once more.
pub(super) fn verify(token: &str, keys: &KeySet) -> Result<Claims, Failure> {
    let mut parts = token.trim().split('.');
    let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Failure::Untrusted("not-a-token"));
    };
    let read: Header = decode(header).and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(Failure::Untrusted("not-a-token"))?;
    if read.crit.is_some() {
        return Err(Failure::Untrusted("crit"));
    }
    let alg = match read.alg.as_str() {
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        _ => return Err(Failure::Untrusted("algorithm")),
    };
    let signed = format!("{header}.{claims}");
    let signature = decode(signature).ok_or(Failure::Untrusted("signature"))?;
    let key = key(keys, read.kid.as_deref(), &alg)?;
    key.verify_signature(&alg, signed.as_bytes(), &signature).map_err(|_| Failure::Untrusted("signature"))?;
    decode(claims).and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(Failure::Untrusted("not-a-token"))
}

/// The one key that this token may be signed with: of its algorithm, for signatures, and of its name when it has one.
fn key<'a>(keys: &'a KeySet, kid: Option<&str>, alg: &CoreJwsSigningAlgorithm) -> Result<&'a CoreJsonWebKey, Failure> {
    let fits = |key: &&CoreJsonWebKey| {
        let is_of_use = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        let is_of_alg = match key.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(of) => of == alg,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        let is_named = kid.is_none() || key.key_id().map(|id| id.as_str()) == kid;
        is_of_use && is_of_alg && is_named && Some(key.key_type()) == alg.key_type().as_ref()
    };
    let mut fitting = keys.0.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(Failure::UnknownKey),
        (Some(_), Some(_)) => Err(Failure::Untrusted("ambiguous-key")),
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    #[test]
    fn neither_none_nor_a_shared_secret_is_an_algorithm() {
        for alg in ["none", "None", "HS256", "PS256", ""] {
            let token = token(&format!("{{\"alg\":\"{alg}\"}}"), "{}");
            assert_eq!(verify(&token, &KeySet::default()), Err(Failure::Untrusted("algorithm")), "{alg}");
        }
    }

    #[test]
    fn what_is_not_a_token_or_asks_for_more_is_refused() {
        assert_eq!(verify("a.b", &KeySet::default()), Err(Failure::Untrusted("not-a-token")));
        assert_eq!(verify("a.b.c.d", &KeySet::default()), Err(Failure::Untrusted("not-a-token")));
        let crit = token("{\"alg\":\"ES256\",\"crit\":[\"exp\"]}", "{}");
        assert_eq!(verify(&crit, &KeySet::default()), Err(Failure::Untrusted("crit")));
        let unknown = token("{\"alg\":\"ES256\",\"kid\":\"x\"}", "{}");
        assert_eq!(verify(&unknown, &KeySet::default()), Err(Failure::UnknownKey));
    }
}

//! The signature of Standard Webhooks: HMAC-SHA-256 over the identifier, the instant and the body, with a secret that
//! both sides keep. Several secrets are valid while one replaces another. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use kernel::crypto::{constant_time_eq, hmac_sha256};

/// What comes before the secret, so that it is recognised.
const PREFIX: &str = "whsec_";
/// How far the clock of the other side may be.
const TOLERANCE_S: i64 = 300;

/// A secret as it is shown and kept: `whsec_` and 32 bytes in base64.
pub fn secret(random: [u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(random))
}

/// Whether this text is a secret.
pub fn is_secret(text: &str) -> bool {
    key(text).is_some_and(|key| (16..=64).contains(&key.len()))
}

/// The value of `webhook-signature`: one `v1,…` per secret. A text that is no secret signs nothing.
pub fn sign<'a>(secrets: impl IntoIterator<Item = &'a str>, id: &str, at: Timestamp, body: &[u8]) -> String {
    let signed = secrets.into_iter().filter_map(|secret| {
        let mac = hmac_sha256(&key(secret)?, &content(id, at.as_second(), body));
        Some(format!("v1,{}", STANDARD.encode(mac)))
    });
    signed.collect::<Vec<_>>().join(" ")
}

/// Whether one of the signatures was made with this secret, less than five minutes ago.
pub fn verify(secret: &str, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: Timestamp) -> bool {
    let (Some(key), Ok(at)) = (key(secret), timestamp.parse::<i64>()) else { return false };
    if now.as_second().abs_diff(at) > TOLERANCE_S.unsigned_abs() {
        return false;
    }
    let wanted = hmac_sha256(&key, &content(id, at, body));
    let given = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    given.fold(false, |found, mac| constant_time_eq(&mac, &wanted) | found)
}

fn key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()
}

fn content(id: &str, at: i64, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", at.to_string().as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the libraries of Standard Webhooks share.
    #[test]
    fn the_published_vector_is_signed_alike() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let at = Timestamp::from_second(1_614_265_330).expect("an instant");
        let signature = sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn either_secret_verifies_during_a_rotation_and_nothing_else_does() {
        let (old, new, other) = (secret([1; 32]), secret([2; 32]), secret([3; 32]));
        let now = Timestamp::from_second(1_000_000).expect("an instant");
        let signed = sign([new.as_str(), old.as_str()], "evt_1", now, b"{}");
        let says = |secret: &str, id: &str, at: &str, body: &[u8]| verify(secret, id, at, &signed, body, now);
        assert!(says(&old, "evt_1", "1000000", b"{}") && says(&new, "evt_1", "1000000", b"{}"));
        assert!(!says(&other, "evt_1", "1000000", b"{}"));
        assert!(!says(&new, "evt_2", "1000000", b"{}") && !says(&new, "evt_1", "1000000", b"{ }"));
        let late = sign([new.as_str()], "evt_1", Timestamp::from_second(999_640).expect("an instant"), b"{}");
        assert!(!verify(&new, "evt_1", "999640", &late, b"{}", now), "six minutes ago");
    }

    #[test]
    fn a_secret_is_recognised() {
        assert!(is_secret(&secret([7; 32])));
        assert!(!is_secret("whsec_abc") && !is_secret("secret") && !is_secret("whsec_"));
    }
}

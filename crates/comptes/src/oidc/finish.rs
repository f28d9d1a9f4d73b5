//! The second leg: a code becomes an identity, through every check in its order. A failure says why to the log and
//! nothing to the person but what to do.

use jiff::{SignedDuration, Timestamp};
use kernel::{App, TenantId, http::CallError};
use openidconnect::url::form_urlencoded;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Kind, Pending, Provider,
    discovery::{self, Metadata},
    jws::{self, Claims},
    provider::secret_of,
};

/// An exchange begun longer ago is forgotten.
const LIFE: SignedDuration = SignedDuration::from_mins(30);
/// Clocks differ by so much at most.
const LEEWAY_S: i64 = 30;

/// What the browser brought back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The state that we gave.
    pub state: String,
    /// To exchange, within 30 seconds.
    pub code: Option<String>,
    /// Who answers.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Who somebody is, says a provider.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The provider's issuer.
    pub issuer: String,
    /// The person, there: with the issuer, the key of the link.
    pub sub: String,
    /// Level stated.
    pub acr: Option<String>,
    /// Means stated: `pwd`, `mfa`…
    pub amr: Vec<String>,
    /// What was asked for, verified.
    pub claims: serde_json::Map<String, Value>,
    /// For the signing out, and nothing else.
    pub id_token: String,
}

impl Identity {
    /// A claim that is a text and not empty.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A claim that is a list of texts, or one text.
    pub fn list(&self, claim: &str) -> Vec<String> {
        match self.claims.get(claim) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => vec![],
        }
    }

    /// Whether the provider vouches for two factors.
    pub fn is_strong(&self) -> bool {
        let acr = self.acr.as_deref().unwrap_or_default();
        acr.ends_with("-mfa") || ["eidas2", "eidas3"].contains(&acr) || self.amr.iter().any(|amr| amr == "mfa")
    }
}

/// Why there is no identity. The code is for the log: nothing personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It does not answer, or too late.
    Down,
    /// The person gave up there.
    Cancelled,
    /// It refused, with its own reason.
    Refused,
    /// The exchange is not one of this browser, or has served.
    Stale,
    /// The key of a signature is not among those published.
    UnknownKey,
    /// An answer that cannot be trusted, and which check says so.
    Untrusted(&'static str),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Down => f.write_str("il ne répond pas"),
            Self::Cancelled => f.write_str("la connexion a été abandonnée"),
            Self::Refused => f.write_str("il a refusé la demande"),
            Self::Stale => f.write_str("la connexion a trop attendu ou a déjà servi"),
            Self::UnknownKey => f.write_str("sa signature est inconnue"),
            Self::Untrusted(check) => write!(f, "sa réponse n’est pas valable ({check})"),
        }
    }
}

impl Failure {
    pub(super) fn from_call(error: CallError) -> Self {
        match error {
            CallError::Refused(_) => Self::Untrusted("address"),
            CallError::TooLong => Self::Untrusted("too-long"),
            CallError::Down | CallError::Late | CallError::Paused => Self::Down,
        }
    }

    pub(super) fn from_status(status: u16) -> Self {
        if status >= 500 { Self::Down } else { Self::Untrusted("status") }
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
    token_type: String,
}

/// The identity behind an answer. `pending` was taken from this browser's session: it cannot serve again.
pub async fn finish(
    app: &App,
    tenant: TenantId,
    provider: &Provider,
    pending: &Pending,
    redirect_uri: &str,
    answer: &Answer,
) -> Result<Identity, Failure> {
    let now = app.clock.now();
    check_answer(provider, pending, answer, now)?;
    let metadata = Metadata::of(app, provider).await?;
    match answer.iss.as_deref() {
        Some(iss) if iss.trim_end_matches('/') != provider.issuer => return Err(Failure::Untrusted("iss-of-answer")),
        None if metadata.authorization_response_iss_parameter_supported => return Err(Failure::Untrusted("iss-of-answer")),
        _ => {}
    }
    let code = answer.code.as_deref().ok_or(Failure::Untrusted("no-code"))?;
    let tokens = exchange(app, tenant, provider, pending, redirect_uri, code, &metadata).await?;
    let id = verified(app, &metadata, &tokens.id_token).await?;
    check_claims(&id, provider, now, true)?;
    if id.get("nonce").and_then(Value::as_str) != Some(pending.nonce.as_str()) {
        return Err(Failure::Untrusted("nonce"));
    }
    let acr = id.get("acr").and_then(Value::as_str).map(ToOwned::to_owned);
    check_level(provider, acr.as_deref())?;
    let sub = text(&id, "sub").ok_or(Failure::Untrusted("sub"))?;
    let claims = userinfo(app, provider, &metadata, &tokens.access_token, &sub, now).await?;
    let mut identity = Identity { issuer: provider.issuer.clone(), sub, acr, amr: vec![], claims, id_token: tokens.id_token };
    // Directories put groups and means in either token.
    for (name, value) in &id {
        identity.claims.entry(name.clone()).or_insert_with(|| value.clone());
    }
    identity.amr = identity.list("amr").iter().flat_map(|amr| amr.split(' ')).map(ToOwned::to_owned).collect();
    Ok(identity)
}

fn check_answer(provider: &Provider, pending: &Pending, answer: &Answer, now: Timestamp) -> Result<(), Failure> {
    let is_ours = kernel::crypto::constant_time_eq(pending.state.as_bytes(), answer.state.as_bytes());
    if !is_ours || pending.provider != provider.slug || now.duration_since(pending.at) > LIFE {
        return Err(Failure::Stale);
    }
    match answer.error.as_deref() {
        None => Ok(()),
        Some("access_denied") => Err(Failure::Cancelled),
        Some("temporarily_unavailable" | "server_error") => Err(Failure::Down),
        Some(_) => Err(Failure::Refused),
    }
}

async fn exchange(
    app: &App,
    tenant: TenantId,
    provider: &Provider,
    pending: &Pending,
    redirect_uri: &str,
    code: &str,
    metadata: &Metadata,
) -> Result<Tokens, Failure> {
    let secret = secret_of(&app.keys, tenant, provider).map_err(|_| Failure::Untrusted("our-secret"))?;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("client_id", &provider.client_id),
        ("client_secret", &secret),
    ];
    let proof = pending.verifier.as_deref().map(|verifier| ("code_verifier", verifier));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs.into_iter().chain(proof)).finish();
    let request = kernel::http::post_form(&metadata.token_endpoint, body).map_err(|_| Failure::Untrusted("address"))?;
    let answer = app.http.send_waited(request).await.map_err(Failure::from_call)?;
    match answer.status().as_u16() {
        200 => {}
        400 | 401 => return Err(Failure::Untrusted("code")),
        status => return Err(Failure::from_status(status)),
    }
    let tokens: Tokens = serde_json::from_slice(answer.body()).map_err(|_| Failure::Untrusted("tokens"))?;
    if !tokens.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Failure::Untrusted("token-type"));
    }
    Ok(tokens)
}

/// The claims of a token; when its key is not known, the keys are asked for once more.
async fn verified(app: &App, metadata: &Metadata, token: &str) -> Result<Claims, Failure> {
    match jws::verify(token, &discovery::keys(app, &metadata.jwks_uri, false).await?) {
        Err(Failure::UnknownKey) => jws::verify(token, &discovery::keys(app, &metadata.jwks_uri, true).await?),
        done => done,
    }
}

/// Issuer, audience and dates. User information without `exp` (a directory's plain JSON) is as fresh as its answer.
fn check_claims(claims: &Claims, provider: &Provider, now: Timestamp, needs_exp: bool) -> Result<(), Failure> {
    if claims.get("iss").and_then(Value::as_str).map(|iss| iss.trim_end_matches('/')) != Some(provider.issuer.as_str()) {
        return Err(Failure::Untrusted("iss"));
    }
    let is_us = match claims.get("aud") {
        Some(Value::String(aud)) => *aud == provider.client_id,
        // Another audience could replay what it received: none but us is accepted.
        Some(Value::Array(all)) => all.len() == 1 && all[0].as_str() == Some(provider.client_id.as_str()),
        _ => false,
    };
    if !is_us {
        return Err(Failure::Untrusted("aud"));
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64).map(|at| at as i64);
    match seconds("exp") {
        Some(exp) if exp + LEEWAY_S < now.as_second() => return Err(Failure::Untrusted("exp")),
        None if needs_exp => return Err(Failure::Untrusted("exp")),
        _ => {}
    }
    let is_of_future = |name: &str| seconds(name).is_some_and(|at| at - LEEWAY_S > now.as_second());
    if is_of_future("iat") || is_of_future("nbf") {
        return Err(Failure::Untrusted("iat"));
    }
    Ok(())
}

/// The levels of FranceConnect and ProConnect, from the least sure.
const LEVELS: [&str; 6] = ["eidas0", "eidas0-mfa", "eidas1", "eidas1-mfa", "eidas2", "eidas3"];

fn check_level(provider: &Provider, acr: Option<&str>) -> Result<(), Failure> {
    let least = provider.acr();
    if least.is_empty() {
        return Ok(());
    }
    let rank = |acr: &str| LEVELS.iter().position(|level| *level == acr);
    let is_enough = match (rank(least), acr.and_then(rank)) {
        (Some(least), Some(stated)) => stated >= least,
        _ => acr.is_some_and(|acr| least.split(' ').any(|one| one == acr)),
    };
    if is_enough { Ok(()) } else { Err(Failure::Untrusted("acr")) }
}

async fn userinfo(app: &App, provider: &Provider, metadata: &Metadata, access_token: &str, sub: &str, now: Timestamp) -> Result<Claims, Failure> {
    let request = kernel::http::get(&metadata.userinfo_endpoint)
        .header("authorization", format!("Bearer {access_token}"))
        .header("accept", "application/jwt, application/json")
        .body(vec![])
        .map_err(|_| Failure::Untrusted("address"))?;
    let answer = app.http.send_waited(request).await.map_err(Failure::from_call)?;
    if !answer.status().is_success() {
        return Err(Failure::from_status(answer.status().as_u16()));
    }
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let claims = if kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/jwt") {
        let token = std::str::from_utf8(answer.body()).map_err(|_| Failure::Untrusted("not-a-token"))?;
        let claims = verified(app, metadata, token).await?;
        check_claims(&claims, provider, now, provider.kind != Kind::Generic)?;
        claims
    } else if provider.kind.signs_userinfo() {
        return Err(Failure::Untrusted("unsigned-userinfo"));
    } else {
        serde_json::from_slice(answer.body()).map_err(|_| Failure::Untrusted("userinfo"))?
    };
    // Without this, a token stolen from another client could be put in place of the person's.
    if text(&claims, "sub").as_deref() != Some(sub) {
        return Err(Failure::Untrusted("sub-of-userinfo"));
    }
    Ok(claims)
}

fn text(claims: &Claims, name: &str) -> Option<String> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oidc::ProviderSettings;

    fn provider(kind: Kind, acr: &str) -> Provider {
        Provider {
            slug: "fc".into(),
            kind,
            title: "FC".into(),
            issuer: "https://fc.exemple.fr/api/v2".into(),
            client_id: "nous".into(),
            secret_sealed: vec![],
            settings: ProviderSettings { acr: acr.into(), ..ProviderSettings::default() },
            is_active: true,
        }
    }

    fn claims(value: Value) -> Claims {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn issuer_audience_and_dates_are_checked() {
        let now = Timestamp::from_second(1_800_000_000).expect("in range");
        let good = json!({ "iss": "https://fc.exemple.fr/api/v2", "aud": "nous", "exp": 1_800_000_060, "iat": 1_800_000_000 });
        let with = |name: &str, value: Value| {
            let mut claims = claims(good.clone());
            claims.insert(name.into(), value);
            check_claims(&claims, &provider(Kind::FranceConnect, ""), now, true)
        };
        assert_eq!(with("x", json!(1)), Ok(()));
        assert_eq!(with("iss", json!("https://autre.fr")), Err(Failure::Untrusted("iss")));
        assert_eq!(with("aud", json!("autre")), Err(Failure::Untrusted("aud")));
        assert_eq!(with("aud", json!(["nous"])), Ok(()));
        assert_eq!(with("aud", json!(["nous", "autre"])), Err(Failure::Untrusted("aud")));
        assert_eq!(with("exp", json!(1_799_999_900)), Err(Failure::Untrusted("exp")));
        assert_eq!(with("exp", Value::Null), Err(Failure::Untrusted("exp")));
        assert_eq!(with("iat", json!(1_800_000_100)), Err(Failure::Untrusted("iat")));
    }

    #[test]
    fn a_level_is_enough_when_it_is_at_least_the_one_asked() {
        let france = provider(Kind::FranceConnect, "");
        assert_eq!(check_level(&france, Some("eidas1")), Ok(()));
        assert_eq!(check_level(&france, Some("eidas2")), Ok(()));
        assert_eq!(check_level(&france, Some("eidas0")), Err(Failure::Untrusted("acr")));
        assert_eq!(check_level(&france, None), Err(Failure::Untrusted("acr")));
        assert_eq!(check_level(&provider(Kind::Generic, ""), None), Ok(()));
        assert_eq!(check_level(&provider(Kind::Generic, "urn:fort"), Some("urn:fort")), Ok(()));
    }

    #[test]
    fn a_state_of_another_browser_or_of_yesterday_is_stale() {
        let now = Timestamp::from_second(1_800_000_000).expect("in range");
        let pending =
            Pending { provider: "fc".into(), state: "s".into(), nonce: "n".into(), verifier: None, back: "/".into(), is_step_up: false, at: now };
        let answer = |state: &str, error: Option<&str>| Answer { state: state.into(), error: error.map(Into::into), ..Answer::default() };
        let france = provider(Kind::FranceConnect, "");
        assert_eq!(check_answer(&france, &pending, &answer("s", None), now), Ok(()));
        assert_eq!(check_answer(&france, &pending, &answer("t", None), now), Err(Failure::Stale));
        assert_eq!(check_answer(&france, &pending, &answer("s", None), now + SignedDuration::from_mins(31)), Err(Failure::Stale));
        assert_eq!(check_answer(&france, &pending, &answer("s", Some("access_denied")), now), Err(Failure::Cancelled));
        assert_eq!(check_answer(&france, &pending, &answer("s", Some("Y030007")), now), Err(Failure::Refused));
    }
}

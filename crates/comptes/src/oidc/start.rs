//! The first leg: where the browser is sent, and what it must bring back.

use jiff::Timestamp;
use kernel::{App, Tx};
use openidconnect::{PkceCodeChallenge, PkceCodeVerifier, url::Url};
use serde::{Deserialize, Serialize};

use super::{
    Kind, Provider,
    discovery::{Metadata, metadata},
    finish::Failure,
};

/// What is asked of a provider.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// The page to come back to, on our host.
    pub back: String,
    /// Asks for a second factor.
    pub is_step_up: bool,
    /// Address typed by the agent, to spare him a second typing.
    pub login_hint: Option<String>,
}

/// An exchange under way, kept with the browser's session and taken once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// Slug of the provider.
    pub provider: String,
    /// What the callback must bring back.
    pub state: String,
    /// What the token must hold.
    pub nonce: String,
    /// Proof that the code was asked by us, when the provider takes one.
    pub verifier: Option<String>,
    /// The page to come back to.
    pub back: String,
    /// Whether a second factor was asked for.
    pub is_step_up: bool,
    /// When it began: it dies after 30 minutes.
    pub at: Timestamp,
}

/// Levels of ProConnect that hold two factors.
const STRONG: [&str; 3] = ["eidas1-mfa", "eidas2", "eidas3"];

impl Pending {
    /// A fresh exchange; its secrets come from the unit of work that keeps it.
    fn new(tx: &mut Tx, provider: &Provider, demand: &Demand) -> Self {
        Self {
            provider: provider.slug.clone(),
            state: tx.random_token(),
            nonce: tx.random_token(),
            verifier: None,
            back: kernel::web::local(&demand.back).to_owned(),
            is_step_up: demand.is_step_up,
            at: tx.now(),
        }
    }
}

/// Where the browser must go. The description of the provider is read before, outside any unit of work, by
/// `Metadata::of`.
pub fn start(tx: &mut Tx, metadata: &Metadata, provider: &Provider, redirect_uri: &str, demand: &Demand) -> Result<(Pending, String), Failure> {
    let mut pending = Pending::new(tx, provider, demand);
    let mut url = Url::parse(&metadata.authorization_endpoint).map_err(|_| Failure::Untrusted("address"))?;
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", provider.scopes())
        .append_pair("state", &pending.state)
        .append_pair("nonce", &pending.nonce);
    if !provider.acr().is_empty() {
        query.append_pair("acr_values", provider.acr());
    }
    if demand.is_step_up && provider.kind == Kind::ProConnect {
        let claims = serde_json::json!({ "id_token": { "acr": { "essential": true, "values": STRONG }, "amr": { "essential": true } } });
        query.append_pair("claims", &claims.to_string());
    }
    if let (Some(hint), Kind::ProConnect | Kind::Generic) = (&demand.login_hint, provider.kind) {
        query.append_pair("login_hint", hint);
    }
    if metadata.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        let verifier = tx.random_token();
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
        query.append_pair("code_challenge", challenge.as_str()).append_pair("code_challenge_method", "S256");
        pending.verifier = Some(verifier);
    }
    drop(query);
    Ok((pending, url.into()))
}

impl Metadata {
    /// The description of a provider; one call, or none when it is known.
    pub async fn of(app: &App, provider: &Provider) -> Result<Self, Failure> {
        metadata(app, &provider.issuer).await
    }
}

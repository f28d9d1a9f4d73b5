//! Signing out where one signed in: an obligation towards FranceConnect, and the agents' own safety.

use openidconnect::url::Url;

use super::{Metadata, Provider};

/// Where the browser ends its session at the provider; `None` when the provider has no such place.
pub fn logout_url(metadata: &Metadata, provider: &Provider, id_token: &str, state: &str, base_url: &str) -> Option<String> {
    let mut url = Url::parse(metadata.end_session_endpoint.as_deref()?).ok()?;
    url.query_pairs_mut()
        .append_pair("id_token_hint", id_token)
        .append_pair("state", state)
        .append_pair("post_logout_redirect_uri", &provider.logout_uri(base_url));
    Some(url.into())
}

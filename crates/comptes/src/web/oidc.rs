//! Leaving for an identity provider, coming back, and signing out there. The exchange under way is kept with the
//! browser's session and taken once, so that an answer serves this browser and once.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    Error, Result, Tx,
    web::{Ctx, Form, Session, see_elsewhere, see_other},
};
use serde::{Deserialize, Serialize};

use crate::oidc::{self, Answer, Demand, Failure, Identity, Metadata, Pending, Provider};

/// Where the exchange under way waits.
const PENDING: &str = "oidc";
/// Where what the signing out needs is kept.
const HELD: &str = "oidc_session";

/// What the provider will want to hear again when its person signs out.
#[derive(Serialize, Deserialize)]
struct Held {
    provider: String,
    /// The token, sealed: it names the person there.
    id_token: String,
}

/// What a return was.
pub struct Return {
    /// From whom.
    pub provider: Provider,
    /// What had been asked.
    pub pending: Option<Pending>,
    /// Who it is, or why not.
    pub outcome: Result<Identity, Failure>,
}

/// Sends the browser to a provider; `Err` inside when the provider is down.
pub async fn leave(cx: &Ctx, provider: &Provider, demand: &Demand) -> Result<Result<Response, Failure>> {
    let metadata = match Metadata::of(&cx.app, provider).await {
        Ok(metadata) => metadata,
        Err(failure) => {
            tracing::warn!(request = cx.request_id(), provider = provider.slug, ?failure, "an identity provider cannot be used");
            return Ok(Err(failure));
        }
    };
    let redirect_uri = provider.redirect_uri(&cx.tenant.base_url);
    let begun = cx
        .write(async |tx| match oidc::start(tx, &metadata, provider, &redirect_uri, demand) {
            Ok((pending, url)) => {
                cx.remember(tx, PENDING, &pending).await?;
                Ok(Ok(url))
            }
            Err(failure) => Ok(Err(failure)),
        })
        .await?;
    Ok(begun.map(|url| see_elsewhere(&url)))
}

/// Reads what a provider sent back. The network is called here, outside any unit of work.
pub async fn come_back(cx: &Ctx, slug: &str, form: &Form) -> Result<Return> {
    let (provider, pending) = cx
        .write(async |tx| {
            let pending: Option<Pending> = cx.take(tx, PENDING).await?;
            Ok((oidc::provider(tx, slug).await?, pending))
        })
        .await?;
    if !provider.is_active {
        return Err(Error::NotFound);
    }
    let text = |name: &str| form.filled(name).map(ToOwned::to_owned);
    let answer = Answer { state: text("state").unwrap_or_default(), code: text("code"), iss: text("iss"), error: text("error") };
    let outcome = match &pending {
        None => Err(Failure::Stale),
        Some(pending) => {
            let redirect_uri = provider.redirect_uri(&cx.tenant.base_url);
            oidc::finish(&cx.app, cx.tenant.id, &provider, pending, &redirect_uri, &answer).await
        }
    };
    if let Err(failure) = &outcome {
        let said = answer.error.as_deref().filter(|code| code.len() < 40).unwrap_or_default();
        tracing::warn!(request = cx.request_id(), provider = provider.slug, ?failure, said, "a sign-in at an identity provider failed");
    }
    Ok(Return { provider, pending, outcome })
}

/// Keeps what the signing out will need, in the unit that signs in.
pub async fn hold(cx: &Ctx, tx: &mut Tx, provider: &Provider, identity: &Identity) -> Result<()> {
    let id_token = STANDARD.encode(cx.app.keys.seal(HELD, identity.id_token.as_bytes()));
    cx.remember(tx, HELD, Held { provider: provider.slug.clone(), id_token }).await
}

/// Signs out here, then at the provider when the session came from there.
pub async fn sign_out(cx: &Ctx, home: &str) -> Result<Response> {
    let (session, state) = cx.write(async |tx| Ok((cx.sign_out(tx).await?, tx.random_token()))).await?;
    match elsewhere(cx, session, &state).await {
        Some(url) => Ok(see_elsewhere(&url)),
        None => Ok(see_other(home)),
    }
}

/// Where to sign out; nothing when there is no such place, or it cannot be known now: one is signed out here already.
async fn elsewhere(cx: &Ctx, session: Option<Session>, state: &str) -> Option<String> {
    let held: Held = session?.get(HELD)?;
    let provider = cx.read(async |tx| oidc::provider(tx, &held.provider).await).await.ok()?;
    let sealed = STANDARD.decode(held.id_token).ok()?;
    let id_token = String::from_utf8(cx.app.keys.open(HELD, &sealed).ok()?).ok()?;
    let metadata = Metadata::of(&cx.app, &provider).await.ok()?;
    oidc::logout_url(&metadata, &provider, &id_token, state, &cx.tenant.base_url)
}

/// Why a sign-in did not end well, and what to do: for people.
pub fn sentence(provider: &Provider, failure: Failure) -> String {
    let title = &provider.title;
    match failure {
        Failure::Down => format!("{title} ne répond pas en ce moment. Réessayez dans quelques minutes, ou connectez-vous autrement."),
        Failure::Cancelled => format!("Vous avez quitté {title} avant la fin. Recommencez, ou connectez-vous autrement."),
        Failure::Stale => "Cette connexion a trop attendu ou a déjà servi. Recommencez.".into(),
        Failure::Refused | Failure::UnknownKey | Failure::Untrusted(_) => {
            format!("La réponse de {title} n’a pas pu être vérifiée : personne n’a été connecté. Recommencez, ou connectez-vous autrement.")
        }
    }
}

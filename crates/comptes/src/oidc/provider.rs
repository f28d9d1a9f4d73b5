//! An identity provider of the tenant: who it is, our credentials there (the secret is sealed), what it may decide.

use kernel::{App, Error, Event, FieldErrors, Result, Role, Subject, TenantId, Tx, crypto::Keys};
use openidconnect::url::Url;
use serde::{Deserialize, Serialize};

use super::discovery::metadata;
use crate::{MANAGE_TENANT, store};

/// What stands behind a provider, and therefore what it may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// FranceConnect v2: usagers, with a pivot identity.
    FranceConnect,
    /// ProConnect: agents, invited beforehand.
    ProConnect,
    /// The collectivité's own directory: agents, whose groups give their profiles.
    Generic,
}

impl Kind {
    /// All kinds, in the order of screens.
    pub const ALL: [Self; 3] = [Self::FranceConnect, Self::ProConnect, Self::Generic];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::FranceConnect => "france_connect",
            Self::ProConnect => "pro_connect",
            Self::Generic => "generic",
        }
    }

    /// The kind of a code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What is asked for: claims by their scopes. The postal address is never one of them.
    pub fn scopes(self) -> &'static str {
        match self {
            Self::FranceConnect => "openid identite_pivot preferred_username email idp_birthdate",
            Self::ProConnect => "openid given_name usual_name email uid siret idp_id",
            Self::Generic => "openid profile email",
        }
    }

    /// Whether user information must be a signed JWT.
    pub(crate) fn signs_userinfo(self) -> bool {
        self != Self::Generic
    }
}

/// A group of the directory, and what it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// As the directory names it.
    pub group: String,
    /// Code of the profile; empty: none, the role alone.
    #[serde(default)]
    pub profile: String,
    /// Slug of the team; none: all teams.
    #[serde(default)]
    pub org_unit: Option<String>,
    /// Widest role.
    #[serde(default = "agent")]
    pub role: Role,
}

fn agent() -> Role {
    Role::Agent
}

/// What differs from one provider to another; one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderSettings {
    /// Other scopes than those of its kind; empty: those of its kind.
    pub scopes: String,
    /// Least level asked and accepted: `eidas1`; empty: none.
    pub acr: String,
    /// ProConnect: the SIRET that the tenant's agents belong to.
    pub sirets: Vec<String>,
    /// Directory: the claim that lists groups.
    pub groups_claim: String,
    /// Directory: what each group gives.
    pub groups: Vec<GroupRule>,
    /// Directory: it asks for a second factor itself.
    pub is_strong: bool,
    /// Directory: an agent who has not come for so many days is closed.
    pub leaver_days: u32,
    /// Origins that our forms may lead to, read from its description.
    pub origins: Vec<String>,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self {
            scopes: String::new(),
            acr: String::new(),
            sirets: vec![],
            groups_claim: "groups".into(),
            groups: vec![],
            is_strong: false,
            leaver_days: 60,
            origins: vec![],
        }
    }
}

/// An identity provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// In our addresses: `franceconnect`.
    pub slug: String,
    /// What stands behind.
    pub kind: Kind,
    /// On the button.
    pub title: String,
    /// Its issuer, also the base of its description.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Our secret there, sealed.
    pub secret_sealed: Vec<u8>,
    /// The rest.
    pub settings: ProviderSettings,
    /// Whether its button is shown.
    pub is_active: bool,
}

/// A provider was set, or removed.
#[derive(Serialize)]
pub struct ProviderChanged {
    /// Which.
    pub provider: String,
    /// `saved` or `removed`.
    pub change: &'static str,
}

impl Event for ProviderChanged {
    const KIND: &'static str = "ProviderChanged";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Provider {
    /// Where it answers.
    pub fn redirect_uri(&self, base_url: &str) -> String {
        let base = base_url.trim_end_matches('/');
        match self.kind {
            Kind::FranceConnect => format!("{base}/connexion/{}/retour", self.slug),
            Kind::ProConnect | Kind::Generic => format!("{base}/agent/connexion/{}/retour", self.slug),
        }
    }

    /// Where it leads after a signing out.
    pub fn logout_uri(&self, base_url: &str) -> String {
        let base = base_url.trim_end_matches('/');
        match self.kind {
            Kind::FranceConnect => format!("{base}/deconnexion"),
            Kind::ProConnect | Kind::Generic => format!("{base}/agent/deconnexion"),
        }
    }

    /// The scopes asked for, `openid` first.
    pub fn scopes(&self) -> &str {
        if self.settings.scopes.trim().is_empty() { self.kind.scopes() } else { self.settings.scopes.trim() }
    }

    /// The least level: FranceConnect and ProConnect always have one.
    pub fn acr(&self) -> &str {
        match (self.settings.acr.trim(), self.kind) {
            ("", Kind::FranceConnect | Kind::ProConnect) => "eidas1",
            (acr, _) => acr,
        }
    }
}

/// Seals a secret for a provider of a tenant.
fn context(tenant: TenantId, slug: &str) -> String {
    format!("oidc:{tenant}:{slug}")
}

/// Our secret at a provider, in clear: for the exchange alone.
pub fn secret_of(keys: &Keys, tenant: TenantId, provider: &Provider) -> Result<String> {
    let plain = keys.open(&context(tenant, &provider.slug), &provider.secret_sealed)?;
    String::from_utf8(plain).map_err(Error::internal)
}

/// The providers of the tenant, by slug; with those that are not shown.
pub async fn providers(tx: &mut Tx) -> Result<Vec<Provider>> {
    store::providers(tx).await
}

/// One provider.
pub async fn provider(tx: &mut Tx, slug: &str) -> Result<Provider> {
    store::provider(tx, slug).await?.ok_or(Error::NotFound)
}

/// Sets a provider. `secret` empty keeps the former one. `Invalid` names what is wrong.
pub async fn save_provider(tx: &mut Tx, keys: &Keys, mut new: Provider, secret: &str) -> Result<Provider> {
    tx.allow_any(MANAGE_TENANT)?;
    let before = store::provider(tx, &new.slug).await?;
    check(&new, secret, before.is_some())?;
    new.issuer = new.issuer.trim().trim_end_matches('/').to_owned();
    new.secret_sealed = match (secret.trim(), before) {
        ("", Some(before)) => before.secret_sealed,
        (secret, _) => keys.seal(&context(tx.tenant(), &new.slug), secret.as_bytes()),
    };
    store::save_provider(tx, &new).await?;
    tx.emit(&ProviderChanged { provider: new.slug.clone(), change: "saved" }).await?;
    Ok(new)
}

/// Removes a provider; those who came through it keep their accounts.
pub async fn remove_provider(tx: &mut Tx, slug: &str) -> Result<()> {
    tx.allow_any(MANAGE_TENANT)?;
    if !store::delete_provider(tx, slug).await? {
        return Err(Error::NotFound);
    }
    tx.emit(&ProviderChanged { provider: slug.into(), change: "removed" }).await.map(drop)
}

fn check(new: &Provider, secret: &str, is_known: bool) -> Result<()> {
    let mut errors = FieldErrors::new();
    let is_slug = !new.slug.is_empty() && new.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !is_slug || ["lien", "mot-de-passe", "mot-de-passe-oublie", "code", "second-facteur"].contains(&new.slug.as_str()) {
        errors.push("slug", "Écrivez un nom court en minuscules et traits d’union, par exemple franceconnect.");
    }
    if new.title.trim().is_empty() {
        errors.push("title", "Écrivez le nom montré sur le bouton, par exemple FranceConnect.");
    }
    if Url::parse(new.issuer.trim()).is_err() || !new.issuer.trim().starts_with("http") {
        errors.push("issuer", "Écrivez l’adresse complète de l’émetteur, par exemple https://oidc.franceconnect.gouv.fr/api/v2.");
    }
    if new.client_id.trim().is_empty() {
        errors.push("client_id", "Écrivez l’identifiant client donné par le fournisseur.");
    }
    if secret.trim().is_empty() && !is_known {
        errors.push("secret", "Écrivez le secret client donné par le fournisseur.");
    }
    if new.kind == Kind::ProConnect && new.settings.sirets.is_empty() {
        errors.push("sirets", "Écrivez au moins un SIRET : seuls ses agents entreront.");
    }
    errors.into_result()
}

/// Reads the description of a provider and says whether it is usable; gives the origins that forms may lead to.
pub async fn check_provider(app: &App, provider: &Provider) -> Result<Vec<String>> {
    let metadata = metadata(app, &provider.issuer).await.map_err(|failure| {
        let sentence = format!("Ce fournisseur ne peut pas être utilisé : {failure}.");
        Error::invalid("issuer", sentence)
    })?;
    let urls = [Some(metadata.authorization_endpoint.as_str()), metadata.end_session_endpoint.as_deref()];
    let mut origins: Vec<String> = urls.into_iter().flatten().filter_map(origin).collect();
    origins.dedup();
    Ok(origins)
}

/// The origins of all active providers: what `form-action` must allow.
pub fn origins_of(providers: &[Provider]) -> Vec<String> {
    let active = providers.iter().filter(|provider| provider.is_active);
    let mut all: Vec<String> = active.flat_map(|provider| provider.settings.origins.clone()).collect();
    all.sort();
    all.dedup();
    all
}

fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

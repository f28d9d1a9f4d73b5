//! Who a browser is. The cookie is a random token of which the database keeps the hash; it is made only when there is
//! something to remember, changed at each change of rights, and can be listed and revoked. How one signs in is said
//! by the domains: they call `Ctx::sign_in` inside their unit of work.

use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ctx::Ctx, device, store};
use crate::{Actor, Error, Result, Tenant, Tx, crypto::hash_token};

/// `seen_at` is not written more often than this.
const SEEN_STEP: SignedDuration = SignedDuration::from_mins(5);
/// A person stays known this long without coming back.
const PERSON_IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A person signs in again after this long, even when he comes every day.
const PERSON_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An agent signs in again at least each working day.
const AGENT_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Where a sentence for the next page waits.
const FLASH: &str = "flash";
/// Where the theme that the person chose is kept: `auto`, `light`, `dark`.
pub const THEME: &str = "theme";
/// Where the density that an agent chose is kept: `compact`, `comfort`.
pub const DENSITY: &str = "density";

/// What is known of a browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// In the list that the person reads; `None` while nothing was remembered.
    pub id: Option<Uuid>,
    /// Who acts.
    pub actor: Actor,
    /// How surely.
    pub level: Level,
    /// What it holds, by key: drafts, an exchange of sign-in under way, the sentence for the next page.
    pub data: Map<String, Value>,
    /// Kind of browser, in a few words.
    pub browser: String,
    /// When it began, or when its rights last changed.
    pub created_at: Timestamp,
    /// Last use, to five minutes.
    pub seen_at: Timestamp,
    /// When it ends without use.
    pub expires_at: Timestamp,
}

/// How surely somebody is who he says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// What was shown.
    pub means: Means,
    /// Level stated by the identity provider: `eidas1`, `eidas2`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Whether a second factor was shown too.
    #[serde(default)]
    pub second_factor: bool,
}

/// What was shown to sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Nothing.
    #[default]
    Nothing,
    /// A password.
    Password,
    /// A link sent by mail.
    Link,
    /// An identity provider.
    Oidc,
}

impl Level {
    /// A level by its means alone.
    pub fn of(means: Means) -> Self {
        Self { means, ..Self::default() }
    }

    /// Whether more than one secret was shown, here or at the identity provider: one that says so itself, or whose
    /// settings say that it always asks for two.
    pub fn is_strong(&self) -> bool {
        self.second_factor
    }
}

impl Session {
    /// A browser of which nothing is known.
    pub fn visitor(now: Timestamp) -> Self {
        Self {
            id: None,
            actor: Actor::Visitor,
            level: Level::default(),
            data: Map::new(),
            browser: String::new(),
            created_at: now,
            seen_at: now,
            expires_at: now,
        }
    }

    /// What is kept under a key, if it is there and of this shape.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.data.get(key).and_then(|value| serde_json::from_value(value.clone()).ok())
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.actor != Actor::Visitor
    }

    /// The sentence that the page before left for this one.
    pub fn flash(&self) -> Option<&str> {
        self.data.get(FLASH).and_then(Value::as_str)
    }

    fn ends_at(&self, tenant: &Tenant, now: Timestamp) -> Timestamp {
        let (idle, life) = match self.actor {
            Actor::Agent(_) => {
                let minutes = tenant.settings.agent_idle_minutes.clamp(30, 480);
                (SignedDuration::from_mins(minutes.into()), AGENT_LIFE)
            }
            _ => (PERSON_IDLE, PERSON_LIFE),
        };
        (now + idle).min(self.created_at + life)
    }
}

/// What the answer will say of the cookie: decided in units of work, kept when they commit.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar {
    /// The session that stands now, when this request made or ended one.
    session: Option<Option<Uuid>>,
    /// The new token; empty to take the cookie back.
    token: Option<String>,
    /// The marks of the accounts that this browser has signed in to.
    pub(super) devices: Option<String>,
}

impl Ctx {
    /// Keeps something for this browser under a key, in the unit of work that makes it true.
    pub async fn remember(&self, tx: &mut Tx, key: &str, value: impl Serialize) -> Result<()> {
        let value = serde_json::to_value(value)?;
        let mut session = match self.locked_session(tx).await? {
            Some(session) => session,
            None => self.open_session(tx, Actor::Visitor, Level::default(), Map::new()).await?,
        };
        session.data.insert(key.to_owned(), value);
        store::save_session_data(tx, &session).await
    }

    /// Forgets what is kept under a key.
    pub async fn forget(&self, tx: &mut Tx, key: &str) -> Result<()> {
        let Some(mut session) = self.locked_session(tx).await? else { return Ok(()) };
        if session.data.remove(key).is_some() {
            store::save_session_data(tx, &session).await?;
        }
        Ok(())
    }

    /// Takes what is kept under a key: two requests that want the same thing get it once.
    pub async fn take<T: DeserializeOwned>(&self, tx: &mut Tx, key: &str) -> Result<Option<T>> {
        let Some(mut session) = self.locked_session(tx).await? else { return Ok(None) };
        let Some(value) = session.data.remove(key) else { return Ok(None) };
        store::save_session_data(tx, &session).await?;
        Ok(serde_json::from_value(value).ok())
    }

    /// Leaves a sentence for the next page of this browser.
    pub async fn flash(&self, tx: &mut Tx, sentence: impl Into<String>) -> Result<()> {
        self.remember(tx, FLASH, sentence.into()).await
    }

    /// Signs somebody in under a new token. What the visitor held (drafts) stays his; another person's does not.
    pub async fn sign_in(&self, tx: &mut Tx, actor: Actor, level: Level) -> Result<()> {
        let before = self.close_session(tx).await?;
        let data = match before {
            Some(before) if before.actor == Actor::Visitor || before.actor.label() == actor.label() => before.data,
            _ => Map::new(),
        };
        self.open_session(tx, actor, level, data).await.map(drop)
    }

    /// Signs out; gives what the session held, which the identity provider may want to hear again.
    pub async fn sign_out(&self, tx: &mut Tx) -> Result<Option<Session>> {
        let before = self.close_session(tx).await?;
        self.jar(|jar| (jar.session, jar.token) = (Some(None), Some(String::new())));
        Ok(before)
    }

    /// The session as it stands in this unit of work, locked.
    async fn locked_session(&self, tx: &mut Tx) -> Result<Option<Session>> {
        match self.jar(|jar| jar.session).unwrap_or(self.session.id) {
            Some(id) => store::lock_session(tx, id).await,
            None => Ok(None),
        }
    }

    async fn close_session(&self, tx: &mut Tx) -> Result<Option<Session>> {
        let session = self.locked_session(tx).await?;
        if let Some(id) = session.as_ref().and_then(|session| session.id) {
            store::delete_session(tx, id).await?;
        }
        Ok(session)
    }

    async fn open_session(&self, tx: &mut Tx, actor: Actor, level: Level, data: Map<String, Value>) -> Result<Session> {
        let now = tx.now();
        let id: crate::EventId = tx.new_id();
        let mut session = Session { actor, level, data, ..Session::visitor(now) };
        session.id = Some(crate::ids::Id::uuid(id));
        session.browser = self.browser();
        session.expires_at = session.ends_at(&self.tenant, now);
        let token = tx.random_token();
        store::insert_session(tx, &hash_token(&token), &session).await?;
        self.jar(|jar| (jar.session, jar.token) = (Some(session.id), Some(token)));
        Ok(session)
    }

    /// After the handler: notes the use of the session, and forgets the sentence that was shown.
    pub(super) async fn settle_session(&self) -> Result<()> {
        let Some(id) = self.session.id else { return Ok(()) };
        let shown = self.was_flash_shown() && self.session.flash().is_some();
        let now = self.app.clock.now();
        let seen = now.duration_since(self.session.seen_at) >= SEEN_STEP;
        if !(shown || seen) {
            return Ok(());
        }
        let ends_at = self.session.ends_at(&self.tenant, now);
        self.write(async |tx| {
            if shown {
                self.forget(tx, FLASH).await?;
            }
            if seen {
                store::touch_session(tx, id, ends_at).await?;
            }
            Ok(())
        })
        .await
    }

    /// The `Set-Cookie` lines that this request asks for.
    pub(super) fn set_cookies(&self) -> Vec<String> {
        let jar = self.jar_kept();
        let (name, secure) = cookie_name(&self.tenant.base_url);
        let session = jar.token.map(|token| {
            let end = if token.is_empty() { "; Max-Age=0" } else { "" };
            format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
        });
        let devices = jar.devices.map(|marks| device::cookie(name, secure, &marks));
        session.into_iter().chain(devices).collect()
    }
}

/// The live sessions of an actor (its label), the last used first: "Mes appareils connectés".
pub async fn list(tx: &mut Tx, subject: &str) -> Result<Vec<Session>> {
    store::sessions_of(tx, subject).await
}

/// Ends one session of an actor; `NotFound` when it is not his.
pub async fn revoke(tx: &mut Tx, subject: &str, id: Uuid) -> Result<()> {
    match store::delete_session_of(tx, id, subject).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Ends every session of an actor: it left, its password changed.
pub async fn revoke_all(tx: &mut Tx, subject: &str) -> Result<u64> {
    store::delete_sessions_of(tx, subject).await
}

/// Gives every live session of an actor its present rights and name, without signing it out.
pub async fn refresh(tx: &mut Tx, actor: &Actor) -> Result<u64> {
    store::save_session_actor(tx, &actor.label(), serde_json::to_value(actor)?).await
}

/// The name of the cookie, and its flag. Only a tenant served over bare http (the demonstration) goes without Secure.
pub(super) fn cookie_name(base_url: &str) -> (&'static str, &'static str) {
    match base_url.starts_with("http://") {
        true => ("parvis", ""),
        false => ("__Host-parvis", "; Secure"),
    }
}

/// The token that a browser sent.
pub(super) fn token<'a>(headers: &'a HeaderMap, base_url: &str) -> Option<&'a str> {
    let (name, _) = cookie_name(base_url);
    let cookies = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, _)| *of == name).map(|(_, token)| token).filter(|token| token.len() == 43)
}

/// Kind of browser, from what it says of itself: two or three words, nothing that singles out a machine.
pub(super) fn browser(headers: &HeaderMap) -> String {
    let said = headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(word, _)| said.contains(word)).map(|(_, name)| *name);
    let program = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let machine =
        first(&[("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux")]);
    match (program, machine) {
        (Some(program), Some(machine)) => format!("{program} sur {machine}"),
        (Some(program), None) => program.into(),
        (None, _) => "Navigateur inconnu".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn the_cookie_of_https_is_never_read_from_its_bare_name() {
        let token43 = "a".repeat(43);
        let bare = headers("cookie", &format!("x=1; parvis={token43}"));
        assert_eq!(token(&bare, "https://a.fr"), None);
        assert_eq!(token(&bare, "http://a.localhost:8080"), Some(token43.as_str()));
        let host = headers("cookie", &format!("__Host-parvis={token43}"));
        assert_eq!(token(&host, "https://a.fr"), Some(token43.as_str()));
        assert_eq!(token(&headers("cookie", "__Host-parvis=court"), "https://a.fr"), None);
    }

    #[test]
    fn an_agent_is_signed_out_by_the_tenants_setting_within_bounds_and_a_working_day() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let agent = crate::AgentActor { id: Uuid::nil().into(), name: "Nadia R.".into(), role: crate::Role::Agent, rights: vec![] };
        let session = Session { actor: Actor::Agent(agent), ..Session::visitor(now) };
        let mut tenant = super::super::tests::tenant();
        let minutes = |tenant: &Tenant, at: Timestamp| (session.ends_at(tenant, at).duration_since(at)).as_mins();
        tenant.settings.agent_idle_minutes = 5;
        assert_eq!(minutes(&tenant, now), 30);
        tenant.settings.agent_idle_minutes = 100_000;
        assert_eq!(minutes(&tenant, now), 480);
        assert_eq!(minutes(&tenant, now + SignedDuration::from_hours(11)), 60);
    }

    #[test]
    fn a_browser_is_named_in_a_few_words() {
        let ua = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36";
        assert_eq!(browser(&headers("user-agent", ua)), "Chrome sur Android");
        assert_eq!(browser(&HeaderMap::new()), "Navigateur inconnu");
    }
}

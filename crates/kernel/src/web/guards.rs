//! Who may enter: extractors that hand over the context only to the audience that they name. No check, no context.
//! What may be done once inside is asked of the rights, in the use case, for the object at hand.

use std::{future::Future, ops::Deref, pin::Pin, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::ctx::Ctx;
use crate::{Actor, AgentActor, App, CompteId, Error, Result, Role, Scope, Tenant, Tx, UsagerId, crypto::hash_token};

/// Finds who holds a key, by the hash of the key. Given by each domain that gives keys.
pub type PartnerLookup = fn(App, Arc<Tenant>, String) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send>>;

/// What an agent lacks who asks for a page of administration.
pub(super) const ADMIN: &str = "admin.enter";

/// Anybody.
pub struct Public(pub Ctx);

/// A person who is signed in; others are led to `/connexion` and back.
pub struct SignedUsager {
    cx: Ctx,
    /// The account.
    pub compte: CompteId,
    /// The person.
    pub usager: UsagerId,
}

/// An agent; others are led to `/agent/connexion` and back.
pub struct AgentCx {
    cx: Ctx,
    /// The agent.
    pub agent: AgentActor,
}

/// Who sets up the tenant, or watches over its data; with two factors, always.
pub struct AdminCx {
    cx: Ctx,
    /// The agent.
    pub agent: AgentActor,
}

/// A partner or an application, by the key in `Authorization: Bearer …`.
#[derive(Clone)]
pub struct PartnerCx {
    cx: Ctx,
    actor: Actor,
}

impl FromRequestParts<App> for Public {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ctx::from_request_parts(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for SignedUsager {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let cx = Ctx::from_request_parts(parts, app).await?;
        match *cx.actor() {
            Actor::Usager { compte, usager, .. } => Ok(Self { cx, compte, usager }),
            _ => Err(Error::Unauthenticated),
        }
    }
}

impl FromRequestParts<App> for AgentCx {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let cx = Ctx::from_request_parts(parts, app).await?;
        let agent = cx.actor().agent().cloned().ok_or(Error::Unauthenticated)?;
        if cx.tenant.settings.agents_second_factor || agent.role != Role::Agent {
            second_factor(&cx)?;
        }
        Ok(Self { cx, agent })
    }
}

impl FromRequestParts<App> for AdminCx {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let cx = Ctx::from_request_parts(parts, app).await?;
        let agent = cx.actor().agent().cloned().ok_or(Error::Unauthenticated)?;
        if agent.role == Role::Agent {
            return Err(Error::Forbidden(ADMIN));
        }
        second_factor(&cx)?;
        Ok(Self { cx, agent })
    }
}

impl FromRequestParts<App> for PartnerCx {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let key = bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        let hash = hash_token(key);
        // The cookie of a browser means nothing here: only the key speaks.
        parts.headers.remove("cookie");
        let cx = Ctx::from_request_parts(parts, app).await?;
        let mut holder = None;
        for lookup in &cx.web.partners {
            if holder.is_none() {
                holder = lookup(app.clone(), cx.tenant.clone(), hash.clone()).await?;
            }
        }
        let partner = Self { cx, actor: holder.ok_or(Error::Unauthenticated)? };
        parts.extensions.insert(partner.clone());
        Ok(partner)
    }
}

impl PartnerCx {
    /// Who holds the key.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whose data, and who acts.
    pub fn scope(&self) -> Scope {
        self.cx.tenant.scope(self.actor.clone())
    }

    /// A consistent reading.
    pub async fn read<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.cx.app.db.read(&self.scope(), work).await
    }

    /// A unit of work.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.cx.app.db.write(&self.scope(), work).await
    }

    /// The program.
    pub fn app(&self) -> &App {
        &self.cx.app
    }

    /// Whose API this is.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.cx.tenant
    }

    /// The number to quote.
    pub fn request_id(&self) -> &str {
        self.cx.request_id()
    }
}

fn second_factor(cx: &Ctx) -> Result<()> {
    match cx.session.level.is_strong() {
        true => Ok(()),
        false => Err(Error::Forbidden("second-factor")),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let said = headers.get("authorization")?.to_str().ok()?;
    let (scheme, key) = said.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && (16..=512).contains(&key.len())).then_some(key)
}

macro_rules! deref {
    ($($guard:ident $field:tt)*) => {$(
        impl Deref for $guard {
            type Target = Ctx;
            fn deref(&self) -> &Ctx { &self.$field }
        }
    )*};
}
deref!(Public 0 SignedUsager cx AgentCx cx AdminCx cx);

//! What every handler is given: the program, the tenant of the host name, who acts, and the request around it.
//! Reads and units of work open and end here; use cases only borrow them. Extractors read and never write.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Deref,
    sync::{Arc, Mutex},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{
    Web, device, headers,
    log::RequestId,
    session::{self, Jar, Session},
    site::{self, TenantView},
    throttle::Class,
};
use crate::{Actor, App, Error, Result, Scope, Tenant, Tx, crypto::hash_token, templates::Page};

/// Whom a page is for, by where it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Visitors and usagers: everything that is not below.
    Public,
    /// `/agent`
    Agent,
    /// `/admin`
    Admin,
    /// `/api`
    Api,
}

impl Audience {
    /// The audience of a path.
    pub fn of(path: &str) -> Self {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            "agent" => Self::Agent,
            "admin" => Self::Admin,
            "api" => Self::Api,
            _ => Self::Public,
        }
    }
}

/// The request around a handler; cheap to clone.
#[derive(Clone)]
pub struct RequestInfo(Arc<Info>);

/// What is known of a request before anybody handles it.
pub struct Info {
    /// The number to quote.
    pub id: String,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its query, without the question mark.
    pub query: Option<String>,
    /// The client, proxies seen through.
    pub address: IpAddr,
    /// Whom the path is for.
    pub audience: Audience,
    /// Its route, as declared; empty when there is none.
    pub route: String,
    /// What the browser already has.
    pub(super) if_none_match: Option<String>,
    /// Path of the page that sent it, on this same host.
    pub(super) from_page: Option<String>,
    pub(super) tenant: Option<Arc<Tenant>>,
    pub(super) view: Option<Arc<TenantView>>,
    browser: String,
    devices: Vec<String>,
    cookies: Mutex<Cookies>,
}

#[derive(Default)]
struct Cookies {
    kept: Jar,
    pending: Jar,
    is_flash_shown: bool,
}

impl Deref for RequestInfo {
    type Target = Info;
    fn deref(&self) -> &Info {
        &self.0
    }
}

impl RequestInfo {
    /// The session that the browser says it has.
    pub(super) fn token(&self, headers: &HeaderMap) -> Option<String> {
        session::token(headers, &self.view.as_ref()?.tenant.base_url).map(ToOwned::to_owned)
    }
}

impl Info {
    /// The marks of the accounts that this browser signed in to before.
    pub(super) fn devices(&self) -> Vec<String> {
        self.devices.clone()
    }

    /// What is counted with it.
    pub(super) fn class(&self) -> Class {
        match (self.audience, self.method.is_safe()) {
            (Audience::Api, _) => Class::Api,
            (_, true) => Class::Read,
            (_, false) => Class::Write,
        }
    }
}

/// Layer: finds the tenant of the host name and describes the request. An unknown host goes no further.
pub(super) async fn enter(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(web) = parts.extensions.get::<Arc<Web>>().cloned() else {
        return headers::bare(StatusCode::INTERNAL_SERVER_ERROR, "");
    };
    if parts.headers.get_all("host").iter().count() > 1 {
        return headers::bare(StatusCode::BAD_REQUEST, "Une demande ne nomme qu’un hôte.\n");
    }
    let view = match site::tenant_of(&web, &parts).await {
        Ok(Some(view)) => view,
        Ok(None) => return site::unknown_host(&web, &parts).await,
        Err(error) => {
            tracing::error!(?error, "the tenant of a host could not be read");
            return headers::bare(StatusCode::SERVICE_UNAVAILABLE, "Service momentanément indisponible. Réessayez dans un instant.\n");
        }
    };
    let info = RequestInfo(Arc::new(describe(&web.app, &parts, view)));
    parts.extensions.insert(info.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response.extensions_mut().insert(info);
    response
}

fn describe(app: &App, parts: &Parts, view: Arc<TenantView>) -> Info {
    let path = parts.uri.path().to_owned();
    Info {
        id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        method: parts.method.clone(),
        query: parts.uri.query().map(ToOwned::to_owned),
        address: client(parts, app.config.trusted_proxies),
        audience: Audience::of(&path),
        from_page: from_page(&parts.headers, &view.tenant.base_url),
        tenant: Some(view.tenant.clone()),
        devices: device::sent(&parts.headers, &view.tenant.base_url),
        view: Some(view),
        browser: session::browser(&parts.headers),
        cookies: Mutex::default(),
        route: parts.extensions.get::<MatchedPath>().map(|route| route.as_str().to_owned()).unwrap_or_default(),
        if_none_match: text(&parts.headers, "if-none-match"),
        path,
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}

fn from_page(headers: &HeaderMap, base_url: &str) -> Option<String> {
    let referer = headers.get("referer")?.to_str().ok()?;
    let path = referer.strip_prefix(base_url.trim_end_matches('/'))?;
    path.starts_with('/').then(|| path.to_owned())
}

/// The address of the client: X-Forwarded-For counted from the right, by as many proxies as are ours. Without any,
/// the header is the client's own word and is not read.
pub(super) fn client(parts: &Parts, trusted_proxies: usize) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    if trusted_proxies == 0 {
        if parts.headers.contains_key("x-forwarded-for") {
            warn_of_proxy(peer);
        }
        return peer;
    }
    let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let said: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let at = said.len().saturating_sub(trusted_proxies);
    said.get(at).and_then(|text| text.parse().ok()).unwrap_or(peer)
}

/// Says once, loudly, that a proxy seems to stand in front that the settings do not declare: then everybody counts for
/// one address, and what is limited by address protects nobody.
fn warn_of_proxy(peer: IpAddr) {
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        tracing::error!(
            %peer,
            "X-Forwarded-For arrives while trusted_proxies = 0: if a proxy of yours stands in front, say how many; \
             until then all its clients count for one address"
        );
    });
}

/// What a handler is given.
#[derive(Clone)]
pub struct Ctx {
    /// The program.
    pub app: App,
    /// Whose pages these are.
    pub tenant: Arc<Tenant>,
    /// Who the browser is.
    pub session: Session,
    pub(super) web: Arc<Web>,
    pub(super) view: Arc<TenantView>,
    info: RequestInfo,
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(ctx) = parts.extensions.get::<Self>() {
            return Ok(ctx.clone());
        }
        let outside = || Error::internal("a handler outside `assemble`");
        let info = parts.extensions.get::<RequestInfo>().cloned().ok_or_else(outside)?;
        let web = parts.extensions.get::<Arc<Web>>().cloned().ok_or_else(outside)?;
        let view = info.view.clone().ok_or_else(outside)?;
        let session = match session::token(&parts.headers, &view.tenant.base_url) {
            Some(token) => load(app, &view.tenant, token).await?,
            None => None,
        };
        let session = session.unwrap_or_else(|| Session::visitor(app.clock.now()));
        let ctx = Self { app: app.clone(), tenant: view.tenant.clone(), session, web, view, info };
        parts.extensions.insert(ctx.clone());
        if let Some(cell) = parts.extensions.get::<Loaded>() {
            cell.0.set(ctx.clone()).ok();
        }
        Ok(ctx)
    }
}

async fn load(app: &App, tenant: &Tenant, token: &str) -> Result<Option<Session>> {
    let hash = hash_token(token);
    let scope = tenant.scope(Actor::system("session"));
    app.db.read(&scope, async |tx| super::store::session_by_token(tx, &hash).await).await
}

impl Ctx {
    /// The context of a failure that no handler saw, so that its page has its menus. None when it cannot be known, or
    /// when nobody is signed in where menus are for agents.
    pub(super) async fn of_failure(web: &Arc<Web>, info: &RequestInfo, token: Option<&str>) -> Option<Self> {
        let view = info.view.clone()?;
        let app = web.app.clone();
        let session = match token {
            Some(token) => load(&app, &view.tenant, token).await.ok()?,
            None => None,
        };
        let session = session.unwrap_or_else(|| Session::visitor(app.clock.now()));
        if info.audience != Audience::Public && !session.is_signed_in() {
            return None;
        }
        Some(Self { app, tenant: view.tenant.clone(), session, web: web.clone(), view, info: info.clone() })
    }
}

/// Where the extractor leaves the context for the layer that ends the request.
#[derive(Clone, Default)]
struct Loaded(Arc<std::sync::OnceLock<Ctx>>);

/// Layer: after the handler, writes the cookie that it asked for and notes the use of the session.
pub(super) async fn settle(mut request: Request, next: Next) -> Response {
    let loaded = Loaded::default();
    request.extensions_mut().insert(loaded.clone());
    let mut response = next.run(request).await;
    let Some(ctx) = loaded.0.get() else { return response };
    response.extensions_mut().insert(ctx.clone());
    if let Err(error) = ctx.settle_session().await {
        tracing::warn!(request = ctx.request_id(), ?error, "the use of a session could not be noted");
    }
    for cookie in ctx.set_cookies().into_iter().filter_map(|cookie| cookie.parse().ok()) {
        response.headers_mut().append("set-cookie", cookie);
        response.headers_mut().insert("cache-control", headers::NO_STORE);
    }
    response
}

impl Ctx {
    /// Whose data, and who acts.
    pub fn scope(&self) -> Scope {
        self.tenant.scope(self.session.actor.clone())
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// A consistent reading.
    pub async fn read<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.app.db.read(&self.scope(), work).await
    }

    /// A unit of work. What it asks of the session holds only if it is kept.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.cookies(|cookies| cookies.pending = cookies.kept.clone());
        let out = self.app.db.write(&self.scope(), work).await;
        if out.is_ok() {
            self.cookies(|cookies| cookies.kept = cookies.pending.clone());
        }
        out
    }

    /// A page, 200.
    pub fn page<P: Page>(&self, page: &P) -> Result<Response> {
        self.page_status(StatusCode::OK, page)
    }

    /// A page with another status: 422 with the values kept, 409 with both versions.
    pub fn page_status<P: Page>(&self, status: StatusCode, page: &P) -> Result<Response> {
        let site = site::Site::of(self);
        let html = self.web.render(page, &site)?;
        self.cookies(|cookies| cookies.is_flash_shown = true);
        Ok(headers::page(self, status, html))
    }

    /// The request around the handler.
    pub fn request(&self) -> &Info {
        &self.info
    }

    /// The path asked for.
    pub fn path(&self) -> &str {
        &self.info.path
    }

    /// The number to quote.
    pub fn request_id(&self) -> &str {
        &self.info.id
    }

    /// The client, proxies seen through: for counting tries, never for the journal.
    pub fn address(&self) -> IpAddr {
        self.info.address
    }

    /// Forgets what this node knows of its tenants: one of them was just changed.
    pub fn tenants_changed(&self) {
        self.web.tenants.clear();
    }

    pub(super) fn browser(&self) -> String {
        self.info.browser.clone()
    }

    pub(super) fn jar<T>(&self, with: impl FnOnce(&mut Jar) -> T) -> T {
        self.cookies(|cookies| with(&mut cookies.pending))
    }

    pub(super) fn jar_kept(&self) -> Jar {
        self.cookies(|cookies| cookies.kept.clone())
    }

    pub(super) fn was_flash_shown(&self) -> bool {
        self.cookies(|cookies| cookies.is_flash_shown)
    }

    fn cookies<T>(&self, with: impl FnOnce(&mut Cookies) -> T) -> T {
        with(&mut self.info.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(forwarded: &[&str]) -> Parts {
        let mut request = Request::builder().uri("/");
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
        parts
    }

    #[test]
    fn the_client_is_counted_from_the_right_and_its_own_word_is_not_believed() {
        let of = |forwarded: &[&str], proxies| client(&parts(forwarded), proxies).to_string();
        assert_eq!(of(&["1.1.1.1, 2.2.2.2"], 0), "127.0.0.1");
        assert_eq!(of(&["1.1.1.1, 2.2.2.2"], 1), "2.2.2.2");
        assert_eq!(of(&["1.1.1.1", "2.2.2.2, 3.3.3.3"], 2), "2.2.2.2");
        assert_eq!(of(&["n’importe quoi"], 1), "127.0.0.1");
        assert_eq!(of(&[], 1), "127.0.0.1");
    }

    #[test]
    fn the_audience_is_the_first_folder_of_the_path() {
        assert_eq!(Audience::of("/agent/dossiers"), Audience::Agent);
        assert_eq!(Audience::of("/agenda"), Audience::Public);
        assert_eq!(Audience::of("/api/v1/x"), Audience::Api);
        assert_eq!(Audience::of("/"), Audience::Public);
    }
}

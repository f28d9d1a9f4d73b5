//! The routes of the domains, and how they are mounted: who may enter is decided here, by where a route was given,
//! so that a page cannot be forgotten outside its guard. Each route is listed, for the access matrix.

use std::sync::{Arc, atomic::AtomicI64};

use axum::{
    Extension, Json, Router,
    extract::{DefaultBodyLimit, FromRequestParts, Path, Request, State},
    handler::Handler,
    http::{HeaderMap, Method, StatusCode},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodFilter, get, on},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    csrf::CsrfLayer,
};
use utoipa::openapi::{
    Info, OpenApi, OpenApiBuilder,
    security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use super::{
    Audience, Ctx, NavItem, PartnerLookup, Web,
    api_help::ApiHelp,
    assets, body, ctx, form,
    guards::{AdminCx, AgentCx, PartnerCx, Public},
    headers, health, log, problem, server, site, throttle,
};
use crate::{App, Error, Result, db::migrate::Migration, t};

/// The places of a domain, for who asks.
pub type Nav = fn(&Ctx) -> Vec<NavItem>;

/// What a domain gives to the web.
#[derive(Default)]
pub struct Routes {
    /// Pages for visitors and usagers, and the sign-in pages of everybody.
    pub public: Pages,
    /// Pages for agents, under `/agent`.
    pub agent: Pages,
    /// Pages for administrators and the data protection officer, under `/admin`.
    pub admin: Pages,
    /// The API for partners, under `/api/v1`.
    pub api: OpenApiRouter<App>,
    /// Its places in the menus.
    pub nav: Option<Nav>,
    /// Who holds a key of the API; each domain that gives keys knows its own.
    pub partner: Option<PartnerLookup>,
    /// Its rights, in words: code and label.
    pub rights: Vec<(&'static str, &'static str)>,
    /// The errors its API answers beside those of every endpoint: code, status, what to do.
    pub problems: Vec<(&'static str, u16, &'static str)>,
}

/// Pages, one address and method at a time.
#[derive(Default, Clone)]
pub struct Pages {
    router: Router<App>,
    lines: Vec<(Method, &'static str)>,
    uploads: Vec<&'static str>,
}

impl Pages {
    /// No page yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page that is read.
    pub fn get<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.on(Method::GET, path, handler)
    }

    /// A form that is sent.
    pub fn post<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.on(Method::POST, path, handler)
    }

    /// A file that is sent: ten minutes instead of thirty seconds.
    pub fn upload<T: 'static>(mut self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.uploads.push(path);
        self.on(Method::POST, path, handler)
    }

    /// Another method.
    pub fn on<T: 'static>(mut self, method: Method, path: &'static str, handler: impl Handler<T, App>) -> Self {
        let filter = MethodFilter::try_from(method.clone()).expect("a page answers to a standard method");
        self.router = self.router.route(path, on(filter, handler));
        self.lines.push((method, path));
        self
    }

    /// All of these pages together.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.lines.extend(other.lines);
        self.uploads.extend(other.uploads);
        self
    }
}

/// One route, for the access matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct RouteLine {
    /// As declared: `/agent/dossiers/{id}`.
    pub path: String,
    /// `GET`, `POST`…
    pub method: String,
    /// Whose guard it is behind.
    pub audience: Audience,
}

/// The program's web, ready to serve.
pub struct Assembled {
    /// Everything.
    pub router: Router,
    /// Every route of the domains.
    pub routes: Vec<RouteLine>,
    /// The description of the API.
    pub openapi: OpenApi,
    web: Arc<Web>,
}

impl Assembled {
    /// How many handlers run, with or without a client that waits.
    pub fn running(&self) -> i64 {
        self.web.running()
    }
}

/// Mounts the routes of the domains. `migrations` is what `/readyz` compares the database with.
/// `Internal` when a route stands outside the space of its audience.
pub fn assemble(app: &App, domains: Vec<Routes>, migrations: Vec<Migration>) -> Result<Assembled> {
    let mut all = Routes::default();
    let mut nav = Vec::new();
    let mut partners_known = Vec::new();
    let mut api = OpenApiRouter::with_openapi(description());
    for domain in domains {
        all.public = all.public.merge(domain.public);
        all.agent = all.agent.merge(domain.agent);
        all.admin = all.admin.merge(domain.admin);
        partners_known.extend(domain.partner);
        all.rights.extend(domain.rights);
        all.problems.extend(domain.problems);
        nav.extend(domain.nav);
        api = api.merge(domain.api);
    }
    let (api, openapi) = api.split_for_parts();
    let help = Arc::new(ApiHelp::new(&openapi, &all.problems));
    all.public = all.public.get("/aide/api", async move |Public(cx): Public| cx.page(&*help));
    let lines = lines(&all, &openapi)?;
    let uploads = [&all.public.uploads, &all.agent.uploads, &all.admin.uploads].into_iter().flatten();
    let web = Arc::new(Web {
        app: app.clone(),
        migrations,
        tenants: site::TenantCache::default(),
        limits: throttle::Limits::new(&app.config.limits),
        ready: health::Known::default(),
        assets: assets::Assets::load(),
        handlers: AtomicI64::new(0),
        nav,
        partners: partners_known,
        uploads: uploads.copied().collect(),
        rights: all.rights,
    });
    let described = openapi.clone();
    let pages = Router::new()
        .merge(all.public.router)
        .merge(guarded(all.agent.router, app, agents))
        .merge(guarded(all.admin.router, app, admins))
        .merge(guarded(api, app, partners))
        .route("/api/v1/openapi.json", get(async move || Json(described)))
        .route("/t/{sheet}", get(tenant_sheet))
        .fallback(nothing_here);
    let router = outer(inner(pages), web.clone()).with_state(app.clone());
    Ok(Assembled { router, routes: lines, openapi, web })
}

/// The layers that know the tenant, innermost first.
fn inner(pages: Router<App>) -> Router<App> {
    let elsewhere = |_| {
        let sentence = t!("Cet envoi vient d’un autre site que le nôtre. Ouvrez la page chez nous et recommencez.");
        Error::refused("other-origin", sentence).into_response()
    };
    // The API has keys and no cookie: nothing can be done in somebody's name by leading his browser there.
    let origin = CsrfLayer::new().with_insecure_bypass(|_, uri| Audience::of(uri.path()) == Audience::Api).with_rejection_response(elsewhere);
    pages
        .layer(DefaultBodyLimit::max(form::MAX_LONG))
        .layer(from_fn(ctx::settle))
        .layer(from_fn(server::detached))
        .layer(origin)
        .layer(from_fn(throttle::limit))
        .layer(from_fn(problem::render))
        .layer(from_fn(ctx::enter))
}

/// The layers of every answer, tenant or not.
fn outer(pages: Router<App>, web: Arc<Web>) -> Router<App> {
    let compressed = SizeAbove::new(512)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::new("application/pdf"))
        .and(NotForContentType::new("application/octet-stream"))
        .and(NotForContentType::new("application/zip"));
    pages
        .route("/static/{*path}", get(assets::serve))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .layer(from_fn(body::watch))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)).compress_when(compressed))
        .layer(from_fn(headers::secure))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            headers::bare(StatusCode::INTERNAL_SERVER_ERROR, "Une erreur s’est produite de notre côté.\n")
        }))
        .layer(from_fn(log::observe))
        .layer(Extension(web))
}

fn guarded<G, F>(router: Router<App>, app: &App, guard: G) -> Router<App>
where
    G: Fn(State<App>, Request, Next) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    if router.has_routes() { router.route_layer(from_fn_with_state(app.clone(), guard)) } else { router }
}

async fn agents(State(app): State<App>, request: Request, next: Next) -> Response {
    behind::<AgentCx>(app, request, next).await
}

async fn admins(State(app): State<App>, request: Request, next: Next) -> Response {
    behind::<AdminCx>(app, request, next).await
}

async fn partners(State(app): State<App>, request: Request, next: Next) -> Response {
    behind::<PartnerCx>(app, request, next).await
}

async fn behind<Guard>(app: App, request: Request, next: Next) -> Response
where
    Guard: FromRequestParts<App, Rejection = Error> + Send,
{
    let (mut parts, body) = request.into_parts();
    match Guard::from_request_parts(&mut parts, &app).await {
        Ok(_) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => error.into_response(),
    }
}

/// `GET /t/<hash>.css`: the tenant's sheet; kept for ever under its own hash, not under another.
async fn tenant_sheet(cx: Extension<ctx::RequestInfo>, Path(sheet): Path<String>, asked: HeaderMap) -> Response {
    match &cx.view {
        Some(view) => {
            let is_for_ever = sheet.strip_suffix(".css") == Some(view.look.sheet.hash.as_str());
            view.look.sheet.answer(&asked, is_for_ever)
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// No such page. Agents keep their menu and their search around the answer; for others no session is read.
async fn nothing_here(State(app): State<App>, request: Request) -> Error {
    let (mut parts, _) = request.into_parts();
    if matches!(Audience::of(parts.uri.path()), Audience::Agent | Audience::Admin) {
        // Only the surroundings hang on it: without a session the page is the same, bare.
        let _ = Ctx::from_request_parts(&mut parts, &app).await;
    }
    Error::NotFound
}

/// The lines of the access matrix; a route outside its space is a fault of ours.
fn lines(all: &Routes, openapi: &OpenApi) -> Result<Vec<RouteLine>> {
    let mut lines = Vec::new();
    let pages = [(&all.public, Audience::Public), (&all.agent, Audience::Agent), (&all.admin, Audience::Admin)];
    for (pages, audience) in pages {
        for (method, path) in &pages.lines {
            lines.push(RouteLine { path: (*path).into(), method: method.to_string(), audience });
        }
    }
    for (path, item) in &openapi.paths.paths {
        let methods = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
        for (method, _) in methods.iter().filter(|(_, operation)| operation.is_some()) {
            lines.push(RouteLine { path: path.clone(), method: (*method).into(), audience: Audience::Api });
        }
    }
    // A sign-in page of agents is open to all and stands in their space: `public` may reach there, nothing else may.
    let astray = |line: &&RouteLine| line.audience != Audience::Public && Audience::of(&line.path) != line.audience;
    if let Some(line) = lines.iter().find(astray) {
        return Err(Error::internal(format!("{} is outside the space of {:?}", line.path, line.audience)));
    }
    lines.sort();
    Ok(lines)
}

/// What the description of the API says before any domain speaks.
fn description() -> OpenApi {
    let mut info = Info::new("Parvis", env!("CARGO_PKG_VERSION"));
    info.description = Some("API des partenaires. Les erreurs suivent la RFC 9457 (application/problem+json).".into());
    let mut openapi = OpenApiBuilder::new().info(info).build();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    openapi.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    openapi
}

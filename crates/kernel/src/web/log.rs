//! One line per request, and its counters. The route is written as it was declared, not as it was asked: an address
//! may hold a name or a token. Where lines and counters go is `telemetry.rs`.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;

use super::{Ctx, Web, ctx::RequestInfo};
use crate::{Actor, telemetry::METRICS};

/// The number of a request: quoted on error pages, found in the log.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// How many statements a request executed: for the log and for the test that bounds them.
#[derive(Debug, Clone, Copy)]
pub struct Statements(pub u32);

/// What went wrong inside, for the log alone.
#[derive(Debug, Clone)]
pub(super) struct Fault(pub String);

/// Layer: numbers the request, measures it, writes its line.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = super::random_number();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = word(request.method());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let extensions = response.extensions();
    let tenant = extensions.get::<RequestInfo>().and_then(|info| info.tenant.as_ref());
    let line = Line {
        request: &id,
        tenant: tenant.map_or("", |tenant| tenant.slug.as_str()),
        method,
        route: route.as_ref().map_or("", MatchedPath::as_str),
        status: response.status().as_u16(),
        actor: extensions.get::<Ctx>().map_or("", |ctx| kind(ctx.actor())),
        took: started.elapsed(),
        statements: extensions.get::<Statements>().map_or(0, |statements| statements.0),
        fault: extensions.get::<Fault>().map(|fault| fault.0.as_str()),
    };
    line.say();
    response
}

struct Line<'a> {
    request: &'a str,
    tenant: &'a str,
    method: &'a str,
    route: &'a str,
    status: u16,
    actor: &'a str,
    took: Duration,
    statements: u32,
    fault: Option<&'a str>,
}

impl Line<'_> {
    fn say(&self) {
        let Self { request, tenant, method, route, status, actor, took, statements, fault } = *self;
        let ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        match fault {
            Some(fault) => tracing::error!(request, tenant, method, route, status, actor, ms, statements, fault, "request failed"),
            None => tracing::info!(request, tenant, method, route, status, actor, ms, statements, "request"),
        }
        let class = match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "1xx",
        };
        METRICS.count("parvis_requests_total", &[("method", method), ("route", route), ("status", class)], 1);
        METRICS.observe("parvis_request_seconds", &[("route", route)], took);
    }
}

/// The counters of the program, with what only the web knows.
pub(super) fn counters(web: &Arc<Web>) -> String {
    METRICS.set("parvis_handlers_running", &[], web.running() as f64);
    METRICS.text()
}

/// Methods that are words of ours; the rest is one word, so that nobody fills the counters.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::System { .. } => "systeme",
        Actor::Visitor => "visiteur",
        Actor::Usager { .. } => "usager",
        Actor::Agent(_) => "agent",
        Actor::Partenaire { .. } => "partenaire",
        Actor::Application { .. } => "application",
    }
}

//! One line per request, in glossary words, and the counters of `/metrics`. Never a name, an address, an answer or a
//! token: the route is written as it was declared, not as it was asked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    extract::{MatchedPath, Request},
    http::HeaderValue,
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;

use super::{Web, ctx::Audience, ctx::RequestInfo};

/// The number of a request: quoted on error pages, found in the log.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// How many statements a request executed: for the log and for the test that bounds them.
#[derive(Debug, Clone, Copy)]
pub struct Statements(pub u32);

/// Upper bounds of the histogram of durations, in milliseconds.
const BOUNDS: [u64; 9] = [5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

/// Counters of this process.
#[derive(Default)]
pub(super) struct Metrics {
    answers: [[AtomicU64; 5]; 4],
    buckets: [AtomicU64; BOUNDS.len()],
    total: AtomicU64,
    sum_us: AtomicU64,
    in_flight: AtomicI64,
    /// Handlers that run, with or without a client.
    pub(super) running: AtomicI64,
}

/// Layer: numbers the request, measures it, writes its line.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = super::random_number();
    let web = request.extensions().get::<Arc<Web>>().cloned();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, audience) = (request.method().clone(), Audience::of(request.uri().path()));
    request.extensions_mut().insert(RequestId(id.clone()));
    if let Some(web) = &web {
        web.metrics.in_flight.fetch_add(1, Relaxed);
    }
    let _guard = web.clone().map(InFlight);
    let mut response = next.run(request).await;
    let took = started.elapsed();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let status = response.status().as_u16();
    if let Some(web) = &web {
        web.metrics.count(audience, status, took);
    }
    let extensions = response.extensions();
    let tenant = extensions.get::<RequestInfo>().and_then(|info| info.tenant.as_ref());
    tracing::info!(
        request = %id,
        tenant = tenant.map_or("", |tenant| tenant.slug.as_str()),
        %method,
        route = route.as_ref().map_or("", MatchedPath::as_str),
        status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        statements = extensions.get::<Statements>().map_or(0, |statements| statements.0),
        "request"
    );
    response
}

struct InFlight(Arc<Web>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}

impl Metrics {
    fn count(&self, audience: Audience, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.answers[audience as usize][class].fetch_add(1, Relaxed);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(at) = BOUNDS.iter().position(|bound| ms <= *bound) {
            self.buckets[at].fetch_add(1, Relaxed);
        }
        self.total.fetch_add(1, Relaxed);
        self.sum_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Relaxed);
    }

    /// The counters, as Prometheus reads them.
    pub(super) fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut out = String::from("# HELP parvis_requests_total Answers, by audience and class of status.\n# TYPE parvis_requests_total counter\n");
        for (audience, classes) in ["public", "agent", "admin", "api"].iter().zip(&self.answers) {
            for (class, count) in classes.iter().enumerate() {
                let (class, count) = (class + 1, count.load(Relaxed));
                let _ = writeln!(out, "parvis_requests_total{{audience=\"{audience}\",status=\"{class}xx\"}} {count}");
            }
        }
        out.push_str("# HELP parvis_request_seconds Time to answer.\n# TYPE parvis_request_seconds histogram\n");
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.buckets) {
            below += count.load(Relaxed);
            let _ = writeln!(out, "parvis_request_seconds_bucket{{le=\"{}\"}} {below}", *bound as f64 / 1000.0);
        }
        let (total, sum) = (self.total.load(Relaxed), self.sum_us.load(Relaxed) as f64 / 1e6);
        let _ = writeln!(out, "parvis_request_seconds_bucket{{le=\"+Inf\"}} {total}");
        let _ = writeln!(out, "parvis_request_seconds_sum {sum}\nparvis_request_seconds_count {total}");
        let in_flight = self.in_flight.load(Relaxed);
        let _ = writeln!(out, "# HELP parvis_requests_in_flight Requests being answered.\n# TYPE parvis_requests_in_flight gauge\nparvis_requests_in_flight {in_flight}");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_histogram_is_cumulative() {
        let metrics = Metrics::default();
        metrics.count(Audience::Public, 200, Duration::from_millis(3));
        metrics.count(Audience::Api, 503, Duration::from_millis(80));
        let text = metrics.text();
        assert!(text.contains("parvis_requests_total{audience=\"api\",status=\"5xx\"} 1"), "{text}");
        assert!(text.contains("le=\"0.005\"} 1") && text.contains("le=\"0.1\"} 2"), "{text}");
        assert!(text.contains("le=\"+Inf\"} 2"), "{text}");
    }
}

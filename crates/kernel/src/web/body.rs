//! Bodies of requests on their way in: a client that stops sending is given up after a while, and what a refusal
//! left unread is read and thrown away, so that the client sees the answer and not a broken connection.
//! Sizes are not judged here: `form.rs`, `upload.rs` and the limit of axum's extractors do.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tower_http::timeout::TimeoutBody;

/// How long a client may send nothing in the middle of a body.
const IDLE: Duration = Duration::from_secs(30);
/// How much of an unread body is thrown away before the connection is closed instead.
const DRAIN_BYTES: usize = 64 << 20;
/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Layer: lends the body to what comes next, and drains what it left.
pub(super) async fn watch(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let waits = request.headers().contains_key("expect");
    let (parts, body) = request.into_parts();
    let slot = Arc::new(Mutex::new(Some(Body::new(TimeoutBody::new(IDLE, body)))));
    let lent = Body::new(Lent(slot.clone()));
    let response = next.run(Request::from_parts(parts, lent)).await;
    let left = slot.lock().ok().and_then(|mut slot| slot.take());
    if let (Some(left), false) = (left, waits) {
        let _ = tokio::time::timeout(DRAIN_TIME, drain(left)).await;
    }
    response
}

async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > DRAIN_BYTES {
            return;
        }
    }
}

/// A body that can be taken back.
struct Lent(Arc<Mutex<Option<Body>>>);

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.0.lock().as_deref_mut() {
            Ok(Some(body)) => Pin::new(body).poll_frame(cx),
            // Never a clean end: half a body must not pass for a whole one.
            _ => Poll::Ready(Some(Err(axum::Error::new("the body was taken back")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0.lock().as_deref(), Ok(Some(body)) if body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match self.0.lock().as_deref() {
            Ok(Some(body)) => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

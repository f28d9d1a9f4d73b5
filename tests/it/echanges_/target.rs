//! An application on the loopback interface: it keeps what it took and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

#[derive(Clone, Default)]
pub struct Target(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    usual: Option<u16>,
    next: VecDeque<(u16, Option<&'static str>)>,
    calls: Vec<Call>,
    address: String,
}

/// A call and what it was answered.
#[derive(Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub status: u16,
}

impl Call {
    pub fn id(&self) -> String {
        self.header("webhook-id")
    }

    pub fn header(&self, name: &str) -> String {
        self.headers[name].to_str().expect("ASCII").to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

impl Target {
    pub async fn start() -> Self {
        let target = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        target.0.lock().expect("no panic").address = format!("http://{}/parvis", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(target.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        target
    }

    pub fn options(&self) -> serde_json::Value {
        serde_json::json!({ "url": self.0.lock().expect("no panic").address })
    }

    /// From now on, this status.
    pub fn answer(&self, status: u16) {
        self.0.lock().expect("no panic").usual = Some(status);
    }

    /// The next call only.
    pub fn answer_once(&self, status: u16, retry_after: Option<&'static str>) {
        self.0.lock().expect("no panic").next.push_back((status, retry_after));
    }

    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().expect("no panic").calls.clone()
    }

    /// Ids of what was acknowledged, in order.
    pub fn taken(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.status < 300).map(|call| call.id()).collect()
    }
}

async fn take(State(target): State<Target>, headers: HeaderMap, body: Bytes) -> Response {
    let mut inner = target.0.lock().expect("no panic");
    let usual = inner.usual.unwrap_or(204);
    let (status, retry_after) = inner.next.pop_front().unwrap_or((usual, None));
    inner.calls.push(Call { headers, body: body.to_vec(), status });
    let status = StatusCode::from_u16(status).expect("a status");
    match retry_after {
        Some(after) => (status, [("retry-after", after)]).into_response(),
        None => status.into_response(),
    }
}

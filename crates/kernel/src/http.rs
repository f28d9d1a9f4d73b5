//! Calls to the outside: a deadline, a bound on the answer, no redirection, and a guard against calls that would
//! reach our own network. A name is resolved once, and the address that was judged is the one that is called.
//! Made from a job, or in a request when somebody waits; never in a transaction. It retries nothing.

mod guard;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{self, Request, Response, Uri};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, redirect::Policy};
use tokio::time::timeout;

use self::guard::{Guard, Resolver};
use crate::{Clock, Config, Error, Result};

/// For most calls.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// For files.
pub const FILE_DEADLINE: Duration = Duration::from_secs(60);

const ANSWER_AT_MOST: usize = 4 * 1024 * 1024;
const FAILURES_BEFORE_PAUSE: u32 = 5;
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// The client of everything outside. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: Client,
    guard: Guard,
    clock: Clock,
    troubles: Arc<Mutex<HashMap<String, Trouble>>>,
}

/// Why a call gave no answer, in words for the page of exchanges.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The address is wrong or may not be called: trying again would not help.
    #[error("adresse refusée : {0}")]
    Refused(String),
    /// Nobody answers there.
    #[error("connexion impossible")]
    Down,
    /// The answer did not come in time.
    #[error("pas de réponse dans le délai")]
    Late,
    /// The answer is longer than what is accepted.
    #[error("réponse trop longue")]
    TooLong,
    /// It failed several times just now: it is left alone for half a minute.
    #[error("service en panne, nouvel essai dans moins d’une minute")]
    Paused,
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(why) => Self::refused("call-refused", format!("Cette adresse ne peut pas être appelée : {why}.")),
            _ => Self::Unavailable("service extérieur"),
        }
    }
}

#[derive(Default)]
struct Trouble {
    failures: u32,
    paused_until: Option<Timestamp>,
}

impl Http {
    /// A client that reaches public addresses, and those that the settings declare internal.
    pub fn new(config: &Config, clock: Clock) -> Result<Self> {
        let guard = Guard::new(&config.internal_hosts);
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .dns_resolver(Arc::new(Resolver(guard.clone())))
            .user_agent(concat!("Parvis/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, guard, clock, troubles: Arc::default() })
    }

    /// Makes a call, within 5 seconds. Any status is an answer.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        self.send_within(request, DEADLINE).await
    }

    /// The same with another deadline.
    pub async fn send_within(&self, request: Request<Vec<u8>>, deadline: Duration) -> Result<Response<Vec<u8>>, CallError> {
        self.guard.check(request.uri()).map_err(CallError::Refused)?;
        let request = request.try_into().map_err(|_| CallError::Refused("elle n’est pas valable".into()))?;
        timeout(deadline, self.exchange(request)).await.unwrap_or(Err(CallError::Late))
    }

    /// For a call that somebody waits for: a host that failed five times in a row is left alone for 30 seconds, so
    /// that people get their sentence at once. A job has its own schedule and uses `send`.
    pub async fn send_waited(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let host = host(request.uri());
        if self.is_paused(&host) {
            return Err(CallError::Paused);
        }
        let answer = self.send(request).await;
        let failed = match &answer {
            Ok(answer) => answer.status().is_server_error(),
            Err(CallError::Refused(_)) => false,
            Err(_) => true,
        };
        self.note(host, failed);
        answer
    }

    /// The addresses of a server that speaks something else than HTTP, after the same judgement; to be connected to as
    /// they are, without resolving the name again.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, CallError> {
        let found = timeout(DEADLINE, self.guard.addresses(host, port)).await.map_err(|_| CallError::Late)?;
        match found {
            Ok(addresses) if addresses.is_empty() => Err(CallError::Refused(guard::NotPublic(host.into()).to_string())),
            Ok(addresses) => Ok(addresses),
            Err(_) => Err(CallError::Down),
        }
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<Response<Vec<u8>>, CallError> {
        let mut answer = self.client.execute(request).await.map_err(|error| reason(&error))?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| reason(&error))? {
            if body.len() + piece.len() > ANSWER_AT_MOST {
                return Err(CallError::TooLong);
            }
            body.extend_from_slice(&piece);
        }
        let mut made = Response::new(body);
        *made.status_mut() = answer.status();
        *made.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(made)
    }

    fn is_paused(&self, host: &str) -> bool {
        let now = self.clock.now();
        let troubles = self.troubles.lock().expect("no holder of the troubles panics");
        troubles.get(host).and_then(|trouble| trouble.paused_until).is_some_and(|until| now < until)
    }

    fn note(&self, host: String, failed: bool) {
        let mut troubles = self.troubles.lock().expect("no holder of the troubles panics");
        if !failed {
            troubles.remove(&host);
            return;
        }
        let trouble = troubles.entry(host).or_default();
        trouble.failures += 1;
        if trouble.failures >= FAILURES_BEFORE_PAUSE {
            trouble.paused_until = self.clock.now().checked_add(PAUSE).ok();
        }
    }
}

/// A request without body.
pub fn get(url: &str) -> http::request::Builder {
    Request::get(url)
}

/// A request with a JSON body.
pub fn post_json(url: &str, body: &impl serde::Serialize) -> Result<Request<Vec<u8>>> {
    let builder = Request::post(url).header(http::header::CONTENT_TYPE, "application/json");
    builder.body(serde_json::to_vec(body)?).map_err(Error::internal)
}

/// A request with the body of a form, encoded already.
pub fn post_form(url: &str, body: String) -> Result<Request<Vec<u8>>> {
    let builder = Request::post(url).header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    builder.header(http::header::ACCEPT, "application/json").body(body.into_bytes()).map_err(Error::internal)
}

fn host(uri: &Uri) -> String {
    uri.authority().map(|authority| authority.as_str().to_lowercase()).unwrap_or_default()
}

fn reason(error: &reqwest::Error) -> CallError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(at) = cause {
        if let Some(refused) = at.downcast_ref::<guard::NotPublic>() {
            return CallError::Refused(refused.to_string());
        }
        cause = at.source();
    }
    if error.is_timeout() { CallError::Late } else { CallError::Down }
}

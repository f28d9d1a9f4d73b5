//! A double of FranceConnect and of ProConnect that speaks their protocol to the letter: paths, compulsory parameters
//! and error codes, signed user information, short lives, keys that turn, exact addresses of return. For tests, on a port
//! of its own, and for the demonstration, under `/demo`; it knows nothing of the program it serves, and is not in
//! `parvis serve`.

mod keys;
mod pages;
mod people;
mod protocol;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    routing::{get, post},
};
use jiff::Timestamp;
use kernel::Clock;

pub use keys::Alg;
pub use people::Person;

/// Whose double it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// FranceConnect v2, low level: `eidas1`.
    FranceConnect,
    /// ProConnect.
    ProConnect,
}

/// A service that was declared.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its identifier.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where it may be answered; compared exactly.
    pub redirect_uris: Vec<String>,
    /// Where one may be led after signing out; compared exactly.
    pub logout_uris: Vec<String>,
    /// What it asked tokens to be signed with.
    pub alg: Alg,
}

/// What the double does wrong, when it is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Tokens are signed by a key that is not published, under the name of one that is.
    WrongKey,
    /// Tokens say `alg: none` and bear no signature.
    AlgNone,
    /// Tokens are signed with the client's secret.
    Hs256,
    /// User information is another person's.
    OtherSub,
    /// Tokens are an hour old.
    Expired,
    /// The nonce is not the one that was given.
    WrongNonce,
    /// Tokens are for another service.
    WrongAudience,
    /// Tokens are of another issuer.
    WrongIssuer,
    /// The answer says that it comes from another issuer.
    WrongIssuerOfAnswer,
    /// The level is below the one asked.
    LowLevel,
    /// User information is bare JSON.
    UnsignedUserinfo,
    /// Every call fails.
    Down,
}

/// What a double is made of.
pub struct Options {
    /// Whose double.
    pub platform: Platform,
    /// Its issuer: scheme, host, port and `/api/v2`.
    pub issuer: String,
    /// Declared services.
    pub clients: Vec<Client>,
    /// Who may sign in.
    pub people: Vec<Person>,
    /// Time.
    pub clock: Clock,
}

/// The double; cheap to clone.
#[derive(Clone)]
pub struct Fournisseur(Arc<Inner>);

struct Inner {
    platform: Platform,
    issuer: String,
    people: Vec<Person>,
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    clients: Vec<Client>,
    keys: keys::Keys,
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, Grant>,
    sessions: HashMap<String, (String, Timestamp)>,
    fault: Option<Fault>,
    keys_asked: u32,
}

/// What a code or a token stands for.
#[derive(Clone)]
struct Grant {
    client: String,
    redirect_uri: String,
    nonce: String,
    scope: String,
    person: String,
    acr: String,
    amr: Vec<&'static str>,
    wants_amr: bool,
    at: Timestamp,
}

impl Fournisseur {
    /// A double with fresh keys.
    pub fn new(options: Options) -> Self {
        let state = State {
            clients: options.clients,
            keys: keys::Keys::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            sessions: HashMap::new(),
            fault: None,
            keys_asked: 0,
        };
        Self(Arc::new(Inner {
            platform: options.platform,
            issuer: options.issuer,
            people: options.people,
            clock: options.clock,
            state: Mutex::new(state),
        }))
    }

    /// Its pages and endpoints, under the path of its issuer.
    pub fn router(&self) -> Router {
        let base = self.0.issuer.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        let home = Some(base.trim_end_matches("/api/v2")).filter(|home| !home.is_empty()).unwrap_or("/");
        let at = |path: &str| format!("{base}{path}");
        Router::new()
            .route(&at("/.well-known/openid-configuration"), get(protocol::describe))
            .route(&at("/authorize"), get(protocol::authorize))
            .route(&at("/interaction"), post(protocol::interact))
            .route(&at("/token"), post(protocol::token))
            .route(&at("/userinfo"), get(protocol::userinfo))
            .route(&at("/jwks"), get(protocol::jwks))
            .route(&at("/session/end"), get(protocol::end_session))
            .route(home, get(pages::home))
            .with_state(self.clone())
    }

    /// Declares another service.
    pub fn declare(&self, client: Client) {
        self.state().clients.push(client);
    }

    /// New keys: the former ones stay published, and sign no more.
    pub fn rotate(&self) {
        self.state().keys.rotate();
    }

    /// Does this wrong from now on; `None`: does well again.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// How many times its keys were asked for.
    pub fn keys_asked(&self) -> u32 {
        self.state().keys_asked
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn person(&self, id: &str) -> Option<&Person> {
        self.0.people.iter().find(|person| person.id == id)
    }
}

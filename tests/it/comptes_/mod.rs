//! Signing in, lived through the pages: usagers, agents, administrators, and identity providers on a real wire.

mod acte;
mod admin;
mod agents;
mod france_connect;
mod pro_connect;
mod usagers;
mod wire;

use std::ops::Deref;

use axum::http::StatusCode;
use comptes::oidc::{Kind, Provider, ProviderSettings, check_provider, save_provider};
use kernel::{Actor, AgentId, Result, Role, Tx, mail::Mail};
use parvis::demo::fournisseur::{Alg, Client, Fournisseur, Options, Person, Platform};

use crate::support::{Bench, Browser, Served, browser::Answer};

/// The whole program for one tenant.
pub struct Place(Served);

impl Deref for Place {
    type Target = Served;
    fn deref(&self) -> &Served {
        &self.0
    }
}

/// Our secret at every provider of these tests.
const SECRET: &str = "un-secret-d-essai";

impl Place {
    pub async fn new() -> Self {
        Self::of(Bench::new(parvis::reactions::TABLE).await)
    }

    pub fn of(bench: Bench) -> Self {
        Self(Served::of(bench))
    }

    pub async fn act<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.bench.db.write(&self.bench.scope(), work).await
    }

    /// Runs what waits, and gives the mails sent so far.
    pub async fn mails(&self) -> Vec<Mail> {
        kernel::jobs::drain(&self.app, &parvis::registries::jobs()).await.expect("jobs run");
        self.bench.mailer.captured()
    }

    /// The path of the link in the last mail.
    pub async fn last_link(&self) -> String {
        let mails = self.mails().await;
        let text = &mails.last().expect("a mail").text;
        let url = text.split_whitespace().find(|word| word.starts_with("http://essai.localhost/")).expect("a link");
        url.trim_start_matches("http://essai.localhost").to_owned()
    }

    /// How many journal lines of this kind.
    pub async fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let lines = self.act(async |tx| kernel::journal::history(tx, kernel::Subject::Tenant, 200, None).await).await.expect("a history");
        lines.into_iter().filter(|line| line.kind == kind).map(|line| line.payload).collect()
    }

    /// An usager with a password, signed in nowhere.
    pub async fn usager(&self, mail: &str, password: &str) {
        let hash = kernel::crypto::hash_password(password.to_owned()).await.expect("hashed");
        self.act(async |tx| {
            let compte = comptes::open(tx, mail).await?;
            comptes::set_password(tx, compte.id, &hash).await
        })
        .await
        .expect("an account");
    }

    /// An agent with a password and no second factor.
    pub async fn agent(&self, mail: &str, role: Role, password: Option<&str>) -> AgentId {
        let hash = match password {
            Some(password) => Some(kernel::crypto::hash_password(password.to_owned()).await.expect("hashed")),
            None => None,
        };
        let (given_name, family_name) = ("Nadia".to_owned(), "Rahmani".to_owned());
        let new =
            comptes::NewAgent {
                mail: mail.into(), given_name, family_name, job_title: "Officière d’état civil".into(), role, memberships: vec![]
            };
        self.act(async |tx| {
            let agent = comptes::invite(tx, new).await?;
            if let Some(hash) = &hash {
                comptes::store::set_agent_password(tx, agent.id, hash).await?;
            }
            Ok(agent.id)
        })
        .await
        .expect("an agent")
    }

    /// An administrator signed in with his two factors.
    pub async fn admin(&self, mail: &str) -> Browser {
        self.agent(mail, Role::Admin, Some("Jardin72!")).await;
        let mut browser = self.visitor();
        let next = self.agent_password(&mut browser, mail, "Jardin72!").await;
        assert_eq!(next.location(), "/agent/connexion/second-facteur");
        let secret = agents::secret_on(&browser.get("/agent/connexion/second-facteur").await);
        let code = comptes::totp::code(&secret, self.bench.clock.now()).expect("a code");
        let entered = browser.post("/agent/connexion/second-facteur", &format!("code={code}&{}", self.key())).await;
        assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/agent"), "{}", entered.text());
        browser
    }

    pub async fn agent_password(&self, browser: &mut Browser, mail: &str, password: &str) -> Answer {
        let form = format!("identifiant={}&mot_de_passe={}&{}", quote(mail), quote(password), self.key());
        browser.post("/agent/connexion", &form).await
    }

    /// A double on its own port, known to the tenant under this slug.
    pub async fn double(&self, platform: Platform, slug: &str, alg: Alg) -> Fournisseur {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}/api/v2", listener.local_addr().expect("an address"));
        let (kind, people) = match platform {
            Platform::FranceConnect => (Kind::FranceConnect, Person::identities()),
            Platform::ProConnect => (Kind::ProConnect, Person::agents()),
        };
        let provider = self.provider(kind, slug, &issuer);
        let client = Client {
            id: "essai".into(),
            secret: SECRET.into(),
            redirect_uris: vec![provider.redirect_uri("http://essai.localhost")],
            logout_uris: vec![provider.logout_uri("http://essai.localhost")],
            alg,
        };
        let double = Fournisseur::new(Options { platform, issuer, clients: vec![client], people, clock: self.bench.clock.clone() });
        let router = double.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.set_provider(provider).await;
        double
    }

    pub fn provider(&self, kind: Kind, slug: &str, issuer: &str) -> Provider {
        let settings = ProviderSettings { sirets: vec!["21380185500015".into()], ..ProviderSettings::default() };
        Provider {
            slug: slug.into(),
            kind,
            title: slug.into(),
            issuer: issuer.into(),
            client_id: "essai".into(),
            secret_sealed: vec![],
            settings,
            is_active: true,
        }
    }

    pub async fn set_provider(&self, mut provider: Provider) {
        provider.settings.origins = check_provider(&self.app, &provider).await.expect("a description");
        self.act(async |tx| save_provider(tx, &self.app.keys, provider, SECRET).await).await.expect("a provider");
    }
}

/// A browser beside ours, which speaks to providers over the network and keeps their cookies.
pub struct Outside {
    client: reqwest::Client,
    cookies: std::collections::BTreeMap<String, String>,
    /// Whom the directory signs in, without a page.
    person: String,
}

impl Outside {
    pub fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { client, cookies: Default::default(), person: String::new() }
    }

    /// The answer, and where it leads.
    async fn send(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; ")).header("x-personne", &self.person);
        let answer = request.send().await.expect("the provider answers");
        for line in answer.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()) {
            let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
            self.cookies.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        let location = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        (answer.status().as_u16(), location, answer.text().await.expect("a body"))
    }

    pub async fn get(&mut self, url: &str) -> (u16, String, String) {
        self.send(self.client.get(url)).await
    }

    /// Lets a directory sign somebody in, from redirection to redirection; gives the path of our callback.
    pub async fn follow(&mut self, authorize: &str, person: &str) -> String {
        self.person = person.into();
        let origin: String = authorize.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let mut url = authorize.to_owned();
        for _ in 0..12 {
            let (status, location, text) = self.get(&url).await;
            assert!((300..400).contains(&status), "{url}: {status} {text}");
            if location.starts_with("http://essai.localhost/") {
                return path_of(&location);
            }
            url = if location.starts_with('/') { format!("{origin}{location}") } else { location };
        }
        panic!("redirections without end, at {url}");
    }

    /// Chooses somebody on the page of the double; gives the path of our callback.
    pub async fn choose(&mut self, authorize: &str, person: &str) -> String {
        let (status, location, _) = self.get(authorize).await;
        if (300..400).contains(&status) {
            return path_of(&location);
        }
        let (base, query) = authorize.split_once("/authorize?").expect("an address");
        let body = format!("demande={}&personne={person}", quote(query));
        let request = self.client.post(format!("{base}/interaction")).header("content-type", "application/x-www-form-urlencoded").body(body);
        let (_, location, text) = self.send(request).await;
        assert!(!location.is_empty(), "{text}");
        path_of(&location)
    }
}

fn path_of(location: &str) -> String {
    location.trim_start_matches("http://essai.localhost").to_owned()
}

/// Signs in through the double, up to the answer of our callback.
pub async fn through(place: &Place, browser: &mut Browser, start: &str, person: &str) -> Answer {
    let left = browser.post(start, &place.key()).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text());
    let back = Outside::new().choose(left.location(), person).await;
    browser.get(&back).await
}

pub fn quote(text: &str) -> String {
    let sign = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(sign).collect()
}

/// Who this browser is.
pub async fn who(place: &Place, browser: &Browser) -> Actor {
    let Some(token) = browser.cookie.as_deref().and_then(|cookie| cookie.split_once('=')) else { return Actor::Visitor };
    let hash = kernel::crypto::hash_token(token.1);
    let sql = "select cast(actor as text) as actor from session where tenant_id = $1 and token_hash = $2";
    let row = place.act(async |tx| tx.opt(sql, kernel::params![hash]).await).await.expect("a reading");
    row.map_or(Actor::Visitor, |row| serde_json::from_str(&row.get::<String>("actor").expect("an actor")).expect("an actor"))
}

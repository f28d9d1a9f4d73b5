//! A double of the civil-status software, with a small register: it takes the demands that leave (checking their
//! signature), looks the act up and answers by the API, « en_cours » then « delivre » or « non_trouve ». It speaks to
//! the program over HTTP alone, as the real one would, keeps nothing on disk, and can be told to be down.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use echanges::{Document, formats, signature};
use kernel::{Clock, Error, Result};
use kinds::fold::search_key;
use serde_json::{Value, json};

/// The acts of the demonstration.
const REGISTER: &str = include_str!("../../demo/registre.csv");
/// Who decides in the software: name and quality.
const OFFICER: (&str, &str) = ("Camille Perrin", "officière de l’état civil, par délégation du maire");
/// Tries of an answer, one second apart: the program may be starting.
const TRIES: u32 = 30;

/// What the double must be told.
#[derive(Clone)]
pub struct Settings {
    /// Signs what it receives: `whsec_…`.
    pub secret: String,
    /// Its key for the API.
    pub key: String,
    /// Where the program listens: the host names of the demonstration are on this machine.
    pub api: SocketAddr,
    /// Between « en cours » and the outcome.
    pub search: Duration,
    /// Says the day of the delivery.
    pub clock: Clock,
}

/// The double, running. It stops with the program.
#[derive(Clone)]
pub struct EtatCivil {
    inner: Arc<Inner>,
    address: SocketAddr,
}

struct Inner {
    settings: Settings,
    register: Vec<Act>,
    is_down: AtomicBool,
    seen: Mutex<HashSet<String>>,
    client: reqwest::Client,
}

/// An act of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Act {
    kind: String,
    date: String,
    persons: Vec<(String, String)>,
}

impl EtatCivil {
    /// Starts it on a free port of the loopback interface.
    pub async fn start(settings: Settings) -> Result<Self> {
        let register = read_register(REGISTER)?;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().map_err(Error::internal)?;
        let inner = Inner { settings, register, is_down: AtomicBool::new(false), seen: Mutex::default(), client };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let double = Self { inner: Arc::new(inner), address };
        let router = Router::new().route("/parvis", post(take)).with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(double)
    }

    /// Where demands are sent.
    pub fn url(&self) -> String {
        format!("http://{}/parvis", self.address)
    }

    /// Makes it refuse everything, or work again.
    pub fn set_down(&self, is_down: bool) {
        self.inner.is_down.store(is_down, Ordering::SeqCst);
    }

    /// Whether it refuses everything.
    pub fn is_down(&self) -> bool {
        self.inner.is_down.load(Ordering::SeqCst)
    }

    /// How many demands it took, each counted once.
    pub fn taken(&self) -> usize {
        self.seen(|seen| seen.len())
    }

    fn seen<T>(&self, with: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        with(&mut self.inner.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

async fn take(State(double): State<EtatCivil>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if double.is_down() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, settings) = (said("webhook-id"), &double.inner.settings);
    let (at, signatures, now) = (said("webhook-timestamp"), said("webhook-signature"), settings.clock.now());
    if !signature::verify(&settings.secret, id, at, signatures, &body, now) {
        return StatusCode::UNAUTHORIZED;
    }
    let Some(demand) = read_demand(&body) else { return StatusCode::UNPROCESSABLE_ENTITY };
    if double.seen(|seen| seen.insert(id.to_owned())) {
        tokio::spawn(double.clone().handle(id.to_owned(), demand));
    }
    StatusCode::ACCEPTED
}

/// A demand: where its answers go, and what it says.
struct Demand {
    answers: String,
    document: Document,
}

fn read_demand(body: &[u8]) -> Option<Demand> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let data = &body["data"];
    let document = formats::read_xml(data["document"].as_str()?.as_bytes()).ok()?;
    Some(Demand { answers: data["reponses"].as_str()?.to_owned(), document })
}

impl EtatCivil {
    async fn handle(self, id: String, demand: Demand) {
        if !self.answer(&demand, &format!("{id}-1"), json!({"reponse": "en_cours", "champs": {}})).await {
            return;
        }
        tokio::time::sleep(self.inner.settings.search).await;
        let said = match find(&self.inner.register, &demand.document) {
            Some(_) => {
                let today = self.inner.settings.clock.now().to_zoned(zone()).date();
                let copies = demand.document.text("DemandeActe/NombreExemplaires").and_then(|n| n.parse::<u8>().ok());
                let is_fetched = demand.document.text("DemandeActe/ModeRemise") == Some("GUICHET");
                let mode = if is_fetched { "guichet" } else { "courrier" };
                let fields = json!({"date_delivrance": today, "mode": mode, "exemplaires": copies.unwrap_or(1)});
                json!({"reponse": "delivre", "champs": fields})
            }
            None => {
                let searched = "Registres et tables décennales, à la date donnée et aux deux années voisines.";
                json!({"reponse": "non_trouve", "champs": {"precision": searched}})
            }
        };
        self.answer(&demand, &format!("{id}-2"), said).await;
    }

    /// Says whether the answer was taken. A refusal is final; silence is tried again.
    async fn answer(&self, demand: &Demand, identifier: &str, mut said: Value) -> bool {
        said["identifiant"] = identifier.into();
        if said["reponse"] != "en_cours" {
            said["signataire"] = json!({"nom": OFFICER.0, "qualite": OFFICER.1});
        }
        let Ok(url) = demand.answers.parse::<reqwest::Url>() else { return false };
        let host = url.authority().to_owned();
        let here = format!("http://{}{}", self.inner.settings.api, url.path());
        for _ in 0..TRIES {
            let request = self.inner.client.post(&here).header("host", &host);
            let request = request.bearer_auth(&self.inner.settings.key).json(&said);
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return true,
                Ok(answer) if answer.status().is_client_error() && answer.status() != StatusCode::TOO_MANY_REQUESTS => {
                    tracing::warn!(status = answer.status().as_u16(), "the double of the civil-status software was refused");
                    return false;
                }
                _ => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
        false
    }
}

/// The act that a demand names: kind, day, and one of its persons.
fn find<'a>(register: &'a [Act], demand: &Document) -> Option<&'a Act> {
    let text = |path: &str| demand.text(&format!("DemandeActe/{path}"));
    let kind = text("TypeActe/Code")?;
    let date = text("DateActe").or_else(|| text("Titulaire/DateDeNaissance"))?;
    let asked = person(text("Titulaire/NomNaissance")?, text("Titulaire/Prenoms").unwrap_or_default());
    let is_asked = |(name, first): &(String, String)| person(name, first) == asked;
    register.iter().find(|act| act.kind == kind && act.date == date && act.persons.iter().any(is_asked))
}

/// Name and usual first name, without case nor accents.
fn person(name: &str, first_names: &str) -> (String, String) {
    let first = search_key(first_names.split([' ', ',']).next().unwrap_or_default());
    (search_key(name), first)
}

fn read_register(text: &str) -> Result<Vec<Act>> {
    let lines = text.lines().skip(1).filter(|line| !line.is_empty());
    let act = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        let [kind, date, name, first, name_2, first_2] = cells[..] else {
            return Err(Error::internal(format!("a line of the register has {} cells", cells.len())));
        };
        let persons = [(name, first), (name_2, first_2)].into_iter().filter(|(name, _)| !name.is_empty());
        let persons = persons.map(|(name, first)| (name.to_owned(), first.to_owned())).collect();
        Ok(Act { kind: kind.to_owned(), date: date.to_owned(), persons })
    };
    lines.map(act).collect()
}

fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(kind: &str, date: &str, name: &str, first: &str) -> Document {
        Document::new("EnveloppeMetierType")
            .with("DemandeActe/TypeActe/Code", kind)
            .with("DemandeActe/DateActe", date)
            .with("DemandeActe/Titulaire/NomNaissance", name)
            .with("DemandeActe/Titulaire/Prenoms", first)
    }

    #[test]
    fn an_act_is_found_by_its_day_and_one_of_its_persons() {
        let register = read_register(REGISTER).expect("a register");
        let found = |document: Document| find(&register, &document).is_some();
        assert!(found(demand("NAISSANCE", "1948-08-15", "DUBOIS", "Marie")));
        assert!(found(demand("DECES", "2024-10-12", "Prevost", "Jeanne")));
        assert!(!found(demand("NAISSANCE", "1948-08-16", "DUBOIS", "Marie")));
        assert!(!found(demand("MARIAGE", "1948-08-15", "DUBOIS", "Marie")));
        let wedding = register.iter().find(|act| act.kind == "MARIAGE").expect("a wedding");
        for (name, first) in &wedding.persons {
            assert!(found(demand("MARIAGE", &wedding.date, name, first)), "either of them");
        }
    }
}

//! Exchanges: deliveries, answers, folders, a real SFTP server, the pages. The domain on the right is a small one of
//! the tests: it builds a document per dossier, keeps the answers, and makes dossiers of files.

mod answers;
mod deliveries;
mod double;
mod folders;
mod pages;
mod sftp;
mod signature;
pub mod target;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use echanges::{
    Answers, Around, Built, Document, Format, Inbound, IncomingFile, NewDelivery, Outbound, Outcome, Outgoing, Received, Registry, Work,
    application::{self, Change},
};
use jiff::SignedDuration;
use kernel::{Actor, App, ApplicationId, DeliveryId, DossierId, Error, Event, Scope, Subject, Tx, jobs};

use crate::support::Bench;

/// What the small domain did and says.
#[derive(Clone, Default)]
pub struct Small(Arc<State>);

#[derive(Default)]
struct State {
    built: AtomicU32,
    made: AtomicU32,
    /// What the builder says instead of a document, by dossier.
    instead: Mutex<HashMap<DossierId, Instead>>,
    answers: Mutex<Vec<(DossierId, String)>>,
    /// Day of the act, by dossier.
    born: Mutex<HashMap<DossierId, &'static str>>,
}

#[derive(Clone, Copy)]
pub enum Instead {
    Refused,
    Nothing,
}

#[derive(serde::Serialize)]
struct Deposited {
    dossier: DossierId,
}

impl Event for Deposited {
    const KIND: &'static str = "Deposited";
    fn subject(&self) -> Subject {
        Subject::Dossier(self.dossier)
    }
}

impl Outbound for Small {
    fn name(&self) -> &'static str {
        "petit"
    }

    fn build<'a>(&'a self, _: &'a Around, _: &'a mut Tx, delivery: &'a Outgoing) -> Work<'a, Built> {
        Box::pin(async move {
            self.0.built.fetch_add(1, Ordering::SeqCst);
            let instead = self.0.instead.lock().expect("no panic").get(&delivery.dossier).copied();
            if let Some(day) = self.0.born.lock().expect("no panic").get(&delivery.dossier) {
                return Ok(Built::Document(
                    Document::new("EnveloppeMetierType")
                        .with("DemandeActe/TypeActe/Code", "NAISSANCE")
                        .with("DemandeActe/DateActe", *day)
                        .with("DemandeActe/Titulaire/NomNaissance", "Dubois")
                        .with("DemandeActe/Titulaire/Prenoms", "Marie Louise"),
                ));
            }
            match instead {
                Some(Instead::Refused) => Err(Error::refused("sans-base", "Aucune base ne permet cet envoi.")),
                Some(Instead::Nothing) => Ok(Built::Nothing("demande retirée".into())),
                None => Ok(Built::Document(
                    Document::new("EnveloppeMetierType")
                        .with("DemandeActe/TypeActe/Code", "NAISSANCE")
                        .with("DemandeActe/Titulaire[1]/NomNaissance", "LEFÈVRE")
                        .with("DemandeActe/Reference", delivery.dossier.to_string()),
                )),
            }
        })
    }
}

impl Answers for Small {
    fn receive<'a>(&'a self, _: &'a Around, _: &'a mut Tx, answer: &'a Received) -> Work<'a, Outcome> {
        Box::pin(async move {
            match answer.answer.as_str() {
                "en_cours" | "non_trouve" | "delivre" => {
                    self.0.answers.lock().expect("no panic").push((answer.dossier, answer.answer.clone()));
                    Ok(Outcome { state: answer.answer.clone(), label: "Acte envoyé".into() })
                }
                "trop_tard" => Err(Error::conflict("transition", "Ce dossier est déjà terminé.")),
                _ => Err(Error::invalid("reponse", "Réponses prévues : « delivre ».")),
            }
        })
    }
}

impl Inbound for Small {
    fn name(&self) -> &'static str {
        "demandes"
    }

    fn label(&self) -> String {
        "Demandes".into()
    }

    fn identifier(&self, file: &IncomingFile) -> Option<String> {
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        text.split_once("id=").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
    }

    fn receive<'a>(&'a self, _: &'a Around, tx: &'a mut Tx, file: &'a IncomingFile) -> Work<'a, DossierId> {
        Box::pin(async move {
            if !file.bytes.starts_with(b"demande") {
                return Err(Error::refused("illisible", "Ce fichier n’est pas une demande."));
            }
            self.0.made.fetch_add(1, Ordering::SeqCst);
            Ok(tx.new_id())
        })
    }
}

/// A tenant with one application and the small domain.
pub struct Exchange {
    pub bench: Bench,
    pub app: App,
    pub small: Small,
    kinds: Vec<jobs::JobKind>,
}

impl Exchange {
    pub async fn new() -> Self {
        let bench = Bench::new(&[]).await;
        let (app, small) = (bench.app(), Small::default());
        let kinds = echanges::jobs(small.registry());
        Self { app, small, kinds, bench }
    }

    pub fn scope(&self) -> Scope {
        self.bench.scope()
    }

    /// Registers `etat-civil` on this channel.
    pub async fn register(&self, channel: &str, options: serde_json::Value, secrets: &[(&str, &str)]) -> Registered {
        let change = change(channel, options, secrets);
        let write = async |tx: &mut Tx| application::register(tx, &self.app.keys, "etat-civil", change).await;
        let made = self.app.db.write(&self.scope(), write).await.expect("registered");
        Registered { id: made.id, secret: made.signing_secret.unwrap_or_default() }
    }

    /// A deposit: the event and its delivery, in one unit.
    pub async fn deposit(&self) -> (DossierId, kernel::EventId) {
        let dossier = self.app.db.write(&self.scope(), async |tx| Ok(tx.new_id())).await.expect("an id");
        (dossier, self.happen(dossier, "depot", Format::Json).await)
    }

    pub async fn happen(&self, dossier: DossierId, name: &str, format: Format) -> kernel::EventId {
        let work = async |tx: &mut Tx| {
            let event = tx.emit(&Deposited { dossier }).await?;
            echanges::send(tx, delivery(event, dossier, name, format)).await?;
            Ok(event)
        };
        self.app.db.write(&self.scope(), work).await.expect("sent")
    }

    /// Runs what is due.
    pub async fn work(&self) {
        jobs::drain(&self.app, &self.kinds).await.expect("drained");
    }

    /// Lets time pass by small steps, working at each.
    pub async fn pass(&self, step: SignedDuration, times: usize) {
        for _ in 0..times {
            self.bench.clock.advance(step);
            self.work().await;
        }
    }

    pub async fn run(&self, kind: &str) {
        let job = kernel::NewJob::new(kind, serde_json::json!({}));
        self.app.db.write(&self.scope(), async |tx| tx.enqueue(job).await).await.expect("enqueued");
        // A periodic kind goes back to the queue: one round is enough.
        self.work().await;
    }

    pub async fn application(&self) -> echanges::Application {
        let found = self.app.db.read(&self.scope(), async |tx| application::by_slug(tx, "etat-civil").await).await;
        found.expect("read").expect("registered")
    }

    /// The deliveries of a dossier: id, state, attempts.
    pub async fn sent(&self, dossier: DossierId) -> Vec<(DeliveryId, &'static str, i64)> {
        let sent = self.app.db.read(&self.scope(), async |tx| echanges::of_dossier(tx, dossier).await).await.expect("read");
        sent.into_iter().map(|sent| (sent.delivery.id, sent.delivery.state.code(), sent.delivery.attempts)).collect()
    }

    pub async fn state(&self, dossier: DossierId) -> &'static str {
        self.sent(dossier).await[0].1
    }

    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> kernel::Result<T>) -> kernel::Result<T> {
        self.app.db.write(&self.scope(), work).await
    }

    /// The scope of the application, as its key opens it.
    pub fn as_application(&self, id: ApplicationId) -> Scope {
        self.bench.tenant.scope(Actor::Application { id, name: "Le logiciel d’état civil".into() })
    }
}

pub struct Registered {
    pub id: ApplicationId,
    pub secret: String,
}

impl Small {
    pub fn registry(&self) -> Registry {
        Registry::new().outbound(self.clone()).inbound(self.clone()).answers(self.clone())
    }

    pub fn made(&self) -> u32 {
        self.0.made.load(Ordering::SeqCst)
    }

    pub fn built(&self) -> u32 {
        self.0.built.load(Ordering::SeqCst)
    }

    pub fn say_instead(&self, dossier: DossierId, instead: Option<Instead>) {
        let mut known = self.0.instead.lock().expect("no panic");
        match instead {
            Some(instead) => known.insert(dossier, instead),
            None => known.remove(&dossier),
        };
    }

    pub fn born(&self, dossier: DossierId, day: &'static str) {
        self.0.born.lock().expect("no panic").insert(dossier, day);
    }

    pub fn answers(&self) -> Vec<(DossierId, String)> {
        self.0.answers.lock().expect("no panic").clone()
    }
}

pub fn change(channel: &str, options: serde_json::Value, secrets: &[(&str, &str)]) -> Change {
    Change {
        name: "Le logiciel d’état civil".into(),
        contact: "02 37 00 00 01".into(),
        channel: channel.into(),
        options: options.as_object().cloned().unwrap_or_default(),
        secrets: secrets.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
    }
}

pub fn delivery(event: kernel::EventId, dossier: DossierId, name: &str, format: Format) -> NewDelivery {
    NewDelivery { event, dossier, application: "etat-civil".into(), event_name: name.into(), liaison: "acte".into(), format, source: "petit" }
}

//! What the domains on the right give to exchanges: who builds what leaves, who acts on what comes back. The list is
//! `parvis/src/registries.rs`; here are the traits and the way to find one by name.

use std::{pin::Pin, sync::Arc};

use kernel::{App, ApplicationId, DeliveryId, DossierId, EventId, Result, Tenant, Tx};
use serde_json::{Map, Value};

use crate::Document;

/// What an implementation gives back: a future that borrows the unit of work.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What stands around a unit of work: for what its `Tx` does not give.
#[derive(Clone)]
pub struct Around {
    /// The program; nothing of it is awaited inside the unit.
    pub app: App,
    /// Whose exchanges.
    pub tenant: Tenant,
}

/// Builds what leaves. A delivery keeps the name of its builder, and asks it again at each attempt.
pub trait Outbound: Send + Sync {
    /// The name that deliveries keep: `dossiers`.
    fn name(&self) -> &'static str;

    /// The body of this delivery as things stand now, through a permit where one is needed: its journal line is in
    /// the unit given. `NotFound`, `Denied`, `Refused`, `Invalid`: set aside; another error: tried again.
    fn build<'a>(&'a self, around: &'a Around, tx: &'a mut Tx, delivery: &'a Outgoing) -> Work<'a, Built>;
}

/// The delivery to build.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Which.
    pub id: DeliveryId,
    /// About which dossier.
    pub dossier: DossierId,
    /// Since which event.
    pub event: EventId,
    /// As in the package.
    pub event_name: String,
    /// Id of the liaison in the package.
    pub liaison: String,
    /// To which application (slug).
    pub application: String,
}

/// What there is to send.
#[derive(Debug, Clone)]
pub enum Built {
    /// This.
    Document(Document),
    /// Nothing any more, for this reason: the delivery is given up.
    Nothing(String),
}

/// Acts on the answer of an application: only by what the package allows.
pub trait Answers: Send + Sync {
    /// Moves the dossier. `NotFound` when this application has nothing to say about it; `Invalid` names the wrong
    /// member; `Conflict` when the circuit does not allow it now.
    fn receive<'a>(&'a self, around: &'a Around, tx: &'a mut Tx, answer: &'a Received) -> Work<'a, Outcome>;
}

/// What an application says of a dossier.
#[derive(Debug, Clone)]
pub struct Received {
    /// Who says it.
    pub application: ApplicationId,
    /// Its slug, as in packages.
    pub slug: String,
    /// About which dossier.
    pub dossier: DossierId,
    /// The word: `delivre`.
    pub answer: String,
    /// What comes with the word.
    pub fields: Map<String, Value>,
    /// Who decided, where the answer is a decision.
    pub signer: Option<crate::Officer>,
}

/// What became of the dossier.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Name of its state in the circuit.
    pub state: String,
    /// The same in words.
    pub label: String,
}

/// Makes a dossier from a file that an application left in its folder.
pub trait Inbound: Send + Sync {
    /// The name that the options of an application give: `demandes`.
    fn name(&self) -> &'static str;

    /// In words, for the page of the application.
    fn label(&self) -> String;

    /// The sender's own identifier, when it can be told without reading what is kept: a second file with it makes
    /// nothing. A reader that finds it later gives the dossier that it made before.
    fn identifier(&self, file: &IncomingFile) -> Option<String> {
        let _nothing = file;
        None
    }

    /// What must be taken in a unit of its own before the file is read: a number. Lost if the file makes nothing.
    fn prepare<'a>(&'a self, around: &'a Around) -> Work<'a, String> {
        let _nothing = around;
        Box::pin(std::future::ready(Ok(String::new())))
    }

    /// Makes the dossier. `Refused`, `Invalid`, `Conflict`: the sentence is written beside the refused file.
    fn receive<'a>(&'a self, around: &'a Around, tx: &'a mut Tx, file: &'a IncomingFile) -> Work<'a, DossierId>;
}

/// A file that arrived.
#[derive(Debug, Clone)]
pub struct IncomingFile {
    /// From whom.
    pub application: ApplicationId,
    /// The slug of the application, as in packages.
    pub slug: String,
    /// Its name there.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What `prepare` gave.
    pub prepared: String,
}

/// All of them; cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    outbound: Vec<Arc<dyn Outbound>>,
    inbound: Vec<Arc<dyn Inbound>>,
    answers: Option<Arc<dyn Answers>>,
}

impl Registry {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a builder more.
    pub fn outbound(mut self, builder: impl Outbound + 'static) -> Self {
        self.outbound.push(Arc::new(builder));
        self
    }

    /// With a reader of files more.
    pub fn inbound(mut self, reader: impl Inbound + 'static) -> Self {
        self.inbound.push(Arc::new(reader));
        self
    }

    /// With who acts on answers.
    pub fn answers(mut self, answers: impl Answers + 'static) -> Self {
        self.answers = Some(Arc::new(answers));
        self
    }

    pub(crate) fn builder(&self, name: &str) -> Option<&dyn Outbound> {
        self.outbound.iter().find(|builder| builder.name() == name).map(AsRef::as_ref)
    }

    pub(crate) fn reader(&self, name: &str) -> Option<&dyn Inbound> {
        self.inbound.iter().find(|reader| reader.name() == name).map(AsRef::as_ref)
    }

    /// Name and label of each reader, for the page of an application.
    pub(crate) fn readers(&self) -> Vec<(&'static str, String)> {
        self.inbound.iter().map(|reader| (reader.name(), reader.label())).collect()
    }

    pub(crate) fn answering(&self) -> Option<&dyn Answers> {
        self.answers.as_deref()
    }
}

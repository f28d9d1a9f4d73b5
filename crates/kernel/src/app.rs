//! What the program holds while it runs, given to every handler and job. No state but caches that a node can lose.

use std::{ops::Deref, sync::Arc};

use crate::{Clock, Config, Db, actor::Profile, crypto::Keys, files::Files, http::Http, mail::Mailer, templates::Templates};

/// The running program; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Settings of the installation.
    pub config: Config,
    /// The master key.
    pub keys: Keys,
    /// Pages, mails and letters.
    pub templates: Templates,
    /// Files.
    pub files: Files,
    /// Mails; sent by a job only.
    pub mailer: Mailer,
    /// Calls to the outside; never in a transaction.
    pub http: Http,
    /// What agents may do, by profile.
    pub profiles: &'static [Profile],
}

impl App {
    /// Puts the parts together.
    pub fn new(mut parts: Parts) -> Self {
        parts.db = parts.db.with_keys(parts.keys.clone());
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

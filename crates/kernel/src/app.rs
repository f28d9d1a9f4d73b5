//! What the program holds while it runs, given to every handler and job. No state but caches that a node can lose.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    Clock, Config, Db, actor::Profile, crypto::Keys, files::Files, http::Http, mail::Mailer, templates::Templates,
};

/// The running program; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Whole>);

struct Whole {
    parts: Parts,
    kept: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

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
        Self(Arc::new(Whole { parts, kept: Mutex::default() }))
    }

    /// What a domain keeps in memory while the program runs, by its type: empty at first, lost at the end.
    pub fn kept<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let of_type = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        of_type.downcast().expect("what is kept under a type is of this type")
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

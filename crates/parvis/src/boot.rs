//! Puts the program together from its settings: database, keys, files, mail, templates. Starts nothing by itself.

use std::sync::Arc;

use kernel::{
    App, Clock, Config, Db, Error, Result,
    app::Parts,
    crypto::{Keys, Signature},
    db::migrate::{self, State},
    files::Files,
    http::Http,
    jobs::{Reactions, Worker},
    journal::{self, Signer},
    mail::Mailer,
    templates::Templates,
    words::Words,
};
use tokio::sync::watch;

use crate::{migrations, reactions, registries};

/// What this process writes is for its own account alone: database, files, captured mails, folders of exchanges. To be
/// called before anything is written.
pub fn keep_to_ourselves() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// The database of the settings, as it is: `migrate` brings it up to date. Without the key file it can be read, and
/// nothing be recorded.
pub fn database(config: &Config, clock: &Clock) -> Result<Db> {
    let db = Db::open(&config.database, config.group_commit, clock.clone(), Reactions::new(reactions::TABLE))?;
    Ok(match Keys::load(&config.key) {
        Ok(keys) => db.with_keys(keys),
        Err(_) => db,
    })
}

/// The whole program, on a database that is open already.
pub fn app(config: Config, clock: Clock, db: Db) -> Result<App> {
    let keys = Keys::load(&config.key)?;
    assemble(config, clock, db, keys)
}

/// The same with keys at hand: tests keep theirs in memory.
pub fn assemble(config: Config, clock: Clock, db: Db, keys: Keys) -> Result<App> {
    Ok(App::new(Parts {
        templates: Templates::new(&registries::templates(), Words::installed())?,
        files: Files::new(&config, clock.clone())?,
        mailer: Mailer::new(&config, clock.clone())?,
        http: Http::new(&config, clock.clone())?,
        profiles: registries::PROFILES,
        keys,
        db,
        clock,
        config,
    }))
}

/// Refuses to run on a database that is not the one of this program, in a sentence.
pub async fn require_schema(db: &Db) -> Result<()> {
    match migrate::state(db, &migrations::all()).await? {
        State::UpToDate => Ok(()),
        State::Behind(missing) => Err(Error::refused(
            "schema-older",
            format!("La base de données attend {} étape(s) de migration : lancez « parvis migrate ».", missing.len()),
        )),
        State::Ahead(unknown) => Err(Error::refused(
            "schema-newer",
            format!(
                "La base de données est plus récente que ce programme (elle connaît « {} ») : installez la version de Parvis qui l’a faite.",
                unknown.join(" », « ")
            ),
        )),
    }
}

/// Background work of this node: jobs, and the sealer of the journal. Ends some seconds after `stop` turns true.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    let owner = format!("{}-{}", hostname(), std::process::id());
    let sealer = tokio::spawn(journal::run_sealer(app.db.clone(), Arc::new(Seals(app.keys.clone())), owner.clone()));
    Worker::new(app, &registries::jobs(), owner).run(stop).await;
    sealer.abort();
}

/// Signs the seals of the journal with the installation's key.
pub struct Seals(pub Keys);

impl Signer for Seals {
    fn sign(&self, bytes: &[u8]) -> (String, String) {
        let signature = self.0.sign(bytes);
        (signature.key_id, kernel::crypto::hex(&signature.bytes))
    }

    fn verify(&self, key_id: &str, bytes: &[u8], signature: &str) -> bool {
        let decoded = (0..signature.len()).step_by(2).map(|at| signature.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
        let Some(decoded) = decoded.collect::<Option<Vec<u8>>>() else { return false };
        self.0.verify(bytes, &Signature { key_id: key_id.to_owned(), bytes: decoded })
    }
}

fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map_or_else(|_| "noeud".into(), |name| name.trim().to_owned())
}

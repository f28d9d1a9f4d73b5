//! The demonstration: two collectivités seeded through the use cases, captured mails to read, doubles of the
//! civil-status software, of FranceConnect and of ProConnect. Nothing of it is in `serve`.

mod data;
mod dossiers;
pub mod etat_civil;
pub mod fournisseur;
pub mod identites;
pub mod packages;
mod seed;
mod web;

use std::{
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use kernel::{Actor, App, Clock, Config, Db, Error, Result, Tenant, crypto::Keys, db::migrate, tenant};

use etat_civil::{EtatCivil, Settings};
pub use web::{pages, routes};

use crate::{boot, migrations};

/// What the command line gives.
pub struct Options {
    /// Port on the loopback interface.
    pub port: u16,
    /// Where everything is kept.
    pub dir: PathBuf,
    /// Another database than a file in that folder.
    pub database: Option<String>,
}

/// The settings of the demonstration.
pub fn config(options: &Options) -> Config {
    let database = options.database.clone().unwrap_or_else(|| format!("sqlite:{}", options.dir.join("parvis.db").display()));
    Config {
        database,
        listen: format!("127.0.0.1:{}", options.port),
        data: options.dir.clone(),
        key: options.dir.join("parvis.key"),
        internal_hosts: vec!["127.0.0.1".into(), "localhost".into()],
        demo: true,
        ..Config::default()
    }
}

/// Makes what is missing: folder, key, schema, contents. Says what it does. Gives the settings to serve with.
pub async fn prepare(options: &Options) -> Result<Config> {
    std::fs::create_dir_all(&options.dir).and_then(|()| write_test(&options.dir)).map_err(|error| {
        Error::refused("demo-dir", format!("Impossible d’écrire dans {} ({error}) : choisissez un autre dossier avec --dir.", options.dir.display()))
    })?;
    let config = config(options);
    write_settings(options, &config)?;
    let clock = Clock::system();
    let keys = if config.key.exists() { Keys::load(&config.key)? } else { Keys::generate(&config.key, clock.now())? };
    let db = boot::database(&config, &clock)?;
    if !migrate::run(&db, &migrations::all()).await?.is_empty() {
        eprintln!("Schéma de la base créé.");
    }
    if tenant::all(&db).await?.is_empty() {
        eprintln!("Remplit la démonstration : 2 collectivités, 2 000 usagers, 400 demandes…");
        drop(db);
        let started = std::time::Instant::now();
        let access = seed::seed(&config, &keys, options.port).await?;
        write_access(&options.dir, &access)?;
        eprintln!("Démonstration remplie en {:.1} s.", started.elapsed().as_secs_f32());
    } else {
        follow_port(&db, options).await?;
    }
    Ok(config)
}

/// Served on another port than last time: links, and what leads back from FranceConnect, follow.
async fn follow_port(db: &Db, options: &Options) -> Result<()> {
    let url = |tenant: &Tenant| format!("http://{}:{}", tenant.host, options.port);
    let mut moved = tenant::all(db).await?;
    moved.retain(|tenant| tenant.base_url != url(tenant));
    if moved.is_empty() {
        return Ok(());
    }
    let mut access: serde_json::Value = serde_json::from_slice(&std::fs::read(options.dir.join("acces.json"))?)?;
    for mut tenant in moved {
        tenant.base_url = url(&tenant);
        tenant::save(db, &tenant).await?;
        let lines = access["tenants"].as_array_mut().into_iter().flatten();
        lines.filter(|line| line["slug"] == tenant.slug.as_str()).for_each(|line| line["base_url"] = tenant.base_url.as_str().into());
    }
    write_access(&options.dir, &access)
}

/// Starts what stands in for the applications around: the civil-status software, on a port of its own, with fresh keys.
pub async fn start_doubles(app: &App, port: u16) -> Result<()> {
    for tenant in tenant::all(&app.db).await? {
        let scope = tenant.scope(Actor::system("demonstration"));
        let Some(application) = app.db.read(&scope, async |tx| echanges::application::by_slug(tx, "etat-civil").await).await? else { continue };
        let (secret, key) = app
            .db
            .write(&scope, async |tx| {
                let secret = echanges::application::rotate_secret(tx, &app.keys, application.id).await?;
                Ok((secret, echanges::application::add_key(tx, application.id).await?))
            })
            .await?;
        let settings = Settings { secret, key, api: ([127, 0, 0, 1], port).into(), search: Duration::from_secs(20), clock: app.clock.clone() };
        let double = EtatCivil::start(settings).await?;
        app.db
            .write(&scope, async |tx| echanges::application::change(tx, &app.keys, application.id, etat_civil_at(&double.url())).await.map(drop))
            .await?;
    }
    Ok(())
}

/// The civil-status software as the administrator would set it.
fn etat_civil_at(url: &str) -> echanges::application::Change {
    echanges::application::Change {
        name: "Logiciel d’état civil".into(),
        contact: "Éditeur du logiciel d’état civil, 01 23 45 67 89".into(),
        channel: "webhook".into(),
        options: serde_json::Map::from_iter([("url".to_owned(), url.into())]),
        secrets: std::collections::BTreeMap::new(),
    }
}

/// `parvis.toml`, so that the other commands find the demonstration.
fn write_settings(options: &Options, config: &Config) -> Result<()> {
    let dir = std::path::absolute(&options.dir)?;
    let database = options.database.clone().unwrap_or_else(|| format!("sqlite:{}", dir.join("parvis.db").display()));
    let settings = toml::Table::from_iter([
        ("database".to_owned(), database.into()),
        ("listen".to_owned(), config.listen.clone().into()),
        ("data".to_owned(), dir.display().to_string().into()),
        ("key".to_owned(), dir.join("parvis.key").display().to_string().into()),
        ("internal_hosts".to_owned(), config.internal_hosts.clone().into()),
    ]);
    let text = format!("# Les réglages de la démonstration, écrits à chaque démarrage.\n{settings}");
    write_private(&options.dir, "parvis.toml", text.as_bytes())
}

fn write_test(dir: &Path) -> std::io::Result<()> {
    let probe = dir.join(".essai-ecriture");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}

/// `acces.json`, last of all.
fn write_access(dir: &Path, access: &serde_json::Value) -> Result<()> {
    write_private(dir, "acces.json", serde_json::to_string_pretty(access)?.as_bytes())
}

/// A file that is whole or not there, readable by its owner alone.
fn write_private(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let (path, whole) = (dir.join(name), dir.join(format!("{name}.nouveau")));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(whole, path).map_err(Into::into)
}

//! What the tests stand on: a database of their own, a fake clock, a tenant.

pub mod app;
pub mod browser;
pub mod clients;
pub mod database;
pub mod demands;
pub mod form;
pub mod html;
pub mod served;

use kernel::{
    Actor, App, Clock, Config, Db, Scope, Tenant, TenantId, TenantSettings,
    app::Parts,
    config::LimitsConfig,
    crypto::Keys,
    files::Files,
    http::Http,
    jobs::Reactions,
    mail::Mailer,
    templates::{Source, Templates},
    words::Words,
};

use tempfile::TempDir;

pub use app::TestApp;
pub use browser::Browser;
pub use database::TestDatabase;
pub use served::Served;

const KEY_FILE: &str = "parvis.key";

/// Monday 7 September 2026, 9 h in Paris.
pub const MONDAY: &str = "2026-09-07T07:00:00Z";

#[derive(rust_embed::Embed)]
#[folder = "../../tests/it/templates"]
struct PlainTemplates;

/// The kernel alone, on a fresh database with one tenant.
pub struct Bench {
    pub db: Db,
    pub clock: Clock,
    pub tenant: Tenant,
    pub database: TestDatabase,
    pub mailer: Mailer,
    /// What visitors may cause in a day: nothing is limited, unless a test says so.
    pub limits: LimitsConfig,
    keys: Keys,
    folder: TempDir,
}

impl Bench {
    /// A migrated database and a tenant; `reactions` as in the program's list.
    pub async fn new(reactions: &[(&'static str, &'static str)]) -> Self {
        Self::on(TestDatabase::new().await, reactions).await
    }

    /// The same on a database made elsewhere.
    pub async fn on(database: TestDatabase, reactions: &[(&'static str, &'static str)]) -> Self {
        let clock = Clock::fake(MONDAY.parse().expect("a timestamp"));
        let folder = tempfile::tempdir().expect("a folder");
        let keys = Keys::generate(&folder.path().join(KEY_FILE), clock.now()).expect("a key");
        let db = Db::open(&database.url, true, clock.clone(), Reactions::new(reactions)).expect("the database opens").with_keys(keys.clone());
        kernel::db::migrate::run(&db, &parvis::migrations::all()).await.expect("migrations apply");
        let tenant = tenant("essai");
        let tenant = kernel::tenant::create(&db, &clock, tenant).await.expect("a free slug");
        let mailer = Mailer::in_memory(clock.clone());
        let limits = LimitsConfig { drafts: 0, files: 0, ..LimitsConfig::default() };
        Self { db, clock, tenant, database, mailer, limits, keys, folder }
    }

    /// The file of the master keys, for another process on the same database.
    pub fn key_file(&self) -> std::path::PathBuf {
        self.folder.path().join(KEY_FILE)
    }

    /// The scope of a system actor of the tenant.
    pub fn scope(&self) -> Scope {
        self.tenant.scope(Actor::system("essai"))
    }

    /// The program around this database, with plain templates: what it looks like is tried elsewhere.
    pub fn app(&self) -> App {
        let sources = [Source::of::<PlainTemplates>("")];
        let templates = Templates::new(&sources, Words::installed()).expect("the templates are read");
        let internal_hosts = vec!["127.0.0.1".into(), "localhost".into()];
        let config = Config { data: self.folder.path().into(), internal_hosts, ..Config::default() };
        App::new(Parts {
            db: self.db.clone(),
            clock: self.clock.clone(),
            keys: self.keys.clone(),
            templates,
            files: Files::new(&config, self.clock.clone()).expect("a folder for files"),
            mailer: self.mailer.clone(),
            http: Http::new(&config, self.clock.clone()).expect("a client"),
            profiles: &[],
            config,
        })
    }

    /// The whole program around this database: templates, profiles and all.
    pub fn program(&self) -> App {
        let internal_hosts = vec!["127.0.0.1".into(), "localhost".into()];
        // A test asks more in a second than a town in a minute; the limits are tried in `kernel_`.
        let limits = LimitsConfig { read: 0, write: 0, api: 0, ..self.limits.clone() };
        let config = Config { data: self.folder.path().into(), internal_hosts, limits, ..Config::default() };
        App::new(Parts {
            db: self.db.clone(),
            clock: self.clock.clone(),
            keys: self.keys.clone(),
            templates: Templates::new(&parvis::registries::templates(), Words::installed()).expect("the templates are read"),
            files: Files::new(&config, self.clock.clone()).expect("a folder for files"),
            mailer: self.mailer.clone(),
            http: Http::new(&config, self.clock.clone()).expect("a client"),
            profiles: parvis::registries::PROFILES,
            config,
        })
    }

    /// A second handle on the same database, as another node has.
    pub fn second_node(&self) -> Db {
        Db::open(&self.database.url, true, self.clock.clone(), Reactions::default()).expect("the database opens twice").with_keys(self.keys.clone())
    }
}

/// A tenant of this slug, at `<slug>.localhost`.
pub fn tenant(slug: &str) -> Tenant {
    Tenant {
        id: TenantId::from(uuid::Uuid::now_v7()),
        slug: slug.into(),
        host: format!("{slug}.localhost"),
        base_url: format!("http://{slug}.localhost"),
        name: format!("Commune de {slug}"),
        settings: TenantSettings::default(),
    }
}

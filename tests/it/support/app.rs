//! The whole program in this process, as it is served: its real routes, a database of its own, a clock that only the
//! test moves, mails that stay here, the three téléservices of the house on line, the services that they name.
//! What the test builds goes through the use cases, so that no impossible state is tried. When it is dropped, a job
//! that nobody ran fails the test: something was left undone and nobody looked.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use axum::response::Response;
use comptes::{Membership, NewAgent, OrgUnit};
use jiff::SignedDuration;
use kernel::{
    Actor, App, Clock, OrgUnitId, PartenaireId, Result, Role, Tenant, Tx,
    mail::Mail,
    web::{self, Assembled, Ctx, Form, Level, Means, Pages, Routes},
};
use referentiel::Identity;

use super::{
    Bench, TestDatabase,
    clients::{AdminClient, AgentClient, Client, PartnerClient, UsagerClient, Visitor},
    demands::Demand,
};

/// Where the tests sign somebody in without his secrets: the page stands in the tests alone.
const DOOR: &str = "/essai/entrer";
/// The téléservices of the house.
pub const SLUGS: [&str; 3] = ["aide-velo", "acte-etat-civil", "contact"];

/// The program, seen from one tenant.
pub struct TestApp {
    shared: Arc<Shared>,
    pub tenant: Tenant,
}

struct Shared {
    bench: Bench,
    app: App,
    assembled: Assembled,
    number: AtomicU32,
    jobs_are_ours: AtomicBool,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::on(TestDatabase::new().await).await
    }

    /// The program on this database.
    pub async fn on(database: TestDatabase) -> Self {
        Self::with(database, |_| {}).await
    }

    /// The program with other settings than usual.
    pub async fn with(database: TestDatabase, set: impl FnOnce(&mut Bench)) -> Self {
        let mut bench = Bench::on(database, parvis::reactions::TABLE).await;
        set(&mut bench);
        let app = bench.program();
        let mut routes = parvis::registries::routes();
        routes.push(Routes { public: Pages::new().post(DOOR, enter), ..Routes::default() });
        let assembled = web::assemble(&app, routes, parvis::migrations::all()).expect("the routes are mounted");
        let tenant = bench.tenant.clone();
        let shared = Shared { bench, app, assembled, number: AtomicU32::new(0), jobs_are_ours: AtomicBool::new(true) };
        let app = Self { shared: Arc::new(shared), tenant };
        app.furnish("28140").await
    }

    /// The same program seen from another tenant, which has the same téléservices and services.
    pub async fn beside(&self, slug: &str) -> Self {
        let tenant = kernel::tenant::create(&self.program().db, self.clock(), super::tenant(slug)).await.expect("a free slug");
        Self { shared: self.shared.clone(), tenant }.furnish("28999").await
    }

    async fn furnish(mut self, insee: &str) -> Self {
        let settings = &mut self.tenant.settings;
        settings.insee = insee.into();
        settings.phone = "02 37 00 00 00".into();
        settings.mail = format!("mairie@{}.example", self.tenant.slug);
        settings.address = "1 place de la Mairie, 28260 Essai".into();
        settings.hours = "du lundi au vendredi, de 9 h à 17 h".into();
        kernel::tenant::save(&self.program().db, &self.tenant).await.expect("the tenant is saved");
        let published = self.act(Actor::system("essai"), async |tx| {
            for slug in ["etat-civil", "mobilites", "accueil"] {
                let id: OrgUnitId = tx.new_id();
                comptes::save_org_unit(tx, unit(id, slug)).await?;
            }
            for slug in SLUGS {
                teleservices::publish(tx, &package(slug)).await?;
            }
            Ok(())
        });
        published.await.expect("the téléservices are on line");
        self
    }

    /// The running program.
    pub fn program(&self) -> &App {
        &self.shared.app
    }

    /// Its web, as it was assembled.
    pub fn assembled(&self) -> &Assembled {
        &self.shared.assembled
    }

    /// Its routes, without the door of the tests.
    pub fn routes(&self) -> Vec<web::RouteLine> {
        self.assembled().routes.iter().filter(|line| line.path != DOOR).cloned().collect()
    }

    pub fn database(&self) -> &TestDatabase {
        &self.shared.bench.database
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.bench.clock
    }

    /// A unit of work of this tenant.
    pub async fn act<T>(&self, actor: Actor, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.program().db.write(&self.tenant.scope(actor), work).await
    }

    /// The same by the program itself, which must succeed.
    #[track_caller]
    pub fn system<'a, T: 'a>(&'a self, work: impl AsyncFnOnce(&mut Tx) -> Result<T> + 'a) -> impl Future<Output = T> + 'a {
        async { self.act(Actor::system("essai"), work).await.expect("the unit of work commits") }
    }

    /// The file of the master keys.
    pub fn key_file(&self) -> std::path::PathBuf {
        self.shared.bench.key_file()
    }

    /// Another process runs the jobs: those left at the end are its own.
    pub fn jobs_run_elsewhere(&self) {
        self.shared.jobs_are_ours.store(false, Ordering::Relaxed);
    }

    /// A word never used before in this test.
    pub fn fresh(&self, word: &str) -> String {
        format!("{word}{}", self.shared.number.fetch_add(1, Ordering::Relaxed))
    }

    fn client(&self) -> Client {
        Client::new(&self.assembled().router, &self.tenant.host)
    }

    /// Somebody who was never here.
    pub fn visitor(&self) -> Visitor {
        Visitor(self.client())
    }

    /// A person with an account, signed in by a mailed link.
    pub async fn usager(&self, mail: &str) -> UsagerClient {
        let made = self.system(async |tx| {
            let compte = comptes::open(tx, mail).await?;
            let name = mail.split('@').next().unwrap_or_default();
            let identity = Identity { name: name.to_uppercase(), given_names: String::new(), mail: compte.mail.clone() };
            let usager = match referentiel::of_compte(tx, compte.id).await? {
                Some(usager) => usager,
                None => referentiel::create(tx, &identity, Some(compte.id)).await?,
            };
            Ok((compte.id, usager))
        });
        let (compte, usager) = made.await;
        let mut client = self.client();
        let actor = Actor::Usager { compte, usager, name: mail.to_owned() };
        client.enter(DOOR, &actor, &Level::of(Means::Link)).await;
        UsagerClient { client, usager }
    }

    /// A member of the staff, told how by the builder.
    pub fn agent(&self) -> AgentBuilder<'_> {
        AgentBuilder { app: self, name: "Nadia Roussel".into(), role: Role::Agent }
    }

    /// The next working day of an agent: he signs in again.
    pub async fn back_to_work(&self, agent: &mut AgentClient) {
        let actor = agent.actor.clone();
        agent.enter(DOOR, &actor, &agent_level()).await;
    }

    /// An administrator, with two factors.
    pub async fn admin(&self) -> AdminClient {
        AdminClient(self.agent().named("Ada Lefort").role(Role::Admin).nowhere().await)
    }

    /// The data protection officer, with two factors.
    pub async fn dpo(&self) -> AdminClient {
        AdminClient(self.agent().named("Denis Pons").role(Role::Dpo).nowhere().await)
    }

    /// A partner and its key; what it may read is granted apart.
    pub async fn partner(&self, name: &str) -> PartnerClient {
        let made = self.system(async |tx| {
            let partenaire = comptes::register_partenaire(tx, name, "", "").await?;
            Ok((partenaire.id, comptes::issue_key(tx, partenaire.id).await?))
        });
        let (id, key) = made.await;
        PartnerClient { client: self.client().with("authorization", &format!("Bearer {key}")), id }
    }

    /// Lets a partner read attributes for a purpose, on a basis.
    pub async fn habilitate(&self, partenaire: PartenaireId, purpose: &str, attributes: &[&str], basis: rgpd::Basis) {
        let new = rgpd::NewHabilitation {
            partenaire,
            purpose: purpose.into(),
            title: format!("Finalité {purpose}"),
            attributes: attributes.iter().map(|code| (*code).to_owned()).collect(),
            basis,
            reference: "Délibération du 7 septembre 2026".into(),
            valid_to: None,
        };
        self.system(async |tx| rgpd::grant(tx, new).await).await;
    }

    /// The service that packages name so.
    pub async fn unit(&self, slug: &str) -> OrgUnitId {
        self.system(async |tx| comptes::org_unit_by_slug(tx, slug).await).await.expect("a service of this name").id
    }

    /// A demand to send: of the bike aid unless another is named.
    pub fn dossier(&self) -> Demand<'_> {
        Demand::new(self)
    }

    /// Runs what is due and what that makes due; nothing may be set aside.
    #[track_caller]
    pub fn run_jobs(&self) -> impl Future<Output = ()> {
        async {
            self.run_jobs_whatever_happens().await;
            let aside = self.system(async |tx| kernel::jobs::set_aside(tx, None).await).await;
            assert!(aside.is_empty(), "set aside: {aside:?}");
        }
    }

    /// The same, when the test looks itself at what was set aside.
    pub async fn run_jobs_whatever_happens(&self) {
        kernel::jobs::drain(self.program(), &parvis::registries::jobs()).await.expect("jobs run");
    }

    /// Lets days pass, then does what came due, the work of every hour and every day too.
    pub async fn pass(&self, days: i64) {
        self.clock().advance(SignedDuration::from_hours(24 * days));
        kernel::jobs::schedule(self.program(), &parvis::registries::jobs()).await.expect("periodic jobs are enqueued");
        self.run_jobs().await;
    }

    /// What was mailed.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox(self.shared.bench.mailer.captured())
    }

    /// The relay of mails, to take it down.
    pub fn mailer(&self) -> &kernel::mail::Mailer {
        &self.shared.bench.mailer
    }
}

/// The mails that left, first to last.
pub struct Mailbox(pub Vec<Mail>);

impl Mailbox {
    /// The one mail.
    #[track_caller]
    pub fn only(self) -> Mail {
        let subjects: Vec<&str> = self.0.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects.len(), 1, "{subjects:?}");
        self.0.into_iter().next().expect("one mail")
    }

    /// The last one.
    #[track_caller]
    pub fn last(self) -> Mail {
        self.0.into_iter().last().expect("a mail")
    }
}

/// The words of a mail as they are read.
pub fn plain(mail: &Mail) -> String {
    mail.text.replace(['\u{a0}', '\u{202f}'], " ")
}

/// The path of the first link of a mail that begins so.
pub fn link_in(mail: &Mail, start: &str) -> String {
    let mut words = mail.text.split_whitespace();
    let path = words.find_map(|word| word.split_once(".localhost").map(|(_, path)| path).filter(|path| path.starts_with(start)));
    path.unwrap_or_else(|| panic!("no link to {start} in {}", mail.text)).to_owned()
}

/// Who is invited.
pub struct AgentBuilder<'a> {
    app: &'a TestApp,
    name: String,
    role: Role,
}

impl AgentBuilder<'_> {
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// In one service, named as packages do.
    pub async fn of(self, slug: &str) -> AgentClient {
        let unit = self.app.unit(slug).await;
        self.invited(vec![instructing(Some(unit))]).await
    }

    /// In one service, with a profile of the house.
    pub async fn holding(self, profile: &str, slug: &str) -> AgentClient {
        let unit = self.app.unit(slug).await;
        self.invited(vec![Membership { profile: profile.into(), ..instructing(Some(unit)) }]).await
    }

    /// In all services.
    pub async fn everywhere(self) -> AgentClient {
        self.invited(vec![instructing(None)]).await
    }

    async fn nowhere(self) -> AgentClient {
        self.invited(vec![]).await
    }

    async fn invited(self, memberships: Vec<Membership>) -> AgentClient {
        let app = self.app;
        let (given, family) = self.name.split_once(' ').expect("a first name and a name");
        let new = NewAgent {
            mail: format!("{}@agents.example", app.fresh("agent")),
            given_name: given.into(),
            family_name: family.into(),
            job_title: "Instructrice".into(),
            role: self.role,
            memberships,
        };
        let made = app.system(async |tx| {
            let agent = comptes::invite(tx, new).await?;
            let actor = comptes::actor_of(tx, &agent, parvis::registries::PROFILES).await?;
            Ok((agent.id, actor))
        });
        let (id, actor) = made.await;
        let mut client = app.client();
        client.enter(DOOR, &actor, &agent_level()).await;
        AgentClient { client, id, actor }
    }
}

fn instructing(org_unit: Option<OrgUnitId>) -> Membership {
    Membership { org_unit, profile: "instructeur".into(), source: "manuel".into() }
}

/// A password and a code.
fn agent_level() -> Level {
    Level { second_factor: true, ..Level::of(Means::Password) }
}

/// Signs in whoever the test says, through the session of the program.
async fn enter(cx: Ctx, form: Form) -> Result<Response> {
    let read = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let actor: Actor = serde_json::from_str(&read("acteur"))?;
    let level: Level = serde_json::from_str(&read("niveau"))?;
    cx.write(async |tx| cx.sign_in(tx, actor, level).await).await?;
    Ok(web::see_other("/"))
}

fn unit(id: OrgUnitId, slug: &str) -> OrgUnit {
    OrgUnit {
        id,
        slug: slug.into(),
        name: format!("Service {slug}"),
        mail: format!("{slug}@essai.example"),
        phone: "02 37 00 00 00".into(),
        address: "1 place de la Mairie, 28260 Essai".into(),
    }
}

/// A package of the house.
pub fn package(slug: &str) -> teleservices::Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../teleservices").join(slug);
    teleservices::Files::read(&folder).expect("a package that reads")
}

impl Drop for Shared {
    /// Fails the test when a job is due that nobody ran; what waits for a later day is not due.
    fn drop(&mut self) {
        if std::thread::panicking() || !self.jobs_are_ours.load(Ordering::Relaxed) {
            return;
        }
        let (database, now) = (self.bench.database.url.clone(), self.bench.clock.now());
        let asked = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(super::database::jobs_due(&database, now))
        });
        let left = asked.join().expect("the jobs are read");
        assert!(left.is_empty(), "jobs that nobody ran: {left:?}");
    }
}

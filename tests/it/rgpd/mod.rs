//! What leaves, on what basis, and what the persons and those who watch over data see of it.

mod consents;
mod journal;
mod oppositions;
mod retention;

use ::referentiel::{Identity, NewFact, Source};
use ::rgpd::{Basis, Habilitation, NewHabilitation};
use axum::response::Response;
use kernel::{
    Actor, AgentActor, App, OrgUnitId, PartenaireId, Result, Right, Role, Tx, UsagerId,
    jobs::NewJob,
    web::{self, Ctx, Form, Level, Means, Pages, Routes},
};
use serde_json::json;

use crate::support::{Bench, Browser, browser::Answer, tenant};

/// The program, one partner with its key, and a way in for any actor.
pub struct House {
    pub bench: Bench,
    pub app: App,
    router: axum::Router,
    keys: std::sync::atomic::AtomicU32,
    pub partenaire: PartenaireId,
    pub token: String,
}

/// Signs in whoever the form says: how one really signs in is tried elsewhere.
async fn enter(cx: Ctx, form: Form) -> Result<Response> {
    let actor: Actor = serde_json::from_str(form.get("acteur").unwrap_or_default())?;
    let level = Level { second_factor: true, ..Level::of(Means::Password) };
    cx.write(async |tx| cx.sign_in(tx, actor, level).await).await?;
    Ok(web::see_other("/"))
}

impl House {
    pub async fn new() -> Self {
        let bench = Bench::new(parvis::reactions::TABLE).await;
        let app = bench.program();
        let mut routes = parvis::registries::routes();
        routes.push(Routes { public: Pages::new().post("/essai/entrer", enter), ..Routes::default() });
        let router = web::assemble(&app, routes, parvis::migrations::all()).expect("assembled").router;
        let (partenaire, token) = partner(&bench, "Caisse des écoles").await;
        Self { bench, app, router, keys: Default::default(), partenaire, token }
    }

    pub async fn act<T>(&self, actor: Actor, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.bench.db.write(&self.bench.tenant.scope(actor), work).await
    }

    pub async fn system<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> T {
        self.act(Actor::system("essai"), work).await.expect("the program may")
    }

    /// A person with a quotient familial of 874, given by a partner, and an address that he declared.
    pub async fn person(&self, name: &str, given: &str) -> UsagerId {
        let identity = Identity { name: name.into(), given_names: given.into(), mail: Some(format!("{}@exemple.fr", given.to_lowercase())) };
        self.system(async |tx| {
            let id = ::referentiel::create(tx, &identity, None).await?;
            let fact = |attribute: &str, value, source, level| NewFact {
                attribute: attribute.into(),
                value,
                source,
                source_label: "vous, au guichet".into(),
                level,
                dossier: None,
            };
            let facts = vec![
                fact("nom_naissance", json!(name), Source::Usager, ::referentiel::Level::Declared),
                fact("prenoms", json!(given), Source::Usager, ::referentiel::Level::Declared),
                fact("quotient_familial", json!(874), Source::Partenaire, ::referentiel::Level::Partner),
                fact("telephone", json!("+33612345678"), Source::Usager, ::referentiel::Level::Declared),
            ];
            ::referentiel::record_facts(tx, id, facts).await?;
            Ok(id)
        })
        .await
    }

    /// A contract of service of the partner, for the quotient familial.
    pub async fn grant(&self, purpose: &str, basis: Basis) -> Habilitation {
        self.system(async |tx| ::rgpd::grant(tx, contract(self.partenaire, purpose, basis)).await).await
    }

    pub async fn inform(&self, usager: UsagerId) {
        self.system(async |tx| ::rgpd::inform(tx, usager).await).await;
    }

    /// What the partner is answered about the quotient familial.
    pub async fn ask(&self, usager: impl std::fmt::Display, purpose: &str) -> Answer {
        self.call(&format!("/api/v1/usagers/{usager}/attributes/quotient_familial?purpose={purpose}")).await
    }

    /// The same, for any address.
    pub async fn call(&self, path: &str) -> Answer {
        let mut browser = Browser::new(&self.router, "essai.localhost").with("authorization", &format!("Bearer {}", self.token));
        browser.get(path).await
    }

    pub async fn entered(&self, actor: &Actor) -> Browser {
        let mut browser = Browser::new(&self.router, "essai.localhost");
        let said: String = serde_json::to_string(actor).expect("an actor").bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = browser.post("/essai/entrer", &format!("acteur={said}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    pub async fn as_usager(&self, usager: UsagerId) -> Browser {
        let compte = uuid::Uuid::from_u128(7).into();
        self.entered(&Actor::Usager { compte, usager, name: "Inès Marchetti".into() }).await
    }

    pub async fn as_dpo(&self) -> Browser {
        self.entered(&agent("Hélène Vasseur", Role::Dpo, &[::rgpd::AUDIT])).await
    }

    /// The fields of a form, under a key that was never used.
    pub fn form(&self, fields: &str) -> String {
        let n = self.keys.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("_cle=0123456789abcdef{n:08}&{fields}")
    }

    pub async fn run(&self, job: &'static str) {
        self.system(async |tx| tx.enqueue(NewJob::new(job, json!({}))).await).await;
        kernel::jobs::drain(&self.app, &parvis::registries::jobs()).await.expect("jobs run");
        let aside = self.system(async |tx| kernel::jobs::set_aside(tx, None).await).await;
        assert!(aside.is_empty(), "{aside:?}");
    }

    /// A person of another tenant of the same database.
    pub async fn stranger(&self) -> UsagerId {
        let tenant = kernel::tenant::create(&self.bench.db, &self.bench.clock, tenant("voisine")).await.expect("a tenant");
        let scope = tenant.scope(Actor::system("essai"));
        let work = async |tx: &mut Tx| ::referentiel::create(tx, &Identity { name: "Voisin".into(), ..Identity::default() }, None).await;
        self.bench.db.write(&scope, work).await.expect("a person")
    }

    pub async fn events(&self, usager: UsagerId, kind: &str) -> usize {
        let subject = kernel::Subject::Usager(usager);
        self.system(async |tx| kernel::journal::kinds(tx, subject).await).await.get(kind).copied().unwrap_or_default()
    }
}

pub fn contract(partenaire: PartenaireId, purpose: &str, basis: Basis) -> NewHabilitation {
    NewHabilitation {
        partenaire,
        purpose: purpose.into(),
        title: "calculer le tarif de la cantine".into(),
        attributes: vec!["quotient_familial".into()],
        basis,
        reference: "code de l’éducation, article L. 212-10".into(),
        valid_to: None,
    }
}

async fn partner(bench: &Bench, name: &str) -> (PartenaireId, String) {
    let work = async |tx: &mut Tx| {
        let partenaire = comptes::register_partenaire(tx, name, "", "").await?;
        Ok((partenaire.id, comptes::issue_key(tx, partenaire.id).await?))
    };
    bench.db.write(&bench.scope(), work).await.expect("a partner")
}

pub fn agent(name: &str, role: Role, rights: &[Right]) -> Actor {
    of_team(name, role, rights, None)
}

/// An agent who holds rights for one team.
pub fn of_team(name: &str, role: Role, rights: &[Right], unit: Option<OrgUnitId>) -> Actor {
    let id = uuid::Uuid::from_u128(name.bytes().map(u128::from).sum());
    let rights = rights.iter().map(|right| (unit, right.0.to_owned())).collect();
    Actor::Agent(AgentActor { id: id.into(), name: name.into(), role, rights })
}

/// A text as a person reads it: entities and no-break spaces undone.
pub fn plain(answer: &Answer) -> String {
    answer.text().replace(['\u{a0}', '\u{202f}'], " ").replace("&#39;", "’").replace('\u{2011}', "-")
}

//! Fills an empty database with the demonstration, through the use cases, so that nothing impossible is in it. The clock
//! goes back two years and forward again; nothing is mailed.

use std::collections::BTreeMap;

use kernel::{
    Actor, App, Clock, Config, Db, Error, OrgUnitId, Result, Role, Scope, Tenant,
    crypto::{self, Keys},
    jobs::Reactions,
    tenant,
};
use serde_json::json;

use super::{
    data::{self, AgentLine, Espace, PartenaireLine, Person},
    dossiers::{self, Town},
};
use crate::boot;

/// The password of every account of the demonstration: it is in `acces.json`, and on loopback only.
const PASSWORD: &str = "Parvis-demo-2026";
/// Persons written in one unit of work.
const PERSONS_AT_ONCE: usize = 100;

/// What a script needs to drive the demonstration.
pub(super) type Access = serde_json::Value;

/// Seeds, and gives what goes to `acces.json`.
pub(super) async fn seed(config: &Config, keys: &Keys, port: u16) -> Result<Access> {
    let now = Clock::system().now();
    let clock = Clock::fake(now);
    let db = Db::open(&config.database, true, clock.clone(), Reactions::default())?;
    let app = boot::assemble(config.clone(), clock, db, keys.clone())?;
    let hash = crypto::hash_password(PASSWORD.to_owned()).await?;
    let people = data::population();
    let mut tenants = vec![];
    let mut towns = vec![];
    for espace in data::espaces()? {
        let (town, access) = settle(&app, &espace, &people, &hash, port).await?;
        towns.push(town);
        tenants.push(access);
    }
    let another = |_| {
        let clock = Clock::fake(now);
        boot::assemble(config.clone(), clock.clone(), app.db.at(clock), keys.clone())
    };
    let apps = (0..dossiers::AT_ONCE).map(another).collect::<Result<_>>()?;
    dossiers::seed(apps, towns, &people, now).await?;
    Ok(json!({ "tenants": tenants }))
}

async fn settle(app: &App, espace: &Espace, people: &[Person], hash: &str, port: u16) -> Result<(Town, Access)> {
    let host = format!("{}.localhost", espace.slug);
    let base_url = format!("http://{host}:{port}");
    let tenant = Tenant {
        id: app.db.new_tenant_id(),
        slug: espace.slug.clone(),
        host,
        base_url: base_url.clone(),
        name: espace.nom.clone(),
        settings: espace.reglages.clone(),
    };
    let tenant = tenant::create(&app.db, &app.clock, tenant).await?;
    let scope = tenant.scope(Actor::system("demonstration"));
    let units = app.db.write(&scope, async |tx| units(tx, espace).await).await?;
    let mut accounts = vec![];
    let mut agents = vec![];
    for line in &espace.agent {
        let secret = (line.role != Role::Agent).then(|| comptes::totp::secret(random()));
        let agent = app.db.write(&scope, async |tx| agent(tx, app, espace, line, hash, secret.as_deref()).await).await?;
        accounts.push(json!({ "role": line.role, "login": agent.mail, "password": PASSWORD, "totp_secret": secret }));
        if line.role == Role::Agent {
            agents.push(app.db.read(&scope, async |tx| comptes::actor_of(tx, &agent, app.profiles).await).await?);
        }
    }
    for folder in ["acte-etat-civil", "aide-velo", "contact", "reclamation"] {
        let named = espace.service.iter().any(|unit| super::packages::org_unit(folder).as_deref() == Some(&unit.slug));
        if named {
            let files = super::packages::files(folder)?;
            app.db.write(&scope, async |tx| teleservices::publish(tx, &files).await.map(drop)).await?;
        }
    }
    if espace.service.iter().any(|unit| unit.slug == "etat-civil") {
        let software = super::etat_civil_at("http://127.0.0.1:1/parvis");
        app.db.write(&scope, async |tx| echanges::application::register(tx, &app.keys, "etat-civil", software).await.map(drop)).await?;
    }
    let partners = partners(app, &scope, &espace.partenaire).await?;
    let persons = if espace.slug == "villeneuve" { people } else { &people[..120] };
    let usagers = usagers(app, &scope, persons).await?;
    let (known, signed) = usager_accounts(app, &scope, persons, &usagers, hash).await?;
    accounts.extend(known);
    let access = json!({ "slug": espace.slug, "base_url": base_url, "accounts": accounts, "partners": partners });
    Ok((Town { tenant, agents, units, usagers: signed }, access))
}

async fn units(tx: &mut kernel::Tx, espace: &Espace) -> Result<BTreeMap<String, OrgUnitId>> {
    let mut ids = BTreeMap::new();
    for unit in &espace.service {
        let unit = comptes::OrgUnit {
            id: tx.new_id(),
            slug: unit.slug.clone(),
            name: unit.nom.clone(),
            mail: unit.courriel.clone(),
            phone: unit.telephone.clone(),
            address: unit.adresse.clone(),
        };
        ids.insert(unit.slug.clone(), unit.id);
        comptes::save_org_unit(tx, unit).await?;
    }
    Ok(ids)
}

async fn agent(tx: &mut kernel::Tx, app: &App, espace: &Espace, line: &AgentLine, hash: &str, secret: Option<&str>) -> Result<comptes::Agent> {
    let mut memberships = vec![];
    for profile in &line.profils {
        let (profile, unit) = profile.split_once('@').ok_or_else(|| Error::internal("profil@service"))?;
        let unit = comptes::org_unit_by_slug(tx, unit).await?.ok_or_else(|| Error::internal(format!("no service {unit}")))?;
        memberships.push(comptes::Membership { org_unit: Some(unit.id), profile: profile.into(), source: "manuel".into() });
    }
    let login = kinds::fold::search_key(&format!("{} {}", line.prenom, line.nom)).replace(' ', ".");
    let new = comptes::NewAgent {
        mail: format!("{login}@{}.exemple.fr", espace.slug),
        given_name: line.prenom.clone(),
        family_name: line.nom.clone(),
        job_title: line.fonction.clone(),
        role: line.role,
        memberships,
    };
    let agent = comptes::invite(tx, new).await?;
    comptes::store::set_agent_password(tx, agent.id, hash).await?;
    if let Some(secret) = secret {
        let sealed = app.keys.seal(&comptes::totp::context(agent.id), secret.as_bytes());
        comptes::store::set_agent_totp(tx, agent.id, Some(sealed)).await?;
    }
    Ok(agent)
}

async fn partners(app: &App, scope: &Scope, lines: &[PartenaireLine]) -> Result<Vec<Access>> {
    let mut found = vec![];
    for line in lines {
        let token = app.db.write(scope, async |tx| {
            let partenaire = comptes::register_partenaire(tx, &line.nom, &line.siret, &line.contact).await?;
            let new = rgpd::NewHabilitation {
                partenaire: partenaire.id,
                purpose: line.finalite.clone(),
                title: line.titre.clone(),
                attributes: line.attributs.clone(),
                basis: line.base,
                reference: line.texte.clone(),
                valid_to: None,
            };
            rgpd::grant(tx, new).await?;
            comptes::issue_key(tx, partenaire.id).await
        });
        found.push(json!({ "name": line.nom, "token": token.await?, "purposes": [line.finalite] }));
    }
    Ok(found)
}

async fn usagers(app: &App, scope: &Scope, people: &[Person]) -> Result<Vec<kernel::UsagerId>> {
    let mut ids = vec![];
    for group in people.chunks(PERSONS_AT_ONCE) {
        let some = app.db.write(scope, async |tx| {
            let mut some = vec![];
            for person in group {
                some.push(usager(tx, person).await?);
            }
            Ok(some)
        });
        ids.extend(some.await?);
    }
    Ok(ids)
}

async fn usager(tx: &mut kernel::Tx, person: &Person) -> Result<kernel::UsagerId> {
    let mail = (!person.courriel.is_empty()).then(|| person.courriel.clone());
    let identity = referentiel::Identity { name: person.nom.clone(), given_names: person.prenoms.clone(), mail };
    let usager = referentiel::create(tx, &identity, None).await?;
    let values = [
        ("nom_naissance", json!(person.nom)),
        ("nom_usage", json!(person.nom_usage)),
        ("prenoms", json!(person.prenoms)),
        ("sexe", json!(if person.sexe == "F" { "féminin" } else { "masculin" })),
        ("date_naissance", json!(person.naissance)),
        ("courriel", json!(person.courriel)),
        ("telephone", json!(person.telephone)),
        ("adresse", if person.voie.is_empty() { json!("") } else { person.address() }),
    ];
    let facts = values.into_iter().filter(|(_, value)| value != "").map(|(attribute, value)| referentiel::NewFact {
        attribute: attribute.into(),
        value,
        source: referentiel::Source::Import,
        source_label: "Reprise du fichier des familles".into(),
        level: referentiel::Level::Declared,
        dossier: None,
    });
    referentiel::record_facts(tx, usager, facts.collect()).await?;
    Ok(usager)
}

/// The first two adults get an account, a known quotient, and are told who may read.
async fn usager_accounts(app: &App, scope: &Scope, people: &[Person], ids: &[kernel::UsagerId], hash: &str) -> Result<(Vec<Access>, Vec<Actor>)> {
    let mut accounts = vec![];
    let mut actors = vec![];
    for (person, usager) in people.iter().zip(ids).filter(|(person, _)| person.can_ask()).take(2) {
        let compte = app
            .db
            .write(scope, async |tx| {
                let compte = comptes::open(tx, &person.courriel).await?;
                comptes::set_password(tx, compte.id, hash).await?;
                referentiel::attach(tx, *usager, compte.id).await?;
                let quotient = referentiel::NewFact {
                    attribute: "quotient_familial".into(),
                    value: json!(512),
                    source: referentiel::Source::Usager,
                    source_label: "vous, dans votre compte".into(),
                    level: referentiel::Level::Declared,
                    dossier: None,
                };
                referentiel::record_facts(tx, *usager, vec![quotient]).await?;
                rgpd::inform(tx, *usager).await?;
                Ok(compte.id)
            })
            .await?;
        actors.push(Actor::Usager { compte, usager: *usager, name: format!("{} {}", person.prenoms, person.nom) });
        accounts.push(json!({ "role": "usager", "login": person.courriel, "password": PASSWORD, "totp_secret": null }));
    }
    Ok((accounts, actors))
}

fn random() -> [u8; 20] {
    let (a, b) = (uuid::Uuid::from_u128(random_word()), uuid::Uuid::from_u128(random_word()));
    let mut bytes = [0; 20];
    bytes[..16].copy_from_slice(a.as_bytes());
    bytes[16..].copy_from_slice(&b.as_bytes()[..4]);
    bytes
}

fn random_word() -> u128 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let word = || u128::from(std::collections::hash_map::RandomState::new().build_hasher().finish());
    word() << 64 | word()
}

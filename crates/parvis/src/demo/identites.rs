//! FranceConnect and ProConnect in the demonstration: their doubles, under `/demo` on the port of the program, and
//! what an administrator would have set in each collectivité for their buttons to work. Nothing here is in `serve`.

use axum::Router;
use comptes::oidc::{self, Kind, Provider, ProviderSettings};
use kernel::{Actor, App, Result, Tenant, tenant};
use serde_json::{Map, json};

use super::{
    data,
    fournisseur::{Alg, Client, Fournisseur, Options, Person, Platform},
};

/// One platform of the demonstration.
struct Door {
    platform: Platform,
    kind: Kind,
    slug: &'static str,
    title: &'static str,
    alg: Alg,
}

/// Each signs in its own way, so that both are seen at work.
const DOORS: [Door; 2] = [
    Door { platform: Platform::FranceConnect, kind: Kind::FranceConnect, slug: "franceconnect", title: "FranceConnect", alg: Alg::Es256 },
    Door { platform: Platform::ProConnect, kind: Kind::ProConnect, slug: "proconnect", title: "ProConnect", alg: Alg::Rs256 },
];

/// Makes the doubles, known to every collectivité; gives their pages, to be served in front of the program's own.
pub async fn doubles(app: &App, port: u16) -> Result<Router> {
    let mut router = Router::new();
    let tenants = tenant::all(&app.db).await?;
    for door in &DOORS {
        let origin = format!("http://127.0.0.1:{port}");
        let issuer = format!("{origin}/demo/{}/api/v2", door.slug);
        let mut clients = vec![];
        for tenant in &tenants {
            clients.push(declare(app, tenant, door, &issuer, &origin).await?);
            lead_there(app, tenant, &origin).await?;
        }
        let people = match door.platform {
            Platform::FranceConnect => Person::identities(),
            Platform::ProConnect => agents(app, &tenants).await?,
        };
        let options = Options { platform: door.platform, issuer, clients, people, clock: app.clock.clone() };
        router = router.merge(Fournisseur::new(options).router());
    }
    Ok(router)
}

/// Sets the provider in a collectivité unless it is there, and gives what the platform knows of that collectivité.
async fn declare(app: &App, tenant: &Tenant, door: &Door, issuer: &str, origin: &str) -> Result<Client> {
    let scope = tenant.scope(Actor::system("demonstration"));
    let known = app.db.read(&scope, async |tx| oidc::providers(tx).await).await?;
    let kept = known.into_iter().find(|provider| provider.slug == door.slug && provider.issuer == issuer);
    let provider = match kept {
        Some(provider) => provider,
        None => {
            let new = provider(tenant, door, issuer, origin)?;
            app.db
                .write(&scope, async |tx| {
                    let secret = tx.random_token();
                    oidc::save_provider(tx, &app.keys, new, &secret).await
                })
                .await?
        }
    };
    Ok(Client {
        secret: oidc::secret_of(&app.keys, tenant.id, &provider)?,
        redirect_uris: vec![provider.redirect_uri(&tenant.base_url)],
        logout_uris: vec![provider.logout_uri(&tenant.base_url)],
        id: provider.client_id,
        alg: door.alg,
    })
}

fn provider(tenant: &Tenant, door: &Door, issuer: &str, origin: &str) -> Result<Provider> {
    let sirets = siret(tenant)?.into_iter().collect();
    Ok(Provider {
        slug: door.slug.into(),
        kind: door.kind,
        title: door.title.into(),
        issuer: issuer.into(),
        client_id: tenant.slug.clone(),
        secret_sealed: vec![],
        settings: ProviderSettings { sirets, origins: vec![origin.into()], ..ProviderSettings::default() },
        is_active: true,
    })
}

/// Lets the forms of a collectivité lead to the doubles.
async fn lead_there(app: &App, tenant: &Tenant, origin: &str) -> Result<()> {
    let mut tenant = tenant::by_id(&app.db, tenant.id).await?;
    if tenant.settings.form_hosts.iter().any(|host| host == origin) {
        return Ok(());
    }
    tenant.settings.form_hosts = vec![origin.into()];
    tenant::save(&app.db, &tenant).await
}

fn siret(tenant: &Tenant) -> Result<Option<String>> {
    let espaces = data::espaces()?;
    Ok(espaces.into_iter().find(|espace| espace.slug == tenant.slug).map(|espace| espace.siret))
}

/// The agents of the collectivités, then some whom nobody invited: they are refused, and told whom to ask.
async fn agents(app: &App, tenants: &[Tenant]) -> Result<Vec<Person>> {
    let mut people = vec![];
    for tenant in tenants {
        let Some(siret) = siret(tenant)? else { continue };
        let scope = tenant.scope(Actor::system("demonstration"));
        let agents = app.db.read(&scope, async |tx| comptes::store::agents(tx).await).await?;
        let open = agents.into_iter().filter(|agent| agent.closed_at.is_none());
        people.extend(open.map(|agent| agent_of(&agent, tenant, &siret)));
    }
    let strangers = Person::agents().into_iter();
    people.extend(strangers.map(|person| Person { about: "sans invitation : l’accès est refusé".into(), ..person }));
    Ok(people)
}

fn agent_of(agent: &comptes::Agent, tenant: &Tenant, siret: &str) -> Person {
    let claims = [
        ("given_name", json!(agent.given_name)),
        ("usual_name", json!(agent.family_name)),
        ("email", json!(agent.mail)),
        ("uid", json!(agent.mail)),
        ("siret", json!(siret)),
        ("idp_id", json!("annuaire-demonstration")),
    ];
    Person {
        id: agent.mail.clone(),
        label: agent.name(),
        about: format!("{}, {}", agent.job_title, tenant.name),
        claims: claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
        acr: "eidas1".into(),
        has_second_factor: true,
    }
}

//! Agents who leave: whom the directory sees no more is closed, whoever comes stays, and one administrator at least.

use comptes::{
    Access, NewAgent,
    oidc::{GroupRule, Identity, Kind, Provider, ProviderSettings},
};
use kernel::{AgentId, Error, Role};
use serde_json::json;

use crate::support::TestApp;

/// A directory whose agents are closed after sixty days without a visit.
async fn directory(app: &TestApp) -> Provider {
    let rule = |group: &str, role| GroupRule { group: group.into(), profile: String::new(), org_unit: None, role };
    let provider = Provider {
        slug: "annuaire".into(),
        kind: Kind::Generic,
        title: "Mon poste".into(),
        issuer: "https://annuaire.example".into(),
        client_id: "parvis".into(),
        secret_sealed: vec![],
        settings: ProviderSettings { groups: vec![rule("agents", Role::Agent), rule("chefs", Role::Admin)], ..ProviderSettings::default() },
        is_active: true,
    };
    app.system(async |tx| comptes::oidc::save_provider(tx, &app.program().keys, provider, "secret").await).await
}

/// Comes through the directory, as a member of a group.
async fn comes(app: &TestApp, provider: &Provider, name: &str, group: &str) -> AgentId {
    let claims = json!({ "email": format!("{name}@agents.example"), "given_name": name, "family_name": "Martin", "groups": [group] });
    let identity = Identity {
        issuer: provider.issuer.clone(),
        sub: name.into(),
        acr: None,
        amr: vec![],
        claims: claims.as_object().cloned().expect("an object"),
        id_token: String::new(),
    };
    app.system(async |tx| {
        let Access::Agent(agent) = comptes::admit(tx, provider, &identity).await? else { return Err(Error::Forbidden("annuaire")) };
        comptes::sign_in_agent(tx, agent.id, "annuaire").await?;
        Ok(agent.id)
    })
    .await
}

async fn is_open(app: &TestApp, id: AgentId) -> bool {
    let agent = app.system(async |tx| comptes::store::agent(tx, id).await).await;
    agent.expect("an agent").closed_at.is_none()
}

#[tokio::test]
async fn whom_the_directory_has_not_seen_for_sixty_days_is_closed_and_nobody_else() {
    let app = TestApp::new().await;
    let provider = directory(&app).await;
    let silent = comes(&app, &provider, "luc", "agents").await;
    let active = comes(&app, &provider, "lea", "agents").await;
    let invited = app.agent().named("Nadia Roussel").everywhere().await;
    app.system(async |tx| comptes::sign_in_agent(tx, invited.id, "password").await).await;
    app.pass(50).await;
    comes(&app, &provider, "lea", "agents").await;
    app.pass(11).await;
    assert_eq!([is_open(&app, silent).await, is_open(&app, active).await, is_open(&app, invited.id).await], [false, true, true]);
}

#[tokio::test]
async fn the_last_administrator_stays_and_those_who_left_do_not_count() {
    let app = TestApp::new().await;
    let new = |name: &str| NewAgent {
        mail: format!("{name}@agents.example"),
        given_name: name.into(),
        family_name: "Martin".into(),
        job_title: "Directrice".into(),
        role: Role::Admin,
        memberships: vec![],
    };
    let (first, second) = app.system(async |tx| Ok((comptes::invite(tx, new("ada")).await?.id, comptes::invite(tx, new("eve")).await?.id))).await;
    app.run_jobs().await;
    app.system(async |tx| comptes::close_agent(tx, first).await).await;
    let last = app.act(kernel::Actor::system("essai"), async |tx| comptes::close_agent(tx, second).await).await;
    assert!(matches!(last, Err(Error::Conflict(problem)) if problem.code == "last-admin"));
    let demoted = app.act(kernel::Actor::system("essai"), async |tx| comptes::change_membership(tx, second, Role::Agent, &[]).await).await;
    assert!(matches!(demoted, Err(Error::Conflict(_))));
    assert!(is_open(&app, second).await);
}

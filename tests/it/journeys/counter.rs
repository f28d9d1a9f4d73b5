//! An agent types a demand for somebody at the counter: he is its author until it is sent, and no longer.

use dossiers::phase::Phase;
use jiff::SignedDuration;
use kernel::Actor;

use crate::{
    form,
    support::{
        TestApp,
        clients::AgentClient,
        demands::{id_of, path},
        form::Fields,
    },
};

/// Begins a demand; gives its first address.
async fn begun(nadia: &mut AgentClient) -> String {
    let page = nadia.get("/agent/saisie/demande").await.ok();
    let typed = form! { demarche: "aide-velo", canal: "guichet", nom: "Marchetti", prenoms: "Inès" };
    let at = nadia.submit(&page, "/agent/saisie/demande", typed).await.redirects();
    nadia.get(&at).await.redirects()
}

#[tokio::test]
async fn an_agent_prints_the_receipt_of_what_he_typed_and_acts_on_it_no_more_as_its_author() {
    let app = TestApp::new().await;
    let mut nadia = app.agent().of("mobilites").await;
    let at = begun(&mut nadia).await;
    let id = app.dossier().fill(&mut nadia, at).await;
    let check = nadia.get(&path(id, "verification")).await.ok();
    let sent = nadia.submit(&check, &path(id, "depot"), Fields::default()).await.redirects();
    let confirmation = nadia.get(&sent).await.redirects();
    assert_eq!(confirmation, format!("/agent/saisie/{id}"));
    let page = nadia.get(&confirmation).await.ok();
    page.says(&["La demande est envoyée", "Aide à l’achat d’un vélo"]);
    let receipt = nadia.get(&page.link("/agent/saisie/dos_")).await.ok();
    documents::check(&receipt.body).expect("a tagged PDF");
    app.run_jobs().await;

    assert_eq!(nadia.post(&path(id, "retrait"), form! {}).await.redirects(), confirmation);
    assert_eq!(nadia.get(&path(id, "")).await.redirects(), confirmation);
    let dossier = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await.dossier;
    assert_eq!(dossier.phase, Phase::Depose);

    app.clock().advance(SignedDuration::from_hours(24));
    app.run_jobs().await;
    app.back_to_work(&mut nadia).await;
    for gone in [confirmation.clone(), format!("{confirmation}/accuse.pdf"), path(id, ""), path(id, "accuse.pdf")] {
        nadia.get(&gone).await.is(404);
    }
    nadia.get(&format!("/agent/dossiers/{id}")).await.ok();
}

#[tokio::test]
async fn an_agent_who_may_type_no_more_loses_his_drafts() {
    let app = TestApp::new().await;
    let mut nadia = app.agent().of("mobilites").await;
    let at = begun(&mut nadia).await;
    nadia.get(&at).await.ok();
    if let Actor::Agent(agent) = &mut nadia.actor {
        agent.rights.retain(|(_, code)| code != dossiers::rights::ENTER.0);
    }
    app.back_to_work(&mut nadia).await;
    nadia.get(&at).await.is(404);
    assert_eq!(id_of(&at).to_string().len(), 36);
}

#[tokio::test]
async fn another_agent_has_nothing_of_it() {
    let app = TestApp::new().await;
    let mut nadia = app.agent().of("mobilites").await;
    let at = begun(&mut nadia).await;
    let mut paul = app.agent().named("Paul Guérin").of("mobilites").await;
    paul.get(&at).await.is(404);
    paul.get(&format!("/agent/saisie/{}", id_of(&at))).await.is(404);
}

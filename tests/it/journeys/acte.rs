//! A civil-status certificate: the demand leaves at once for the software of the civil status, which answers by the API;
//! the usager reads where it is. The software is down for a day: nothing is lost, nothing is sent twice.

use echanges::application::{self, Change};
use jiff::SignedDuration;
use kernel::DossierId;
use serde_json::{Value, json};

use crate::{
    echanges_::target::Target,
    support::{TestApp, clients::Client},
};

/// The software: what it receives, and its key to answer.
struct Software {
    target: Target,
    client: Client,
}

impl Software {
    async fn of(app: &TestApp) -> Self {
        let target = Target::start().await;
        let made = app.system(async |tx| {
            let change = Change {
                name: "Le logiciel d’état civil".into(),
                channel: "webhook".into(),
                options: target.options().as_object().cloned().expect("an object"),
                ..Change::default()
            };
            let made = application::register(tx, &app.program().keys, "etat-civil", change).await?;
            application::add_key(tx, made.id).await
        });
        let key = made.await;
        let client = Client::new(&app.assembled().router, &app.tenant.host).with("authorization", &format!("Bearer {key}"));
        Self { target, client }
    }

    async fn says(&mut self, id: DossierId, word: &str, name: &str, fields: Value) -> crate::support::browser::Answer {
        self.say(id, json!({ "identifiant": name, "reponse": word, "champs": fields })).await
    }

    async fn say(&mut self, id: DossierId, body: Value) -> crate::support::browser::Answer {
        let path = format!("/api/v1/liaisons/{id}/reponses");
        self.client.browser.send("POST", &path, "application/json", body.to_string().into_bytes()).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demand_leaves_at_once_and_comes_back_delivered() {
    let app = TestApp::new().await;
    let mut software = Software::of(&app).await;
    let mut sent = app.dossier().of("acte-etat-civil").mail("camille@exemple.fr").depose().await;
    let calls = software.target.calls();
    assert_eq!(calls.len(), 1);
    let body = String::from_utf8_lossy(&calls[0].body).into_owned();
    for wanted in [sent.number.as_str(), "COPIE-INTEGRALE", "PersonneConcernee", "1990-05-14", "Moreau"] {
        assert!(body.contains(wanted), "{wanted} in {body}");
    }

    let follow = sent.path("");
    sent.author.get(&follow).await.ok().says(&["Transmise à l’état civil"]);
    software.says(sent.id, "en_cours", "1", json!({})).await.ok();
    sent.author.get(&follow).await.ok().says(&["En cours"]);
    let delivered = json!({ "date_delivrance": "2026-09-07", "mode": "courrier", "exemplaires": 2 });
    software.says(sent.id, "delivre", "2", delivered.clone()).await.ok();
    let again = software.says(sent.id, "delivre", "2", delivered).await.ok();
    assert_eq!(again.json()["deja_recue"], true);
    app.run_jobs().await;
    sent.author.get(&follow).await.ok().says(&["Parti par courrier le 7 septembre 2026"]);
    let late = software.says(sent.id, "non_trouve", "3", json!({})).await;
    assert_eq!(late.status.as_u16(), 409, "{}", late.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_software_that_is_down_for_a_day_receives_each_demand_once() {
    let app = TestApp::new().await;
    let software = Software::of(&app).await;
    software.target.answer(503);
    let sent = app.dossier().of("acte-etat-civil").depose().await;
    for _ in 0..24 {
        app.clock().advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
    }
    assert!(software.target.taken().is_empty());
    software.target.answer(204);
    for _ in 0..48 {
        app.clock().advance(SignedDuration::from_hours(1));
        app.run_jobs().await;
    }
    let taken = software.target.taken();
    assert_eq!(taken.len(), 1, "{taken:?} of {}", sent.number);
}

#[tokio::test]
async fn a_rejection_wants_the_name_and_the_quality_of_the_officer_who_signs_its_letter() {
    let app = TestApp::new().await;
    let mut software = Software::of(&app).await;
    let mut sent = app.dossier().of("acte-etat-civil").mail("camille@exemple.fr").depose().await;
    let mut body = json!({ "identifiant": "1", "reponse": "rejete", "champs": { "motif_rejet": "pas_autorise" } });
    let refused = software.say(sent.id, body.clone()).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["pointer"], "#/faits_rejet");

    body["champs"]["faits_rejet"] = json!("La demande porte sur l’acte d’un frère.");
    let refused = software.say(sent.id, body.clone()).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text());
    assert_eq!(refused.json()["errors"][0]["pointer"], "#/signataire");

    body["signataire"] = json!({ "nom": "Camille Perrin", "qualite": "officière de l’état civil" });
    software.say(sent.id, body).await.ok();
    app.run_jobs().await;
    let decided = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, sent.id).await).await.dossier.decision.expect("a decision");
    assert_eq!((decided.signer.as_str(), decided.role.as_str()), ("Camille Perrin", "officière de l’état civil"));
    let follow = sent.path("");
    sent.author.get(&follow).await.ok().says(&["Rejetée"]);
}

#[tokio::test]
async fn an_answer_about_a_demand_never_sent_to_it_does_not_exist() {
    let app = TestApp::new().await;
    let mut software = Software::of(&app).await;
    let contact = app.dossier().of("contact").depose().await;
    assert_eq!(software.says(contact.id, "en_cours", "1", json!({})).await.status.as_u16(), 404);
}

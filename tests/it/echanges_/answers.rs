//! What applications answer, through the API.

use axum::http::StatusCode;
use echanges::application;
use kernel::{Actor, web};

use super::{Exchange, Registered, target::Target};
use crate::support::{Bench, Browser, browser::Answer};

struct Desk {
    exchange: Exchange,
    registered: Registered,
    key: String,
    router: axum::Router,
}

impl Desk {
    async fn new() -> Self {
        let (exchange, target) = (Exchange::new().await, Target::start().await);
        let registered = exchange.register("webhook", target.options(), &[]).await;
        let key = exchange.write(async |tx| application::add_key(tx, registered.id).await).await.expect("a key");
        let routes = vec![echanges::routes(exchange.small.registry())];
        let router = web::assemble(&exchange.app, routes, parvis::migrations::all()).expect("assembled").router;
        Self { exchange, registered, key, router }
    }

    async fn say(&self, key: &str, dossier: &str, body: &str) -> Answer {
        let mut browser = Browser::new(&self.router, "essai.localhost").with("authorization", &format!("Bearer {key}"));
        let path = format!("/api/v1/liaisons/{dossier}/reponses");
        browser.send("POST", &path, "application/json", body.as_bytes().to_vec()).await
    }
}

const DELIVERED: &str = r#"{"identifiant": "EC-1", "reponse": "delivre", "champs": {"mode": "courrier"}}"#;

#[tokio::test]
async fn an_answer_moves_the_dossier_once() {
    let desk = Desk::new().await;
    let (dossier, _) = desk.exchange.deposit().await;
    let dossier = dossier.to_string();
    let first = desk.say(&desk.key, &dossier, DELIVERED).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    assert_eq!(
        first.json(),
        serde_json::json!({"identifiant": "EC-1", "dossier": dossier, "etat": "delivre", "libelle": "Acte envoyé", "deja_recue": false})
    );
    let second = desk.say(&desk.key, &dossier, r#"{"reponse":"delivre","champs":{"mode":"courrier"},"identifiant":"EC-1"}"#).await;
    assert_eq!((second.status, second.json()["deja_recue"].clone()), (StatusCode::OK, true.into()));
    assert_eq!(desk.exchange.small.answers().len(), 1);
    let other = desk.say(&desk.key, &dossier, r#"{"identifiant": "EC-1", "reponse": "delivre", "champs": {"mode": "guichet"}}"#).await;
    assert_eq!((other.status, other.header("content-type")), (StatusCode::CONFLICT, "application/problem+json"));
}

#[tokio::test]
async fn an_answer_that_the_circuit_refuses_may_be_sent_again_later() {
    let desk = Desk::new().await;
    let dossier = desk.exchange.deposit().await.0.to_string();
    let late = desk.say(&desk.key, &dossier, r#"{"identifiant": "EC-2", "reponse": "trop_tard"}"#).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let unknown = desk.say(&desk.key, &dossier, r#"{"identifiant": "EC-2", "reponse": "peut-etre"}"#).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = desk.say(&desk.key, &dossier, r#"{"identifiant": "EC-2", "reponse": "delivre"}"#).await;
    assert_eq!(good.status, StatusCode::OK, "nothing was kept of what was refused");
}

#[tokio::test]
async fn only_the_application_that_was_told_may_answer() {
    let desk = Desk::new().await;
    let dossier = desk.exchange.deposit().await.0.to_string();
    let nobody = desk.say("une-cle-inventee-de-toutes-pieces", &dossier, DELIVERED).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let unknown = "dos_0190000000007000800000000000000b";
    assert_eq!(desk.say(&desk.key, unknown, DELIVERED).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.say(&desk.key, "n-importe-quoi", DELIVERED).await.status, StatusCode::NOT_FOUND);
    let change = super::change("fichier", serde_json::json!({"dossier": "autre"}), &[]);
    let keys = &desk.exchange.app.keys;
    let other = desk.exchange.write(async |tx| {
        let other = application::register(tx, keys, "autre", change).await?;
        application::add_key(tx, other.id).await
    });
    let other = other.await.expect("a key");
    assert_eq!(desk.say(&other, &dossier, DELIVERED).await.status, StatusCode::NOT_FOUND);
    assert!(desk.exchange.small.answers().is_empty());
}

#[tokio::test]
async fn what_is_no_answer_is_refused_in_a_sentence() {
    let desk = Desk::new().await;
    let dossier = desk.exchange.deposit().await.0.to_string();
    let long = format!(r#"{{"identifiant": "a", "reponse": "delivre", "champs": {{"x": "{}"}}}}"#, "x".repeat(300_000));
    let wrong = [
        ("{", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"identifiant": "a"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"identifiant": "", "reponse": "delivre"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"identifiant": "a", "reponse": "Délivré à Mme Dupont"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"identifiant": "a", "reponse": "delivre", "etat": "delivre"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (long.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
    ];
    for (body, status) in wrong {
        let answer = desk.say(&desk.key, &dossier, body).await;
        assert_eq!(answer.status, status, "{}", &body[..body.len().min(80)]);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn a_former_key_opens_for_seven_days_and_a_closed_one_no_more() {
    let desk = Desk::new().await;
    let dossier = desk.exchange.deposit().await.0.to_string();
    let newer = desk.exchange.write(async |tx| application::add_key(tx, desk.registered.id).await).await.expect("a key");
    for (n, key) in [&desk.key, &newer].into_iter().enumerate() {
        let body = format!(r#"{{"identifiant": "K-{n}", "reponse": "delivre"}}"#);
        assert_eq!(desk.say(key, &dossier, &body).await.status, StatusCode::OK);
    }
    desk.exchange.bench.clock.advance(jiff::SignedDuration::from_hours(24 * 7 + 1));
    assert_eq!(desk.say(&desk.key, &dossier, DELIVERED).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.say(&newer, &dossier, DELIVERED).await.status, StatusCode::OK);
    let hash = kernel::crypto::hash_token(&newer);
    desk.exchange.write(async |tx| application::close_key(tx, desk.registered.id, &hash).await).await.expect("closed");
    assert_eq!(desk.say(&newer, &dossier, DELIVERED).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_tenant_sees_neither_key_nor_dossier() {
    let desk = Desk::new().await;
    let dossier = desk.exchange.deposit().await.0.to_string();
    let other = crate::support::tenant("ailleurs");
    let bench: &Bench = &desk.exchange.bench;
    kernel::tenant::create(&bench.db, &bench.clock, other).await.expect("a free slug");
    let mut browser = Browser::new(&desk.router, "ailleurs.localhost").with("authorization", &format!("Bearer {}", desk.key));
    let path = format!("/api/v1/liaisons/{dossier}/reponses");
    let answer = browser.send("POST", &path, "application/json", DELIVERED.into()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_agent_or_a_system_does_not_answer_as_an_application() {
    let desk = Desk::new().await;
    let (dossier, _) = desk.exchange.deposit().await;
    let said = || echanges::Answer { identifier: "a".into(), dossier, answer: "delivre".into(), fields: Default::default(), signer: None };
    let registry = desk.exchange.small.registry();
    let around = echanges::Around { app: desk.exchange.app.clone(), tenant: desk.exchange.bench.tenant.clone() };
    let refused = desk.exchange.write(async |tx| echanges::answer(tx, &around, &registry, said()).await).await;
    assert!(matches!(refused, Err(kernel::Error::Forbidden("application"))));
    let scope = desk.exchange.as_application(desk.registered.id);
    assert!(matches!(scope.actor, Actor::Application { .. }));
    let taken = desk.exchange.app.db.write(&scope, async |tx| echanges::answer(tx, &around, &registry, said()).await).await;
    assert_eq!(taken.expect("taken").state, "delivre");
}

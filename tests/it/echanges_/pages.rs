//! The pages of administrators: what they say in words, and what they do.

use axum::{http::StatusCode, response::Response};
use jiff::SignedDuration;
use kernel::{
    Actor, AgentActor, App, Role,
    app::Parts,
    templates::Templates,
    web::{self, Audience, Ctx, Form, Level, Means, Pages, Routes, Site},
    words::Words,
};

use super::{Exchange, target::Target};
use crate::support::Browser;

/// Signs in with the rights that the form gives.
async fn enter(cx: Ctx, form: Form) -> kernel::Result<Response> {
    let actor = Actor::Agent(AgentActor {
        id: uuid::Uuid::from_u128(3).into(),
        name: "Théo Kervella".into(),
        role: Role::Admin,
        rights: form.all("droit").map(|right| (None, right.to_owned())).collect(),
    });
    let level = Level { second_factor: true, ..Level::of(Means::Password) };
    cx.write(async |tx| cx.sign_in(tx, actor, level).await).await?;
    Ok(web::see_other("/"))
}

fn templates() -> Templates {
    Templates::new(&parvis::registries::templates(), Words::installed()).expect("the templates are read")
}

async fn desk(exchange: &Exchange, rights: &str) -> Browser {
    let app = &exchange.app;
    let app = App::new(Parts {
        db: app.db.clone(),
        clock: app.clock.clone(),
        keys: app.keys.clone(),
        templates: templates(),
        files: app.files.clone(),
        mailer: app.mailer.clone(),
        http: app.http.clone(),
        profiles: app.profiles,
        config: app.config.clone(),
    });
    let doors = Routes { public: Pages::new().post("/entrer", enter), ..Routes::default() };
    let routes = vec![doors, echanges::routes(exchange.small.registry())];
    let router = web::assemble(&app, routes, parvis::migrations::all()).expect("assembled").router;
    let mut browser = Browser::new(&router, "essai.localhost");
    let entered = browser.post("/entrer", rights).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
    browser
}

const ALL: &str = "droit=echanges.regler&droit=echanges.rejouer";

/// Without the spaces of French typography.
fn plain(html: &str) -> String {
    html.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn every_page_renders_with_every_sample() {
    let templates = templates();
    for sample in echanges::pages() {
        let html = templates.render_sample(&sample, &Site::sample(Audience::Admin));
        let html = html.unwrap_or_else(|error| panic!("{} {}: {error}", sample.template, sample.number));
        assert!(html.contains("</html>"), "{}", sample.template);
    }
}

#[tokio::test]
async fn the_list_says_who_is_silent_since_when_and_that_nothing_is_lost() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer(503);
    for _ in 0..14 {
        exchange.deposit().await;
    }
    exchange.bench.clock.advance(SignedDuration::from_mins(12));
    exchange.work().await;
    let mut browser = desk(&exchange, ALL).await;
    let html = plain(&browser.get("/admin/echanges").await.text());
    assert!(html.contains("Le logiciel d’état civil ne répond pas depuis 9 h 12. 14 demandes attendent, rien n’est perdu."), "{html}");
    let one = plain(&browser.get("/admin/echanges/etat-civil").await.text());
    assert!(one.contains("réponse 503") && one.contains("Essayer maintenant"), "{one}");
}

#[tokio::test]
async fn an_administrator_replays_what_was_set_aside() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer_once(422, None);
    target.answer_once(422, None);
    let ((first, _), (second, _)) = (exchange.deposit().await, exchange.deposit().await);
    exchange.work().await;
    let mut browser = desk(&exchange, ALL).await;
    let id = exchange.sent(first).await[0].0;
    let one = browser.post(&format!("/admin/echanges/etat-civil/messages/{id}/rejouer"), "").await;
    assert_eq!((one.status, one.location()), (StatusCode::SEE_OTHER, "/admin/echanges/etat-civil"));
    exchange.work().await;
    assert_eq!((exchange.state(first).await, exchange.state(second).await), ("delivered", "set_aside"));
    browser.post("/admin/echanges/etat-civil/rejouer", "").await;
    exchange.work().await;
    assert_eq!(exchange.state(second).await, "delivered");
}

#[tokio::test]
async fn an_administrator_pauses_and_resumes() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let mut browser = desk(&exchange, ALL).await;
    browser.post("/admin/echanges/etat-civil/pause", "motif=Mise+%C3%A0+jour+de+l%E2%80%99%C3%A9diteur").await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    let html = plain(&browser.get("/admin/echanges/etat-civil").await.text());
    assert!(html.contains("En pause : Mise à jour de l’éditeur. Une demande attend, rien n’est perdu."), "{html}");
    browser.post("/admin/echanges/etat-civil/reprise", "").await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "delivered");
}

#[tokio::test]
async fn an_application_is_declared_with_its_faults_beside_the_fields() {
    let exchange = Exchange::new().await;
    let mut browser = desk(&exchange, ALL).await;
    let wrong = browser.post("/admin/echanges/nouvelle", "channel=webhook&slug=etat-civil&name=&url=rien").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Donnez un nom") && wrong.text().contains("value=\"rien\""), "{}", wrong.text());
    let made = browser.post("/admin/echanges/nouvelle", "channel=webhook&slug=etat-civil&name=Le+logiciel&url=https%3A%2F%2Fa.fr").await;
    assert!(made.status == StatusCode::OK && made.text().contains("whsec_"), "{}", made.text());
    let settings = browser.get("/admin/echanges/etat-civil/reglages").await.text();
    assert!(settings.contains("https://a.fr") && !settings.contains("whsec_"));
    let taken = browser.post("/admin/echanges/nouvelle", "channel=webhook&slug=etat-civil&name=Autre&url=https%3A%2F%2Fa.fr").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let key = browser.post("/admin/echanges/etat-civil/cle", "").await.text();
    assert!(key.contains("pvapp_"));
}

#[tokio::test]
async fn without_the_right_nothing_is_seen_nor_done() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let mut browser = desk(&exchange, "").await;
    for path in ["/admin/echanges", "/admin/echanges/etat-civil", "/admin/echanges/nouvelle", "/admin/echanges/etat-civil/reglages"] {
        assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["pause", "reprise", "rejouer", "cle", "secret"] {
        assert_eq!(browser.post(&format!("/admin/echanges/etat-civil/{path}"), "").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut replaying = desk(&exchange, "droit=echanges.rejouer").await;
    assert_eq!(replaying.get("/admin/echanges").await.status, StatusCode::OK);
    assert_eq!(replaying.post("/admin/echanges/etat-civil/pause", "").await.status, StatusCode::FORBIDDEN);
}

//! The rules of a step that hold whoever takes it, by whatever door: what was seen, what was looked at, who is told.

use dossiers::ask_piece::{AskPiece, ask_piece};
use dossiers::judge_piece::{JudgePiece, judge_piece};
use dossiers::piece::Verdict;
use dossiers::transition::{Given, NOT_READY, Step, transition};
use dossiers::{Dossier, phase::Phase};
use kernel::{Actor, DossierId, Error, Result};
use serde_json::json;

use crate::support::{TestApp, app::package, form::Fields};

/// The program with an aid for bikes that applications may accept too, and that tells one of everything.
async fn app() -> TestApp {
    let app = TestApp::new().await;
    let files = package("aide-velo");
    let circuit = files.get("circuit.toml").expect("a circuit").replacen(
        "vers = \"acceptee\"\nqui = [\"agent\"]",
        "vers = \"acceptee\"\nqui = [\"agent\", \"application\"]",
        1,
    );
    let mut liaisons = files.get("liaisons.toml").expect("liaisons").to_owned();
    for step in ["demander_complement", "completer", "retirer"] {
        liaisons.push_str(&format!(
            "\n[[liaison]]\nid = \"{step}\"\nlibelle = \"Logiciel métier\"\nevenement = \"transition:{step}\"\n\
             application = \"metier\"\nfinalite = \"instruction\"\nformat = \"csv\"\n\
             [[liaison.champ]]\nnom = \"numero\"\nvaleur = \"numero\"\n"
        ));
    }
    let files = files.with("circuit.toml", circuit).with("liaisons.toml", liaisons);
    app.system(async |tx| teleservices::publish(tx, &files).await.map(drop)).await;
    app
}

fn application() -> Actor {
    Actor::Application { id: uuid::Uuid::from_u128(7).into(), name: "Logiciel".into() }
}

async fn accept(app: &TestApp, by: Actor, id: DossierId, seen: Option<String>) -> Result<Dossier> {
    let fields = json!({ "montant_accorde": 25_000 }).as_object().cloned().expect("an object");
    let step = Step { id, transition: "accepter".into(), given: Given { fields, ..Given::default() }, seen };
    app.act(by, async |tx| transition(tx, &app.tenant, step).await).await
}

#[tokio::test]
async fn nobody_accepts_what_nobody_has_looked_at_not_even_an_application() {
    let app = app().await;
    let nadia = app.agent().of("mobilites").await.actor.clone();
    let id = app.dossier().depose().await.id;
    for by in [application(), nadia.clone()] {
        let refused = accept(&app, by, id, None).await;
        assert!(
            matches!(&refused, Err(Error::Conflict(problem)) if problem.code == NOT_READY && problem.sentence.contains("facture")),
            "{refused:?}"
        );
    }
    let pieces = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await.pieces;
    for piece in pieces {
        let judge = JudgePiece { id, piece: piece.id, verdict: Verdict::Acceptee, motif: None };
        app.act(nadia.clone(), async |tx| judge_piece(tx, judge).await.map(drop)).await.expect("judged");
    }
    assert_eq!(accept(&app, application(), id, None).await.expect("accepted").phase, Phase::Accepte);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_step_taken_from_an_older_page_says_what_happened_since() {
    let app = app().await;
    let nadia = app.agent().of("mobilites").await.actor.clone();
    let id = app.dossier().depose().await.id;
    let drawn = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await.dossier.mark();
    app.clock().advance(jiff::SignedDuration::from_mins(5));
    let ask = |seen: Option<String>| AskPiece { id, codes: vec!["rib".into()], reason: "Le bas est coupé.".into(), reply_before: None, seen };
    app.act(nadia.clone(), async |tx| ask_piece(tx, &app.tenant, ask(Some(drawn.clone()))).await.map(drop)).await.expect("asked");
    let late = accept(&app, nadia.clone(), id, Some(drawn.clone())).await;
    assert!(matches!(&late, Err(Error::Conflict(problem)) if problem.code == "already-moved"), "{late:?}");
    let again = app.act(nadia, async |tx| ask_piece(tx, &app.tenant, ask(Some(drawn))).await.map(drop)).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    app.run_jobs().await;
}

#[tokio::test]
async fn applications_are_told_of_a_request_of_its_answer_and_of_a_withdrawal() {
    let app = app().await;
    let mut sent = app.dossier().depose().await;
    let id = sent.id;
    let ask = AskPiece { id, codes: vec!["rib".into()], reason: "Le bas est coupé.".into(), reply_before: None, seen: None };
    app.system(async |tx| ask_piece(tx, &app.tenant, ask).await.map(drop)).await;
    let follow = sent.path("");
    let page = sent.author.get(&follow).await.ok();
    let upload = sent.path("pieces/rib");
    sent.author.send_file(&page, &upload, "rib-entier.pdf", crate::support::demands::pdf("rib entier")).await;
    let page = sent.author.get(&follow).await.ok();
    let answer = sent.path("complement");
    sent.author.submit(&page, &answer, Fields::default()).await.redirects();
    let away = sent.path("retrait");
    let page = sent.author.get(&away).await.ok();
    sent.author.submit(&page, &away, Fields::default()).await.redirects();
    app.run_jobs().await;
    let told = app.system(async |tx| echanges::of_dossier(tx, id).await).await;
    let mut liaisons: Vec<&str> = told.iter().map(|sent| sent.delivery.liaison.as_str()).collect();
    liaisons.sort_unstable();
    assert_eq!(liaisons, ["completer", "demander_complement", "retirer"]);
}

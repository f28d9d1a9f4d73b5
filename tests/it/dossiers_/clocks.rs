//! What the clock does to demands by itself, hour after hour: silence, a request that nobody answers, what is late.

use dossiers::ask_piece::{AskPiece, ask_piece};
use dossiers::judge_piece::{JudgePiece, judge_piece};
use dossiers::phase::Phase;
use dossiers::piece::Verdict;
use dossiers::watch;
use jiff::civil::{Date, date};
use kernel::DossierId;

use crate::{
    form,
    support::{
        TestApp,
        app::package,
        browser::Answer,
        demands::{Sent, pdf},
        form::Fields,
    },
};

/// The last day given to answer.
const REPLY_BEFORE: Date = date(2026, 10, 7);

/// What the system does by itself, in the words of a circuit.
fn by_itself(id: &str, to: &str, when: &str) -> String {
    format!(
        "\n[[transition]]\nid = \"{id}\"\nde = [\"envoyee\", \"en_cours\", \"complement\"]\nvers = \"{to}\"\nqui = [\"système\"]\n\
         libelle = \"{when}\"\nquand = \"{when}\"\n"
    )
}

/// The program with an aid for bikes whose circuit has these steps too.
async fn app_with(steps: &[String]) -> TestApp {
    let app = TestApp::new().await;
    let files = package("aide-velo");
    let circuit = format!("{}{}", files.get("circuit.toml").expect("a circuit"), steps.concat());
    let files = files.with("circuit.toml", circuit);
    app.system(async |tx| teleservices::publish(tx, &files).await.map(drop)).await;
    app
}

async fn ask(app: &TestApp, id: DossierId) {
    let input = AskPiece { id, codes: vec!["rib".into()], reason: "Le bas est coupé.".into(), reply_before: Some(REPLY_BEFORE), seen: None };
    app.system(async |tx| ask_piece(tx, &app.tenant, input).await.map(drop)).await;
    app.run_jobs().await;
}

async fn dossier(app: &TestApp, id: DossierId) -> dossiers::Dossier {
    app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await.dossier
}

async fn open_requests(app: &TestApp, id: DossierId) -> usize {
    let whole = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await;
    whole.requests.iter().filter(|request| request.is_open()).count()
}

/// Since when the clock of the law is stopped.
async fn stopped_since(app: &TestApp, id: DossierId) -> Option<Date> {
    let whole = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await;
    whole.clocks.legal.expect("a clock").stopped_since
}

/// What the author sees of it.
async fn follow(sent: &mut Sent) -> Answer {
    let follow = sent.path("");
    sent.author.get(&follow).await.ok()
}

/// The piece that was asked for, sent and not yet said to be there.
async fn send_rib(sent: &mut Sent) {
    let upload = sent.path("pieces/rib");
    let page = follow(sent).await;
    let added = sent.author.send_file(&page, &upload, "rib-entier.pdf", pdf("rib entier")).await;
    assert!(added.status.is_success() || added.status.is_redirection(), "{}", added.said());
}

#[tokio::test]
async fn silence_takes_effect_at_the_end_of_its_day_and_not_before() {
    let app = app_with(&[by_itself("rejet_du_silence", "sans_suite", "silence")]).await;
    let sent = app.dossier().depose().await;
    // Received on 7 September: silence is worth rejection at the end of 7 November.
    app.pass(61).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::Depose);
    app.pass(1).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::SansSuite);
}

#[tokio::test]
async fn a_request_without_answer_delays_silence_and_never_prevents_it() {
    let app = app_with(&[by_itself("rejet_du_silence", "sans_suite", "silence")]).await;
    let sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    // Suspended for the thirty days given to answer: 7 November becomes 7 December.
    app.pass(91).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::AttenteUsager);
    app.pass(1).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::SansSuite);
}

#[tokio::test]
async fn a_request_without_answer_comes_to_the_end_that_the_circuit_gives_it() {
    let app = app_with(&[by_itself("rejet_du_silence", "sans_suite", "silence"), by_itself("sans_reponse", "sans_suite", "complément échu")]).await;
    let (asked, other) = (app.dossier().depose().await, app.dossier().depose().await);
    ask(&app, asked.id).await;
    app.pass(30).await;
    assert_eq!(dossier(&app, asked.id).await.phase, Phase::AttenteUsager, "the last day is given whole");
    app.pass(1).await;
    assert_eq!(dossier(&app, asked.id).await.phase, Phase::SansSuite);
    assert_eq!(dossier(&app, other.id).await.phase, Phase::Depose);
}

#[tokio::test]
async fn only_what_is_past_is_looked_at() {
    let app = TestApp::new().await;
    let (asked, late) = (app.dossier().depose().await, app.dossier().depose().await);
    let contact = app.dossier().of("contact").depose().await;
    ask(&app, asked.id).await;
    let looked_at = async |day: i64| {
        app.clock().set("2026-09-07T07:00:00Z".parse().expect("a time"));
        app.clock().advance(jiff::SignedDuration::from_hours(24 * day));
        app.system(async |tx| {
            let unanswered = watch::unanswered(tx, None).await?;
            let overdue = watch::late(tx, None).await?.into_iter().map(|(_, id)| id).filter(|id| *id != contact.id).collect::<Vec<_>>();
            Ok((unanswered, overdue))
        })
        .await
    };
    let due = dossier(&app, late.id).await.due.expect("a date").0;
    let days = i64::from((due - date(2026, 9, 7)).get_days());
    assert_eq!(looked_at(days).await, (vec![], vec![]), "on the day itself nothing is late");
    assert_eq!(looked_at(days + 1).await.1, [late.id]);
    assert_eq!(looked_at(30).await.0, [], "the last day is given whole");
    assert_eq!(looked_at(31).await.0, [asked.id]);
}

#[tokio::test]
async fn a_request_ends_when_the_service_goes_on_without_it() {
    let app = TestApp::new().await;
    let mut nadia = app.agent().of("mobilites").await;
    let mut sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    app.pass(3).await;
    app.back_to_work(&mut nadia).await;
    let action = format!("/agent/dossiers/{}/etapes/reprendre", sent.id);
    let page = nadia.get(&action).await.ok();
    nadia.submit(&page, &action, Fields::default()).await.redirects();
    assert_eq!(open_requests(&app, sent.id).await, 0);
    app.pass(5).await;
    let page = follow(&mut sent).await;
    assert!(!page.said().contains("Action attendue de votre part"), "{}", page.said());
    // Three days were spent waiting, and no more: 7 November becomes the 10th.
    page.says(&["10 novembre 2026"]);
}

#[tokio::test]
async fn a_request_ends_with_the_demand_that_is_withdrawn() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    let away = sent.path("retrait");
    let page = sent.author.get(&away).await.ok();
    sent.author.submit(&page, &away, Fields::default()).await.redirects();
    app.run_jobs().await;
    assert_eq!(open_requests(&app, sent.id).await, 0);
    app.pass(40).await;
    assert_eq!(app.system(async |tx| watch::unanswered(tx, None).await).await, []);
}

#[tokio::test]
async fn the_clock_starts_again_when_the_piece_is_received_and_the_dossier_comes_back_by_itself() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    app.pass(4).await;
    send_rib(&mut sent).await;
    assert_eq!(stopped_since(&app, sent.id).await, None);
    // The person closed the page without saying that it was all.
    app.pass(3).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::EnInstruction);
    let page = follow(&mut sent).await;
    page.says(&["11 novembre 2026"]);
}

#[tokio::test]
async fn a_piece_taken_back_suspends_the_clock_again() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    app.pass(4).await;
    send_rib(&mut sent).await;
    assert_eq!(stopped_since(&app, sent.id).await, None);
    let whole = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, sent.id).await).await;
    let piece = whole.pieces.last().expect("a piece").id;
    let remove = sent.path("retirer-piece");
    sent.author.post(&remove, form! { piece: piece }).await.redirects();
    app.run_jobs().await;
    assert_eq!(stopped_since(&app, sent.id).await, Some(date(2026, 9, 7)));
}

#[tokio::test]
async fn a_piece_refused_as_soon_as_it_comes_is_still_waited_for() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    ask(&app, sent.id).await;
    app.pass(4).await;
    send_rib(&mut sent).await;
    let whole = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, sent.id).await).await;
    let piece = whole.pieces.last().expect("a piece").id;
    let judge = JudgePiece { id: sent.id, piece, verdict: Verdict::Refusee, motif: Some("Encore coupé.".into()) };
    app.system(async |tx| judge_piece(tx, judge).await.map(drop)).await;
    app.run_jobs().await;
    app.pass(2).await;
    assert_eq!(dossier(&app, sent.id).await.phase, Phase::AttenteUsager);
    assert_eq!(stopped_since(&app, sent.id).await, Some(date(2026, 9, 7)));
}

#[tokio::test]
async fn a_dossier_that_cannot_be_read_stops_none_of_those_behind_it() {
    let app = app_with(&[by_itself("rejet_du_silence", "sans_suite", "silence")]).await;
    let (broken, sound) = (app.dossier().depose().await, app.dossier().depose().await);
    app.database().tamper(&format!("update dossier set channel = 'signaux de fumée' where number = '{}'", broken.number)).await;
    app.pass(70).await;
    assert_eq!(dossier(&app, sound.id).await.phase, Phase::SansSuite);
}

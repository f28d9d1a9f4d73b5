//! Examining: requests for pieces and the clock, decisions, the registry, withdrawal.

use axum::http::StatusCode;
use dossiers::answer_request::answer_request;
use dossiers::ask_piece::{AskPiece, ask_piece};
use dossiers::delai::DelaiKind;
use dossiers::judge_piece::{JudgePiece, judge_piece};
use dossiers::list::{Filters, Inbox, counts, inbox};
use dossiers::phase::Phase;
use dossiers::piece::Verdict;
use dossiers::transition::{Given, Step, transition};
use jiff::SignedDuration;
use jiff::civil::date;
use kernel::{Actor, Error, Result};
use serde_json::json;

use super::{Town, agent, pdf};

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn given(fields: serde_json::Value, motif: Option<&str>) -> Given {
    Given { fields: fields.as_object().cloned().unwrap_or_default(), motif: motif.map(str::to_owned), ..Given::default() }
}

/// A step of the circuit, taken by an agent who has not looked at a page.
async fn take(town: &Town, name: &str, id: kernel::DossierId, by: &str, given: Given) -> Result<dossiers::Dossier> {
    let step = Step { id, transition: by.into(), given, seen: None };
    town.act(agent(name), async |tx| transition(tx, &town.bench.tenant, step).await).await
}

/// Every piece looked at and found good.
async fn accept_pieces(town: &Town, id: kernel::DossierId) {
    let whole = town.act(agent("Nadia Roussel"), async |tx| dossiers::read::whole(tx, &town.bench.tenant, id).await).await.unwrap();
    for piece in whole.pieces {
        let judge = JudgePiece { id, piece: piece.id, verdict: Verdict::Acceptee, motif: None };
        town.act(agent("Nadia Roussel"), async |tx| judge_piece(tx, judge).await.map(drop)).await.unwrap();
    }
}

async fn ask(town: &Town, id: kernel::DossierId) -> Result<()> {
    let input =
        AskPiece {
            id, codes: vec!["rib".into()], reason: "Le bas du document est coupé.".into(), reply_before: Some(date(2026, 10, 7)), seen: None
        };
    town.act(agent("Nadia Roussel"), async |tx| ask_piece(tx, &town.bench.tenant, input).await.map(drop)).await
}

#[tokio::test]
async fn a_request_for_a_piece_stops_the_clock_until_the_usager_answers() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    town.run_jobs().await;
    town.bench.clock.advance(days(9));
    ask(&town, id).await.unwrap();
    town.run_jobs().await;
    let mail = town.bench.mailer.captured().pop().unwrap().text;
    assert!(mail.contains("Le bas du document est coupé.") && mail.contains("L114-5"), "{mail}");

    let page = ines.get(&format!("/dossiers/{id}")).await.text();
    assert!(page.contains("Action attendue de votre part") && page.contains("Le délai de réponse est suspendu"), "{page}");
    let early = ines.post(&format!("/dossiers/{id}/complement"), &town.key()).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);

    town.bench.clock.advance(days(5));
    let added = town.send_file(&mut ines, &format!("/dossiers/{id}/pieces/rib"), "rib", &pdf("rib entier")).await;
    assert_eq!(added.location(), format!("/dossiers/{id}#champ-rib"), "{}", added.text());
    let answered = ines.post(&format!("/dossiers/{id}/complement"), &town.key()).await;
    assert_eq!(answered.location(), format!("/dossiers/{id}"), "{}", answered.text());

    let whole = town.act(agent("Nadia Roussel"), async |tx| dossiers::read::whole(tx, &town.bench.tenant, id).await).await.unwrap();
    assert_eq!(whole.dossier.phase, Phase::EnInstruction);
    // Received on 7 September, suspended five days: 7 November becomes the 12th.
    assert_eq!(whole.clocks.legal.unwrap().due, Some(date(2026, 11, 12)));
    assert_eq!(whole.dossier.due.map(|(_, kind)| kind), Some(DelaiKind::Engagement));
}

#[tokio::test]
async fn an_accepted_aid_sends_its_letter_and_gives_to_the_registry_what_was_not_refused() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let gifts = "propose=nom_naissance&propose=telephone&propose=adresse&propose=courriel&garder=nom_naissance&garder=courriel";
    ines.post(&format!("/dossiers/{id}/depot"), &format!("{}&{gifts}", town.key())).await;
    let fields = json!({ "montant_accorde": 25_000 });
    accept_pieces(&town, id).await;
    let decided = take(&town, "Nadia Roussel", id, "accepter", given(fields, None)).await;
    let dossier = decided.unwrap();
    assert_eq!(dossier.phase, Phase::Accepte);
    town.run_jobs().await;

    let usager = dossier.usager.unwrap();
    let record = town.act(Actor::system("essai"), async |tx| referentiel::record(tx, usager).await).await.unwrap();
    assert_eq!(record["nom_naissance"].fact.value, json!("Marchetti"));
    assert_eq!(record["nom_naissance"].fact.source_label, "vous, dans la demande DOS-2026-000001");
    assert!(!record.contains_key("adresse"), "{:?}", record.keys());

    let page = ines.get(&format!("/dossiers/{id}")).await.text().replace(['\u{a0}', '\u{202f}'], " ");
    assert!(page.contains("Acceptée : 250,00 €") && page.contains("Télécharger le courrier"), "{page}");
    let href = page.split(&format!("href=\"/dossiers/{id}/courriers/")).nth(1).unwrap().split('"').next().unwrap();
    let letter = ines.get(&format!("/dossiers/{id}/courriers/{href}")).await;
    assert_eq!(letter.status, StatusCode::OK);
    documents::check(&letter.body).expect("a tagged PDF");
    assert_eq!(town.bench.mailer.captured().len(), 2);
}

#[tokio::test]
async fn the_second_agent_is_told_who_decided_and_a_refusal_wants_its_motif() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    let refuse = |motif: Option<&'static str>, name: &'static str| {
        let fields = json!({ "faits": "La facture est datée du 3 janvier 2026." });
        let town = &town;
        async move { take(town, name, id, "refuser", given(fields, motif)).await }
    };
    assert!(matches!(refuse(None, "Nadia Roussel").await, Err(Error::Invalid(errors)) if errors.of("motif").is_some()));
    refuse(Some("achat_ancien"), "Nadia Roussel").await.unwrap();
    let same = refuse(Some("achat_ancien"), "Nadia Roussel").await.unwrap();
    assert_eq!(same.phase, Phase::Refuse);
    let fields = json!({ "montant_accorde": 25_000 });
    let other = take(&town, "Paul Guérin", id, "accepter", given(fields, None)).await;
    let why = refuse(Some("facture_non_conforme"), "Paul Guérin").await;
    for second in [other, why] {
        let Err(Error::Conflict(problem)) = second else { panic!("a second decision must conflict") };
        assert!(problem.sentence.starts_with("Nadia Roussel a déjà refusé ce dossier"), "{}", problem.sentence);
    }
    town.run_jobs().await;
    let page = ines.get(&format!("/dossiers/{id}")).await.text();
    assert!(page.contains("Contester cette décision") && page.contains("tribunal administratif"), "{page}");
}

#[tokio::test]
async fn the_inbox_is_sorted_and_counted_and_only_by_who_may_read() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let first = town.aid_sent(&mut ines).await;
    town.bench.clock.advance(days(3));
    let second = town.aid_sent(&mut ines).await;
    let open = Inbox { is_open: true, filters: Filters::default(), after: None };
    let listed = town.act(agent("Nadia Roussel"), async |tx| inbox(tx, &open).await).await.unwrap();
    assert_eq!(listed.dossiers.iter().map(|d| d.id).collect::<Vec<_>>(), [first, second]);
    let filters = Filters { slugs: vec!["aide-velo".into(), "contact".into()], phases: vec![Phase::AttenteUsager], ..Filters::default() };
    let waiting = Inbox { filters, ..open.clone() };
    assert!(town.act(agent("Nadia Roussel"), async |tx| inbox(tx, &waiting).await).await.unwrap().dossiers.is_empty());
    ask(&town, first).await.unwrap();
    assert_eq!(town.act(agent("Nadia Roussel"), async |tx| inbox(tx, &waiting).await).await.unwrap().dossiers.len(), 1);
    let counted = town.act(agent("Nadia Roussel"), async |tx| counts(tx).await).await.unwrap();
    assert_eq!((counted.total, counted.slugs["aide-velo"], counted.phases[&Phase::Depose]), (2, 2, 1));
    assert!(matches!(town.act(Actor::Visitor, async |tx| inbox(tx, &open).await).await, Err(Error::Forbidden(_))));
    let found = town.act(agent("Nadia Roussel"), async |tx| dossiers::list::search(tx, "inès march").await).await.unwrap();
    assert_eq!(found.len(), 2);
    town.run_jobs().await;
}

#[tokio::test]
async fn a_verdict_is_read_by_the_usager_and_a_message_both_ways() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    let whole = town.act(agent("Nadia Roussel"), async |tx| dossiers::read::whole(tx, &town.bench.tenant, id).await).await.unwrap();
    let piece = whole.pieces.iter().find(|piece| piece.code == "rib").unwrap().id;
    let judge = JudgePiece { id, piece, verdict: Verdict::Refusee, motif: Some("Le BIC est coupé.".into()) };
    town.act(agent("Nadia Roussel"), async |tx| judge_piece(tx, judge).await.map(drop)).await.unwrap();
    let written = ines.post(&format!("/dossiers/{id}/messages"), &format!("{}&message=Bonjour%2C+je+renvoie+ce+soir.", town.key())).await;
    assert_eq!(written.location(), format!("/dossiers/{id}#messages"));
    let empty = ines.post(&format!("/dossiers/{id}/messages"), &format!("{}&message=+", town.key())).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    town.act(agent("Nadia Roussel"), async |tx| dossiers::write_message::write_message(tx, id, "Merci.").await.map(drop)).await.unwrap();
    town.run_jobs().await;
    let page = ines.get(&format!("/dossiers/{id}")).await.text();
    for wanted in ["Le BIC est coupé.", "je renvoie ce soir", "Merci.", "Nadia Roussel"] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert_eq!(town.bench.mailer.captured().len(), 2);
}

#[tokio::test]
async fn a_demand_is_withdrawn_once_and_its_clock_stops() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    assert_eq!(ines.get(&format!("/dossiers/{id}/retrait")).await.status, StatusCode::OK);
    for _ in 0..2 {
        let gone = ines.post(&format!("/dossiers/{id}/retrait"), &town.key()).await;
        assert_eq!(gone.location(), format!("/dossiers/{id}"), "{}", gone.text());
    }
    let dossier = town.dossier(id).await;
    assert_eq!((dossier.phase, dossier.due), (Phase::Retire, None));
    let counted = town.act(agent("Nadia Roussel"), async |tx| counts(tx).await).await.unwrap();
    assert_eq!(counted.total, 0);
    town.run_jobs().await;
}

#[tokio::test]
async fn only_steps_of_the_circuit_exist_and_only_for_those_it_names() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    let step = |name: &str| Step { id, transition: name.into(), given: Given::default(), seen: None };
    let unknown = town.act(agent("Nadia Roussel"), async |tx| transition(tx, &town.bench.tenant, step("inventer")).await).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
    let application = Actor::Application { id: uuid::Uuid::from_u128(7).into(), name: "Logiciel".into() };
    let foreign = town.act(application, async |tx| transition(tx, &town.bench.tenant, step("instruire")).await).await;
    assert!(matches!(foreign, Err(Error::Forbidden(_))));
    let early = town.act(agent("Nadia Roussel"), async |tx| transition(tx, &town.bench.tenant, step("verser")).await).await;
    assert!(matches!(early, Err(Error::Conflict(_))));
    let nothing = town.act(Actor::Visitor, async |tx| answer_request(tx, &town.bench.tenant, id).await).await.unwrap();
    assert_eq!(nothing.phase, Phase::Depose);
    town.run_jobs().await;
}

/// A demand for an act, on which an agent has a doubt, answered with a proof of identity; gives the dossier and the piece.
async fn doubted(town: &Town) -> (kernel::DossierId, dossiers::piece::Piece) {
    let mut camille = town.visitor();
    let id = town.act_sent(&mut camille).await;
    let input = AskPiece { id, codes: vec!["identite".into()], reason: "Deux noms.".into(), reply_before: Some(date(2026, 10, 7)), seen: None };
    town.act(agent("Amina Benali"), async |tx| ask_piece(tx, &town.bench.tenant, input).await.map(drop)).await.expect("asked");
    town.run_jobs().await;
    let added = town.send_file(&mut camille, &format!("/dossiers/{id}/pieces/identite"), "identite", &pdf("identité")).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text());
    let whole = town.act(agent("Amina Benali"), async |tx| dossiers::read::whole(tx, &town.bench.tenant, id).await).await.expect("read");
    let piece = whole.pieces.into_iter().find(|piece| piece.code == "identite").expect("sent");
    assert!(town.is_kept(&piece).await, "the file is there before anybody looked at it");
    (id, piece)
}

#[tokio::test]
async fn a_copy_for_a_check_is_erased_whatever_the_verdict() {
    let town = Town::new().await;
    for (verdict, motif) in [(Verdict::Acceptee, None), (Verdict::Refusee, Some("Illisible.".to_owned()))] {
        let (id, piece) = doubted(&town).await;
        let judge = JudgePiece { id, piece: piece.id, verdict, motif };
        let judged = town.act(agent("Amina Benali"), async |tx| judge_piece(tx, judge).await).await.expect("judged");
        assert!(judged.erased_at.is_some(), "{verdict:?}");
        town.run_jobs().await;
        assert!(!town.is_kept(&piece).await, "{verdict:?}: the file is still there");
    }
}

#[tokio::test]
async fn the_end_of_a_dossier_erases_the_copies_nobody_judged() {
    let town = Town::new().await;
    let (id, piece) = doubted(&town).await;
    let fields = json!({ "faits": "Vous demandez l’acte de votre frère." });
    take(&town, "Amina Benali", id, "rejeter", given(fields, Some("pas_autorise"))).await.expect("rejected");
    town.run_jobs().await;
    assert!(!town.is_kept(&piece).await, "a rejection");

    let (id, piece) = doubted(&town).await;
    town.act(Actor::Visitor, async |tx| dossiers::withdraw::withdraw(tx, &town.bench.tenant, id).await.map(drop)).await.expect("withdrawn");
    town.run_jobs().await;
    assert!(!town.is_kept(&piece).await, "a withdrawal");
}

#[tokio::test]
async fn an_act_kept_by_another_town_is_sent_on_and_the_usager_is_told() {
    let town = Town::new().await;
    let mut camille = town.visitor();
    let id = town.act_sent(&mut camille).await;
    let fields = json!({ "commune_competente": { "nom": "Dreux", "code_postal": "28100" }, "transmise_le": "2026-09-07" });
    let step = Step { id, transition: "transmettre".into(), given: given(fields, None), seen: None };
    let sent = town.act(agent("Amina Benali"), async |tx| transition(tx, &town.bench.tenant, step).await).await.expect("sent on");
    assert_eq!(sent.phase, Phase::SansSuite);
    town.run_jobs().await;
    let mail = town.bench.mailer.captured().pop().expect("a mail").text.replace('\u{a0}', " ");
    assert!(mail.contains("L114-2") && mail.contains("Dreux") && mail.contains("7 septembre 2026"), "{mail}");
    let page = camille.get(&format!("/dossiers/{id}")).await.text();
    assert!(page.contains("Transmise à une autre mairie") && page.contains("Dreux"), "{page}");
}

//! Filling and sending, as a visitor does.

use axum::http::StatusCode;
use dossiers::numero::Numero;
use dossiers::submit::{Submit, submit};
use kernel::{Actor, Subject, journal};

use super::{AID, Town, pdf, questions};

#[tokio::test]
async fn a_visitor_fills_sends_and_receives_a_receipt_with_every_legal_mention() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;

    let check = ines.get(&format!("/dossiers/{id}/verification")).await;
    let text = check.text().replace('\u{a0}', " ");
    assert_eq!(check.status, StatusCode::OK);
    for wanted in ["Marchetti", "890", "250", "7 novembre 2026", "considérée comme rejetée", "facture.pdf", "Envoyer ma demande"] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let sent = ines.post(&format!("/dossiers/{id}/depot"), &town.key()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let confirmation = ines.get(sent.location()).await;
    assert!(confirmation.text().contains("DOS-2026-000001"), "{}", confirmation.text());

    town.run_jobs().await;
    let mails = town.bench.mailer.captured();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "ines@exemple.fr");
    let mail = mails[0].text.replace(['\u{a0}', '\u{202f}'], " ");
    for wanted in [
        "DOS-2026-000001",
        "7 septembre 2026",
        "Service mobilites",
        "service@essai.example",
        "01 99 00 00 00",
        "7 novembre 2026",
        "rejetée",
        "tribunal administratif",
    ] {
        assert!(mail.contains(wanted), "{wanted} in {mail}");
    }
    let receipt = ines.get(&format!("/dossiers/{id}/accuse.pdf")).await;
    assert_eq!((receipt.status, receipt.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert_eq!(receipt.body, mails[0].attachments[0].bytes);
    documents::check(&receipt.body).expect("a tagged PDF");
}

#[tokio::test]
async fn a_deposit_takes_ten_statements_and_the_key_of_its_form_two() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let system = || Actor::system("essai");
    let kept = town.act(system(), async |tx| tx.one("select version_id from dossier where tenant_id = $1 and id = $2", kernel::params![id]).await);
    let kept = kept.await.unwrap().get("version_id").unwrap();
    let version = town.act(system(), async |tx| teleservices::version(tx, kept).await).await.unwrap();
    let input = Submit { id, version: &version, number: Numero::new("DOS", 2026, 900), withheld: vec![] };
    let deposit = town.act(Actor::Visitor, async |tx| submit(tx, &town.bench.tenant, input).await);
    let (sent, statements) = kernel::db::counting(deposit).await;
    assert_eq!((sent.unwrap().number_text().as_str(), statements), ("DOS-2026-000900", 10));
    town.run_jobs().await;
}

#[tokio::test]
async fn pressing_twice_makes_one_dossier_and_one_number() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let key = town.key();
    let path = format!("/dossiers/{id}/depot");
    let first = ines.post(&path, &key).await;
    let second = ines.post(&path, &key).await;
    let third = ines.post(&path, &town.key()).await;
    for answer in [&first, &second, &third] {
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, path.as_str()));
    }
    let events = town.act(Actor::system("essai"), async |tx| journal::kinds(tx, Subject::Dossier(id)).await).await.unwrap();
    assert_eq!(events["DossierSubmitted"], 1);
    assert_eq!(town.dossier(id).await.number_text(), "DOS-2026-000001");
}

#[tokio::test]
async fn a_page_that_is_not_right_comes_back_with_its_values_and_nothing_is_written() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let path = begun.location().to_owned();
    let shown = ines.get(&path).await;
    let form = format!("{}&_questions={}&nom=Marchetti&courriel_contact=pas-une-adresse", town.key(), questions(&shown));
    let refused = ines.post(&path, &form).await;
    let text = refused.text();
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("<title>Erreur"), "{text}");
    assert!(text.contains("value=\"Marchetti\"") && text.contains("value=\"pas-une-adresse\""), "{text}");
    assert!(!ines.get(&path).await.text().contains("Marchetti"));
}

#[tokio::test]
async fn what_is_typed_is_kept_while_it_is_typed() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let path = begun.location().to_owned();
    let shown = ines.get(&path).await;
    let form = format!("{}&_questions={}&nom=Marchetti&courriel_contact=pas-une-adresse", town.key(), questions(&shown));
    let saved = ines.post(&format!("{path}/brouillon"), &form).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let sentence = saved.text().replace('\u{a0}', " ");
    assert!(sentence.starts_with("Brouillon enregistré à 9 h. Il est gardé jusqu’au 6 novembre 2026."), "{sentence}");
    assert!(ines.get(&path).await.text().contains("value=\"Marchetti\""));
}

#[tokio::test]
async fn nothing_is_sent_while_an_answer_or_a_piece_is_missing() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap().to_owned();
    let refused = ines.post(&format!("/dossiers/{id}/depot"), &town.key()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text();
    assert!(text.contains(&format!("/dossiers/{id}/pages/vous#nom")), "{text}");
    assert!(text.contains(&format!("/dossiers/{id}/pieces#facture")), "{text}");
    town.run_jobs().await;
    assert!(town.bench.mailer.captured().is_empty());
}

#[tokio::test]
async fn a_draft_is_seen_by_its_browser_alone() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let mut other = town.visitor();
    for path in ["pages/vous", "pieces", "verification", "accuse.pdf", "plus-tard"] {
        assert_eq!(other.get(&format!("/dossiers/{id}/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(other.post(&format!("/dossiers/{id}/depot"), &town.key()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_judged_by_its_content_and_the_same_one_counts_once() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let path = format!("/dossiers/{id}/pieces/facture");
    let wrong = town.send_file(&mut ines, &path, "facture", b"MZ pas un document").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    let empty = town.send_file(&mut ines, &path, "facture", b"").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.text());
    let again = town.send_file(&mut ines, &path, "facture", &pdf("facture")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let again = ines.get(&format!("/dossiers/{id}/pieces")).await;
    assert_eq!(again.text().matches("<b>facture.pdf</b>").count() + again.text().matches(">facture.pdf</a>").count(), 1, "{}", again.text());
}

#[tokio::test]
async fn a_demand_where_silence_means_nothing_says_no_word_of_it() {
    let town = Town::new().await;
    let mut paul = town.visitor();
    let begun = paul.post("/demarches/contact/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap().to_owned();
    let check = paul.get(&format!("/dossiers/{id}/verification")).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.text());
    for unwanted in ["considérée comme", "Réponse au plus tard"] {
        assert!(!check.text().contains(unwanted), "{unwanted}");
    }
}

#[tokio::test]
async fn a_complaint_is_told_that_silence_rejects_it_in_two_months() {
    let town = Town::new().await;
    let files = crate::teleservices::package("reclamation");
    town.act(Actor::system("essai"), async |tx| teleservices::publish(tx, &files).await.map(drop)).await.expect("on line");
    let mut paul = town.visitor();
    let message = paul.post("/demarches/contact/commencer", &town.key()).await;
    assert!(paul.get(message.location()).await.text().contains("href=\"/demarches/reclamation\""), "the way from the message");
    let begun = paul.post("/demarches/reclamation/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap().to_owned();
    let check = paul.get(&format!("/dossiers/{id}/verification")).await.text().replace('\u{a0}', " ");
    for wanted in ["considérée comme rejetée", "7 novembre 2026"] {
        assert!(check.contains(wanted), "{wanted} in {check}");
    }
}

#[tokio::test]
async fn what_the_answers_call_for_is_told_once_on_their_page() {
    let town = Town::new().await;
    let mut paul = town.visitor();
    let begun = paul.post("/demarches/acte-etat-civil/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap();
    let path = |page: &str| format!("/dossiers/{id}/pages/{page}");
    for (page, answer) in [("acte", "type_acte=naissance"), ("document", "nature_acte=integrale")] {
        let question = answer.split('=').next().unwrap();
        paul.post(&path(page), &format!("{}&_questions={question}&{answer}", town.key())).await;
    }
    let lien = path("lien");
    let told = paul.post(&lien, &format!("{}&_questions=qualite&qualite=frere_soeur", town.key())).await;
    assert_eq!((told.status, told.location()), (StatusCode::SEE_OTHER, lien.as_str()));
    let page = paul.get(&lien).await.text();
    assert!(page.contains("Vous ne pouvez pas obtenir ce document") && page.contains("name=\"_notes\" value=\"pas_autorise\""), "{page}");
    let on = paul.post(&lien, &format!("{}&_questions=qualite&_notes=pas_autorise&qualite=frere_soeur", town.key())).await;
    assert_eq!(on.location(), path("exemplaires"));
}

#[tokio::test]
async fn a_deposited_form_cannot_be_changed_any_more() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    let (page, answers) = AID[2];
    let refused = ines.post(&format!("/dossiers/{id}/pages/{page}"), &format!("{}&_questions=quotient_familial&{answers}", town.key())).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(ines.get(&format!("/dossiers/{id}/pages/{page}")).await.location(), format!("/dossiers/{id}"));
}

#[tokio::test]
async fn who_sends_online_is_told_first_who_may_read_his_record_and_it_is_recorded() {
    let town = Town::new().await;
    let partenaire = town
        .act(Actor::system("essai"), async |tx| {
            let partenaire = comptes::register_partenaire(tx, "Caisse des écoles", "", "").await?.id;
            ::rgpd::grant(tx, crate::rgpd::contract(partenaire, "tarif-cantine", ::rgpd::Basis::PublicTask)).await?;
            Ok(partenaire)
        })
        .await
        .expect("a contract");
    let mut browser = town.visitor();
    let id = town.aid_ready(&mut browser).await;
    let check = crate::rgpd::plain(&browser.get(&format!("/dossiers/{id}/verification")).await);
    assert!(check.contains("Caisse des écoles") && check.contains("peut lire votre quotient familial"), "{check}");
    browser.post(&format!("/dossiers/{id}/depot"), &town.key()).await;
    town.run_jobs().await;
    let usager = town.dossier(id).await.usager.expect("a person");
    let names = ["quotient_familial".to_owned()];
    let permit = town.act(Actor::system("essai"), async |tx| ::rgpd::disclose(tx, partenaire, &[usager], &names, "tarif-cantine").await).await;
    assert!(permit.is_ok(), "{permit:?}");
}

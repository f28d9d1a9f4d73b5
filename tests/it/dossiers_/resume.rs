//! Coming back: a mailed link, a number and an address.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::Town;

/// The address of the link in the last mail.
fn link(town: &Town) -> String {
    let mails = town.bench.mailer.captured();
    let text = &mails.last().expect("a mail").text;
    let after = text.split_once("http://essai.localhost").expect("a link").1;
    after.split_whitespace().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_draft_set_aside_is_taken_up_on_another_device_by_its_link() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let path = begun.location().to_owned();
    let id = path.split('/').nth(2).unwrap().to_owned();
    let later = ines.post(&path, &format!("{}&_questions=nom&nom=Marchetti&plus-tard=oui", town.key())).await;
    assert_eq!(later.location(), format!("/dossiers/{id}/plus-tard"));
    let sent = ines.post(later.location(), &format!("{}&courriel=Ines@exemple.fr", town.key())).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());
    town.run_jobs().await;

    let mut phone = town.visitor();
    assert_eq!(phone.get(&path).await.status, StatusCode::NOT_FOUND);
    let asked = phone.get(&link(&town)).await;
    assert!(asked.text().contains("i…@exemple.fr"), "{}", asked.text());
    assert_eq!(phone.get(&path).await.status, StatusCode::NOT_FOUND, "what reads mails before people opens nothing");
    let opened = phone.post(&link(&town), &town.key()).await;
    assert_eq!(opened.location(), path);
    assert_eq!(phone.get(&link(&town)).await.location(), path, "the next time it opens at once");
    assert!(phone.get(&path).await.text().contains("value=\"Marchetti\""));
}

#[tokio::test]
async fn nobodys_box_is_filled_with_links_and_the_answer_stays_the_same() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap().to_owned();
    ines.post(&format!("/dossiers/{id}/plus-tard"), &format!("{}&courriel=ines@exemple.fr", town.key())).await;
    town.run_jobs().await;
    let mut stranger = town.visitor();
    let mut said = vec![];
    for _ in 0..15 {
        let asked = stranger.post("/reprendre", &format!("{}&courriel=Ines@exemple.fr", town.key())).await;
        said.push((asked.status, asked.said()));
        town.run_jobs().await;
    }
    assert!(said.iter().all(|answer| *answer == said[0]), "{said:?}");
    assert_eq!(town.bench.mailer.captured().len(), 8);
    town.bench.clock.advance(SignedDuration::from_hours(24));
    stranger.post("/reprendre", &format!("{}&courriel=ines@exemple.fr", town.key())).await;
    town.run_jobs().await;
    assert_eq!(town.bench.mailer.captured().len(), 9, "the next day it is sent again");
}

#[tokio::test]
async fn one_draft_writes_to_a_few_addresses_a_day_and_carries_no_link_of_anybody() {
    let town = Town::new().await;
    let mut bomber = town.visitor();
    let begun = bomber.post("/demarches/aide-velo/commencer", &town.key()).await;
    let path = begun.location().to_owned();
    let id = path.split('/').nth(2).unwrap().to_owned();
    bomber.post(&path, &format!("{}&_questions=nom+prenoms&nom=Gagnez&prenoms=www.intrus.example&plus-tard=oui", town.key())).await;
    for n in 0..12 {
        let sent = bomber.post(&format!("/dossiers/{id}/plus-tard"), &format!("{}&courriel=u{n}@exemple.fr", town.key())).await;
        assert_eq!(sent.status, StatusCode::OK);
        assert!(sent.text().contains("Le lien est envoyé"), "{}", sent.said());
        town.run_jobs().await;
    }
    let mails = town.bench.mailer.captured();
    assert_eq!(mails.len(), 6);
    assert!(mails.iter().all(|mail| !mail.text.contains("intrus") && !mail.html.contains("intrus")), "{}", mails[0].text);
}

#[tokio::test]
async fn a_link_ends_with_its_draft() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let id = begun.location().split('/').nth(2).unwrap().to_owned();
    ines.post(&format!("/dossiers/{id}/plus-tard"), &format!("{}&courriel=ines@exemple.fr", town.key())).await;
    town.run_jobs().await;
    town.bench.clock.advance(SignedDuration::from_hours(61 * 24));
    assert_eq!(town.visitor().get(&link(&town)).await.status, StatusCode::GONE);
    assert_eq!(town.visitor().get("/reprendre/jamais-vu").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_number_and_an_address_that_go_together_get_a_link_and_others_the_same_words() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_sent(&mut ines).await;
    town.run_jobs().await;
    let mut phone = town.visitor();
    let ask = |number: &str, mail: &str| format!("{}&numero={number}&courriel={mail}", town.key());
    let right = phone.post("/suivi", &ask("dos+2026+1", "ines@exemple.fr")).await;
    town.run_jobs().await;
    assert_eq!(town.bench.mailer.captured().len(), 2);
    let wrong = phone.post("/suivi", &ask("dos+2026+1", "autre@exemple.fr")).await;
    let unknown = phone.post("/suivi", &ask("dos+2026+999", "ines@exemple.fr")).await;
    town.run_jobs().await;
    assert_eq!(town.bench.mailer.captured().len(), 2);
    for answer in [&right, &wrong, &unknown] {
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains("Si ce numéro et cette adresse vont ensemble"));
    }
    let opened = phone.get(&link(&town)).await;
    assert_eq!(opened.location(), format!("/dossiers/{id}"));
    assert!(phone.get(opened.location()).await.text().contains("DOS-2026-000001"));
}

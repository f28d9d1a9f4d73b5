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
    let opened = phone.get(&link(&town)).await;
    assert_eq!(opened.location(), path);
    assert!(phone.get(&path).await.text().contains("value=\"Marchetti\""));
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

//! Consents, given and withdrawn on the pages of the person, and what the partner is answered.

use ::rgpd::Basis;

use super::{House, plain};

/// The hash of the words shown, as the form sends it back.
fn seen(page: &str) -> &str {
    let after = page.split_once("name=\"vu\" value=\"").expect("a form of consent").1;
    after.split('"').next().unwrap_or_default()
}

#[tokio::test]
async fn consent_is_asked_given_on_the_page_that_the_refusal_names_then_withdrawn() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("lettre", Basis::Consent).await;
    house.inform(ines).await;
    let refused = house.ask(ines, "lettre").await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (403, "application/problem+json"));
    let problem = refused.json();
    assert!(problem["type"].as_str().is_some_and(|kind| kind.ends_with("#consent-required")), "{problem}");
    let url = problem["consent_url"].as_str().expect("where to give it");
    let path = url.strip_prefix("http://essai.localhost").expect("an address of the tenant");
    assert_eq!(house.events(ines, "Disclosed").await, 0);

    let mut browser = house.as_usager(ines).await;
    let page = browser.get(path).await;
    assert!(plain(&page).contains("Caisse des écoles pourra lire votre quotient familial"), "{}", plain(&page));
    let unread = browser.post(path, &house.form(&format!("vu={}", seen(&page.text())))).await;
    assert_eq!(unread.status, 422);
    let given = browser.post(path, &house.form(&format!("accord=oui&vu={}", seen(&page.text())))).await;
    assert_eq!((given.status.as_u16(), given.location()), (303, "/mes-donnees#accords"));
    assert_eq!(house.ask(ines, "lettre").await.json()["value"], 874);

    let mine = browser.get("/mes-donnees").await.text();
    let withdraw = mine.split_once("action=\"/mes-donnees/retraits/").expect("a way to withdraw").1.split('"').next().unwrap_or_default();
    browser.post(&format!("/mes-donnees/retraits/{withdraw}"), &house.form("")).await;
    assert_eq!(house.ask(ines, "lettre").await.status, 403);
    assert_eq!((house.events(ines, "ConsentGiven").await, house.events(ines, "ConsentWithdrawn").await), (1, 1));
}

#[tokio::test]
async fn words_that_changed_since_they_were_read_are_not_accepted() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("lettre", Basis::Consent).await;
    let path = format!("/mes-donnees/accords/{}/lettre", house.partenaire);
    let answer = house.as_usager(ines).await.post(&path, &house.form("accord=oui&vu=0000")).await;
    assert_eq!(answer.status, 422);
    assert_eq!(house.events(ines, "ConsentGiven").await, 0);
}

#[tokio::test]
async fn a_consent_does_not_cover_a_contract_opened_after_it() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("lettre", Basis::Consent).await;
    let partenaire = house.partenaire;
    house.system(async |tx| ::rgpd::give(tx, ines, partenaire, "lettre", "les mots").await).await;
    assert_eq!(house.ask(ines, "lettre").await.status, 200);
    let first = house.system(async |tx| ::rgpd::habilitations(tx, Some(partenaire)).await).await.remove(0);
    house.system(async |tx| ::rgpd::close(tx, first.id).await).await;
    assert_eq!(house.ask(ines, "lettre").await.status, 403);
    house.bench.clock.advance(jiff::SignedDuration::from_secs(60));
    house.grant("lettre", Basis::Consent).await;
    assert_eq!(house.ask(ines, "lettre").await.status, 403);
}

#[tokio::test]
async fn nobody_consents_to_what_is_not_asked_nor_withdraws_for_another() {
    let house = House::new().await;
    let (ines, leo) = (house.person("Marchetti", "Inès").await, house.person("Marchetti", "Léo").await);
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.grant("lettre", Basis::Consent).await;
    let partenaire = house.partenaire;
    let mut browser = house.as_usager(leo).await;
    assert_eq!(browser.get(&format!("/mes-donnees/accords/{partenaire}/tarif-cantine")).await.status, 404);
    let consent = house
        .system(async |tx| {
            ::rgpd::give(tx, ines, partenaire, "lettre", "les mots").await?;
            Ok(::rgpd::consents(tx, &[ines]).await?.remove(0).id)
        })
        .await;
    browser.post(&format!("/mes-donnees/retraits/{consent}"), &house.form("")).await;
    assert_eq!(house.ask(ines, "lettre").await.status, 200);
}

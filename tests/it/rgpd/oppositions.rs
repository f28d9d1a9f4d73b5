//! Oppositions and other requests of a person about his data, and their answers.

use ::rgpd::Basis;

use super::{House, plain};

#[tokio::test]
async fn an_opposition_stops_the_reading_at_once_and_a_refusal_lets_it_go_on() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    let mut browser = house.as_usager(ines).await;
    assert!(plain(&browser.get("/mes-donnees").await).contains("M’opposer"));
    assert_eq!(house.ask(ines, "tarif-cantine").await.status, 200);

    let path = format!("/mes-donnees/oppositions/{}/tarif-cantine", house.partenaire);
    assert_eq!(browser.post(&path, &house.form("raison=+")).await.status, 422);
    assert_eq!(browser.post(&path, &house.form("raison=Je+paie+plein+tarif")).await.status, 303);
    let refused = house.ask(ines, "tarif-cantine").await;
    assert!(refused.status == 403 && refused.text().contains("#opposed"), "{}", refused.text());

    let mut dpo = house.as_dpo().await;
    let list = dpo.get("/admin/demandes-de-droits").await;
    assert!(plain(&list).contains("Je paie plein tarif") && plain(&list).contains("7 octobre 2026"), "{}", plain(&list));
    let answer = list.text().split_once("action=\"/admin/demandes-de-droits/").expect("a form").1.split('"').next().unwrap_or_default().to_owned();
    let path = format!("/admin/demandes-de-droits/{answer}");
    assert_eq!(dpo.post(&path, &house.form("suite=refusee&reponse=")).await.status, 422);
    assert_eq!(dpo.post(&path, &house.form("suite=refusee&reponse=Le+tarif+en+depend")).await.status, 303);
    assert_eq!(house.ask(ines, "tarif-cantine").await.status, 200);
    assert!(plain(&browser.get("/mes-donnees").await).contains("Le tarif en depend"));
    assert_eq!(dpo.post(&path, &house.form("suite=accordee&reponse=Encore")).await.status, 409);
}

#[tokio::test]
async fn an_opposition_that_stands_is_not_made_again_and_one_that_was_refused_may_be() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    let oppose = async |reason: &'static str| {
        house.system(async |tx| ::rgpd::oppose(tx, ines, house.partenaire, "tarif-cantine", reason).await).await;
        let requests = house.system(async |tx| ::rgpd::requests_of(tx, &[ines]).await).await;
        let reason = house.system(async |tx| ::rgpd::oppositions(tx, &[ines]).await).await[0].reason.clone();
        (requests, reason)
    };
    let (requests, _) = oppose("Première raison").await;
    let (again, reason) = oppose("Deuxième raison").await;
    assert_eq!((again.len(), reason.as_str()), (1, "Première raison"));
    house.as_dpo().await;
    house.system(async |tx| ::rgpd::answer_right(tx, requests[0].id, false, "Le tarif en dépend").await.map(drop)).await;
    let (anew, reason) = oppose("Troisième raison").await;
    assert_eq!((anew.len(), reason.as_str()), (2, "Troisième raison"));
}

#[tokio::test]
async fn nobody_opposes_a_legal_obligation() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("recensement", Basis::LegalObligation).await;
    let mut browser = house.as_usager(ines).await;
    let path = format!("/mes-donnees/oppositions/{}/recensement", house.partenaire);
    assert_eq!(browser.get(&path).await.status, 404);
    assert_eq!(browser.post(&path, &house.form("raison=Non")).await.status, 409);
    assert!(plain(&browser.get("/mes-donnees").await).contains("ne permet pas de s’opposer"));
}

#[tokio::test]
async fn a_request_is_recorded_with_its_legal_month_and_pressing_twice_makes_one() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    let form = house.form("texte=Effacez+mon+ancien+t%C3%A9l%C3%A9phone");
    for _ in 0..2 {
        assert_eq!(browser.post("/mes-donnees/demander/effacement", &form).await.status, 303);
    }
    let requests = house.system(async |tx| ::rgpd::requests_of(tx, &[ines]).await).await;
    let told: Vec<_> = requests.iter().map(|request| (request.text.as_str(), request.due_on)).collect();
    assert_eq!(told, [("Effacez mon ancien téléphone", jiff::civil::date(2026, 10, 7))]);
    assert_eq!(browser.post("/mes-donnees/demander/effacement", &house.form("texte=")).await.status, 422);
    assert_eq!(browser.get("/mes-donnees/demander/opposition").await.status, 404);
}

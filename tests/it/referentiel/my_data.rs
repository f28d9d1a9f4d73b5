//! "Mes données": what the person sees of himself, and what he may change.

use ::rgpd::Basis;
use kernel::Role;

use crate::rgpd::{House, agent, plain};

#[tokio::test]
async fn a_reading_is_seen_at_once_with_its_reason_and_basis() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    let mut browser = house.as_usager(ines).await;
    assert!(plain(&browser.get("/mes-donnees").await).contains("Personne n’a lu vos données"));
    house.ask(ines, "tarif-cantine").await;
    let page = plain(&browser.get("/mes-donnees").await);
    assert!(page.contains("<b>Caisse des écoles</b> a lu <b>votre quotient familial</b>"), "{page}");
    assert!(page.contains("calculer le tarif de la cantine") && page.contains("une mission d’intérêt public"), "{page}");
    assert!(!page.contains("vec votre accord"), "a public task is no consent");
    assert!(plain(&browser.get("/mes-donnees/lectures").await).contains("lundi 7 septembre 2026"));
}

#[tokio::test]
async fn an_agent_who_opens_a_record_is_named_to_nobody_but_as_a_service() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[::referentiel::CONSULT])).await;
    assert_eq!(desk.get(&format!("/agent/usagers/{ines}")).await.status, 200);
    let page = plain(&house.as_usager(ines).await.get("/mes-donnees").await);
    assert!(page.contains("a ouvert <b>votre fiche usager</b>") && !page.contains("Nadia"), "{page}");
}

#[tokio::test]
async fn a_declared_value_is_corrected_and_a_given_one_is_asked_for() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    let wrong = browser.post("/mes-donnees/corriger/telephone", &house.form("valeur=12")).await;
    assert!(wrong.status == 422 && wrong.text().contains("value=\"12\""), "{}", wrong.text());
    let done = browser.post("/mes-donnees/corriger/telephone", &house.form("valeur=06+11+22+33+44")).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/mes-donnees#sait"));
    let page = plain(&browser.get("/mes-donnees").await);
    assert!(page.contains("06 11 22 33 44") && !page.contains("06 12 34 56 78"), "{page}");
    for closed in ["quotient_familial", "courriel", "inconnu"] {
        assert_eq!(browser.get(&format!("/mes-donnees/corriger/{closed}")).await.status, 404, "{closed}");
    }
    assert!(page.contains("/mes-donnees/demander/rectification?info=quotient_familial"));
}

#[tokio::test]
async fn an_address_is_added_when_nothing_is_known() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    let fields = "valeur.voie=14+rue+des+Tanneurs&valeur.complement=&valeur.code_postal=28260&valeur.commune=Essai&valeur.pays=";
    assert_eq!(browser.post("/mes-donnees/corriger/adresse", &house.form(fields)).await.status, 303);
    assert!(plain(&browser.get("/mes-donnees").await).contains("14 rue des Tanneurs<br>28260 Essai"));
}

#[tokio::test]
async fn a_copy_holds_what_each_domain_has_and_nothing_of_others() {
    let house = House::new().await;
    let (ines, leo) = (house.person("Marchetti", "Inès").await, house.person("Bernard", "Léo").await);
    house.grant("tarif-cantine", Basis::PublicTask).await;
    for usager in [ines, leo] {
        house.inform(usager).await;
        house.ask(usager, "tarif-cantine").await;
    }
    let copy = house.as_usager(ines).await.get("/mes-donnees/copie.json").await;
    assert!(copy.header("content-disposition").starts_with("attachment"));
    let read = copy.json();
    for part in ["usager", "consent", "compte", "session", "dossier"] {
        assert!(read["donnees"].get(part).is_some(), "{part}: {read}");
    }
    assert_eq!(read["lectures"].as_array().map(Vec::len), Some(1));
    assert!(copy.text().contains("Marchetti") && !copy.text().contains("Bernard"));
    assert_eq!(house.events(ines, "PersonalDataCopied").await, 1);
}

#[tokio::test]
async fn a_visitor_is_led_to_the_door() {
    let house = House::new().await;
    let mut browser = house.as_dpo().await;
    browser.cookie = None;
    let answer = browser.get("/mes-donnees").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/connexion?retour=%2Fmes%2Ddonnees"));
}

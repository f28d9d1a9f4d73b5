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

/// How many facts the database holds about telephones, withdrawn or not.
async fn telephones(house: &House) -> i64 {
    house.bench.database.count("select cast(count(*) as bigint) from fact where attribute = 'telephone'").await
}

#[tokio::test]
async fn what_was_said_before_a_correction_goes_a_year_later() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    browser.post("/mes-donnees/corriger/telephone", &house.form("valeur=06+11+22+33+44")).await;
    let facts = house.system(async |tx| ::referentiel::facts(tx, ines).await).await;
    let known: Vec<_> = facts.iter().filter(|fact| fact.attribute == "telephone").map(|fact| fact.value.clone()).collect();
    assert_eq!(known, [serde_json::json!("+33611223344")]);
    house.bench.clock.advance(jiff::SignedDuration::from_hours(24 * 364));
    house.run("PurgeFacts").await;
    assert_eq!(telephones(&house).await, 2);
    house.bench.clock.advance(jiff::SignedDuration::from_hours(24 * 2));
    house.run("PurgeFacts").await;
    assert_eq!(telephones(&house).await, 1);
}

#[tokio::test]
async fn a_person_takes_back_what_he_said_and_not_what_others_gave() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    assert!(browser.get("/mes-donnees/corriger/telephone").await.text().contains("action=\"/mes-donnees/effacer/telephone\""));
    assert!(!browser.get("/mes-donnees/corriger/nom_naissance").await.text().contains("/mes-donnees/effacer/"));
    let done = browser.post("/mes-donnees/effacer/telephone", &house.form("")).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/mes-donnees#sait"));
    assert_eq!(browser.post("/mes-donnees/effacer/telephone", &house.form("")).await.status, 303);
    for closed in ["quotient_familial", "nom_naissance", "inconnu"] {
        assert_eq!(browser.post(&format!("/mes-donnees/effacer/{closed}"), &house.form("")).await.status, 404, "{closed}");
    }
    let record = house.system(async |tx| ::referentiel::record(tx, ines).await).await;
    assert_eq!(record.keys().map(String::as_str).collect::<Vec<_>>(), ["nom_naissance", "prenoms", "quotient_familial"]);
    assert!(!plain(&browser.get("/mes-donnees").await).contains("06 12 34 56 78"));
}

#[tokio::test]
async fn an_erasure_that_is_granted_erases_what_the_officer_says() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut browser = house.as_usager(ines).await;
    let mut officer = house.as_dpo().await;
    let answer = async |officer: &mut crate::support::Browser, outcome: &str| {
        let list = officer.get("/admin/demandes-de-droits").await.text();
        let action = list.split_once("action=\"/admin/demandes-de-droits/").expect("a form").1.split('"').next().unwrap_or_default();
        let fields = format!("suite={outcome}&reponse=Voici&effacer=telephone&effacer=quotient_familial");
        assert_eq!(officer.post(&format!("/admin/demandes-de-droits/{action}"), &house.form(&fields)).await.status, 303);
        house.system(async |tx| ::referentiel::record(tx, ines).await).await.into_keys().collect::<Vec<_>>()
    };
    browser.post("/mes-donnees/demander/effacement", &house.form("texte=Mon+t%C3%A9l%C3%A9phone")).await;
    assert_eq!(answer(&mut officer, "refusee").await, ["nom_naissance", "prenoms", "quotient_familial", "telephone"]);
    browser.post("/mes-donnees/demander/effacement", &house.form("texte=Encore")).await;
    assert_eq!(answer(&mut officer, "accordee").await, ["nom_naissance", "prenoms"]);
    assert_eq!(house.events(ines, "UsagerChanged").await, 2);
}

#[tokio::test]
async fn of_too_many_facts_the_newest_are_read() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    for batch in 0..21_i64 {
        house.bench.clock.advance(jiff::SignedDuration::from_secs(1));
        let fact = |n: i64| ::referentiel::NewFact {
            attribute: "quotient_familial".into(),
            value: serde_json::json!(1_000 + 100 * batch + n),
            source: ::referentiel::Source::Partenaire,
            source_label: "la caisse".into(),
            level: ::referentiel::Level::Partner,
            dossier: None,
        };
        house.system(async |tx| ::referentiel::record_facts(tx, ines, (0..100).map(fact).collect()).await).await;
    }
    let record = house.system(async |tx| ::referentiel::record(tx, ines).await).await;
    assert_eq!(record["quotient_familial"].fact.value, serde_json::json!(3_099));
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

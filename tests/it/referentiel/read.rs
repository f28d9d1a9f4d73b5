//! A partner reads an attribute on a stated basis: data path 3 of ARCHITECTURE.md.

use ::rgpd::Basis;
use kernel::{Actor, Error, UsagerId};

use crate::{rgpd::House, support::browser::Answer};

fn code(answer: &Answer) -> String {
    let problem = answer.json();
    problem["type"].as_str().and_then(|kind| kind.rsplit('#').next()).unwrap_or_default().to_owned()
}

/// What a client can tell one refusal from another by: all of it but the number of the request.
fn told(answer: &Answer) -> (u16, String, u32) {
    let mut problem = answer.json();
    problem["instance"] = "".into();
    (answer.status.as_u16(), problem.to_string(), answer.statements)
}

#[tokio::test]
async fn each_basis_lets_read_once_the_person_was_told() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let bases = [("tache", Basis::PublicTask), ("obligation", Basis::LegalObligation), ("echange", Basis::Exchange)];
    for (purpose, basis) in bases {
        house.grant(purpose, basis).await;
    }
    house.inform(ines).await;
    for (purpose, _) in bases {
        let answer = house.ask(ines, purpose).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
        let read = answer.json();
        let said = (&read["attribute"], &read["value"], &read["provenance"], &read["level"], &read["recorded_at"]);
        assert_eq!(serde_json::json!(said), serde_json::json!(["quotient_familial", 874, "partenaire", "partner", "2026-09-07T07:00:00Z"]));
    }
    assert_eq!(house.events(ines, "Disclosed").await, 3);
}

#[tokio::test]
async fn without_a_contract_for_this_purpose_and_attribute_nothing_is_read() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    let other_purpose = house.ask(ines, "autre-chose").await;
    assert_eq!((other_purpose.status.as_u16(), code(&other_purpose).as_str()), (403, "habilitation-missing"));
    let others = ["telephone?purpose=tarif-cantine", "nir?purpose=tarif-cantine"];
    for other in others {
        let answer = house.call(&format!("/api/v1/usagers/{ines}/attributes/{other}")).await;
        assert_eq!(code(&answer), "habilitation-missing", "{other}");
    }
    let both = house.call(&format!("/api/v1/usagers/{ines}/attributes?names=quotient_familial,telephone&purpose=tarif-cantine")).await;
    assert_eq!(code(&both), "habilitation-missing");
    assert_eq!(house.events(ines, "Disclosed").await, 0);
}

#[tokio::test]
async fn an_unknown_an_unlinked_and_a_neighbours_person_are_answered_alike_at_the_same_cost() {
    let house = House::new().await;
    let unlinked = house.person("Marchetti", "Inès").await;
    let neighbour = house.stranger().await;
    let unknown = UsagerId::from(uuid::Uuid::from_u128(42));
    for basis in [Basis::PublicTask, Basis::Consent] {
        let purpose = basis.code().replace('_', "-");
        house.grant(&purpose, basis).await;
        let wanted = told(&house.ask(unknown, &purpose).await);
        assert_eq!(wanted.0, 404);
        for other in [unlinked.to_string(), neighbour.to_string(), "usa_12".into(), "dos_1".into()] {
            assert_eq!(told(&house.ask(&other, &purpose).await), wanted, "{other}");
        }
    }
}

#[tokio::test]
async fn a_person_told_of_an_older_contract_is_not_told_of_a_newer_one() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    house.bench.clock.advance(jiff::SignedDuration::from_secs(60));
    house.grant("aide-vacances", Basis::PublicTask).await;
    assert_eq!(code(&house.ask(ines, "aide-vacances").await), "not-informed");
    assert_eq!(house.ask(ines, "tarif-cantine").await.status, 200);
    house.as_usager(ines).await.get("/mes-donnees").await;
    assert_eq!(house.ask(ines, "aide-vacances").await.status, 200);
}

#[tokio::test]
async fn several_attributes_are_read_for_one_purpose_in_the_order_asked() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut contract = crate::rgpd::contract(house.partenaire, "dossier-social", Basis::Exchange);
    contract.attributes = vec!["telephone".into(), "quotient_familial".into(), "adresse".into()];
    house.system(async |tx| ::rgpd::grant(tx, contract).await).await;
    house.inform(ines).await;
    let answer = house.call(&format!("/api/v1/usagers/{ines}/attributes?names=adresse,telephone,adresse&purpose=dossier-social")).await;
    let read = answer.json();
    let said: Vec<_> = read["attributes"].as_array().expect("a list").iter().map(|one| (one["attribute"].clone(), one["value"].clone())).collect();
    assert_eq!(serde_json::json!(said), serde_json::json!([["adresse", null], ["telephone", "+33612345678"]]));
    assert_eq!(house.events(ines, "Disclosed").await, 1);
}

#[tokio::test]
async fn a_call_without_purpose_names_or_key_is_refused() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    assert_eq!(house.call(&format!("/api/v1/usagers/{ines}/attributes/telephone")).await.status, 422);
    assert_eq!(house.call(&format!("/api/v1/usagers/{ines}/attributes?purpose=x")).await.status, 422);
    let mut without = house.as_usager(ines).await;
    assert_eq!(without.get(&format!("/api/v1/usagers/{ines}/attributes/telephone?purpose=x")).await.status, 401);
}

#[tokio::test]
async fn a_permit_of_another_unit_of_work_is_refused() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    let partenaire = house.partenaire;
    let names = vec!["quotient_familial".to_owned()];
    let permit = house.system(async |tx| ::rgpd::disclose(tx, partenaire, &[ines], &names, "tarif-cantine").await).await;
    let late = house.act(Actor::system("essai"), async |tx| ::referentiel::read(tx, &permit).await).await;
    assert!(matches!(late, Err(Error::Internal(_))));
}

#[tokio::test]
async fn a_line_that_cannot_be_written_lets_nothing_leave() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    house.bench.database.tamper("alter table unsealed rename to unsealed_away").await;
    let answer = house.ask(ines, "tarif-cantine").await;
    assert!(answer.status.is_server_error() && !answer.text().contains("874"), "{}", answer.text());
}

//! Persons, for agents and for who watches over data.

use ::referentiel::{CONSULT, FoyerRole, Member};
use jiff::civil::date;
use kernel::{Right, Role};

use crate::rgpd::{House, agent, plain};

#[tokio::test]
async fn a_person_is_found_by_the_start_of_his_name_in_any_order_or_by_mail() {
    let house = House::new().await;
    house.person("Marchetti", "Inès").await;
    house.person("Bernard", "Léo").await;
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[CONSULT])).await;
    for q in ["MARCH", "marchetti+in", "ines+marchetti", "In%C3%A8s%40exemple.fr"] {
        let page = plain(&desk.get(&format!("/agent/usagers?q={q}")).await);
        assert!(page.contains("Inès Marchetti") && !page.contains("Bernard"), "{q}");
    }
    assert!(plain(&desk.get("/agent/usagers?q=zzz").await).contains("Aucune personne trouvée"));
    let mut nobody = house.entered(&agent("Paul Guérin", Role::Agent, &[])).await;
    assert_eq!(nobody.get("/agent/usagers?q=march").await.status, 403);
}

#[tokio::test]
async fn a_search_shows_no_way_to_reach_a_person_and_is_a_line_without_its_words() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut rights: Vec<Right> = dossiers::rights::ALL.iter().map(|(right, _)| *right).collect();
    rights.push(CONSULT);
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &rights)).await;
    let searches = ["/agent/usagers?q=marchetti", "/agent/recherche?q=marchetti", "/agent/saisie?q=marchetti"];
    for (n, search) in searches.iter().enumerate() {
        let page = plain(&desk.get(search).await);
        assert!(page.contains("Inès"), "{search}: {page}");
        for hidden in ["06 12 34 56 78", "ines@exemple.fr", "rue des"] {
            assert!(!page.contains(hidden), "{search}: {hidden}");
        }
        assert_eq!(house.events(ines, "PersonsSearched").await, n + 1, "{search}");
    }
    let chosen = plain(&desk.get(&format!("/agent/saisie/demande?personne={ines}")).await);
    assert!(chosen.contains("Inès") && !chosen.contains("06 12 34 56 78"), "{chosen}");
    let lines = house.system(async |tx| kernel::journal::recent(tx, 50, None).await).await;
    let searched: Vec<_> = lines.iter().filter(|line| line.kind == "PersonsSearched").collect();
    assert_eq!(searched.len(), 4);
    assert!(searched.iter().all(|line| line.payload == serde_json::json!({ "found": 1 })), "{searched:?}");
    desk.get("/agent/usagers?q=zzz").await;
    let none = house.system(async |tx| kernel::journal::recent(tx, 1, None).await).await;
    assert_eq!((none[0].kind.as_str(), none[0].payload["found"].as_u64()), ("PersonsSearched", Some(0)));
}

#[tokio::test]
async fn an_agent_who_does_nothing_but_search_is_stopped() {
    let house = House::new().await;
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[CONSULT])).await;
    for n in 0..200 {
        assert_eq!(desk.get(&format!("/agent/usagers?q=a{n}")).await.status, 200, "{n}");
    }
    assert_eq!(desk.get("/agent/usagers?q=z").await.status, 429);
    let mut other = house.entered(&agent("Paul Guérin", Role::Agent, &[CONSULT])).await;
    assert_eq!(other.get("/agent/usagers?q=z").await.status, 200);
    house.bench.clock.advance(jiff::SignedDuration::from_mins(1));
    assert_eq!(desk.get("/agent/usagers?q=z").await.status, 200);
}

#[tokio::test]
async fn a_long_list_of_persons_is_walked_by_key() {
    let house = House::new().await;
    for n in 0..30 {
        house.person("Martin", &format!("Anne{n:02}")).await;
    }
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[CONSULT])).await;
    let first = desk.get("/agent/usagers?q=martin").await.text();
    let next = first.split_once("href=\"/agent/usagers?q=martin&amp;").expect("a next page").1.split('"').next().unwrap_or_default();
    let second = plain(&desk.get(&format!("/agent/usagers?q=martin&{}", next.replace("&amp;", "&"))).await);
    assert_eq!(second.matches("href=\"/agent/usagers/usa_").count(), 5, "{second}");
}

#[tokio::test]
async fn the_record_shows_who_he_is_with_whom_he_lives_and_who_opened_it() {
    let house = House::new().await;
    let (ines, leo) = (house.person("Marchetti", "Inès").await, house.person("Marchetti", "Léo").await);
    let members = [(ines, FoyerRole::Adulte), (leo, FoyerRole::Enfant)].map(|(usager, role)| Member { usager, role, since: date(2020, 9, 1) });
    house.system(async |tx| ::referentiel::found_foyer(tx, &members).await).await;
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[CONSULT])).await;
    let page = plain(&desk.get(&format!("/agent/usagers/{ines}")).await);
    assert!(page.contains("Léo Marchetti") && page.contains("Enfant, depuis le 1er septembre 2020"), "{page}");
    assert!(page.contains("06 12 34 56 78") && page.contains("a ouvert la fiche"), "{page}");
    assert_eq!(house.events(ines, "UsagerConsulted").await, 1);
    assert_eq!(house.events(leo, "UsagerConsulted").await, 0);
}

#[tokio::test]
async fn a_person_of_a_neighbour_or_nobody_is_not_found() {
    let house = House::new().await;
    let neighbour = house.stranger().await;
    let mut desk = house.entered(&agent("Nadia Roussel", Role::Agent, &[CONSULT])).await;
    for id in [neighbour.to_string(), "usa_12".into()] {
        assert_eq!(desk.get(&format!("/agent/usagers/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn who_watches_sees_who_opened_a_record_and_what_is_unusual() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let consult = async |name: &str| {
        let done = house.act(agent(name, Role::Agent, &[CONSULT]), async |tx| ::referentiel::consult(tx, ines, None).await.map(drop)).await;
        done.expect("the agent may");
    };
    consult("Nadia Roussel").await;
    let mut dpo = house.as_dpo().await;
    let found = plain(&dpo.get("/admin/acces?q=marchetti").await);
    assert!(found.contains("Inès Marchetti"), "{found}");
    let page = plain(&dpo.get(&format!("/admin/acces?usager={ines}")).await);
    assert!(page.contains("a ouvert la fiche") && !page.contains("non travaillé"), "{page}");
    house.bench.clock.advance(jiff::SignedDuration::from_hours(6 * 24));
    consult("Paul Guérin").await;
    let mut dpo = house.as_dpo().await;
    assert!(plain(&dpo.get(&format!("/admin/acces?usager={ines}")).await).contains("Un jour non travaillé"));
    assert_eq!(house.events(ines, "AccessesConsulted").await, 2);
    assert_eq!(dpo.get(&format!("/agent/usagers/{ines}")).await.status, 403);
}

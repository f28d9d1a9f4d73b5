//! One's own birth certificate with FranceConnect: an identity that is the person's of the act is proof enough.

use axum::http::StatusCode;
use parvis::demo::fournisseur::{Alg, Platform};

use super::{Outside, Place, quote};
use crate::{dossiers_::questions, support::browser::Browser};

/// Fills a page; gives the next one.
async fn fill(place: &Place, browser: &mut Browser, at: &str, answers: &str) -> String {
    let shown = browser.get(at).await;
    assert_eq!(shown.status, StatusCode::OK, "{at}: {}", shown.text());
    let form = format!("{}&_questions={}&{answers}", place.key(), questions(&shown));
    let saved = browser.post(at, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{at}: {}", saved.said());
    saved.location().rsplit('/').next().unwrap_or_default().to_owned()
}

fn person(name: &str) -> String {
    format!(
        "demandeur_nom={}&demandeur_prenoms=Pierre&demandeur_courriel=pierre.darcy%40exemple.fr&demandeur_adresse.voie=4+rue+des+Lilas\
         &demandeur_adresse.code_postal=28260&demandeur_adresse.commune=Essai",
        quote(name)
    )
}

fn birth(year: u16) -> String {
    format!("naissance_date.jour=2&naissance_date.mois=12&naissance_date.annee={year}&naissance_lieu.nom=Dreux&naissance_lieu.code_postal=28100")
}

#[tokio::test]
async fn who_signs_in_half_way_is_named_by_france_connect_and_not_asked_for_his_parents() {
    let place = Place::of(crate::teleservices::bench_with(parvis::reactions::TABLE).await);
    place.act(async |tx| teleservices::publish(tx, &crate::teleservices::package("acte-etat-civil")).await.map(drop)).await.expect("on line");
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let mut browser = place.visitor();
    let begun = browser.post("/demarches/acte-etat-civil/commencer", &place.key()).await.location().to_owned();
    let page = |name: &str| format!("{}/{name}", begun.rsplit_once('/').expect("a page").0);
    let mut next = "acte".to_owned();
    for answer in ["type_acte=naissance", "nature_acte=integrale", "qualite=moi", "exemplaires=1"] {
        next = fill(&place, &mut browser, &page(&next), answer).await;
    }
    assert_eq!(next, "vous");

    let left = browser.post("/connexion/franceconnect", &format!("retour={}&{}", quote(&page("vous")), place.key())).await;
    let back = Outside::new().choose(left.location(), "pierre").await;
    assert_eq!(browser.get(&back).await.location(), page("vous"));
    let shown = browser.get(&page("vous")).await.text();
    for known in ["value=\"D’ARCY-LEFÈVRE\"", "value=\"Pierre\"", "value=\"pierre.darcy@exemple.fr\"", "FranceConnect"] {
        assert!(shown.contains(known), "{known} in {shown}");
    }
    assert_eq!(fill(&place, &mut browser, &page("vous"), &person("D’ARCY-LEFÈVRE")).await, "naissance");
    assert_eq!(fill(&place, &mut browser, &page("naissance"), &birth(1975)).await, "remise");
    // Another's act, by the date or by the name: the parents are the proof again.
    assert_eq!(fill(&place, &mut browser, &page("naissance"), &birth(1976)).await, "parents");
    assert_eq!(fill(&place, &mut browser, &page("naissance"), &birth(1975)).await, "remise");
    fill(&place, &mut browser, &page("vous"), &person("Lefèvre")).await;
    assert_eq!(fill(&place, &mut browser, &page("naissance"), &birth(1975)).await, "parents");
}

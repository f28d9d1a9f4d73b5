//! Filling a form: what was said before is not asked twice, what comes back says why, no address is a dead end.

use axum::http::StatusCode;

use super::{Town, pdf, questions};

/// The id in the address of a draft.
fn id_of(location: &str) -> String {
    location.split('/').nth(2).expect("an id").to_owned()
}

#[tokio::test]
async fn what_was_answered_to_know_ones_right_is_in_the_draft() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let given = "type_acte=naissance&lieu_acte=ici&nature_acte=integrale&qualite=moi&demandeur_nom=&inconnue=1";
    let begun = ines.post("/demarches/acte-etat-civil/commencer", &format!("{}&{given}", town.key())).await;
    let dossier = town.dossier(id_of(begun.location()).parse().expect("an id")).await;
    let answers = serde_json::Value::Object(dossier.answers);
    assert_eq!(answers, serde_json::json!({ "type_acte": "naissance", "nature_acte": "integrale", "qualite": "moi" }));
}

#[tokio::test]
async fn an_answer_refused_by_its_question_is_not_taken_from_elsewhere() {
    let town = Town::new().await;
    let begun = town.visitor().post("/demarches/acte-etat-civil/commencer", &format!("{}&type_acte=divorce&qualite=moi", town.key())).await;
    let dossier = town.dossier(id_of(begun.location()).parse().expect("an id")).await;
    assert!(dossier.answers.is_empty(), "{:?}", dossier.answers);
}

#[tokio::test]
async fn a_question_that_an_answer_calls_for_is_announced_and_led_to() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun =
        ines.post("/demarches/acte-etat-civil/commencer", &format!("{}&type_acte=naissance&nature_acte=integrale&qualite=moi", town.key())).await;
    let path = format!("/dossiers/{}/pages/naissance", id_of(begun.location()));
    let shown = questions(&ines.get(&path).await);
    let born = "naissance_date.jour=25&naissance_date.mois=11&naissance_date.annee=2010&naissance_lieu.nom=Dreux";
    let saved = ines.post(&path, &format!("{}&_questions={shown}&{born}", town.key())).await;
    assert_eq!(saved.location(), format!("{path}?nouvelle=emancipe#emancipe"), "{}", saved.text());
    assert!(ines.get(&format!("{path}?nouvelle=emancipe")).await.text().contains("Une question de plus"));
}

#[tokio::test]
async fn a_file_added_without_script_leads_back_to_its_page_which_says_so() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let id = town.aid_ready(&mut ines).await;
    let pieces = format!("/dossiers/{id}/pieces");
    let sent = format!("{pieces}/facture");
    let added = town.send_file(&mut ines, &sent, "facture", &pdf("une autre")).await;
    assert_eq!((added.status, added.location()), (StatusCode::SEE_OTHER, format!("{pieces}#champ-facture").as_str()));
    assert!(ines.get(&pieces).await.text().contains("est ajouté"));
    assert_eq!(ines.get(&sent).await.location(), format!("{pieces}#champ-facture"));
    assert_eq!(ines.get("/demarches/aide-velo/commencer").await.location(), "/demarches/aide-velo");
}

#[tokio::test]
async fn a_list_of_faults_names_each_question() {
    let town = Town::new().await;
    let mut ines = town.visitor();
    let begun = ines.post("/demarches/aide-velo/commencer", &town.key()).await;
    let path = begun.location().to_owned();
    let shown = questions(&ines.get(&path).await);
    let refused = ines.post(&path, &format!("{}&_questions={shown}", town.key())).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("<a href=\"#nom\">Votre nom de naissance\u{a0}: écrivez"), "{}", refused.text());
}

#[tokio::test]
async fn a_page_that_is_not_there_keeps_its_menu() {
    let town = Town::new().await;
    let lost = town.visitor().get("/rien-ici").await;
    assert_eq!(lost.status, StatusCode::NOT_FOUND);
    assert!(lost.text().contains("<li><a href=\"/demarches\""), "{}", lost.text());
    let agents = town.visitor().get("/agent/rien-ici").await;
    assert!(!agents.text().contains("<li><a href=\"/agent/dossiers\""), "the menu of agents is for agents");
}

//! Folders on our own disk: one file per demand, and the files that an application leaves.

use std::{fs, path::PathBuf};

use echanges::{Format, replay};

use super::Exchange;

fn options() -> serde_json::Value {
    serde_json::json!({"dossier": "etat-civil/demandes", "arrivees": "etat-civil/arrivees", "traitement": "demandes"})
}

fn place(exchange: &Exchange, folder: &str) -> PathBuf {
    exchange.app.config.data.join("echanges/essai/etat-civil").join(folder)
}

fn names(folder: PathBuf) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let entries = entries.flatten().filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

fn leave(exchange: &Exchange, name: &str, content: &str) {
    let folder = place(exchange, "arrivees");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), content).expect("written");
}

#[tokio::test]
async fn a_demand_is_one_whole_file() {
    let exchange = Exchange::new().await;
    exchange.register("fichier", options(), &[]).await;
    let dossier = exchange.write(async |tx| Ok(tx.new_id())).await.expect("an id");
    let event = exchange.happen(dossier, "depot", Format::Xml).await;
    exchange.work().await;
    let name = format!("depot-{dossier}-{event}.xml");
    assert_eq!(names(place(&exchange, "demandes")), [name.clone()]);
    let text = fs::read_to_string(place(&exchange, "demandes").join(name)).expect("readable");
    assert!(text.contains("<NomNaissance>LEFÈVRE</NomNaissance>") && text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
    assert_eq!(exchange.state(dossier).await, "delivered");
}

#[tokio::test]
async fn csv_is_one_line_of_names_and_one_of_values() {
    let exchange = Exchange::new().await;
    exchange.register("fichier", options(), &[]).await;
    let dossier = exchange.write(async |tx| Ok(tx.new_id())).await.expect("an id");
    exchange.happen(dossier, "depot", Format::Csv).await;
    exchange.work().await;
    let file = names(place(&exchange, "demandes")).pop().expect("a file");
    let text = fs::read_to_string(place(&exchange, "demandes").join(file)).expect("readable");
    assert!(text.ends_with(&format!("NAISSANCE;LEFÈVRE;{dossier}\r\n")), "{text}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_tried_again() {
    let exchange = Exchange::new().await;
    exchange.register("fichier", options(), &[]).await;
    let place = place(&exchange, "demandes");
    fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
    fs::write(&place, "a file stands where the folder should").expect("written");
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "waiting");
    fs::remove_file(&place).expect("removed");
    let id = exchange.sent(dossier).await[0].0;
    exchange.write(async |tx| replay(tx, id).await).await.expect("replayed");
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "delivered");
}

#[tokio::test]
async fn a_file_makes_one_dossier_whatever_the_number_of_times_it_comes() {
    let exchange = Exchange::new().await;
    exchange.register("fichier", options(), &[]).await;
    leave(&exchange, "a.xml", "demande id=12 Marie");
    leave(&exchange, "b.xml", "demande id=13 Paul");
    leave(&exchange, "c.xml.part", "demande id=14 en cours d’écri");
    exchange.run("FetchArrivals").await;
    assert_eq!(exchange.small.made(), 2);
    assert_eq!(names(place(&exchange, "arrivees")), ["c.xml.part"]);
    assert_eq!(names(place(&exchange, "arrivees/traites")), ["a.xml", "b.xml"]);
    leave(&exchange, "d.xml", "demande id=12 Marie");
    leave(&exchange, "e.xml", "demande id=13 Paul, à nouveau");
    leave(&exchange, "f.xml", "demande sans identifiant");
    exchange.pass(jiff::SignedDuration::from_secs(61), 1).await;
    assert_eq!(exchange.small.made(), 3, "same content, then same identifier, made nothing");
    leave(&exchange, "g.xml", "demande sans identifiant");
    exchange.pass(jiff::SignedDuration::from_secs(61), 1).await;
    assert_eq!((exchange.small.made(), names(place(&exchange, "arrivees")).len()), (3, 1));
}

#[tokio::test]
async fn a_file_that_is_refused_is_put_aside_with_the_reason() {
    let exchange = Exchange::new().await;
    exchange.register("fichier", options(), &[]).await;
    leave(&exchange, "a.xml", "du bruit");
    leave(&exchange, "b.xml", "demande id=1");
    exchange.run("FetchArrivals").await;
    assert_eq!(names(place(&exchange, "arrivees/refuses")), ["a.xml", "a.xml.motif.txt"]);
    let why = fs::read_to_string(place(&exchange, "arrivees/refuses/a.xml.motif.txt")).expect("readable");
    assert_eq!((why.as_str(), exchange.small.made()), ("Ce fichier n’est pas une demande.\n", 1));
}

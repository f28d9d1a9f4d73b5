//! `kill -9` at random under load. Whatever was acknowledged is there, once: answers saved, demands sent, files received, decisions made.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kernel::{DossierId, Subject, journal};

use super::{Installation, Phone};
use crate::{
    form,
    support::demands::{id_of, path},
};

/// People at once.
const PEOPLE: usize = 6;

/// What the server said that it had done.
#[derive(Default)]
struct Promises {
    saved: Vec<(DossierId, String, Phone)>,
    sent: Vec<(DossierId, String)>,
    uploaded: Vec<(DossierId, String, Vec<u8>, Phone)>,
    decided: Vec<(DossierId, String)>,
}

fn kills() -> u32 {
    std::env::var("PARVIS_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_under_load_and_is_there_once() {
    let town = Installation::new().await;
    let mut server = town.serve().await;
    let (promises, stop) = (Arc::new(Mutex::new(Promises::default())), Arc::new(AtomicBool::new(false)));
    let people: Vec<_> = (0..PEOPLE).map(|who| tokio::spawn(live(who, town.phone(), promises.clone(), stop.clone()))).collect();
    let desk = town.signed_in(&town.app.agent().everywhere().await.browser);
    let agent = tokio::spawn(decide(desk, promises.clone(), stop.clone()));
    for round in 0..kills() {
        tokio::time::sleep(Duration::from_millis(chance(round))).await;
        server.kill().await;
        server = town.serve().await;
    }
    // The last ones finish what they began.
    stop.store(true, Ordering::Relaxed);
    for one in people {
        one.await.expect("nobody was told anything wrong");
    }
    agent.await.expect("the agent was told nothing wrong");
    let promises = std::mem::take(&mut *promises.lock().expect("no panic"));
    assert!(
        promises.sent.len() >= PEOPLE && promises.uploaded.len() >= PEOPLE && !promises.decided.is_empty(),
        "too little was done to prove anything"
    );
    check_sent(&town, &promises).await;
    check_decided(&town, &promises.decided).await;
    check_saved(&town, promises.saved).await;
    check_uploaded(promises.uploaded).await;
    server.kill().await;
    town.verify_journal().await;
}

/// From 20 to 420 ms, not the same from one round and one run to the other.
fn chance(round: u32) -> u64 {
    let noise = uuid::Uuid::now_v7().as_u128() as u64;
    20 + (noise ^ u64::from(round).wrapping_mul(0x9E37_79B9_7F4A_7C15)) % 400
}

/// Somebody who writes, sends, and adds files, and believes what he is told.
async fn live(who: usize, new: Phone, promises: Arc<Mutex<Promises>>, stop: Arc<AtomicBool>) {
    let mut phone = new.clone();
    let mut done = 0;
    for round in 0.. {
        if stop.load(Ordering::Relaxed) && done > 1 {
            return;
        }
        let word = format!("Personne {who}, message {round}.");
        let is_done = match done % 2 {
            0 => write_and_send(&mut phone, &word, &promises).await,
            _ => add_file(&mut phone, &format!("{who}-{round}"), &promises).await,
        };
        done += usize::from(is_done);
        if !is_done {
            // The answer that bore the cookie never came: nothing was promised, and he begins again.
            phone = new.clone();
        }
    }
}

async fn write_and_send(phone: &mut Phone, word: &str, promises: &Mutex<Promises>) -> bool {
    let begun = phone.post("/demarches/contact/commencer", form! {}).await;
    assert_eq!(begun.status, 303, "{}", begun.said());
    let (id, page) = (id_of(&begun.location), begun.location);
    if phone.get(&page).await.status == 404 {
        return false;
    }
    let answers = form! {
        _questions: "sujet message nom prenoms courriel_contact telephone_contact adresse_contact",
        sujet: "question", message: word, nom: "Marchetti", prenoms: "Inès", courriel_contact: "ines@exemple.fr",
    };
    let saved = phone.post(&page, answers).await;
    assert_eq!(saved.status, 303, "{}", saved.said());
    promises.lock().expect("no panic").saved.push((id, word.to_owned(), phone.clone()));
    let sent = phone.post(&path(id, "depot"), form! {}).await;
    assert_eq!((sent.status, sent.location.as_str()), (303, path(id, "depot").as_str()), "{}", sent.said());
    promises.lock().expect("no panic").sent.push((id, word.to_owned()));
    true
}

async fn add_file(phone: &mut Phone, word: &str, promises: &Mutex<Promises>) -> bool {
    let begun = phone.post("/demarches/aide-velo/commencer", form! {}).await;
    assert_eq!(begun.status, 303, "{}", begun.said());
    let id = id_of(&begun.location);
    if phone.get(&path(id, "pieces")).await.status == 404 {
        return false;
    }
    let name = format!("facture-{word}.pdf");
    let bytes = [b"%PDF-1.7\n".as_slice(), word.repeat(20_000).as_bytes(), b"\n%%EOF\n"].concat();
    let added = phone.upload(&path(id, "pieces/facture"), "facture", &name, &bytes).await;
    assert!(matches!(added.status, 200 | 303), "{} {}", added.status, added.said());
    promises.lock().expect("no panic").uploaded.push((id, name, bytes, phone.clone()));
    true
}

/// An agent who answers what was sent, one demand after the other.
async fn decide(mut desk: Phone, promises: Arc<Mutex<Promises>>, stop: Arc<AtomicBool>) {
    let mut at = 0;
    loop {
        let next = promises.lock().expect("no panic").sent.get(at).cloned();
        let Some((id, _)) = next else {
            if stop.load(Ordering::Relaxed) && at > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        at += 1;
        let answer = format!("Réponse {at}.");
        let done = desk.post(&format!("/agent/dossiers/{id}/etapes/repondre"), form! { reponse: answer }).await;
        assert_eq!((done.status, done.location.as_str()), (303, format!("/agent/dossiers/{id}").as_str()), "{}", done.said());
        promises.lock().expect("no panic").decided.push((id, answer));
    }
}

async fn check_decided(town: &Installation, decided: &[(DossierId, String)]) {
    for (id, answer) in decided {
        let read = town.app.system(async |tx| {
            let whole = dossiers::read::whole(tx, &town.app.tenant, *id).await?;
            Ok((whole.dossier, journal::kinds(tx, Subject::Dossier(*id)).await?))
        });
        let (dossier, events) = read.await;
        assert_eq!((dossier.details["reponse"].as_str(), dossier.decision.is_some()), (Some(answer.as_str()), true), "{id}");
        assert_eq!(events["DossierDecided"], 1, "{id}: {events:?}");
    }
}

async fn check_sent(town: &Installation, promises: &Promises) {
    let mut numbers = BTreeSet::new();
    for (id, word) in &promises.sent {
        let read = town.app.system(async |tx| {
            let whole = dossiers::read::whole(tx, &town.app.tenant, *id).await?;
            Ok((whole.dossier, journal::kinds(tx, Subject::Dossier(*id)).await?))
        });
        let (dossier, events) = read.await;
        assert_eq!(dossier.answers["message"], word.as_str(), "{id}");
        assert_eq!(events["DossierSubmitted"], 1, "{id}: {events:?}");
        assert!(numbers.insert(dossier.number_text()), "{id}: a number given twice");
    }
    let deposited = town.app.database().count("select count(*) from dossier where number is not null").await;
    assert_eq!(deposited, i64::try_from(promises.sent.len()).expect("few"), "a demand was sent twice, or without being acknowledged in the end");
}

async fn check_saved(town: &Installation, saved: Vec<(DossierId, String, Phone)>) {
    for (id, word, _) in saved {
        let dossier = town.app.system(async |tx| dossiers::read::whole(tx, &town.app.tenant, id).await).await.dossier;
        assert_eq!(dossier.answers["message"], word.as_str(), "{id}");
    }
}

async fn check_uploaded(uploaded: Vec<(DossierId, String, Vec<u8>, Phone)>) {
    for (id, name, bytes, mut phone) in uploaded {
        let page = phone.get(&path(id, "pieces")).await;
        assert_eq!(page.status, 200, "{id}: {}", page.said());
        let text = page.text();
        let tags = crate::support::html::tags(&text);
        let links: Vec<&str> = tags.iter().filter_map(|tag| tag.get("href")).filter(|href| href.contains("/fichiers/")).collect();
        assert_eq!(links.len(), 1, "{id}: {} files after one {name}", links.len());
        let file = phone.get(links[0]).await;
        assert!(file.status == 200 && file.body == bytes, "{id}: {name} is not what was sent");
    }
}

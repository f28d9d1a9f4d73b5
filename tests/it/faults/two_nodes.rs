//! Two nodes that serve and one that works, on one PostgreSQL: they share everything, and any of them killed loses
//! nothing.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use super::Installation;
use crate::{
    form,
    support::{
        clients::key,
        demands::{id_of, path},
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_and_a_worker_share_everything_and_lose_nothing() {
    let town = Installation::new().await;
    if !town.app.database().is_postgres() {
        return; // a file has one program
    }
    let node = || {
        let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
        command.arg("serve").env("PARVIS_WORK", "false").stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let first = town.open(node()).await;
    let second = town.open_at(node(), town.second_node()).await;
    let (mut here, mut there) = (town.phone(), second.seen_by(&town.phone()));

    // Begun on one, written on the other, sent to both at once under the same key.
    let page = here.post("/demarches/contact/commencer", form! {}).await.location;
    there.cookie = here.cookie.clone();
    let answers = form! {
        _questions: "sujet message nom prenoms courriel_contact telephone_contact adresse_contact",
        sujet: "question", message: "Deux nœuds.", nom: "Marchetti", prenoms: "Inès", courriel_contact: "ines@exemple.fr",
    };
    assert_eq!(there.post(&page, answers).await.status, 303);
    let (id, once) = (id_of(&page), key());
    let send = path(id, "depot");
    let (a, b) = tokio::join!(here.post(&send, form! { _cle: once }), there.post(&send, form! { _cle: once }));
    assert_eq!((a.status, b.status, a.location == b.location), (303, 303, true), "{} {}", a.said(), b.said());
    let deposited = town.app.database().count("select count(*) from dossier where number is not null").await;
    assert_eq!(deposited, 1);

    first.kill().await;
    assert_eq!(there.get(&path(id, "")).await.status, 200);
    let waiting = "select count(*) from job where state = 'waiting' and kind = 'SendAccuseReception'";
    assert_eq!(town.app.database().count(waiting).await, 1);
    let mut worker = town.command(env!("CARGO_BIN_EXE_parvis"));
    let worker = worker.arg("work").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let begun = Instant::now();
    while town.app.database().count(waiting).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody works");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let receipt = there.get(&path(id, "accuse.pdf")).await;
    assert!(receipt.status == 200 && receipt.body.starts_with(b"%PDF-"));
    drop(worker);
    second.kill().await;
    town.verify_journal().await;
}

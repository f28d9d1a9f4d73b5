//! The disk is full: the program says so, loses nothing that it acknowledged, and is well again when there is room. The
//! fault is a limit on the size of the files that the process may write.

use super::Installation;
use crate::{
    form,
    support::demands::{id_of, path},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing() {
    let town = Installation::new().await;
    if town.app.database().is_postgres() {
        return; // there the server of the database keeps the files, and its own limits are its business
    }
    // A little more than what the database and its log take already.
    let path_of_file = town.app.database().url.trim_start_matches("sqlite:").to_owned();
    let size = |end: &str| std::fs::metadata(format!("{path_of_file}{end}")).map_or(0, |file| file.len() / 1_024);
    let limit = size("").max(size("-wal")) + 700;
    let mut command = town.command("bash");
    let serve = format!("trap '' XFSZ; ulimit -f {limit}; exec '{}' serve >/dev/null 2>&1", env!("CARGO_BIN_EXE_parvis"));
    command.args(["-c", &serve]);
    let mut server = town.open(command).await;

    let mut phone = town.phone();
    let (mut kept, mut refusals) = (vec![], 0);
    for round in 0..400 {
        let Ok(begun) = phone
            .try_once("POST", "/demarches/contact/commencer", "application/x-www-form-urlencoded", form! { _cle: key() }.encoded().as_bytes())
            .await
        else {
            continue;
        };
        if begun.status == 503 {
            refusals += 1;
            assert!(begun.said().contains("Réessayez") || begun.said().contains("indisponible"), "{}", begun.said());
            if refusals == 5 {
                break;
            }
            continue;
        }
        assert_eq!(begun.status, 303, "{}", begun.said());
        let word = format!("Message {round} {}", "mot ".repeat(900));
        let body = form! { _cle: key(), _questions: "message", message: word }.encoded();
        let saved = phone.try_once("POST", &format!("{}/brouillon", begun.location), "application/x-www-form-urlencoded", body.as_bytes()).await;
        if let Ok(saved) = saved {
            assert!(matches!(saved.status, 200 | 503), "{} {}", saved.status, saved.said());
            if saved.status == 200 {
                kept.push((id_of(&begun.location), word));
            }
        }
    }
    assert!(refusals > 0, "the disk was never full");
    assert!(server.is_alive(), "it died of a full disk");
    assert!(!kept.is_empty(), "nothing was kept before");
    server.kill().await;

    let server = town.serve().await;
    for (id, word) in &kept {
        let page = phone.get(&path(*id, "pages/message")).await;
        assert!(page.text().contains(word.trim()), "{id} lost its answer");
    }
    assert_eq!(phone.post("/demarches/contact/commencer", form! {}).await.status, 303);
    server.kill().await;
    town.verify_journal().await;
}

fn key() -> String {
    crate::support::clients::key()
}

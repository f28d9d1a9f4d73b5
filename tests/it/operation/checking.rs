//! `parvis check` says what would keep `parvis serve` from starting: a content check is a promise.

use crate::faults::Installation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_serve_from_starting_is_a_fault() {
    let town = Installation::new().await;
    let (is_well, said) = town.run(&["check"]).await;
    assert!(is_well && said.contains("aucun relais n’est réglé"), "{said}");

    for (name, value, wrong) in [("PARVIS_MAIL__HOST", "relais.exemple.fr", "mail.from"), ("PARVIS_LISTEN", "127.0.0.1", "127.0.0.1:8080")] {
        for command in ["check", "serve"] {
            let mut program = town.command(env!("CARGO_BIN_EXE_parvis"));
            let done = program.arg(command).env(name, value).output().await.expect("it starts");
            let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
            assert!(!done.status.success(), "{command} {name}: {said}");
            assert!(command == "serve" || said.contains(wrong), "{command} {name}: {said}");
        }
    }
}

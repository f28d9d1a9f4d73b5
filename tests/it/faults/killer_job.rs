//! A job under which the worker dies, three times: it is set aside. The worker is the real one,
//! killed while the job is in its hands.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::net::TcpListener;

use super::Installation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_kills_its_worker_three_times_is_set_aside_by_the_fourth() {
    let town = Installation::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port().to_string();
    let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
    command.arg("serve").env("PARVIS_WORK", "false").stdout(Stdio::null()).stderr(Stdio::null());
    let server = town.open(command).await;
    let mut phone = town.phone();
    phone.sends_a_message().await;
    server.kill().await;

    let work = || {
        let mut command = town.command(env!("CARGO_BIN_EXE_parvis"));
        command.arg("work").stdout(Stdio::null()).stderr(Stdio::null());
        command
            .env("PARVIS_MAIL__HOST", "127.0.0.1")
            .env("PARVIS_MAIL__PORT", &port)
            .env("PARVIS_MAIL__SECURITY", "none")
            .env("PARVIS_MAIL__FROM", "Essai <essai@exemple.fr>");
        command.spawn().expect("it starts")
    };
    for _ in 0..3 {
        let mut worker = work();
        let (_held, _) = tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.expect("the mail leaves").expect("accepted");
        worker.kill().await.expect("it dies");
        // The lease is as long as the longest job; it runs out by hand.
        town.app.database().tamper("update job set locked_until = '2020-01-01T00:00:00.000000Z' where locked_by is not null").await;
    }
    let mut worker = work();
    let aside = "select count(*) from job where state = 'set_aside' and last_error like 'perdu 3 fois%'";
    let begun = Instant::now();
    while town.app.database().count(aside).await == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is tried for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    worker.kill().await.expect("it dies");
}

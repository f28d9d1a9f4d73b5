//! Clients that take their time: headers a letter at a time, a body in ten minutes, an answer that nobody reads. They
//! wait; nobody else does.

use std::time::{Duration, Instant};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::Installation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_slow_clients_keep_nobody_waiting() {
    let town = Installation::new().await;
    let server = town.serve().await;
    let host = &town.app.tenant.host;
    let mut slow = vec![];
    for n in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.expect("the door is open");
        let begun = match n % 3 {
            0 => "GET / HT".to_owned(),
            1 => format!(
                "POST /demarches/contact/commencer HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n_cle=0123"
            ),
            _ => format!("GET /demarches HTTP/1.1\r\nhost: {host}\r\n\r\n"),
        };
        stream.write_all(begun.as_bytes()).await.expect("sent");
        slow.push(stream);
    }
    let mut phone = town.phone();
    let mut longest = Duration::ZERO;
    for round in 0..30 {
        for stream in slow.iter_mut().step_by(7) {
            stream.write_all(b"1").await.ok();
        }
        let started = Instant::now();
        let path = if round % 2 == 0 { "/demarches/contact" } else { "/suivi" };
        assert_eq!(phone.try_once("GET", path, "", &[]).await.expect("an answer").status, 200);
        longest = longest.max(started.elapsed());
    }
    let begun =
        phone.try_once("POST", "/demarches/contact/commencer", "application/x-www-form-urlencoded", b"_cle=0123456789abcdef0123456789abcdef").await;
    assert_eq!(begun.expect("an answer").status, 303);
    assert!(longest < Duration::from_secs(2), "{longest:?}");
}

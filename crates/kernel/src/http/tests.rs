//! Tests of outgoing calls, against a server of their own.

use std::net::{IpAddr, SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{guard::is_public, *};

/// A server that answers each connection with this text after a wait.
async fn server(answer: &'static str, wait: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = line.read(&mut [0; 4096]).await;
                tokio::time::sleep(wait).await;
                let _ = line.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

fn http(internal: &[&str]) -> Http {
    let config = Config { internal_hosts: internal.iter().map(|host| host.to_string()).collect(), ..Config::default() };
    Http::new(&config, Clock::fake(Timestamp::UNIX_EPOCH)).expect("a client")
}

fn request(url: impl std::fmt::Display) -> Request<Vec<u8>> {
    get(&url.to_string()).body(vec![]).expect("a request")
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\nconnection: close\r\n\r\nok";

#[tokio::test]
async fn a_host_declared_internal_is_called() {
    let at = server(OK, Duration::ZERO).await;
    for declared in ["127.0.0.1".to_string(), at.to_string()] {
        let answer = http(&[&declared]).send(request(format!("http://{at}/a"))).await.expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), answer.body().as_slice(), &answer.headers()["x-a"]),
            (200, &b"ok"[..], &http::HeaderValue::from_static("b"))
        );
    }
    let by_name = http(&["localhost"]).send(request(format!("http://localhost:{}/", at.port()))).await;
    assert_eq!(by_name.expect("an answer").body(), b"ok");
}

#[tokio::test]
async fn our_own_network_is_not_called() {
    let at = server(OK, Duration::ZERO).await;
    let urls = [
        format!("http://{at}/"),
        format!("https://{at}/"),
        "https://[::1]/".into(),
        "https://[::ffff:127.0.0.1]/".into(),
        "https://169.254.169.254/latest/meta-data".into(),
        format!("https://localhost:{}/", at.port()),
        "http://exemple.fr/".into(),
        "https://qui@exemple.fr/".into(),
        "ftp://exemple.fr/".into(),
    ];
    for url in urls {
        let refused = http(&["127.0.0.1:1"]).send(request(&url)).await;
        assert!(matches!(refused, Err(CallError::Refused(_))), "{url}: {refused:?}");
    }
}

#[test]
fn an_address_is_judged_as_the_client_reads_it() {
    let guard = guard::Guard::new(&[]);
    let hosts = [
        "2130706434",
        "0x7f000002",
        "0x7f.0.0.2",
        "017700000002",
        "0177.0.0.2",
        "127.2",
        "127.0.2",
        "127.0.0.2.",
        "2852039166",
        "0xa9fea9fe",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.254.169.254.",
        "[::ffff:7f00:2]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "0",
        "0x0",
    ];
    for host in hosts {
        let uri = format!("https://{host}/").parse().expect("an address");
        let refused = guard.check(&uri).expect_err(host);
        assert!(refused.contains("n’est pas une adresse publique"), "{host}: {refused}");
    }
    for host in ["exemple.fr", "exemple.fr.", "8.8.8.8", "134744072"] {
        assert_eq!(guard.check(&format!("https://{host}/").parse().expect("an address")), Ok(()), "{host}");
    }
}

#[tokio::test]
async fn a_host_declared_on_one_port_is_internal_there_alone() {
    let at = server(OK, Duration::ZERO).await;
    let elsewhere = format!("localhost:{}", at.port());
    let http = http(&[&elsewhere, "[::1]:1", "::1"]);
    assert!(http.send(request(format!("http://localhost.:{}/", at.port()))).await.is_ok());
    for url in ["https://localhost:9/", "https://localhost/", "http://localhost:9/"] {
        let refused = http.send(request(url)).await;
        assert!(matches!(refused, Err(CallError::Refused(_))), "{url}: {refused:?}");
    }
    let v6 = guard::Guard::new(&["[::1]:8443".into(), "fd00::7".into()]);
    let check = |url: &str| v6.check(&url.parse().expect("an address")).is_ok();
    assert!(check("http://[::1]:8443/") && check("http://[fd00:0::7]/") && check("https://[fd00::7]:9/"));
    assert!(!check("http://[::1]:8444/") && !check("https://[::1]/") && !check("https://[fd00::8]/"));
}

#[test]
fn private_addresses_are_known_in_all_their_clothes() {
    let private = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "2001::1",
        "::7f00:1",
    ];
    for address in private {
        assert!(!is_public(address.parse::<IpAddr>().expect("an address")), "{address}");
    }
    for address in ["8.8.8.8", "185.199.108.153", "2a01:4f8::1", "::ffff:8.8.8.8", "172.32.0.1"] {
        assert!(is_public(address.parse::<IpAddr>().expect("an address")), "{address}");
    }
}

#[tokio::test]
async fn a_redirection_is_an_answer_and_is_not_followed() {
    let at = server("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", Duration::ZERO).await;
    let answer = http(&["127.0.0.1"]).send(request(format!("http://{at}/"))).await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 302);
}

#[tokio::test]
async fn a_slow_or_absent_or_endless_answer_is_told_apart() {
    let slow = server(OK, Duration::from_secs(30)).await;
    let http = http(&["127.0.0.1"]);
    let late = http.send_within(request(format!("http://{slow}/")), Duration::from_millis(100)).await;
    assert_eq!(late.expect_err("late"), CallError::Late);
    assert_eq!(http.send(request("http://127.0.0.1:1/")).await.expect_err("down"), CallError::Down);
    let long = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(ANSWER_AT_MOST + 1));
    let endless = server(long.leak(), Duration::ZERO).await;
    assert_eq!(http.send(request(format!("http://{endless}/"))).await.expect_err("long"), CallError::TooLong);
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone_for_a_while() {
    let http = http(&["127.0.0.1"]);
    for _ in 0..FAILURES_BEFORE_PAUSE {
        assert_eq!(http.send_waited(request("http://127.0.0.1:1/")).await.expect_err("down"), CallError::Down);
    }
    assert_eq!(http.send_waited(request("http://127.0.0.1:1/")).await.expect_err("paused"), CallError::Paused);
    assert_eq!(http.send(request("http://127.0.0.1:1/")).await.expect_err("a job tries"), CallError::Down);
    let other = server(OK, Duration::ZERO).await;
    assert!(http.send_waited(request(format!("http://{other}/"))).await.is_ok(), "another host is not concerned");
    http.clock.advance(PAUSE);
    assert_eq!(http.send_waited(request("http://127.0.0.1:1/")).await.expect_err("tried again"), CallError::Down);
}

#[tokio::test]
async fn other_servers_are_judged_alike() {
    let declared = http(&["127.0.0.1:22"]).addresses("127.0.0.1", 22).await.expect("declared");
    assert_eq!(declared, ["127.0.0.1:22".parse().expect("an address")]);
    for (host, port) in [("127.0.0.1", 23), ("localhost", 22), ("169.254.169.254", 22)] {
        let refused = http(&["127.0.0.1:22"]).addresses(host, port).await;
        assert!(matches!(refused, Err(CallError::Refused(_))), "{host}:{port}: {refused:?}");
    }
    assert!(http(&[]).addresses("8.8.8.8", 22).await.is_ok());
}

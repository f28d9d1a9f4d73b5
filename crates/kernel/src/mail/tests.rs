//! Tests of mail, against a relay of their own that speaks SMTP.

use std::sync::Mutex;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;

fn mail() -> Mail {
    Mail {
        to: "ines@exemple.fr".into(),
        from_name: "Mairie de Val".into(),
        subject: "Votre demande\r\nBcc: pirate@exemple.fr".into(),
        text: "Reçue à l’heure.".into(),
        html: "<p>Reçue à l’heure.</p>".into(),
        message_id: "job_12".into(),
        attachments: vec![Attachment { name: "accusé.pdf".into(), content_type: "application/pdf".into(), bytes: b"%PDF".into() }],
        ..Mail::default()
    }
}

/// A relay that answers `refusal` to the recipient if one is given, and keeps what it was sent.
async fn relay_double(refusal: Option<&'static str>) -> (Mailer, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let received = Arc::new(Mutex::new(vec![]));
    let kept = received.clone();
    tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            tokio::spawn(converse(line, refusal, kept.clone()));
        }
    });
    let mut config = Config::default();
    config.mail = MailConfig {
        host: "127.0.0.1".into(),
        port: Some(port),
        security: "none".into(),
        from: "Parvis <np@val.fr>".into(),
        ..MailConfig::default()
    };
    (Mailer::new(&config, Clock::fake("2026-11-24T08:00:00Z".parse().expect("an instant"))).expect("a mailer"), received)
}

async fn converse(mut line: TcpStream, refusal: Option<&'static str>, kept: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (reader, mut writer) = line.split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 double\r\n").await?;
    while let Some(command) = lines.next_line().await? {
        let answer = match command.split([' ', ':']).next().unwrap_or_default() {
            "RCPT" => refusal.unwrap_or("250 ok"),
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while let Some(text) = lines.next_line().await?.filter(|text| text != ".") {
                    message.push_str(&text);
                    message.push('\n');
                }
                kept.lock().expect("no panic").push(message);
                "250 kept"
            }
            "EHLO" => "250-double\r\n250 8BITMIME",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_mail_reaches_the_relay_with_text_html_and_attachment() {
    let (mailer, received) = relay_double(None).await;
    mailer.check().await.expect("the relay answers");
    mailer.send(&mail()).await.expect("sent");
    let message = received.lock().expect("no panic")[0].clone();
    for part in [
        "Message-ID: <job_12@val.fr>",
        "From: \"Mairie de Val\" <np@val.fr>",
        "To: ines@exemple.fr",
        "Date: Tue, 24 Nov 2026 08:00:00",
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ] {
        assert!(message.contains(part), "{part} is not in\n{message}");
    }
    assert!(!message.contains("\nBcc:"), "a subject adds no header\n{message}");
}

#[tokio::test]
async fn a_refusal_for_good_is_told_from_a_relay_that_is_down() {
    let (mailer, _) = relay_double(Some("550 ines@exemple.fr unknown")).await;
    let refused = mailer.send(&mail()).await.expect_err("refused");
    assert!(matches!(&refused, Error::Refused(problem) if problem.sentence.contains("550") && !problem.sentence.contains('@')));
    let (mailer, _) = relay_double(Some("451 later")).await;
    assert!(matches!(mailer.send(&mail()).await, Err(Error::Unavailable(_))));
    let mut config = Config::default();
    config.mail = MailConfig { host: "127.0.0.1".into(), port: Some(1), security: "none".into(), from: "np@val.fr".into(), ..MailConfig::default() };
    let down = Mailer::new(&config, Clock::system()).expect("a mailer");
    assert!(matches!(down.send(&mail()).await, Err(Error::Unavailable(_))));
    assert!(down.check().await.is_err());
}

#[tokio::test]
async fn captured_mails_are_kept_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config { data: folder.path().into(), ..Config::default() };
    let clock = Clock::fake("2026-11-24T08:00:00Z".parse().expect("an instant"));
    for mailer in [Mailer::in_memory(clock.clone()), Mailer::new(&config, clock.clone()).expect("a mailer")] {
        for subject in ["un", "deux"] {
            clock.advance(jiff::SignedDuration::from_secs(1));
            mailer.send(&Mail { subject: subject.into(), ..mail() }).await.expect("captured");
        }
        let captured = mailer.captured();
        let subjects: Vec<&str> = captured.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects, ["un", "deux"]);
        assert_eq!(captured[0].attachments, mail().attachments);
        assert_eq!(captured[1].captured_at, Some(clock.now()));
    }
    let again = Mailer::new(&config, clock).expect("a mailer");
    assert_eq!(again.captured().len(), 2, "another process sees them");
}

#[tokio::test]
async fn a_wrong_address_is_refused_and_a_down_capture_is_unavailable() {
    let mailer = Mailer::in_memory(Clock::system());
    assert!(matches!(mailer.send(&Mail { to: "pas une adresse".into(), ..mail() }).await, Err(Error::Refused(_))));
    mailer.set_down(true);
    assert!(matches!(mailer.send(&mail()).await, Err(Error::Unavailable(_))));
    mailer.set_down(false);
    mailer.send(&mail()).await.expect("up again");
    assert_eq!(mailer.captured().len(), 1);
}

#[tokio::test]
async fn wrong_settings_are_told_in_a_sentence() {
    let with = |security: &str, from: &str| {
        let mut config = Config::default();
        config.mail = MailConfig { host: "relais".into(), security: security.into(), from: from.into(), ..MailConfig::default() };
        match Mailer::new(&config, Clock::system()) {
            Err(Error::Refused(problem)) => problem.sentence,
            _ => "accepted".into(),
        }
    };
    assert!(with("ssl", "np@val.fr").contains("choisissez starttls"));
    assert!(with("none", "").contains("mail.from"));
    assert!(with("none", "np at val").contains("n’est pas valable"));
    assert_eq!(with("none", "Mairie <np@val.fr>"), "accepted");
}

//! The relay of mails is down for a day: the mail leaves when it is back, once.

use jiff::SignedDuration;

use crate::support::{TestApp, app::plain};

#[tokio::test]
async fn a_relay_that_is_down_for_a_day_delays_the_receipt_and_loses_nothing() {
    let app = TestApp::new().await;
    app.mailer().set_down(true);
    let sent = app.dossier().of("contact").mail("camille@exemple.fr").depose().await;
    for _ in 0..48 {
        app.clock().advance(SignedDuration::from_mins(30));
        app.run_jobs().await;
        assert!(app.mailbox().0.is_empty());
    }
    app.mailer().set_down(false);
    for _ in 0..60 {
        app.clock().advance(SignedDuration::from_mins(30));
        app.run_jobs().await;
    }
    let mail = app.mailbox().only();
    assert_eq!(mail.to, "camille@exemple.fr");
    assert!(plain(&mail).contains(&sent.number));
}

#[tokio::test]
async fn a_person_is_not_kept_waiting_by_a_relay_that_is_down() {
    let app = TestApp::new().await;
    app.mailer().set_down(true);
    let mut sent = app.dossier().of("contact").depose().await;
    let number = sent.number.clone();
    let follow = sent.path("");
    sent.author.get(&follow).await.ok().says(&[&number]);
    app.mailer().set_down(false);
    app.clock().advance(SignedDuration::from_hours(24));
    app.run_jobs().await;
    assert_eq!(app.mailbox().0.len(), 1);
}

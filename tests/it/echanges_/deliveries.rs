//! Webhooks: retries, pauses, replay, order, and what happens when the target or the program dies.

use echanges::{Format, application, replay, replay_all};
use jiff::SignedDuration;
use kernel::{Subject, jobs, journal};

use super::{Exchange, Instead, change, delivery, target::Target};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[tokio::test]
async fn a_demand_leaves_signed_and_once() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    let registered = exchange.register("webhook", target.options(), &[]).await;
    let (dossier, event) = exchange.deposit().await;
    exchange.work().await;
    exchange.pass(MINUTE, 5).await;
    let calls = target.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].id(), event.to_string());
    let now = exchange.bench.clock.now();
    let (at, signatures) = (calls[0].header("webhook-timestamp"), calls[0].header("webhook-signature"));
    let late = now.checked_sub(SignedDuration::from_mins(5)).expect("an instant");
    assert!(echanges::signature::verify(&registered.secret, &calls[0].id(), &at, &signatures, &calls[0].body, late));
    let body = calls[0].json();
    assert_eq!(body["type"], "depot");
    assert_eq!(body["data"]["dossier"], dossier.to_string());
    assert_eq!(body["data"]["document"]["DemandeActe"]["Titulaire"][0]["NomNaissance"], "LEFÈVRE");
    assert_eq!(body["data"]["reponses"], format!("http://essai.localhost/api/v1/liaisons/{dossier}/reponses"));
    assert_eq!(exchange.state(dossier).await, "delivered");
    let kinds = exchange.app.db.read(&exchange.scope(), async |tx| journal::kinds(tx, Subject::Dossier(dossier)).await).await;
    let kinds = kinds.expect("read");
    assert_eq!((kinds["DeliveryAttempted"], kinds["DeliverySucceeded"]), (1, 1));
}

#[tokio::test]
async fn the_journal_says_what_left_and_no_value() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    let read = async |tx: &mut kernel::Tx| journal::history(tx, Subject::Dossier(dossier), 20, None).await;
    let lines = exchange.app.db.read(&exchange.scope(), read).await.expect("read");
    let attempted = lines.iter().find(|line| line.kind == "DeliveryAttempted").expect("written");
    assert_eq!(attempted.payload["fields"][1], "DemandeActe/Titulaire[1]/NomNaissance");
    assert!(lines.iter().all(|line| !line.payload.to_string().contains("LEFÈVRE")));
}

/// The software is down for a day: nothing is lost, nothing arrives twice, and one try at a time is made meanwhile.
#[tokio::test]
async fn a_day_of_silence_loses_nothing_and_repeats_nothing() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    let registered = exchange.register("webhook", target.options(), &[]).await;
    target.answer(503);
    let mut events = vec![];
    for _ in 0..8 {
        for _ in 0..3 {
            events.push(exchange.deposit().await.1.to_string());
        }
        exchange.pass(MINUTE * 10, 18).await;
    }
    let during = target.calls().len();
    assert!(target.taken().is_empty());
    // 24 hours at one try in ten minutes, and those of the first minutes.
    assert!((20..=170).contains(&during), "{during} calls in a day");
    let application = exchange.application().await;
    assert!(application.down_since.is_some() && application.failures >= 5);
    target.answer(200);
    exchange.pass(MINUTE * 10, 3).await;
    let mut taken = target.taken();
    taken.sort_unstable();
    events.sort_unstable();
    assert_eq!(taken, events);
    exchange.pass(SignedDuration::from_hours(6), 20).await;
    assert_eq!(target.taken().len(), events.len(), "nothing twice");
    assert_eq!(exchange.application().await.failures, 0);
    let aside = async |tx: &mut kernel::Tx| jobs::set_aside(tx, None).await;
    assert!(exchange.app.db.read(&exchange.scope(), aside).await.expect("read").is_empty());
    assert_eq!(registered.id, application.id);
}

#[tokio::test]
async fn a_lone_message_follows_the_schedule_then_is_set_aside_and_replayed() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer(500);
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    exchange.pass(SignedDuration::from_secs(2), 4).await;
    assert_eq!(target.calls().len(), 2, "at once, then after 5 s");
    exchange.pass(SignedDuration::from_hours(1), 24 * 5).await;
    assert_eq!(target.calls().len(), 11);
    let sent = exchange.sent(dossier).await;
    assert_eq!((sent[0].1, sent[0].2), ("set_aside", 11));
    target.answer(200);
    exchange.write(async |tx| replay(tx, sent[0].0).await).await.expect("replayed");
    exchange.pass(MINUTE * 10, 2).await;
    assert_eq!(exchange.state(dossier).await, "delivered");
    let again = exchange.write(async |tx| replay(tx, sent[0].0).await).await;
    assert!(matches!(again, Err(kernel::Error::Conflict(_))), "what was acknowledged does not leave again");
}

#[tokio::test]
async fn the_wish_of_the_other_side_is_respected() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer_once(429, Some("3600"));
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    exchange.pass(MINUTE * 10, 5).await;
    assert_eq!((target.calls().len(), exchange.state(dossier).await), (1, "waiting"));
    exchange.pass(MINUTE * 11, 1).await;
    assert_eq!((target.calls().len(), exchange.state(dossier).await), (2, "delivered"));
}

#[tokio::test]
async fn a_refused_message_is_set_aside_at_once_and_does_not_stop_the_others() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    let registered = exchange.register("webhook", target.options(), &[]).await;
    target.answer_once(422, None);
    let (refused, _) = exchange.deposit().await;
    exchange.work().await;
    let (taken, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!((exchange.state(refused).await, exchange.state(taken).await), ("set_aside", "delivered"));
    let count = exchange.write(async |tx| replay_all(tx, registered.id).await).await.expect("replayed");
    exchange.work().await;
    assert_eq!((count, exchange.state(refused).await), (1, "delivered"));
}

#[tokio::test]
async fn gone_or_refused_keys_pause_the_application_and_keep_its_messages() {
    for status in [410, 401] {
        let (exchange, target) = (Exchange::new().await, Target::start().await);
        let registered = exchange.register("webhook", target.options(), &[]).await;
        target.answer(status);
        let (first, _) = exchange.deposit().await;
        exchange.work().await;
        let (second, _) = exchange.deposit().await;
        exchange.pass(SignedDuration::from_hours(24), 7).await;
        assert_eq!(target.calls().len(), 1, "{status}: a week passes and nothing is tried");
        assert_eq!((exchange.state(first).await, exchange.state(second).await), ("paused", "paused"));
        assert_eq!(exchange.application().await.status, echanges::ApplicationStatus::Paused);
        let moved = Target::start().await;
        let change = change("webhook", moved.options(), &[]);
        let write = async |tx: &mut kernel::Tx| application::change(tx, &exchange.app.keys, registered.id, change).await;
        exchange.write(write).await.expect("changed");
        exchange.write(async |tx| application::resume(tx, registered.id).await).await.expect("resumed");
        exchange.work().await;
        assert_eq!((target.calls().len(), moved.taken().len()), (1, 2), "what waits goes to the new address");
    }
}

#[tokio::test]
async fn the_same_event_twice_makes_one_delivery() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (dossier, event) = exchange.deposit().await;
    let again = exchange.write(async |tx| echanges::send(tx, delivery(event, dossier, "depot", Format::Json)).await).await;
    assert_eq!(again.expect("no error"), None);
    exchange.work().await;
    assert_eq!(target.calls().len(), 1);
}

#[tokio::test]
async fn a_delivery_of_a_unit_that_fails_was_never_there() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    let event = kernel::EventId::from(uuid::Uuid::now_v7());
    let failed: kernel::Result<()> = exchange
        .write(async |tx| {
            echanges::send(tx, delivery(event, dossier, "transition:delivrer", Format::Json)).await?;
            Err(kernel::Error::NotFound)
        })
        .await;
    assert!(failed.is_err());
    exchange.work().await;
    assert_eq!((target.calls().len(), exchange.sent(dossier).await.len()), (1, 1));
}

#[tokio::test]
async fn what_is_for_an_application_that_nobody_set_up_waits_until_somebody_does() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    let (dossier, event) = exchange.deposit().await;
    exchange.work().await;
    let named = exchange.application().await;
    assert_eq!((named.status, exchange.state(dossier).await), (echanges::ApplicationStatus::Unset, "paused"));
    let change = change("webhook", target.options(), &[]);
    let made = exchange.write(async |tx| application::change(tx, &exchange.app.keys, named.id, change).await).await;
    assert!(made.expect("changed").signing_secret.is_some());
    exchange.work().await;
    assert_eq!(target.taken(), [event.to_string()]);
}

#[tokio::test]
async fn messages_of_a_dossier_arrive_in_their_order_and_others_do_not_wait() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer_once(500, None);
    let (dossier, first) = exchange.deposit().await;
    exchange.work().await;
    let second = exchange.happen(dossier, "transition:delivrer", Format::Json).await;
    let (_, other) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(target.taken(), [other.to_string()]);
    exchange.pass(SignedDuration::from_secs(7), 1).await;
    assert_eq!(target.taken(), [other, first, second].map(|event| event.to_string()));
}

#[tokio::test]
async fn one_that_is_given_up_frees_those_behind_it() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer_once(400, None);
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    let second = exchange.happen(dossier, "transition:delivrer", Format::Json).await;
    exchange.pass(MINUTE * 30, 6).await;
    assert!(target.taken().is_empty());
    let head = exchange.sent(dossier).await[0].0;
    exchange.write(async |tx| echanges::give_up(tx, head).await).await.expect("given up");
    exchange.work().await;
    assert_eq!(target.taken(), [second.to_string()]);
    let told = exchange.write(async |tx| kernel::journal::kinds(tx, kernel::Subject::Dossier(dossier)).await).await.expect("read");
    assert_eq!((told.get("DeliverySetAside"), told.get("DeliveryGivenUp")), (Some(&1), Some(&1)), "{told:?}");
}

#[tokio::test]
async fn what_may_not_leave_any_more_does_not() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    target.answer(503);
    let ((refused, _), (withdrawn, _)) = (exchange.deposit().await, exchange.deposit().await);
    exchange.work().await;
    exchange.small.say_instead(refused, Some(Instead::Refused));
    exchange.small.say_instead(withdrawn, Some(Instead::Nothing));
    target.answer(200);
    exchange.pass(MINUTE, 2).await;
    assert!(target.taken().is_empty());
    assert_eq!((exchange.state(refused).await, exchange.state(withdrawn).await), ("set_aside", "given_up"));
    exchange.small.say_instead(refused, None);
    let id = exchange.sent(refused).await[0].0;
    exchange.write(async |tx| replay(tx, id).await).await.expect("replayed");
    exchange.work().await;
    assert_eq!((target.taken().len(), exchange.small.built()), (1, 5), "built again at each attempt");
}

#[tokio::test]
async fn a_message_that_kills_its_process_three_times_is_set_aside() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.bench.database.tamper("update delivery set lost = 2, claimed_until = '2026-09-07T06:00:00.000000Z'").await;
    exchange.work().await;
    assert_eq!((exchange.state(dossier).await, target.calls().len()), ("set_aside", 0));
}

#[tokio::test]
async fn a_message_whose_job_is_gone_is_found_again() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (_, event) = exchange.deposit().await;
    exchange.bench.database.tamper("delete from job").await;
    exchange.bench.clock.advance(MINUTE * 11);
    exchange.run("SweepDeliveries").await;
    assert_eq!(target.taken(), [event.to_string()]);
}

#[tokio::test]
async fn what_ended_three_years_ago_is_forgotten() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    exchange.register("webhook", target.options(), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    exchange.bench.clock.advance(SignedDuration::from_hours(24 * 365 * 3 - 1));
    exchange.run("PurgeEchanges").await;
    assert_eq!(exchange.sent(dossier).await.len(), 1);
    exchange.pass(SignedDuration::from_hours(25), 1).await;
    assert!(exchange.sent(dossier).await.is_empty());
}

#[tokio::test]
async fn an_address_of_our_own_network_is_not_called() {
    let exchange = Exchange::new().await;
    exchange.register("webhook", serde_json::json!({"url": "https://169.254.169.254/latest"}), &[]).await;
    let (dossier, _) = exchange.deposit().await;
    exchange.work().await;
    assert_eq!(exchange.state(dossier).await, "paused");
    assert!(exchange.application().await.status_reason.starts_with("adresse refusée"));
}

#[tokio::test]
async fn both_secrets_sign_during_a_rotation_and_the_former_stops() {
    let (exchange, target) = (Exchange::new().await, Target::start().await);
    let registered = exchange.register("webhook", target.options(), &[]).await;
    let rotate = async |tx: &mut kernel::Tx| application::rotate_secret(tx, &exchange.app.keys, registered.id).await;
    let newer = exchange.write(rotate).await.expect("rotated");
    exchange.deposit().await;
    exchange.work().await;
    exchange.bench.clock.advance(SignedDuration::from_hours(49));
    exchange.deposit().await;
    exchange.work().await;
    let verified = |call: &super::target::Call, secret: &str| {
        let at = call.header("webhook-timestamp");
        let now = jiff::Timestamp::from_second(at.parse().expect("seconds")).expect("an instant");
        echanges::signature::verify(secret, &call.id(), &at, &call.header("webhook-signature"), &call.body, now)
    };
    let said: Vec<_> = target.calls().iter().map(|call| (verified(call, &registered.secret), verified(call, &newer))).collect();
    assert_eq!(said, [(true, true), (false, true)]);
}

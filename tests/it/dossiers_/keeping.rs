//! What is kept, for whom and how long: drafts that nobody sends, ended demands, keys that open, what a search finds.

use dossiers::elimination;
use kernel::{Actor, Error};

use crate::{
    form,
    support::{TestApp, app::link_in, form::Fields},
};

#[tokio::test]
async fn a_search_of_the_agents_finds_what_was_sent_and_no_draft() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    app.dossier().prepare_by(&mut app.visitor()).await;
    let nadia = app.agent().of("mobilites").await;
    let found = app.act(nadia.actor.clone(), async |tx| dossiers::list::search(tx, "inès march").await).await.expect("found");
    assert_eq!(found.iter().map(|dossier| dossier.id).collect::<Vec<_>>(), [sent.id]);
}

#[tokio::test]
async fn a_draft_goes_at_the_end_of_its_time_and_nothing_else_does() {
    let app = TestApp::new().await;
    let (mut ines, mut leo) = (app.visitor(), app.visitor());
    let old = app.dossier().prepare_by(&mut ines).await;
    let sent = app.dossier().depose().await;
    app.pass(40).await;
    let young = app.dossier().prepare_by(&mut leo).await;
    app.pass(30).await;
    let left = app.system(async |tx| {
        let mut left = vec![];
        for id in [old, sent.id, young] {
            match dossiers::read::whole(tx, &app.tenant, id).await {
                Ok(whole) => left.push(whole.dossier.id),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(left)
    });
    assert_eq!(left.await, [sent.id, young]);
}

#[tokio::test]
async fn only_what_ended_long_ago_is_put_on_the_elimination_list() {
    let app = TestApp::new().await;
    let (mut old, recent) = (app.dossier().depose().await, app.dossier().depose().await);
    let open = app.dossier().depose().await;
    let withdraw = async |sent: &mut crate::support::demands::Sent| {
        let away = sent.path("retrait");
        let page = sent.author.get(&away).await.ok();
        sent.author.submit(&page, &away, Fields::default()).await.redirects();
        app.run_jobs().await;
    };
    withdraw(&mut old).await;
    app.pass(30).await;
    app.system(async |tx| dossiers::withdraw::withdraw(tx, &app.tenant, recent.id).await.map(drop)).await;
    app.run_jobs().await;
    let waiting = async || {
        let list = app.system(async |tx| elimination::waiting(tx, None).await).await;
        list.into_iter().map(|line| line.dossier).collect::<Vec<_>>()
    };
    // Kept ten years after their end.
    app.pass(3_652 - 40).await;
    assert_eq!(waiting().await, []);
    app.pass(20).await;
    assert_eq!(waiting().await, [old.id]);
    app.pass(30).await;
    assert_eq!(waiting().await, [old.id, recent.id]);
    assert!(!waiting().await.contains(&open.id));
}

#[tokio::test]
async fn a_key_opens_its_dossier_until_its_time_is_over() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    app.system(async |tx| dossiers::links::open_to(tx, sent.id, "cle-de-trente-jours").await.map(drop)).await;
    let opened = async |key: &'static str| app.act(Actor::Visitor, async |tx| dossiers::rights::mine(tx, sent.id, Some(key)).await).await;
    app.pass(29).await;
    assert!(opened("cle-de-trente-jours").await.is_ok());
    assert!(matches!(opened("une-autre").await, Err(Error::NotFound)));
    app.clock().advance(jiff::SignedDuration::from_hours(48));
    assert!(matches!(opened("cle-de-trente-jours").await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_address_gets_a_link_to_each_of_its_drafts_and_to_nothing_else() {
    let app = TestApp::new().await;
    let (mut ines, mut leo) = (app.visitor(), app.visitor());
    let hers = app.dossier().prepare_by(&mut ines).await;
    app.dossier().mail("leo@exemple.fr").prepare_by(&mut leo).await;
    app.dossier().depose().await;
    let before = app.mailbox().0.len();
    let mut phone = app.visitor();
    let page = phone.get("/reprendre").await.ok();
    phone.submit(&page, "/reprendre", form! { courriel: " Ines@exemple.fr " }).await.ok();
    app.run_jobs().await;
    let sent = app.mailbox().0.split_off(before);
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ines@exemple.fr"]);
    let link = link_in(&sent[0], "/reprendre/");
    let page = phone.get(&link).await.ok();
    let opened = phone.submit(&page, &link, form! {}).await.redirects();
    assert!(opened.starts_with(&format!("/dossiers/{hers}")), "{opened}");
}

#[tokio::test]
async fn what_the_archives_signed_for_is_destroyed_and_its_number_stays() {
    let app = TestApp::new().await;
    let (one, other) = (app.dossier().depose().await, app.dossier().depose().await);
    for id in [one.id, other.id] {
        app.system(async |tx| dossiers::withdraw::withdraw(tx, &app.tenant, id).await.map(drop)).await;
    }
    app.run_jobs().await;
    app.pass(3_660).await;
    let mut officer = app.dpo().await;
    let list = officer.get("/admin/eliminations").await.ok();
    list.says(&[&one.number, &other.number, "10 ans après la fin du dossier"]);
    let without = officer.post("/admin/eliminations", form! { d: one.id, visa: " " }).await.is(422);
    without.says(&["Indiquez la référence et la date du visa"]);
    officer.post("/admin/eliminations", form! { visa: "AD28, visa 2036-1" }).await.is(422);
    officer.post("/admin/eliminations", form! { d: one.id, visa: "AD28, visa 2036-1" }).await.redirects();
    app.run_jobs().await;
    let list = officer.get("/admin/eliminations").await.ok();
    assert!(!list.said().contains(&one.number) && list.said().contains(&other.number), "{}", list.said());
    let gone = app.act(Actor::system("essai"), async |tx| dossiers::read::whole(tx, &app.tenant, one.id).await.map(drop)).await;
    assert!(matches!(gone, Err(Error::NotFound)));
    let kept = app.database().count("select cast(count(*) as bigint) from elimination where visa = 'AD28, visa 2036-1'").await;
    assert_eq!(kept, 1);
    app.admin().await.0.post("/admin/eliminations", form! { d: other.id, visa: "faux" }).await.is(403);
}

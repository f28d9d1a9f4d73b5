//! How many statements a request makes: a page of an usager, a deposit, a list, whatever the number of rows. Begin and
//! commit are not counted.

use crate::{
    form,
    support::{TestApp, demands::path, form::Fields},
};

/// A page: the session, and what it shows.
const PAGE: u32 = 2;
/// The page that follows a demand is four lists more: requests, messages, letters, events. Beyond the bound of a page.
const FOLLOWED: u32 = PAGE + 4;
/// A deposit, in its one unit of work, with the key of its form.
const DEPOSIT: u32 = 12;
/// What is read before a unit opens: the session, the dossier.
const BEFORE: u32 = 2;
/// A list.
const LIST: u32 = 4;

fn within(faults: &mut Vec<String>, what: &str, statements: u32, most: u32) {
    if statements > most {
        faults.push(format!("{what}: {statements} statements, {most} at most"));
    }
}

#[tokio::test]
async fn a_page_takes_two_statements_and_a_deposit_twelve() {
    let app = TestApp::new().await;
    let mut faults = vec![];
    let mut visitor = app.visitor();
    for page in ["/", "/demarches", "/demarches/aide-velo", "/demarches/aide-velo/eligibilite", "/aide", "/suivi"] {
        visitor.get(page).await.ok();
        let shown = visitor.get(page).await.ok();
        within(&mut faults, page, shown.statements, PAGE);
    }
    let mut ines = app.visitor();
    // A first deposit takes numbers for the next fifty.
    app.dossier().of("contact").depose_by(&mut ines).await;
    let id = app.dossier().prepare_by(&mut ines).await;
    for page in ["pages/vous", "pages/velo", "pieces", "verification"] {
        ines.get(&path(id, page)).await.ok();
        let shown = ines.get(&path(id, page)).await.ok();
        within(&mut faults, page, shown.statements, PAGE);
    }
    let check = ines.get(&path(id, "verification")).await.ok();
    let sent = ines.submit(&check, &path(id, "depot"), Fields::default()).await;
    within(&mut faults, "deposit", sent.statements, BEFORE + DEPOSIT);
    sent.redirects();
    for (page, most) in [("depot", PAGE), ("", FOLLOWED)] {
        ines.get(&path(id, page)).await.ok();
        let shown = ines.get(&path(id, page)).await.ok();
        within(&mut faults, &format!("after: {page}"), shown.statements, most);
    }
    app.run_jobs().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_list_takes_four_statements_whatever_its_rows() {
    let app = TestApp::new().await;
    let mut faults = vec![];
    let mut ines = app.usager("ines@exemple.fr").await;
    let mut nadia = app.agent().everywhere().await;
    let mut counts = vec![];
    for round in 0..2 {
        for _ in 0..=(round * 8) {
            app.dossier().of("contact").depose_by(&mut ines).await;
        }
        for page in ["/mes-demandes", "/agent/dossiers"] {
            let client = if page.starts_with("/agent") { &mut nadia.client } else { &mut ines.client };
            client.get(page).await;
            let shown = client.get(page).await;
            if shown.status.as_u16() == 404 {
                continue;
            }
            let shown = shown.ok();
            within(&mut faults, page, shown.statements, LIST);
            counts.push((page, shown.statements));
        }
    }
    let (first, last) = counts.split_at(counts.len() / 2);
    assert_eq!(first, last, "more rows, more statements");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_message_is_marked_as_read_once() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().of("contact").depose().await;
    let nadia = app.agent().everywhere().await;
    let written = app.act(nadia.actor.clone(), async |tx| dossiers::write_message::write_message(tx, sent.id, "Bonjour.").await.map(drop));
    written.await.expect("written");
    app.run_jobs().await;
    let follow = sent.path("");
    let mut counts = vec![];
    for _ in 0..3 {
        counts.push(sent.author.get(&follow).await.ok().statements);
    }
    assert!(counts[0] > counts[1] && counts[1] == counts[2], "{counts:?}");
}

#[tokio::test]
async fn the_count_sees_the_statements() {
    let app = TestApp::new().await;
    let mut ines = app.visitor();
    let id = app.dossier().of("contact").prepare_by(&mut ines).await;
    let saved = ines.get(&path(id, "pages/message")).await.ok();
    assert!(saved.statements > 0);
    let saved = ines.submit(&saved, "/pages/message", form! { message: "Bonjour" }).await;
    assert!(saved.statements > 1);
}

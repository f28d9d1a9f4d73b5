//! The clock of the machine jumps back six hours, then forward two days: what is written meanwhile is kept, the jobs
//! run once, the journal proves itself.

use jiff::SignedDuration;
use kernel::{Actor, Subject, crypto::Keys, journal};
use parvis::boot::Seals;

use crate::support::TestApp;

#[tokio::test]
async fn a_clock_that_jumps_loses_nothing_and_does_nothing_twice() {
    let app = TestApp::new().await;
    let seals = Seals(Keys::ephemeral());
    let mut sent = vec![];
    for hours in [0, -6, 48] {
        app.clock().advance(SignedDuration::from_hours(hours));
        sent.push(app.dossier().of("contact").mail(&format!("apres{hours}@exemple.fr")).depose().await);
        journal::seal_once(&app.program().db, &seals).await.expect("sealed");
    }
    app.run_jobs().await;
    let mails: Vec<String> = app.mailbox().0.into_iter().map(|mail| mail.to).filter(|to| to.starts_with("apres")).collect();
    for one in &mut sent {
        let follow = one.path("");
        one.author.get(&follow).await.ok().says(&[&one.number]);
        let id = one.id;
        let events = app.system(async |tx| journal::kinds(tx, Subject::Dossier(id)).await).await;
        assert_eq!(events["DossierSubmitted"], 1);
    }
    assert_eq!(mails, ["apres0@exemple.fr", "apres-6@exemple.fr", "apres48@exemple.fr"], "one receipt each");
    let report = journal::verify(&app.program().db, &app.tenant.scope(Actor::system("essai")), &seals, None).await.expect("readable");
    assert!(report.faults.is_empty() && report.seals == 3, "{:?}", report.faults);
}

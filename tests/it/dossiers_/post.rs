//! Letters to a person whom no mail reaches, or who refuses electronic answers: they wait on the page of the dossier
//! until an agent notes the day they were posted.

use crate::{
    form,
    support::{TestApp, form::Fields, html},
};

/// Makes an account refuse electronic answers (CRPA, L112-14).
async fn refuse_electronic(app: &TestApp, mail: &str) {
    app.system(async |tx| {
        let compte = comptes::store::compte_by_mail(tx, mail).await?.expect("an account");
        comptes::prefer(tx, compte.id, "auto", true).await
    })
    .await;
}

#[tokio::test]
async fn who_refuses_electronic_answers_gets_no_mail_and_his_letters_wait_to_be_posted() {
    let app = TestApp::new().await;
    let mut ines = app.usager("ines@exemple.fr").await;
    refuse_electronic(&app, "ines@exemple.fr").await;
    let (id, _, _) = app.dossier().mail("ines@exemple.fr").depose_by(&mut ines).await;
    assert!(app.mailer().captured().iter().all(|mail| !mail.text.contains("bien reçu")), "no receipt leaves by mail");

    let mut nadia = app.agent().of("mobilites").await;
    let address = format!("/agent/dossiers/{id}");
    let page = nadia.get(&address).await.ok();
    page.says(&["À imprimer et à poster", "Accusé de réception", "Noter l’envoi"]);
    let forms = html::forms(&page.text());
    let form = forms.iter().find(|form| form.action.ends_with("/envoi")).expect("a form for the day");
    let boxes = form.names.iter().find(|name| name.ends_with(".annee")).expect("three boxes").clone();
    let late = Fields::default().with(&boxes, &"2031");
    let refused = nadia.submit(&page, &form.action, late).await.is(422);
    refused.says(&["Donnez le jour de l’envoi"]);

    nadia.submit(&page, &form.action, form! {}).await.redirects();
    let page = nadia.get(&address).await.ok();
    assert!(!page.said().contains("Noter l’envoi"), "{}", page.said());
    page.says(&["Accusé de réception posté ou remis", "Nadia Roussel"]);
    let refusal = nadia.get(&format!("{address}/etapes/refuser")).await.ok();
    refusal.says(&["Aucun mail ne part à cette personne : le courrier sera à imprimer et à poster."]);
}

#[tokio::test]
async fn a_request_for_a_piece_is_a_letter_when_no_mail_may_take_it() {
    let app = TestApp::new().await;
    let mut ines = app.usager("ines@exemple.fr").await;
    refuse_electronic(&app, "ines@exemple.fr").await;
    let (id, _, _) = app.dossier().mail("ines@exemple.fr").depose_by(&mut ines).await;
    let before = app.mailer().captured().len();
    let mut nadia = app.agent().of("mobilites").await;
    let ask = nadia.get(&format!("/agent/dossiers/{id}/complement")).await.ok();
    nadia.submit(&ask, "/complement", form! { pieces: "rib", motif: "Le bas du RIB est coupé." }).await.redirects();
    app.run_jobs().await;
    assert_eq!(app.mailer().captured().len(), before, "no mail");
    let page = nadia.get(&format!("/agent/dossiers/{id}")).await.ok();
    page.says(&["À imprimer et à poster", "Demande de complément"]);
    let whole = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, id).await).await;
    let letter = whole.courriers.iter().find(|courrier| courrier.model == "complement").expect("a letter");
    let pdf = nadia.get(&format!("/agent/dossiers/{id}/courriers/{}", letter.id)).await.ok();
    documents::check(&pdf.body).expect("a tagged PDF");
}

//! An agent enters: invited by mail or from the command line, his password, his telephone, then each morning a code
//! that serves once.

use jiff::SignedDuration;

use crate::{
    faults::Installation,
    form,
    support::{TestApp, app::link_in, browser::Answer, clients::Visitor, html},
};

const PASSWORD: &str = "trois vélos bleus dans la cour";

/// The secret that the page shows to who cannot scan it.
fn secret_of(page: &Answer) -> String {
    let text = page.text();
    let code = text.split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>")).expect("a secret in words").0;
    html::words(code).replace(' ', "")
}

/// Types his address and his password.
async fn password(browser: &mut Visitor, mail: &str) -> String {
    let page = browser.get("/agent/connexion").await.ok();
    browser.submit(&page, "/agent/connexion", form! { identifiant: mail, mot_de_passe: PASSWORD }).await.redirects()
}

/// Types the code of his telephone.
async fn code(app: &TestApp, browser: &mut Visitor, at: &str, secret: &str) -> Answer {
    let page = browser.get(at).await.ok();
    let code = comptes::totp::code(secret, app.clock().now()).expect("a code");
    browser.submit(&page, at, form! { code: code }).await
}

/// The kinds of the events that a line of the journal names, and who acted.
async fn recorded(app: &TestApp, kind: &str) -> Vec<(String, serde_json::Value)> {
    let lines = app.system(async |tx| kernel::journal::recent(tx, 200, None).await).await;
    lines.into_iter().filter(|line| line.kind == kind).map(|line| (line.actor, line.payload)).collect()
}

#[tokio::test]
async fn an_invitation_sent_again_to_an_agent_who_came_goes_to_his_address_alone() {
    let app = TestApp::new().await;
    let mut ada = app.admin().await;
    let mail = "denis.pons@essai.example";
    let new = ada.get("/admin/agents/nouveau").await.ok();
    let typed = form! { given_name: "Denis", family_name: "Pons", mail: mail, job_title: "Délégué", role: "dpo" };
    assert_eq!(ada.submit(&new, "/admin/agents/nouveau", typed).await.redirects(), "/admin/secret");
    assert!(ada.get("/admin/secret").await.ok().text().contains("/agent/invitation/"));
    app.run_jobs().await;
    let invitation = link_in(&app.mailbox().last(), "/agent/invitation/");
    let mut denis = app.visitor();
    let page = denis.get(&invitation).await.ok();
    denis.submit(&page, &invitation, form! { nouveau: PASSWORD, encore: PASSWORD }).await.redirects();
    app.run_jobs().await;
    let told = app.mailbox().last();
    assert_eq!((told.to.as_str(), told.subject.as_str()), (mail, "Votre mot de passe a été choisi"));
    let set = recorded(&app, "PasswordSetByInvitation").await;
    assert_eq!(set[0].1["invited_by"], ada.0.id.to_string());

    let list = ada.get("/admin/agents").await.ok();
    let text = list.text();
    let before = text.split("denis.pons").next().expect("his line");
    let href = before.rsplit("href=\"").find(|href| href.starts_with("/admin/agents/age_")).expect("his page");
    let his = href.split('"').next().expect("an address").to_owned();
    let page = ada.get(&his).await.ok();
    let again = ada.submit(&page, &format!("{his}/invitation"), form! {}).await.redirects();
    assert_eq!(again, his, "no link is shown");
    ada.get("/admin/secret").await.is(410);
    app.run_jobs().await;
    assert_eq!(app.mailbox().last().to, mail);
    let sent = recorded(&app, "InvitationSentAgain").await;
    assert_eq!(sent.iter().map(|(actor, _)| actor.clone()).collect::<Vec<_>>(), [ada.0.id.to_string()]);

    ada.post(&format!("{his}/second-facteur"), form! {}).await.redirects();
    app.run_jobs().await;
    assert_eq!(app.mailbox().last().subject, "Votre second facteur est remis à zéro");
    assert_eq!(recorded(&app, "SecondFactorChanged").await[0].0, ada.0.id.to_string());
}

#[tokio::test]
async fn an_invited_administrator_sets_his_password_his_telephone_and_comes_back_with_a_code() {
    let app = TestApp::new().await;
    let mut ada = app.admin().await;
    let new = ada.get("/admin/agents/nouveau").await.ok();
    let mail = "claire.vasseur@essai.example";
    let typed = form! { given_name: "Claire", family_name: "Vasseur", mail: mail, job_title: "Directrice", role: "admin" };
    ada.submit(&new, "/admin/agents/nouveau", typed).await.redirects();
    app.run_jobs().await;
    let invitation = link_in(&app.mailbox().last(), "/agent/invitation/");

    let mut claire = app.visitor();
    let page = claire.get(&invitation).await.ok();
    let mut at = claire.submit(&page, &invitation, form! { nouveau: PASSWORD, encore: PASSWORD }).await.redirects();
    if at.ends_with("/agent/connexion") {
        at = password(&mut claire, mail).await;
    }
    assert_eq!(at, "/agent/connexion/second-facteur");
    let secret = secret_of(&claire.get(&at).await.ok());
    code(&app, &mut claire, &at, &secret).await.redirects();
    claire.get("/admin").await.ok();

    // Another day, another browser.
    app.clock().advance(SignedDuration::from_hours(24));
    let mut desk = app.visitor();
    let at = password(&mut desk, mail).await;
    assert_eq!(at, "/agent/connexion/code");
    assert!(desk.get("/admin").await.redirects().starts_with("/agent/connexion"), "the password alone opens nothing");
    code(&app, &mut desk, &at, &secret).await.redirects();
    desk.get("/admin").await.ok();

    // The same code a second time.
    let mut thief = app.visitor();
    let at = password(&mut thief, mail).await;
    code(&app, &mut thief, &at, &secret).await.is(422);
    assert!(thief.get("/admin").await.redirects().starts_with("/agent/connexion"));
    assert!(claire.get(&invitation).await.status.is_client_error(), "an invitation serves once");
    app.run_jobs().await;
}

#[tokio::test]
async fn who_runs_the_program_invites_the_first_administrator_and_lets_him_in_again() {
    let here = Installation::new().await;
    let app = &here.app;
    let mail = "claire.vasseur@essai.example";
    let asked = ["agent", "invite", "--admin", "--tenant", &app.tenant.slug, "--mail", mail];
    let (is_done, said) = here.run(&asked).await;
    assert!(is_done && said.contains("Claire Vasseur"), "{said}");
    let printed =
        said.lines().find(|line| line.starts_with(&app.tenant.base_url)).expect("a link").trim_start_matches(&app.tenant.base_url).to_owned();
    app.clock().advance(SignedDuration::from_mins(1));
    app.run_jobs().await;
    let mailed = link_in(&app.mailbox().last(), "/agent/invitation/");
    assert_ne!(printed, mailed);

    let mut claire = app.visitor();
    let page = claire.get(&printed).await.ok();
    let at = claire.submit(&page, &printed, form! { nouveau: PASSWORD, encore: PASSWORD }).await.redirects();
    assert_eq!(at, "/agent/connexion/second-facteur");
    let secret = secret_of(&claire.get(&at).await.ok());
    code(app, &mut claire, &at, &secret).await.redirects();
    claire.get("/admin").await.ok();
    claire.get("/admin/agents").await.ok().says(&["Claire Vasseur"]);
    // One of the two links was used: the other is dead with it.
    for link in [&printed, &mailed] {
        app.visitor().get(link).await.is(410);
    }

    // She has lost her telephone, and nobody else may help her.
    let lost = ["agent", "invite", "--tenant", &app.tenant.slug, "--login", mail, "--new-second-factor"];
    let (is_done, said) = here.run(&lost).await;
    assert!(is_done && said.contains("à nouveau"), "{said}");
    claire.get("/admin").await.redirects();
    let again = said.lines().find(|line| line.starts_with(&app.tenant.base_url)).expect("a link").trim_start_matches(&app.tenant.base_url).to_owned();
    let page = claire.get(&again).await.ok();
    let at = claire.submit(&page, &again, form! { nouveau: PASSWORD, encore: PASSWORD }).await.redirects();
    assert_eq!(at, "/agent/connexion/second-facteur", "still an administrator, and a new telephone to enrol");
    app.run_jobs().await;
}

#[tokio::test]
async fn an_invitation_that_cannot_be_says_why_and_does_nothing() {
    let here = Installation::new().await;
    let (is_done, said) = here.run(&["agent", "invite", "--admin", "--tenant", "nulle-part", "--mail", "claire@essai.example"]).await;
    assert!(!is_done && said.contains("Aucun espace") && said.contains(&here.app.tenant.slug), "{said}");
    let (is_done, said) = here.run(&["agent", "invite", "--admin", "--tenant", &here.app.tenant.slug, "--mail", "claire"]).await;
    assert!(!is_done && said.contains("adresse électronique"), "{said}");
    here.app.run_jobs().await;
    assert!(here.app.mailbox().0.is_empty());
}

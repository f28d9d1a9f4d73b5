//! The aid for a bike, lived by both sides: pieces, a request that stops the clock, a decision and its letter, two
//! agents who decide at once.

use crate::{
    form,
    support::{
        TestApp,
        app::plain,
        clients::AgentClient,
        demands::{Sent, path, pdf},
        form::Fields,
    },
};

/// Accepts every piece that waits for a verdict.
async fn accept_pieces(agent: &mut AgentClient, sent: &Sent) {
    let whole = format!("/agent/dossiers/{}", sent.id);
    for _ in 0..9 {
        let page = agent.get(&whole).await.ok();
        let text = page.text();
        let forms = crate::support::html::forms(&text);
        let Some(form) = forms.iter().find(|form| form.names.contains(&"avis".to_owned())) else { return };
        agent.submit(&page, &form.action, form! { avis: "acceptee" }).await.redirects();
    }
    panic!("the pieces never end");
}

/// Takes a step of the circuit by its pages: the form, the letter if there is one, the button.
async fn take(agent: &mut AgentClient, sent: &Sent, step: &str, typed: Fields) -> crate::support::browser::Answer {
    let action = format!("/agent/dossiers/{}/etapes/{step}", sent.id);
    let page = agent.get(&action).await.ok();
    let typed = if page.said().contains("Voir le courrier") { typed.with("_faire", "apercu") } else { typed };
    let answer = agent.submit(&page, &action, typed).await;
    match answer.status.as_u16() {
        200 => {
            answer.says(&["Relisez le courrier"]);
            agent.submit(&answer, &action, Fields::default()).await
        }
        _ => answer,
    }
}

/// The mail of a decision says that there is one and where to read it, never which.
#[track_caller]
fn is_a_notice(mail: &str) {
    assert!(mail.contains("La décision sur votre demande") && mail.contains("/reprendre/"), "{mail}");
    assert!(!mail.contains("250") && !mail.contains("refus") && !mail.contains("](") && !mail.contains("**"), "{mail}");
}

#[tokio::test]
async fn a_piece_asked_again_stops_the_clock_and_the_accepted_aid_has_its_letter() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    let mut nadia = app.agent().of("mobilites").await;
    let inbox = nadia.get("/agent/dossiers").await.ok();
    inbox.says(&[&sent.number]);
    inbox.link(&format!("/agent/dossiers/{}", sent.id));

    app.pass(9).await;
    app.back_to_work(&mut nadia).await;
    let ask = nadia.get(&format!("/agent/dossiers/{}/complement", sent.id)).await.ok();
    let reason = "Le bas du RIB est coupé : photographiez-le en entier.";
    nadia.submit(&ask, "/complement", form! { pieces: "rib", motif: reason }).await.redirects();
    app.run_jobs().await;
    let mail = app.mailbox().last();
    assert!(plain(&mail).contains(reason) && mail.to == "ines@exemple.fr", "{}", plain(&mail));

    app.pass(5).await;
    let (follow, answer, upload) = (sent.path(""), sent.path("complement"), sent.path("pieces/rib"));
    let page = sent.author.get(&follow).await.ok();
    page.says(&["Action attendue de votre part", reason, "Le délai de réponse est suspendu"]);
    let added = sent.author.send_file(&page, &upload, "rib-entier.pdf", pdf("rib entier")).await;
    assert!(added.status.is_success() || added.status.is_redirection(), "{}", added.said());
    let page = sent.author.get(&follow).await.ok();
    sent.author.submit(&page, &answer, Fields::default()).await.redirects();
    app.run_jobs().await;
    let page = sent.author.get(&follow).await.ok();
    // Received on 7 September, two months, five days suspended.
    page.says(&["12 novembre 2026"]);

    app.back_to_work(&mut nadia).await;
    accept_pieces(&mut nadia, &sent).await;
    let decided = take(&mut nadia, &sent, "accepter", form! { montant_accorde: "250" }).await;
    decided.redirects();
    app.run_jobs().await;
    let page = sent.author.get(&follow).await.ok();
    page.says(&["Acceptée : 250,00 €", "Télécharger le courrier"]);
    let letter = page.link(&format!("{}/courriers/", path(sent.id, "")));
    let letter = sent.author.get(&letter).await.ok();
    documents::check(&letter.body).expect("a tagged PDF");
    is_a_notice(&plain(&app.mailbox().last()));
}

#[tokio::test]
async fn less_than_the_scale_is_not_granted_without_its_reason() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    let mut nadia = app.agent().of("mobilites").await;
    accept_pieces(&mut nadia, &sent).await;
    let action = format!("/agent/dossiers/{}/etapes/accepter", sent.id);
    let page = nadia.get(&action).await.ok();
    assert!(!page.said().contains("plus bas que le barème"), "{}", page.said());
    let without = nadia.submit(&page, &action, form! { montant_accorde: "200", _faire: "apercu" }).await;
    assert_eq!(without.status.as_u16(), 422);
    without.says(&["Pourquoi ce montant est plus bas que le barème", "Écrivez votre réponse."]);
    let reason = "la facture comprend 50 € d’accessoires";
    let letter = nadia.submit(&without, &action, form! { montant_accorde: "200", raison_montant: reason, _faire: "apercu" }).await.ok();
    letter.says(&["Le barème donnait 250,00 €.", "Nous vous accordons 200,00 €, parce que : la facture comprend 50 € d’accessoires"]);
    nadia.submit(&letter, &action, Fields::default()).await.redirects();
    app.run_jobs().await;
}

#[tokio::test]
async fn the_receipt_names_the_court_that_the_administrator_wrote_and_the_right_to_the_reasons() {
    let app = TestApp::new().await;
    let mut admin = app.admin().await;
    let page = admin.get("/admin/apparence").await.ok();
    let court = "tribunal administratif d’Orléans, 28 rue de la Bretonnerie, 45057 Orléans Cedex 1";
    let typed = form! { phone: "02 37 00 00 00", tribunal: format!("Le {court}") };
    admin.submit(&page, "/admin/apparence", typed).await.redirects();
    admin.get("/admin/apparence").await.ok().says(&["28 rue de la Bretonnerie"]);
    app.clock().advance(jiff::SignedDuration::from_mins(5));
    app.dossier().depose().await;
    let mail = plain(&app.mailbox().last());
    for wanted in [
        "pour saisir le tribunal administratif d’Orléans, 28 rue de la Bretonnerie",
        "citoyens.telerecours.fr",
        "demander au service les raisons de ce rejet",
        "L232-4",
        "Ce n’est pas obligatoire",
    ] {
        assert!(mail.contains(wanted), "{wanted} in {mail}");
    }
}

#[tokio::test]
async fn only_who_may_decide_for_the_team_may_sign() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    let desk = app.agent().named("Lucie Accueil").holding("accueil", "mobilites").await;
    let other = app.agent().named("Omar Ailleurs").of("etat-civil").await;
    let chief = app.agent().named("Herve Tanguy").of("mobilites").await;
    let mut nadia = app.agent().of("mobilites").await;
    accept_pieces(&mut nadia, &sent).await;
    let action = format!("/agent/dossiers/{}/etapes/accepter", sent.id);
    let page = nadia.get(&action).await.ok();
    page.says(&["Signé par", "Herve Tanguy"]);
    for absent in ["Lucie Accueil", "Omar Ailleurs"] {
        assert!(!page.said().contains(absent), "{absent} in {}", page.said());
    }
    for named in [desk.id, other.id] {
        let typed = Fields::default().with("montant_accorde", &"250").with("_signataire", &named.to_string());
        nadia.submit(&page, &action, typed).await.is(422);
    }
    let typed = Fields::default().with("montant_accorde", &"250").with("_signataire", &chief.id.to_string());
    nadia.submit(&page, &action, typed).await.redirects();
    app.run_jobs().await;
    let decided = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, sent.id).await).await.dossier.decision.expect("a decision");
    assert_eq!(decided.signer, "Herve Tanguy");
}

#[tokio::test]
async fn a_refusal_says_why_and_how_to_contest() {
    let app = TestApp::new().await;
    let mut sent = app.dossier().depose().await;
    app.run_jobs().await; // the receipt leaves first
    let mut nadia = app.agent().of("mobilites").await;
    accept_pieces(&mut nadia, &sent).await;
    let faits = "La facture est datée du 3 janvier 2026.";
    let without = take(&mut nadia, &sent, "refuser", form! { faits: faits }).await;
    assert_eq!(without.status.as_u16(), 422, "a refusal without reason: {}", without.said());
    take(&mut nadia, &sent, "refuser", form! { faits: faits, motif: "achat_ancien" }).await.redirects();
    app.run_jobs().await;
    let follow = sent.path("");
    let page = sent.author.get(&follow).await.ok();
    page.says(&["Refusée", "Achat de plus de 6 mois", "Contester cette décision", "tribunal administratif"]);
    is_a_notice(&plain(&app.mailbox().last()));
}

#[tokio::test]
async fn of_two_agents_who_decide_at_once_the_second_sees_who_did_what_and_keeps_what_he_typed() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    let mut nadia = app.agent().of("mobilites").await;
    let mut paul = app.agent().named("Paul Guérin").of("mobilites").await;
    accept_pieces(&mut nadia, &sent).await;
    let action = format!("/agent/dossiers/{}/etapes/refuser", sent.id);
    let open = paul.get(&action).await.ok();
    let faits = "La facture n’est pas au nom de la personne.";
    let letter = paul.submit(&open, &action, form! { faits: faits, motif: "facture_non_conforme", _faire: "apercu" }).await.ok();
    take(&mut nadia, &sent, "accepter", form! { montant_accorde: "250" }).await.redirects();
    let late = paul.submit(&letter, &action, Fields::default()).await.is(409);
    late.says(&["Nadia Roussel", faits]);
    app.run_jobs().await;
    let dossier = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, sent.id).await).await.dossier;
    assert_eq!(dossier.phase, dossiers::phase::Phase::Accepte);
}

#[tokio::test]
async fn an_agent_of_another_service_sees_nothing_of_it() {
    let app = TestApp::new().await;
    let sent = app.dossier().depose().await;
    let mut other = app.agent().of("etat-civil").await;
    assert!(!other.get("/agent/dossiers").await.ok().said().contains(&sent.number));
    let answer = other.get(&format!("/agent/dossiers/{}", sent.id)).await;
    assert!(matches!(answer.status.as_u16(), 403 | 404), "{}", answer.status);
    assert!(!answer.said().contains("Marchetti"));
}

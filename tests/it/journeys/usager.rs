//! Somebody without an account fills each démarche of the house, sends it, and follows it.

use crate::{
    form,
    support::{
        TestApp, TestDatabase,
        app::{SLUGS, link_in, plain},
        demands::{path, pdf},
    },
};

#[tokio::test]
async fn each_demarche_is_filled_sent_and_acknowledged_without_an_account() {
    let app = TestApp::new().await;
    for slug in SLUGS {
        let before = app.mailbox().0.len();
        let sent = app.dossier().of(slug).mail("camille@exemple.fr").depose().await;
        let mails = app.mailbox().0;
        assert_eq!(mails.len(), before + 1, "{slug}");
        let mail = &mails[before];
        assert_eq!(mail.to, "camille@exemple.fr", "{slug}");
        assert!(plain(mail).contains(&sent.number), "{slug}: {}", plain(mail));
        assert_eq!(mail.attachments.len(), 1, "{slug}");
        documents::check(&mail.attachments[0].bytes).expect("a tagged PDF");
    }
}

#[tokio::test]
async fn a_demand_is_found_again_by_its_number_and_mail_on_another_device() {
    let app = TestApp::new().await;
    let sent = app.dossier().of("contact").mail("camille@exemple.fr").depose().await;
    let mut phone = app.visitor();
    phone.get(&sent.path("")).await.is(404);
    let ask = phone.get("/suivi").await.ok();
    let said = phone.submit(&ask, "/suivi", form! { numero: sent.number.to_lowercase(), courriel: " Camille@exemple.fr " }).await;
    assert!(said.status.is_success() || said.status.is_redirection(), "{}", said.said());
    app.run_jobs().await;
    let link = link_in(&app.mailbox().last(), "/reprendre/");
    let opened = phone.get(&link).await;
    let page = if opened.status.is_redirection() { phone.get(opened.location()).await } else { opened };
    page.ok().says(&[&sent.number, "Contacter"]);
    phone.get(&sent.path("")).await.ok();
}

#[tokio::test]
async fn a_wrong_number_and_a_wrong_mail_are_answered_alike() {
    let app = TestApp::new().await;
    let sent = app.dossier().of("contact").mail("camille@exemple.fr").depose().await;
    let mails = app.mailbox().0.len();
    let mut answers = vec![];
    for (number, mail) in [(sent.number.as_str(), "autre@exemple.fr"), ("DOS-2026-999999", "camille@exemple.fr")] {
        let mut stranger = app.visitor();
        let ask = stranger.get("/suivi").await.ok();
        answers.push(stranger.submit(&ask, "/suivi", form! { numero: number, courriel: mail }).await.said());
    }
    app.run_jobs().await;
    assert_eq!(answers[0], answers[1]);
    assert_eq!(app.mailbox().0.len(), mails);
}

#[tokio::test]
async fn a_draft_left_is_taken_up_on_another_device_by_the_mailed_link() {
    let app = TestApp::new().await;
    let mut desk = app.visitor();
    let id = app.dossier().prepare_by(&mut desk).await;
    let later = desk.get(&path(id, "plus-tard")).await.ok();
    desk.submit(&later, "/plus-tard", form! { courriel: "ines@exemple.fr" }).await;
    app.run_jobs().await;
    let link = link_in(&app.mailbox().only(), "/reprendre/");
    let mut phone = app.visitor();
    let asked = phone.get(&link).await.ok();
    let opened = phone.submit(&asked, &link, form! {}).await.redirects();
    assert!(opened.starts_with(&path(id, "")), "{opened}");
    let page = phone.get(&path(id, "pages/velo")).await.ok();
    assert!(page.text().contains("Cycles du Perche"));
}

#[tokio::test]
async fn nothing_longer_than_its_control_is_sent_back() {
    let app = TestApp::new().await;
    let long = format!("{}@exemple", "intrus".repeat(5_000));
    let forms = [
        ("/connexion/lien", form! { mail: long }),
        ("/connexion/mot-de-passe-oublie", form! { mail: long }),
        ("/agent/connexion", form! { identifiant: long, mot_de_passe: "x" }),
        ("/reprendre", form! { courriel: long }),
        ("/suivi", form! { numero: long, courriel: long }),
    ];
    for (path, typed) in forms {
        let answer = app.visitor().post(path, typed).await.is(422);
        assert!(!answer.text().contains("intrusintrus"), "{path}");
    }
}

#[tokio::test]
async fn visitors_of_one_address_begin_so_many_drafts_and_send_so_many_files_a_day() {
    let app = TestApp::with(TestDatabase::new().await, |bench| (bench.limits.drafts, bench.limits.files) = (2, 3)).await;
    let mut ines = app.visitor();
    let id = app.dossier().prepare_by(&mut ines).await;
    let page = ines.get(&path(id, "pieces")).await.ok();
    ines.send_file(&page, "/pieces/facture", "encore.pdf", pdf("encore")).await.redirects();
    let refused = ines.send_file(&page, "/pieces/facture", "trop.pdf", pdf("trop")).await.is(429);
    refused.says(&["Beaucoup de fichiers", "pour continuer"]);
    let begin = "/demarches/contact/commencer";
    app.visitor().post(begin, form! {}).await.redirects();
    app.visitor().post(begin, form! {}).await.is(429).says(&["Beaucoup de demandes", "revenez demain"]);
    app.usager("paul@exemple.fr").await.post(begin, form! {}).await.redirects();
    app.clock().advance(jiff::SignedDuration::from_hours(12));
    app.visitor().post(begin, form! {}).await.redirects();
}

#[tokio::test]
async fn a_draft_handed_over_by_its_link_is_lost_to_whoever_began_it() {
    let app = TestApp::new().await;
    let mut other = app.visitor();
    let id = app.dossier().prepare_by(&mut other).await;
    let later = other.get(&path(id, "plus-tard")).await.ok();
    other.submit(&later, "/plus-tard", form! { courriel: "autre@exemple.fr" }).await;
    app.run_jobs().await;
    let link = link_in(&app.mailbox().only(), "/reprendre/");

    let mut ines = app.usager("ines@exemple.fr").await;
    let asked = ines.get(&link).await.ok();
    asked.says(&["a…@exemple.fr", "La reprendre ?"]);
    ines.submit(&asked, &link, form! {}).await.redirects();
    ines.get(&path(id, "pages/vous")).await.ok();
    other.get(&path(id, "pages/vous")).await.is(404);
    app.visitor().get(&link).await.is(410);

    let check = ines.get(&path(id, "verification")).await.ok();
    ines.submit(&check, &path(id, "depot"), form! {}).await.redirects();
    other.get(&path(id, "")).await.is(404);
    other.post("/reprendre", form! { courriel: "autre@exemple.fr" }).await.ok();
    app.run_jobs().await;
    assert!(app.mailbox().0.iter().skip(1).all(|mail| mail.to != "autre@exemple.fr"), "nothing more is sent where only the beginner said");
}

#[tokio::test]
async fn a_file_that_cannot_be_taken_is_refused_in_a_sentence_that_says_what_to_do() {
    let app = TestApp::new().await;
    let mut ines = app.visitor();
    let id = app.dossier().prepare_by(&mut ines).await;
    let encrypted = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer\n<</Size 9 /Encrypt 8 0 R/Root 1 0 R>>\nstartxref\n9\n%%EOF".to_vec();
    let huge = [b"%PDF-1.7\n".as_slice(), &vec![b' '; 11 << 20]].concat();
    let files: [(&str, Vec<u8>, &str); 6] = [
        ("programme.pdf", b"MZ\x90\x00 un programme".to_vec(), "Envoyez un PDF ou une photo"),
        ("lettre.docx", b"PK\x03\x04 word/document.xml [Content_Types].xml".to_vec(), "PDF"),
        ("vide.pdf", vec![], "vide"),
        ("protege.pdf", encrypted, "Ce PDF est protégé"),
        ("repete.pdf", [&b"%PDF-1.4\n"[..], &b"/Encrypt ".repeat(40_000)].concat(), "Ce PDF est protégé"),
        ("enorme.pdf", huge, "10 Mo"),
    ];
    for (name, bytes, sentence) in files {
        let page = ines.get(&path(id, "pieces")).await.ok();
        let answer = ines.send_file(&page, "/pieces/facture", name, &bytes).await;
        assert!(matches!(answer.status.as_u16(), 400 | 413 | 422), "{name}: {} {}", answer.status, answer.said());
        answer.says(&[sentence]);
    }
    // The file that was there before is still the only one.
    let page = ines.get(&path(id, "pieces")).await.ok();
    assert_eq!(page.text().matches("/fichiers/").count(), 2, "{}", page.said());
}

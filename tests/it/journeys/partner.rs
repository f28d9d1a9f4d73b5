//! A partner reads what an accepted demand taught the référentiel, on the basis written in its contract, and the person
//! sees it at once.

use rgpd::Basis;

use crate::{
    form,
    support::{TestApp, app::plain, form::Fields},
};

#[tokio::test]
async fn what_an_accepted_demand_gave_is_read_on_a_stated_basis_and_the_person_sees_it() {
    let app = TestApp::new().await;
    let mut partner = app.partner("Caisse des écoles").await;
    app.habilitate(partner.id, "tarif-cantine", &["telephone"], Basis::PublicTask).await;
    app.habilitate(partner.id, "lettre", &["courriel"], Basis::Consent).await;

    let mut ines = app.usager("ines@exemple.fr").await;
    let demand = app.dossier().saying("telephone_contact", "06 12 34 56 78");
    let (id, ..) = demand.depose_by(&mut ines).await;
    let read = |attribute: &str, purpose: &str| format!("/api/v1/usagers/{}/attributes/{attribute}?purpose={purpose}", ines.usager);
    let (phone, mail, other) = (read("telephone", "tarif-cantine"), read("courriel", "lettre"), read("adresse", "tarif-cantine"));
    assert_eq!(partner.get(&other).await.status.as_u16(), 403);

    let mut nadia = app.agent().of("mobilites").await;
    accept(&app, &mut nadia, id).await;
    let given = partner.get(&phone).await.ok().json();
    assert!(given["value"].as_str().is_some_and(|value| value.replace(' ', "").ends_with("612345678")), "{given}");

    let refused = partner.get(&mail).await.is(403).json();
    let url = refused["consent_url"].as_str().expect("where to give it");
    let page_path = url.strip_prefix(&app.tenant.base_url).expect("an address of the tenant");
    let page = ines.get(page_path).await.ok();
    ines.submit(&page, page_path, form! { accord: "oui" }).await.redirects();
    assert_eq!(partner.get(&mail).await.ok().json()["value"], "ines@exemple.fr");

    let mine = ines.get("/mes-donnees").await.ok();
    mine.says(&["Caisse des écoles", "a lu votre téléphone", "une mission d’intérêt public"]);
}

#[tokio::test]
async fn what_an_accepted_demand_gave_is_proposed_in_the_next_with_where_it_comes_from() {
    let app = TestApp::new().await;
    let mut ines = app.usager("ines@exemple.fr").await;
    let (first, number, _) = app.dossier().mail("ines@exemple.fr").depose_by(&mut ines).await;
    accept(&app, &mut app.agent().of("mobilites").await, first).await;
    let card = ines.get("/demarches/aide-velo").await.ok();
    let form = ines.submit(&card, "/demarches/aide-velo/commencer", form! {}).await.redirects();
    let page = ines.get(&form).await.ok();
    page.says(&[&format!("vous, dans la demande {number}")]);
    let text = page.text();
    assert!(text.contains("value=\"1991\""), "the date of birth is proposed");
}

/// Accepts the pieces, then the aid, by the pages of the agent.
pub async fn accept(app: &TestApp, agent: &mut crate::support::clients::AgentClient, id: kernel::DossierId) {
    let whole = format!("/agent/dossiers/{id}");
    loop {
        let page = agent.get(&whole).await.ok();
        let forms = crate::support::html::forms(&page.text());
        let Some(form) = forms.iter().find(|form| form.names.contains(&"avis".to_owned())) else { break };
        agent.submit(&page, &form.action, form! { avis: "acceptee" }).await.redirects();
    }
    let action = format!("{whole}/etapes/accepter");
    let page = agent.get(&action).await.ok();
    let letter = agent.submit(&page, &action, form! { montant_accorde: "250", _faire: "apercu" }).await.ok();
    agent.submit(&letter, &action, Fields::default()).await.redirects();
    app.run_jobs().await;
}

#[tokio::test]
async fn a_request_about_data_is_acknowledged_and_answered_by_mail() {
    let app = TestApp::new().await;
    let mut ines = app.usager("ines@exemple.fr").await;
    let ask = "/mes-donnees/demander/effacement";
    let page = ines.get(ask).await.ok();
    ines.submit(&page, ask, form! { texte: "Effacez mon ancien téléphone" }).await.redirects();
    app.run_jobs().await;
    let received = plain(&app.mailbox().only());
    assert!(received.contains("Effacez mon ancien téléphone") && received.contains("au plus tard le"), "{received}");

    let mut dpo = app.dpo().await;
    let list = dpo.get("/admin/demandes-de-droits").await.ok();
    let forms = crate::support::html::forms(&list.text());
    let answer = forms.into_iter().find(|form| form.action.starts_with("/admin/demandes-de-droits/")).expect("a form").action;
    dpo.submit(&list, &answer, form! { suite: "accordee", reponse: "Votre ancien numéro est effacé." }).await.redirects();
    app.run_jobs().await;
    let answered = plain(&app.mailbox().last());
    assert!(answered.contains("Acceptée") && answered.contains("Votre ancien numéro est effacé."), "{answered}");
}

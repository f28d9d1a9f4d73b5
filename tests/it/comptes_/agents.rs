//! Agents with a local account: invitation, second factor, rights, leaving.

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{Actor, Role};

use super::{Place, who};
use crate::support::browser::Answer;

/// The secret that the page of enrolment shows.
pub fn secret_on(page: &Answer) -> String {
    let text = page.text();
    let code = text.split("<code>").nth(1).and_then(|rest| rest.split("</code>").next()).expect("a secret");
    code.replace(' ', "")
}

#[tokio::test]
async fn an_invited_administrator_chooses_a_password_then_must_enrol_a_telephone() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let form = format!("given_name=Paul&family_name=Vidal&mail=paul%40exemple.fr&job_title=Responsable&role=admin&{}", place.key());
    let invited = admin.post("/admin/agents/nouveau", &form).await;
    assert_eq!(invited.location(), "/admin/secret", "{}", invited.text());
    let shown = admin.get("/admin/secret").await.text();
    assert!(shown.contains("http://essai.localhost/agent/invitation/"), "{shown}");
    assert_eq!(admin.get("/admin/secret").await.status, StatusCode::GONE);
    let link = place.last_link().await;
    let mut browser = place.visitor();
    assert_eq!(browser.get(&link).await.status, StatusCode::OK);
    let weak = browser.post(&link, &format!("nouveau=court&encore=court&{}", place.key())).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = browser.post(&link, &format!("nouveau=Potager83%21&encore=Potager83%21&{}", place.key())).await;
    assert_eq!(chosen.location(), "/agent/connexion/second-facteur", "{}", chosen.text());
    // Not signed in yet.
    assert!(browser.get("/admin").await.location().starts_with("/agent/connexion"));
    let page = browser.get("/agent/connexion/second-facteur").await;
    assert!(page.text().contains("<svg viewBox="));
    let wrong = browser.post("/agent/connexion/second-facteur", &format!("code=000000&{}", place.key())).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = comptes::totp::code(&secret_on(&page), place.bench.clock.now()).expect("a code");
    let entered = browser.post("/agent/connexion/second-facteur", &format!("code={code}&{}", place.key())).await;
    assert_eq!(entered.location(), "/agent", "{}", entered.text());
    assert_eq!(browser.get("/admin").await.status, StatusCode::OK);
    assert_eq!(place.visitor().post(&link, &format!("nouveau=Potager83%21&encore=Potager83%21&{}", place.key())).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_code_serves_once_and_guesses_are_slowed_down() {
    let place = Place::new().await;
    place.agent("chef@exemple.fr", Role::Admin, Some("Jardin72!")).await;
    let mut first = place.visitor();
    place.agent_password(&mut first, "chef@exemple.fr", "Jardin72!").await;
    let secret = secret_on(&first.get("/agent/connexion/second-facteur").await);
    let code = |place: &Place| comptes::totp::code(&secret, place.bench.clock.now()).expect("a code");
    let used = code(&place);
    first.post("/agent/connexion/second-facteur", &format!("code={used}&{}", place.key())).await;
    let mut second = place.visitor();
    assert_eq!(place.agent_password(&mut second, "chef@exemple.fr", "Jardin72!").await.location(), "/agent/connexion/code");
    let reused = second.post("/agent/connexion/code", &format!("code={used}&{}", place.key())).await;
    assert_eq!(reused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(who(&place, &second).await, Actor::Visitor);
    place.bench.clock.advance(SignedDuration::from_secs(30));
    let entered = second.post("/agent/connexion/code", &format!("code={}&{}", code(&place), place.key())).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/agent"), "{}", entered.text());
    let mut third = place.visitor();
    place.agent_password(&mut third, "chef@exemple.fr", "Jardin72!").await;
    let mut statuses = vec![];
    for _ in 0..7 {
        statuses.push(third.post("/agent/connexion/code", &format!("code=000000&{}", place.key())).await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
}

#[tokio::test]
async fn a_plain_agent_enters_with_a_password_unless_the_tenant_wants_two_factors() {
    let place = Place::new().await;
    place.agent("nadia@exemple.fr", Role::Agent, Some("Jardin72!")).await;
    let mut browser = place.visitor();
    let entered = place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/agent"), "{}", entered.text());
    assert_eq!(browser.get("/agent/compte").await.status, StatusCode::OK);
    assert_eq!(browser.get("/admin").await.status, StatusCode::FORBIDDEN);
    assert_eq!(place.agent_password(&mut place.visitor(), "nadia@exemple.fr", "faux").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut tenant = place.bench.tenant.clone();
    tenant.settings.agents_second_factor = true;
    kernel::tenant::save(&place.bench.db, &tenant).await.expect("saved");
    tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
    let next = place.agent_password(&mut place.visitor(), "nadia@exemple.fr", "Jardin72!").await;
    assert_eq!(next.location(), "/agent/connexion/second-facteur");
}

#[tokio::test]
async fn an_agent_who_leaves_is_out_at_once_and_the_last_administrator_stays() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let nadia = place.agent("nadia@exemple.fr", Role::Agent, Some("Jardin72!")).await;
    let mut browser = place.visitor();
    place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await;
    let closed = admin.post(&format!("/admin/agents/{nadia}/fermer"), &place.key()).await;
    assert_eq!(closed.location(), "/admin/agents", "{}", closed.text());
    assert!(browser.get("/agent/compte").await.location().starts_with("/agent/connexion"));
    assert_eq!(place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(place.events("AgentClosed").await.len(), 1);
    let Actor::Agent(chef) = who(&place, &admin).await else { panic!("an agent") };
    let refused = admin.post(&format!("/admin/agents/{}/fermer", chef.id), &place.key()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let refused = admin.post(&format!("/admin/agents/{}/profils", chef.id), &format!("role=agent&{}", place.key())).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn rights_are_those_of_the_sign_in_and_a_change_ends_the_session() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let nadia = place.agent("nadia@exemple.fr", Role::Agent, Some("Jardin72!")).await;
    let mut browser = place.visitor();
    place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await;
    let page = admin.get(&format!("/admin/agents/{nadia}")).await;
    assert!(page.text().contains("profils.tous"), "{}", page.text());
    let form = format!("role=agent&profils.tous=instructeur&profils.tous=inconnu&{}", place.key());
    let saved = admin.post(&format!("/admin/agents/{nadia}/profils"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    assert!(browser.get("/agent/compte").await.location().starts_with("/agent/connexion"));
    place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await;
    let Actor::Agent(agent) = who(&place, &browser).await else { panic!("an agent") };
    assert!(agent.rights.iter().any(|(unit, code)| unit.is_none() && code == "dossier.instruct"), "{agent:?}");
}

#[tokio::test]
async fn an_agent_changes_what_is_printed_under_his_signature_and_his_screens() {
    let place = Place::new().await;
    place.agent("nadia@exemple.fr", Role::Agent, Some("Jardin72!")).await;
    let mut browser = place.visitor();
    place.agent_password(&mut browser, "nadia@exemple.fr", "Jardin72!").await;
    let empty = browser.post("/agent/compte", &format!("job_title=&theme=auto&density=compact&{}", place.key())).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let saved = browser.post("/agent/compte", &format!("job_title=Cheffe&theme=dark&density=comfort&{}", place.key())).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    let page = browser.get("/agent/compte").await.text();
    assert!(page.contains("value=\"Cheffe\"") && page.contains("data-theme=\"dark\"") && !page.contains("data-density"), "{page}");
    let form = format!("actuel=Jardin72%21&nouveau=Potager83%21&encore=Potager83%21&{}", place.key());
    assert_eq!(browser.post("/agent/compte/mot-de-passe", &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(place.agent_password(&mut place.visitor(), "nadia@exemple.fr", "Potager83!").await.location(), "/agent");
}

//! ProConnect, against its double: agents who were invited, of the right body, with two factors where they are due.

use axum::http::StatusCode;
use kernel::{Actor, Role};
use parvis::demo::fournisseur::{Alg, Platform};

use super::{Outside, Place, through, who};

const START: &str = "/agent/connexion/proconnect";

#[tokio::test]
async fn an_invited_agent_enters_and_a_stranger_is_told_whom_to_ask() {
    let place = Place::new().await;
    place.double(Platform::ProConnect, "proconnect", Alg::Es256).await;
    place.agent("paul.vidal@exemple.fr", Role::Agent, None).await;
    let mut browser = place.visitor();
    let entered = through(&place, &mut browser, START, "paul").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/agent"), "{}", entered.text());
    assert!(matches!(who(&place, &browser).await, Actor::Agent(agent) if agent.name == "Nadia Rahmani"));
    for (person, reason) in [("nadia", "unknown"), ("luc", "siret")] {
        let mut stranger = place.visitor();
        let refused = through(&place, &mut stranger, START, person).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
        assert_eq!(who(&place, &stranger).await, Actor::Visitor);
        let decided = place.events("AgentAccessDecided").await;
        assert_eq!(decided[0]["decision"], reason);
        assert!(!decided[0].to_string().contains("exemple.fr"), "{}", decided[0]);
    }
    let agents = place.act(async |tx| comptes::store::agents(tx).await).await.expect("agents");
    assert_eq!(agents.len(), 1, "nobody is let in by himself");
}

#[tokio::test]
async fn an_administrator_is_asked_two_factors_there_and_else_here() {
    let place = Place::new().await;
    place.double(Platform::ProConnect, "proconnect", Alg::Rs256).await;
    place.agent("nadia.rahmani@exemple.fr", Role::Admin, None).await;
    place.agent("paul.vidal@exemple.fr", Role::Admin, None).await;
    for (person, arrives) in [("nadia", "/agent"), ("paul", "/agent/connexion/second-facteur")] {
        let mut browser = place.visitor();
        let left = browser.post(START, &place.key()).await;
        let mut outside = Outside::new();
        let back = outside.choose(left.location(), person).await;
        let again = browser.get(&back).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text());
        assert!(again.location().contains("/authorize?") && again.location().contains("eidas1-mfa"), "{}", again.location());
        // The platform remembers the agent: the second time is silent.
        let back = outside.choose(again.location(), person).await;
        let done = browser.get(&back).await;
        assert_eq!(done.location(), arrives, "{person}: {}", done.text());
    }
}

#[tokio::test]
async fn an_agent_who_was_closed_does_not_come_back_by_this_way() {
    let place = Place::new().await;
    place.double(Platform::ProConnect, "proconnect", Alg::Es256).await;
    let paul = place.agent("paul.vidal@exemple.fr", Role::Agent, None).await;
    place.act(async |tx| comptes::close_agent(tx, paul).await).await.expect("closed");
    let refused = through(&place, &mut place.visitor(), START, "paul").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("Votre accès est fermé"), "{}", refused.text());
}

#[tokio::test]
async fn signing_out_goes_through_the_platform() {
    let place = Place::new().await;
    place.double(Platform::ProConnect, "proconnect", Alg::Es256).await;
    place.agent("paul.vidal@exemple.fr", Role::Agent, None).await;
    let mut browser = place.visitor();
    through(&place, &mut browser, START, "paul").await;
    let left = browser.post("/agent/deconnexion", &place.key()).await;
    let (status, location, _) = Outside::new().get(left.location()).await;
    assert!(status == 303 && location.starts_with("http://essai.localhost/agent/deconnexion?state="), "{location}");
}

#[tokio::test]
async fn the_double_refuses_an_unknown_parameter() {
    let place = Place::new().await;
    place.double(Platform::ProConnect, "proconnect", Alg::Es256).await;
    let left = place.visitor().post(START, &place.key()).await;
    let (_, location, _) = Outside::new().get(&format!("{}&code_challenge=x", left.location())).await;
    assert!(location.contains("Y000400"), "{location}");
    let (_, location, _) = Outside::new().get(&format!("{}&prompt=none", left.location())).await;
    assert!(location.contains("login_required"), "{location}");
}

//! Against a provider that nobody here wrote: npm `oidc-provider`, run by node. It is the directory of a collectivité:
//! its groups give profiles, and close those who left. `./test` installs it in `tests/oidc`.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use axum::http::StatusCode;
use comptes::oidc::{GroupRule, Kind};
use jiff::SignedDuration;
use kernel::{Actor, Role, jobs::NewJob};
use serde_json::{Value, json};

use super::{Outside, Place, SECRET, who};
use crate::support::browser::{Answer, Browser};

const START: &str = "/agent/connexion/annuaire";

/// The directory; ends with the test.
struct Directory {
    process: Child,
    issuer: String,
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Directory {
    fn start(place: &Place, people: &Value, client: &Value) -> Self {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oidc");
        assert!(folder.join("node_modules").exists(), "run ./test once, or `npm ci` in tests/oidc");
        let mut whole = json!({
            "client_id": "essai",
            "client_secret": SECRET,
            "redirect_uris": ["http://essai.localhost/agent/connexion/annuaire/retour"],
            "post_logout_redirect_uris": ["http://essai.localhost/agent/deconnexion"],
            "token_endpoint_auth_method": "client_secret_post",
        });
        whole.as_object_mut().expect("an object").extend(client.as_object().expect("an object").clone());
        let mut process = Command::new("node")
            .arg("serveur.mjs")
            .current_dir(folder)
            .env("PEOPLE", people.to_string())
            .env("CLIENT", whole.to_string())
            .env("NOW_MS", place.bench.clock.now().as_millisecond().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("an output")).read_line(&mut line).expect("a line");
        let issuer = format!("http://127.0.0.1:{}", line.trim().parse::<u16>().expect("a port"));
        Self { process, issuer }
    }
}

/// The directory of a tenant, where two groups give something.
async fn set(place: &Place, directory: &Directory) {
    let mut provider = place.provider(Kind::Generic, "annuaire", &directory.issuer);
    let rule = |group: &str, profile: &str, role| GroupRule { group: group.into(), profile: profile.into(), org_unit: None, role };
    provider.settings.groups = vec![rule("instructeurs", "instructeur", Role::Agent), rule("informatique", "", Role::Admin)];
    place.set_provider(provider).await;
}

fn people(nadia: &[&str]) -> Value {
    json!({
        "nadia": { "given_name": "Nadia", "family_name": "Rahmani", "email": "nadia@exemple.fr", "title": "Officière d’état civil", "groups": nadia },
        "luc": { "given_name": "Luc", "family_name": "Ferrand", "email": "luc@exemple.fr", "groups": ["informatique"] },
    })
}

async fn sign_in(place: &Place, browser: &mut Browser, person: &str) -> Answer {
    let left = browser.post(START, &place.key()).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text());
    assert!(left.location().contains("code_challenge_method=S256"), "{}", left.location());
    let back = Outside::new().follow(left.location(), person).await;
    browser.get(&back).await
}

#[tokio::test]
async fn groups_of_the_directory_give_profiles_in_each_way_of_signing() {
    for client in [
        json!({ "id_token_signed_response_alg": "RS256" }),
        json!({ "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256" }),
        json!({ "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "RS256" }),
    ] {
        let place = Place::new().await;
        let directory = Directory::start(&place, &people(&["instructeurs", "cantine"]), &client);
        set(&place, &directory).await;
        let mut browser = place.visitor();
        let entered = sign_in(&place, &mut browser, "nadia").await;
        assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/agent"), "{client}: {}", entered.text());
        let Actor::Agent(agent) = who(&place, &browser).await else { panic!("an agent") };
        assert_eq!((agent.name.as_str(), agent.role), ("Nadia Rahmani", Role::Agent));
        assert!(agent.rights.iter().any(|(_, code)| code == "dossier.instruct"), "{agent:?}");
        let left = browser.post("/agent/deconnexion", &place.key()).await;
        assert!(left.location().starts_with(&format!("{}/session/end?", directory.issuer)), "{}", left.location());
    }
}

#[tokio::test]
async fn an_administrator_of_the_directory_enrols_a_second_factor_here() {
    let place = Place::new().await;
    let directory = Directory::start(&place, &people(&[]), &json!({}));
    set(&place, &directory).await;
    let mut browser = place.visitor();
    let next = sign_in(&place, &mut browser, "luc").await;
    assert_eq!(next.location(), "/agent/connexion/second-facteur", "{}", next.text());
    assert_eq!(who(&place, &browser).await, Actor::Visitor);
}

#[tokio::test]
async fn who_left_his_groups_is_closed_and_who_comes_back_to_them_enters_again() {
    let place = Place::new().await;
    let clients = json!({});
    let directory = Directory::start(&place, &people(&["instructeurs"]), &clients);
    set(&place, &directory).await;
    let mut browser = place.visitor();
    sign_in(&place, &mut browser, "nadia").await;
    assert_eq!(browser.get("/agent/compte").await.status, StatusCode::OK);
    let closed = async || {
        let agents = place.act(async |tx| comptes::store::agents(tx).await).await.expect("agents");
        agents.into_iter().find(|agent| agent.mail == "nadia@exemple.fr").expect("nadia").closed_at.is_some()
    };
    // She changed teams: the directory gives no group of ours any more.
    let after = Directory::start(&place, &people(&["cantine"]), &clients);
    set(&place, &after).await;
    let refused = sign_in(&place, &mut place.visitor(), "nadia").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert!(closed().await);
    assert!(browser.get("/agent/compte").await.location().starts_with("/agent/connexion"));
    let back = Directory::start(&place, &people(&["instructeurs"]), &clients);
    set(&place, &back).await;
    assert_eq!(sign_in(&place, &mut place.visitor(), "nadia").await.location(), "/agent");
    assert!(!closed().await);
}

#[tokio::test]
async fn who_comes_no_more_is_closed_by_itself() {
    let place = Place::new().await;
    let directory = Directory::start(&place, &people(&["instructeurs"]), &json!({}));
    set(&place, &directory).await;
    sign_in(&place, &mut place.visitor(), "nadia").await;
    let run = async || {
        place.act(async |tx| tx.enqueue(NewJob::new("CloseSilentAgents", json!({}))).await).await.expect("enqueued");
        place.mails().await;
        place.events("AgentClosed").await.len()
    };
    place.bench.clock.advance(SignedDuration::from_hours(24 * 59));
    assert_eq!(run().await, 0);
    place.bench.clock.advance(SignedDuration::from_hours(24 * 2));
    assert_eq!(run().await, 1);
}

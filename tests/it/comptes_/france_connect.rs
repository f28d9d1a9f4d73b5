//! FranceConnect, against its double on a real socket: who is let in, what is recorded, and everything that is not.

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{Actor, UsagerId};
use parvis::demo::fournisseur::{Alg, Fault, Platform};
use referentiel::{Level, Record};

use super::{Outside, Place, through, who};
use crate::support::browser::{Answer, Browser};

const START: &str = "/connexion/franceconnect";

async fn record(place: &Place, browser: &Browser) -> (UsagerId, Record) {
    let Actor::Usager { usager, .. } = who(place, browser).await else { panic!("an usager is signed in") };
    (usager, place.act(async |tx| referentiel::record(tx, usager).await).await.expect("a record"))
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    assert!(answer.text().contains("Se connecter"));
}

#[tokio::test]
async fn a_first_sign_in_opens_an_account_with_a_certified_identity_and_no_address() {
    let place = Place::new().await;
    for (slug, alg) in [("franceconnect", Alg::Es256), ("franceconnect-rs", Alg::Rs256)] {
        place.double(Platform::FranceConnect, slug, alg).await;
    }
    let mut browser = place.visitor();
    let entered = through(&place, &mut browser, START, "pierre").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/mes-demandes"), "{}", entered.text());
    let (usager, known) = record(&place, &browser).await;
    let value = |code: &str| known.get(code).and_then(|golden| golden.fact.value.as_str()).unwrap_or_default();
    assert_eq!((value("nom_naissance"), value("prenoms"), value("sexe")), ("D’ARCY-LEFÈVRE", "Pierre", "M"));
    assert_eq!((value("date_naissance"), value("lieu_naissance"), value("pays_naissance")), ("1975-12-02", "28134", "99100"));
    assert_eq!((value("nom_usage"), value("courriel")), ("LEFÈVRE", "pierre.darcy@exemple.fr"));
    assert!(!known.contains_key("adresse"));
    let pivot = ["nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance", "pays_naissance"];
    assert!(pivot.iter().all(|code| known[*code].fact.level == Level::Certified));
    let mut again = place.visitor();
    through(&place, &mut again, START, "pierre").await;
    assert_eq!(record(&place, &again).await.0, usager);
    // The other provider signs with RSA: the same person there is another subject, with the same identity.
    let mut other = place.visitor();
    let asked = through(&place, &mut other, "/connexion/franceconnect-rs", "pierre").await;
    assert_eq!(asked.location(), "/connexion/relier", "{}", asked.text());
    assert!(other.get("/connexion/relier").await.text().contains("exactement la même identité"));
    let linked = other.post("/connexion/relier", &format!("choix=relier&{}", place.key())).await;
    assert_eq!(linked.location(), "/mes-demandes", "{}", linked.text());
    assert_eq!(record(&place, &other).await.0, usager);
}

#[tokio::test]
async fn presumed_dates_births_abroad_and_a_gender_not_said_are_kept_as_they_are() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    for (person, birth, place_of_birth, gender) in
        [("linh", "1980", "", "F"), ("amadou", "1958-07", "", "M"), ("camille", "1999-03-30", "69387", "indéterminé")]
    {
        let mut browser = place.visitor();
        through(&place, &mut browser, START, person).await;
        let (_, known) = record(&place, &browser).await;
        let value = |code: &str| known.get(code).and_then(|golden| golden.fact.value.as_str()).unwrap_or_default();
        assert_eq!((value("date_naissance"), value("lieu_naissance"), value("sexe")), (birth, place_of_birth, gender), "{person}");
    }
    // No address at all: an account all the same.
    let mut browser = place.visitor();
    let entered = through(&place, &mut browser, START, "jeanne").await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
    assert_eq!(browser.get("/mon-compte").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_account_of_the_same_address_is_joined_by_a_mailed_link_and_never_silently() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    place.usager("angela.dubois@exemple.fr", "Jardin72!").await;
    let mut browser = place.visitor();
    let asked = through(&place, &mut browser, START, "angela").await;
    assert_eq!(asked.location(), "/connexion/relier");
    assert_eq!(who(&place, &browser).await, Actor::Visitor);
    assert!(browser.get("/connexion/relier").await.text().contains("angela.dubois@exemple.fr"));
    browser.post("/connexion/relier", &format!("choix=relier&{}", place.key())).await;
    let link = place.last_link().await;
    // The identity waits in the browser that asked: there, the link joins it.
    let entered = browser.post(&link, &place.key()).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
    let (_, known) = record(&place, &browser).await;
    assert_eq!(known["nom_naissance"].fact.value, "DUBOIS");
    assert_eq!(place.events("IdentityLinked").await.len(), 1);
    let mut apart = place.visitor();
    place.usager("camille.roux@exemple.fr", "Jardin72!").await;
    through(&place, &mut apart, START, "camille").await;
    let done = apart.post("/connexion/relier", &format!("choix=separer&{}", place.key())).await;
    assert_eq!(done.location(), "/mes-demandes", "{}", done.text());
    let Actor::Usager { compte, .. } = who(&place, &apart).await else { panic!("signed in") };
    let compte = place.act(async |tx| comptes::store::compte(tx, compte).await).await.expect("a reading").expect("an account");
    assert_eq!(compte.mail, None);
}

#[tokio::test]
async fn nothing_false_is_believed() {
    let place = Place::new().await;
    let double = place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    for fault in [
        Fault::WrongKey,
        Fault::AlgNone,
        Fault::Hs256,
        Fault::OtherSub,
        Fault::Expired,
        Fault::WrongNonce,
        Fault::WrongAudience,
        Fault::WrongIssuer,
        Fault::WrongIssuerOfAnswer,
        Fault::LowLevel,
        Fault::UnsignedUserinfo,
    ] {
        double.set_fault(Some(fault));
        let mut browser = place.visitor();
        let answer = through(&place, &mut browser, START, "angela").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fault:?}: {}", answer.text());
        assert_eq!(who(&place, &browser).await, Actor::Visitor, "{fault:?}");
    }
    let accounts = place.act(async |tx| tx.all("select id from compte where tenant_id = $1", &[]).await).await.expect("rows");
    assert!(accounts.is_empty());
    double.set_fault(None);
    assert_eq!(through(&place, &mut place.visitor(), START, "angela").await.status, StatusCode::SEE_OTHER);
}

/// Leaves, chooses, and gives the path of the callback without opening it.
async fn back_through(place: &Place, browser: &mut Browser, person: &str) -> String {
    let left = browser.post(START, &place.key()).await;
    Outside::new().choose(left.location(), person).await
}

/// A parameter of an address.
fn part(url: &str, name: &str) -> String {
    url.split(&format!("{name}=")).nth(1).and_then(|rest| rest.split('&').next()).expect("a parameter").to_owned()
}

#[tokio::test]
async fn an_answer_serves_the_browser_that_asked_and_once() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let mut browser = place.visitor();
    let back = back_through(&place, &mut browser, "angela").await;
    refused(&place.visitor().get(&back).await);
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    browser.post("/deconnexion", &place.key()).await;
    refused(&browser.get(&back).await);
    // A state that is not ours.
    let back = back_through(&place, &mut browser, "angela").await;
    let state = part(&back, "state");
    refused(&browser.get(&back.replace(&state, &"x".repeat(state.len()))).await);
    // A code that served, stolen and brought back under a state that is good.
    let served = back_through(&place, &mut browser, "angela").await;
    assert_eq!(browser.get(&served).await.status, StatusCode::SEE_OTHER);
    let mut thief = place.visitor();
    let fresh = back_through(&place, &mut thief, "pierre").await;
    refused(&thief.get(&fresh.replace(&part(&fresh, "code"), &part(&served, "code"))).await);
    assert_eq!(who(&place, &thief).await, Actor::Visitor);
    // 31 seconds are too long for a code.
    let back = back_through(&place, &mut browser, "angela").await;
    place.bench.clock.advance(SignedDuration::from_secs(31));
    refused(&browser.get(&back).await);
}

#[tokio::test]
async fn keys_that_turned_are_asked_for_once() {
    let place = Place::new().await;
    let double = place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    through(&place, &mut place.visitor(), START, "angela").await;
    let before = double.keys_asked();
    through(&place, &mut place.visitor(), START, "angela").await;
    assert_eq!(double.keys_asked(), before);
    double.rotate();
    assert_eq!(through(&place, &mut place.visitor(), START, "angela").await.status, StatusCode::SEE_OTHER);
    assert_eq!(double.keys_asked(), before + 1);
}

#[tokio::test]
async fn a_provider_that_is_down_or_left_is_said_in_a_sentence() {
    let place = Place::new().await;
    let double = place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let mut browser = place.visitor();
    let gave_up = through(&place, &mut browser, START, "").await;
    refused(&gave_up);
    assert!(gave_up.text().contains("avant la fin"), "{}", gave_up.text());
    double.set_fault(Some(Fault::Down));
    let left = browser.post(START, &place.key()).await;
    let back = Outside::new().choose(left.location(), "angela").await;
    let down = browser.get(&back).await;
    assert!(down.text().contains("ne répond pas"), "{}", down.text());
    // Once its description is no more fresh, the button itself says so.
    place.bench.clock.advance(SignedDuration::from_hours(2));
    let down = browser.post(START, &place.key()).await;
    assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(down.text().contains("ne répond pas"));
}

#[tokio::test]
async fn signing_out_goes_through_france_connect_and_comes_back() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let mut browser = place.visitor();
    through(&place, &mut browser, START, "angela").await;
    let left = browser.post("/deconnexion", &place.key()).await;
    assert!(left.location().contains("/api/v2/session/end?id_token_hint=ey"), "{}", left.location());
    assert_eq!(who(&place, &browser).await, Actor::Visitor);
    let (status, location, text) = Outside::new().get(left.location()).await;
    assert!(status == 303 && location.starts_with("http://essai.localhost/deconnexion?state="), "{status} {location} {text}");
    assert_eq!(browser.get("/deconnexion").await.status, StatusCode::OK);
    // Without such a session, signing out stays here.
    place.usager("ines@exemple.fr", "Jardin72!").await;
    let form = format!("identifiant=ines%40exemple.fr&mot_de_passe=Jardin72%21&{}", place.key());
    browser.post("/connexion/mot-de-passe", &form).await;
    assert_eq!(browser.post("/deconnexion", &place.key()).await.location(), "/deconnexion");
}

#[tokio::test]
async fn forms_may_lead_to_the_provider_and_the_request_is_the_one_of_the_letter() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let left = place.visitor().post(START, &place.key()).await;
    let url = left.location();
    for part in ["response_type=code", "client_id=essai", "acr_values=eidas1", "nonce=", "state=", "identite_pivot"] {
        assert!(url.contains(part), "{part} in {url}");
    }
    assert!(!url.contains("code_challenge") && !url.contains("address"), "{url}");
}

#[tokio::test]
async fn the_double_refuses_what_the_platform_refuses() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "franceconnect", Alg::Es256).await;
    let left = place.visitor().post(START, &place.key()).await;
    let url = left.location().to_owned();
    let without = |name: &str| {
        let (base, query) = url.split_once('?').expect("a query");
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        format!("{base}?{}", kept.join("&"))
    };
    for name in ["acr_values", "nonce", "state", "scope", "response_type"] {
        let (_, location, _) = Outside::new().get(&without(name)).await;
        assert!(location.contains("Y030007"), "{name}: {location}");
    }
    let (status, location, text) = Outside::new().get(&url.replace("redirect_uri=", "redirect_uri=x")).await;
    assert!(status == 400 && location.is_empty() && text.contains("Y030007"), "{text}");
    let (_, location, _) = Outside::new().get(&format!("{url}&prompt=none")).await;
    assert!(location.contains("Y030007"), "{location}");
}

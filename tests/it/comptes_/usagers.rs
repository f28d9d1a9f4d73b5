//! An usager signs in by link or password; nobody learns from the pages who has an account.

use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::Actor;

use super::{Place, quote, who};
use crate::support::browser::{Answer, Browser};

async fn ask_link(place: &Place, browser: &mut Browser, mail: &str) -> Answer {
    let sent = browser.post("/connexion/lien", &format!("mail={}&retour=%2Fmon-compte&{}", quote(mail), place.key())).await;
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/connexion/lien"), "{}", sent.text());
    browser.get("/connexion/lien").await
}

/// The page without what changes at each rendering.
fn plain(answer: &Answer) -> String {
    let text = answer.text();
    let mut out = String::new();
    let mut parts = text.split("name=\"_cle\" value=\"");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    out
}

async fn by_password(place: &Place, browser: &mut Browser, mail: &str, password: &str) -> Answer {
    let form = format!("identifiant={}&mot_de_passe={}&retour=%2Fmon-compte&{}", quote(mail), quote(password), place.key());
    browser.post("/connexion/mot-de-passe", &form).await
}

#[tokio::test]
async fn a_mailed_link_is_opened_by_its_button_once() {
    let place = Place::new().await;
    let mut browser = place.visitor();
    ask_link(&place, &mut browser, "Ines@Exemple.fr").await;
    let link = place.last_link().await;
    assert_eq!(place.bench.mailer.captured()[0].to, "ines@exemple.fr");
    // A mail scanner follows the link, twice: nothing is used.
    for _ in 0..2 {
        let page = place.visitor().get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("Me connecter"));
    }
    let entered = browser.post(&link, &place.key()).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/mon-compte"), "{}", entered.text());
    let page = browser.get("/mon-compte").await;
    assert!(page.text().contains("ines@exemple.fr"), "{}", page.text());
    let again = place.visitor().post(&link, &place.key()).await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_link_dies_after_a_quarter_of_an_hour_and_is_in_no_table() {
    let place = Place::new().await;
    let mut browser = place.visitor();
    ask_link(&place, &mut browser, "ines@exemple.fr").await;
    let link = place.last_link().await;
    let jobs = place.act(async |tx| tx.all("select cast(payload as text) as payload from job where tenant_id = $1", &[]).await).await;
    for job in jobs.expect("rows") {
        let payload: String = job.get("payload").expect("a payload");
        assert!(!payload.contains("ines@exemple.fr"), "{payload}");
    }
    place.bench.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(browser.get(&link).await.status, StatusCode::GONE);
    assert_eq!(browser.post(&link, &place.key()).await.status, StatusCode::GONE);
    assert_eq!(who(&place, &browser).await, Actor::Visitor);
}

#[tokio::test]
async fn the_answers_are_the_same_whether_the_account_exists() {
    let place = Place::new().await;
    place.usager("connue@exemple.fr", "Jardin72!").await;
    let known = ask_link(&place, &mut place.visitor(), "connue@exemple.fr").await;
    let unknown = ask_link(&place, &mut place.visitor(), "nobody@exemple.fr").await;
    assert_eq!(plain(&known).replace("connue@", "nobody@"), plain(&unknown));
    let known = by_password(&place, &mut place.visitor(), "connue@exemple.fr", "faux").await;
    let unknown = by_password(&place, &mut place.visitor(), "nobody@exemple.fr", "faux").await;
    assert_eq!((known.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(plain(&known).replace("connue@", "nobody@"), plain(&unknown));
    let forgotten = |mail: &str| format!("mail={}&{}", quote(mail), place.key());
    for mail in ["connue@exemple.fr", "nobody@exemple.fr"] {
        let sent = place.visitor().post("/connexion/mot-de-passe-oublie", &forgotten(mail)).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/connexion/lien"));
    }
}

#[tokio::test]
async fn guesses_are_slowed_down_for_one_account_and_the_right_password_waits_too() {
    let place = Place::new().await;
    place.usager("ines@exemple.fr", "Jardin72!").await;
    let mut browser = place.visitor();
    for _ in 0..5 {
        assert_eq!(by_password(&place, &mut browser, "ines@exemple.fr", "faux").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let slowed = by_password(&place, &mut browser, "ines@exemple.fr", "Jardin72!").await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(slowed.header("retry-after"), "");
    place.bench.clock.advance(SignedDuration::from_secs(10));
    let entered = by_password(&place, &mut browser, "ines@exemple.fr", "Jardin72!").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/mon-compte"), "{}", entered.text());
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_a_weak_one_keeps_the_link() {
    let place = Place::new().await;
    place.usager("ines@exemple.fr", "Jardin72!").await;
    let mut before = place.visitor();
    by_password(&place, &mut before, "ines@exemple.fr", "Jardin72!").await;
    let mut browser = place.visitor();
    browser.post("/connexion/mot-de-passe-oublie", &format!("mail=ines%40exemple.fr&{}", place.key())).await;
    let link = place.last_link().await;
    let weak = browser.post(&link, &format!("nouveau=court&encore=court&{}", place.key())).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text().contains("Erreur"));
    let done = browser.post(&link, &format!("nouveau=Potager83%21&encore=Potager83%21&{}", place.key())).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(browser.get("/mon-compte").await.status, StatusCode::OK);
    assert_eq!(before.get("/mon-compte").await.status, StatusCode::SEE_OTHER);
    assert_eq!(by_password(&place, &mut place.visitor(), "ines@exemple.fr", "Jardin72!").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_password_asked_where_there_is_none_brings_a_link_to_sign_in() {
    let place = Place::new().await;
    let mut browser = place.visitor();
    browser.post("/connexion/mot-de-passe-oublie", &format!("mail=neuve%40exemple.fr&{}", place.key())).await;
    let link = place.last_link().await;
    assert!(link.starts_with("/connexion/lien/"), "{link}");
    assert_eq!(browser.post(&link, &place.key()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_person_sees_his_devices_ends_one_and_keeps_his_choices() {
    let place = Place::new().await;
    place.usager("ines@exemple.fr", "Jardin72!").await;
    let mut telephone = place.visitor().with("user-agent", "Mozilla/5.0 (Linux; Android 14) Chrome/130.0");
    let mut desk = place.visitor().with("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140.0");
    by_password(&place, &mut telephone, "ines@exemple.fr", "Jardin72!").await;
    by_password(&place, &mut desk, "ines@exemple.fr", "Jardin72!").await;
    let page = desk.get("/mon-compte").await.text();
    assert!(page.contains("Chrome sur Android") && page.contains("Firefox sur Linux"), "{page}");
    let other = page.split("/mon-compte/sessions/").nth(1).and_then(|rest| rest.split('/').next()).expect("another device");
    let ended = desk.post(&format!("/mon-compte/sessions/{other}/fermer"), &place.key()).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert_eq!(telephone.get("/mon-compte").await.status, StatusCode::SEE_OTHER);
    let saved = desk.post("/mon-compte/preferences", &format!("theme=dark&refus_electronique=oui&{}", place.key())).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    assert!(desk.get("/mon-compte").await.text().contains("data-theme=\"dark\""));
    let wrong = desk.post("/mon-compte/preferences", &format!("theme=rose&{}", place.key())).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_sign_in_leads_nowhere_but_on_this_host() {
    let place = Place::new().await;
    place.usager("ines@exemple.fr", "Jardin72!").await;
    for elsewhere in ["https://mechant.fr", "//mechant.fr", "/\\mechant.fr"] {
        let form = format!("identifiant=ines%40exemple.fr&mot_de_passe=Jardin72%21&retour={}&{}", quote(elsewhere), place.key());
        let entered = place.visitor().post("/connexion/mot-de-passe", &form).await;
        assert_eq!(entered.location(), "/mes-demandes", "{elsewhere}");
    }
}

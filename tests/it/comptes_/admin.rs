//! What an administrator sets, through his pages.

use axum::http::StatusCode;
use parvis::demo::fournisseur::{Alg, Platform};

use super::{Place, quote};

#[tokio::test]
async fn a_key_of_a_partner_is_shown_once_and_opens_until_it_is_closed() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let wrong = admin.post("/admin/partenaires", &format!("name=&siret=123&{}", place.key())).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = admin.post("/admin/partenaires", &format!("name=Caisse+des+%C3%A9coles&siret=&{}", place.key())).await;
    let partner = made.location().to_owned();
    assert!(partner.starts_with("/admin/partenaires/par_"), "{}", made.text());
    admin.post(&format!("{partner}/cles"), &place.key()).await;
    let shown = admin.get("/admin/secret").await.text();
    let key: String = shown[shown.find("parvis_").expect("a key")..].chars().take_while(|c| *c != '"').collect();
    let holder = async || place.act(async |tx| comptes::who_holds(tx, &kernel::crypto::hash_token(&key)).await).await.expect("a reading");
    assert!(holder().await.is_some());
    let page = admin.get(&partner).await.text();
    assert!(!page.contains(&key), "shown once");
    let mark = page.split("name=\"cle\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark").to_owned();
    admin.post(&format!("{partner}/cles/fermer"), &format!("cle={mark}&{}", place.key())).await;
    assert!(holder().await.is_none());
}

#[tokio::test]
async fn a_colour_is_shown_adapted_before_it_is_kept() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let form =
        |brand: &str, more: &str| format!("name=Commune+d%27Essai&brand={}&phone=0237000000&theme=auto&radius=6{more}&{}", quote(brand), place.key());
    let bad = admin.post("/admin/apparence", &form("bleu", "")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let seen = admin.post("/admin/apparence", &form("#ffe14d", "&apercu=oui")).await;
    assert!(seen.text().contains("rien n’est encore enregistré") && seen.text().contains("couleur adaptée"), "{}", seen.text());
    assert!(place.events("TenantChanged").await.is_empty());
    let kept = admin.post("/admin/apparence", &form("#7a1f5c", "&agents_second_factor=oui")).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
    let tenant = kernel::tenant::by_id(&place.bench.db, place.bench.tenant.id).await.expect("the tenant");
    assert_eq!((tenant.settings.brand.as_str(), tenant.settings.agents_second_factor), ("#7a1f5c", true));
    assert!(place.events("TenantChanged").await[0]["settings"].to_string().contains("brand"));
    assert!(place.visitor().get("/connexion").await.text().contains("Commune d"));
}

#[tokio::test]
async fn a_team_needs_what_a_receipt_prints() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let bad = admin.post("/admin/services/nouveau", &format!("name=&slug=%C3%89tat&{}", place.key())).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("name=%C3%89tat+civil&slug=etat-civil&phone=0237000001&mail=ec%40exemple.fr&{}", place.key());
    let good = admin.post("/admin/services/nouveau", &form).await;
    assert_eq!(good.location(), "/admin/services", "{}", good.text());
    assert!(admin.get("/admin/services").await.text().contains("etat-civil"));
}

#[tokio::test]
async fn a_provider_is_checked_when_it_is_set_and_its_secret_is_never_shown() {
    let place = Place::new().await;
    place.double(Platform::FranceConnect, "modele", Alg::Es256).await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let issuer = place.act(async |tx| comptes::oidc::provider(tx, "modele").await).await.expect("a provider").issuer;
    let form = |issuer: &str, secret: &str| {
        let fields = format!("slug=fc&kind=france_connect&title=FranceConnect&client_id=essai&is_active=oui&groups_claim=groups");
        format!("{fields}&issuer={}&secret={secret}&{}", quote(issuer), place.key())
    };
    let down = admin.post("/admin/identites/nouveau", &form("http://127.0.0.1:9/api/v2", "s3cret")).await;
    assert_eq!(down.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(down.text().contains("ne répond pas"), "{}", down.text());
    let kept = admin.post("/admin/identites/nouveau", &form(&issuer, "s3cret-tr3s-long")).await;
    assert_eq!(kept.location(), "/admin/identites", "{}", kept.text());
    assert!(!admin.get("/admin/identites/fc").await.text().contains("s3cret"));
    let origin = issuer.trim_end_matches("/api/v2");
    let csp = place.visitor().get("/connexion").await.header("content-security-policy").to_owned();
    assert!(csp.contains(&format!("form-action 'self' {origin}")), "{csp}");
    admin.post("/admin/identites/fc", &form(&issuer, "")).await;
    let provider = place.act(async |tx| comptes::oidc::provider(tx, "fc").await).await.expect("a provider");
    let secret = comptes::oidc::secret_of(&place.app.keys, place.bench.tenant.id, &provider).expect("a secret");
    assert_eq!(secret, "s3cret-tr3s-long", "an empty field keeps it");
}

#[tokio::test]
async fn the_pages_of_the_administration_open_for_an_administrator_alone() {
    let place = Place::new().await;
    let mut admin = place.admin("chef@exemple.fr").await;
    let pages = ["/admin", "/admin/agents", "/admin/agents/nouveau", "/admin/services", "/admin/partenaires", "/admin/apparence", "/admin/identites"];
    for page in pages {
        assert_eq!(admin.get(page).await.status, StatusCode::OK, "{page}");
        assert!(place.visitor().get(page).await.location().starts_with("/agent/connexion"), "{page}");
    }
}

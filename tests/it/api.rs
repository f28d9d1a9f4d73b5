//! The description of the API is a file that is read in review: a change to it is seen, never by accident.

use crate::support::TestApp;

#[tokio::test]
async fn the_api_document_is_the_reviewed_one() {
    let app = TestApp::new().await;
    let document = app.assembled().openapi.to_pretty_json().expect("a document");
    insta::assert_snapshot!("openapi", document);
}

#[tokio::test]
async fn the_api_document_is_served_as_it_was_reviewed() {
    let app = TestApp::new().await;
    let served = app.visitor().get("/api/v1/openapi.json").await.ok().json();
    let reviewed = serde_json::to_value(&app.assembled().openapi).expect("a document");
    assert_eq!(served, reviewed);
}

#[tokio::test]
async fn each_error_of_a_partner_leads_to_its_line_of_the_help() {
    let app = TestApp::new().await;
    let page = app.visitor().get("/aide/api").await.ok().text();
    let mut partner = app.partner("Caisse des écoles").await;
    for path in ["/api/v1/usagers/usa_1/attributes/telephone?purpose=x", "/api/v1/usagers/usa_1/attributes/telephone", "/api/v1/rien"] {
        let problem = partner.get(path).await.json();
        let (address, anchor) = problem["type"].as_str().and_then(|link| link.split_once('#')).expect("a type with an anchor");
        assert_eq!(address, app.tenant.url("/aide/api"));
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{path}: {anchor}");
    }
    let described = app.assembled().openapi.to_json().expect("a document");
    for code in ["consent-required", "not-informed", "opposed"] {
        assert!(described.contains(code) && page.contains(&format!("id=\"{code}\"")), "{code}");
    }
}

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

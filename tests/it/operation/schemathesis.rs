//! The API, tried by a tool that nobody here wrote: PyPI `schemathesis` reads the published description and asks what
//! nobody would think of. No fault of the server, and nothing that the description does not say.

use std::process::{Command, Output, Stdio};

use echanges::application::{self, Change};
use rgpd::Basis;
use serde_json::json;

use super::python_with;
use crate::{faults::Installation, journeys::partner::accept, support::app::TestApp};

/// No 5xx, no status, type or body that the description does not know.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// One run: with this key, on the paths that match, some parameters having real values.
struct Run<'a> {
    key: &'a str,
    paths: &'a str,
    parameters: Vec<(&'static str, String)>,
}

/// A partner that may read one attribute of a person, and the person.
async fn partner_who_may_read(app: &TestApp) -> (String, kernel::UsagerId) {
    let made = app.system(async |tx| {
        let partenaire = comptes::register_partenaire(tx, "Caisse des écoles", "", "").await?;
        Ok((partenaire.id, comptes::issue_key(tx, partenaire.id).await?))
    });
    let (id, key) = made.await;
    app.habilitate(id, "tarif-cantine", &["telephone"], Basis::PublicTask).await;
    app.habilitate(id, "lettre", &["courriel"], Basis::Consent).await;
    let mut ines = app.usager("ines@exemple.fr").await;
    let (dossier, ..) = app.dossier().saying("telephone_contact", "06 12 34 56 78").depose_by(&mut ines).await;
    accept(app, &mut app.agent().of("mobilites").await, dossier).await;
    (key, ines.usager)
}

/// An application that may answer.
async fn application(app: &TestApp) -> String {
    let options = json!({ "dossier": "departs" }).as_object().cloned().expect("an object");
    let change = Change { name: "Logiciel".into(), channel: "fichier".into(), options, ..Change::default() };
    let keys = &app.program().keys;
    app.system(async |tx| {
        let registered = application::register(tx, keys, "logiciel", change).await?;
        application::add_key(tx, registered.id).await
    })
    .await
}

fn schemathesis(python: &str, address: &str, host: &str, run: &Run<'_>) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = run.parameters.iter().map(|(name, value)| format!("\"{name}\" = \"{value}\"\n"));
    let config = format!("[parameters]\n{}", lines.collect::<String>());
    std::fs::write(folder.path().join("schemathesis.toml"), config).expect("written");
    let mut command = Command::new(python);
    command
        .args(["-m", "schemathesis.cli", "run", &format!("{address}/api/v1/openapi.json")])
        .args(["-H", &format!("Host: {host}"), "-H", &format!("Authorization: Bearer {}", run.key)])
        .args(["-c", CHECKS, "--include-path-regex", run.paths, "--max-time", "25", "--no-color"])
        .args(["--max-examples", "150", "--continue-on-failure", "--request-timeout", "20", "--warnings", "off", "--generation-database", "none"])
        .current_dir(folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null());
    command.output().expect("schemathesis starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_does_what_its_description_says_whatever_it_is_asked() {
    let Some(python) = python_with("schemathesis") else { return };
    let town = Installation::new().await;
    let (partner, usager) = partner_who_may_read(&town.app).await;
    let application = application(&town.app).await;
    let server = town.serve().await;
    let address = format!("http://{}", server.address);
    let host = town.app.tenant.host.clone();
    let known = vec![
        ("path.id", usager.to_string()),
        ("path.attribute", "telephone".into()),
        ("query.names", "telephone".into()),
        ("query.purpose", "tarif-cantine".into()),
    ];
    let runs = [
        Run { key: &partner, paths: ".", parameters: vec![] },
        Run { key: &partner, paths: "usagers", parameters: known },
        Run { key: &application, paths: "liaisons", parameters: vec![] },
    ];
    for run in runs {
        let out = schemathesis(&python, &address, &host, &run);
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        assert!(out.status.success() && said.contains("No issues found"), "{} {:?}\n{said}", run.paths, run.parameters);
    }
    server.kill().await;
    town.verify_journal().await;
}

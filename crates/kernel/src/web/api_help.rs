//! `GET /aide/api`: what a partner's developer reads, drawn from the description of the API, so that it cannot drift from
//! it: how to present a key, each endpoint with its answers, and each error under the anchor that `type` names (RFC 9457).

use serde::Serialize;
use utoipa::openapi::{
    OpenApi, RefOr, Response,
    path::{Operation, Parameter},
};

use crate::{t, templates::Page};

/// The errors that any endpoint may answer: stable code, status, what to do.
const COMMON: &[(&str, u16, &str)] = &[
    ("bad-request", 400, "L’adresse ou le corps ne se lit pas : corrigez l’appel."),
    ("unauthenticated", 401, "Donnez une clé valable dans l’en-tête « Authorization: Bearer »."),
    ("forbidden", 403, "Cette clé n’ouvre pas cette adresse."),
    ("not-found", 404, "L’objet n’existe pas, ou n’est pas lié à vous : les deux ne se distinguent pas."),
    ("method-not-allowed", 405, "Cette adresse existe, avec une autre méthode."),
    ("too-large", 413, "Envoyez moins à la fois."),
    ("unsupported-media-type", 415, "Envoyez du JSON, avec « Content-Type: application/json »."),
    ("invalid", 422, "Le membre « errors » dit quoi corriger, et où (« pointer »)."),
    ("too-many-requests", 429, "Attendez le nombre de secondes de l’en-tête « Retry-After »."),
    ("internal", 500, "La faute est de notre côté : donnez-nous le numéro du membre « instance »."),
    ("unavailable", 503, "Réessayez après le nombre de secondes de l’en-tête « Retry-After »."),
];

/// The page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApiHelp {
    endpoints: Vec<Endpoint>,
    problems: Vec<ProblemLine>,
}

/// One endpoint.
#[derive(Debug, Clone, Serialize)]
struct Endpoint {
    method: &'static str,
    path: String,
    title: String,
    /// Markdown.
    text: String,
    parameters: Vec<(String, String)>,
    answers: Vec<(String, String)>,
}

/// One error.
#[derive(Debug, Clone, Serialize)]
struct ProblemLine {
    code: String,
    status: u16,
    text: String,
}

impl Page for ApiHelp {
    const TEMPLATE: &'static str = "aide-api.html";

    fn samples() -> Vec<Self> {
        let endpoint = Endpoint {
            method: "GET",
            path: "/api/v1/usagers/{id}/attributes/{attribute}".into(),
            title: "Lit une information.".into(),
            text: "Une personne inconnue donne `404`.".into(),
            parameters: vec![("purpose".into(), "Code de la finalité".into())],
            answers: vec![("200".into(), "L’information".into())],
        };
        let problems = COMMON.iter().map(|line| ProblemLine::new(*line)).collect();
        vec![Self::default(), Self { endpoints: vec![endpoint], problems }]
    }
}

impl ProblemLine {
    fn new((code, status, text): (&str, u16, &str)) -> Self {
        Self { code: code.to_owned(), status, text: text.to_owned() }
    }
}

impl ApiHelp {
    /// The page of a description; `problems` are the errors that the domains add.
    pub(super) fn new(openapi: &OpenApi, problems: &[(&'static str, u16, &'static str)]) -> Self {
        let mut lines: Vec<ProblemLine> = COMMON.iter().chain(problems).map(|line| ProblemLine::new(*line)).collect();
        lines.sort_by(|one, other| (one.status, &one.code).cmp(&(other.status, &other.code)));
        let mut endpoints = Vec::new();
        for (path, item) in &openapi.paths.paths {
            let methods = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
            let here = methods.into_iter().filter_map(|(method, operation)| Some(endpoint(method, path, operation.as_ref()?)));
            endpoints.extend(here);
        }
        Self { endpoints, problems: lines }
    }
}

fn endpoint(method: &'static str, path: &str, operation: &Operation) -> Endpoint {
    let parameter = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => Some((parameter.name.clone(), parameter.description.clone().unwrap_or_default())),
        RefOr::Ref(_) => None,
    };
    let answer = |(status, response): (&String, &RefOr<Response>)| {
        let text = match response {
            RefOr::T(response) => response.description.clone(),
            RefOr::Ref(_) => t!("Voir la description"),
        };
        (status.clone(), text)
    };
    Endpoint {
        method,
        path: path.to_owned(),
        title: operation.summary.clone().unwrap_or_default(),
        text: operation.description.clone().unwrap_or_default(),
        parameters: operation.parameters.iter().flatten().filter_map(parameter).collect(),
        answers: operation.responses.responses.iter().map(answer).collect(),
    }
}

//! The API of partners: attributes of a person, for a stated purpose. Thin: `rgpd` decides, `read` reads, in the one
//! unit of work that writes the journal line; the answer leaves after it is kept.

use axum::{
    Json,
    extract::Path,
    http::{HeaderName, header},
};
use jiff::Timestamp;
use kernel::{
    Actor, App, Error, PartenaireId, Problem, Result, UsagerId,
    web::{Form as Asked, PartnerCx},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Disclosure, Level, Source, read};

/// Attributes of one call.
const AT_MOST: usize = 50;
const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_attribute)).routes(routes!(get_attributes))
}

/// Une information sur une personne, d’où elle vient, à quel point elle est sûre et depuis quand.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttributeRead {
    /// Code de l’information.
    #[schema(example = "quotient_familial")]
    attribute: String,
    /// La valeur, ou null quand rien n’est connu.
    #[schema(value_type = Value, example = json!(874))]
    value: serde_json::Value,
    /// D’où elle vient : `usager`, `agent`, `france_connect`, `partenaire`, `import`.
    #[schema(value_type = Option<String>, example = "partenaire")]
    provenance: Option<Source>,
    /// À quel point elle est sûre : `declared`, `confirmed`, `seen`, `partner`, `certified`.
    #[schema(value_type = Option<String>, example = "partner")]
    level: Option<Level>,
    /// Quand elle a été connue.
    recorded_at: Option<Timestamp>,
}

impl From<Disclosure> for AttributeRead {
    fn from(one: Disclosure) -> Self {
        Self { attribute: one.attribute, value: one.value, provenance: one.source, level: one.level, recorded_at: one.recorded_at }
    }
}

/// Plusieurs informations sur une personne.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttributesRead {
    /// Dans l’ordre demandé.
    attributes: Vec<AttributeRead>,
}

/// Lire une information sur une personne
///
/// Pour une finalité que couvre un contrat de service en vigueur. La lecture est écrite au journal, que la personne
/// consulte. Une personne inconnue et une personne sans lien avec le partenaire donnent la même réponse 404.
#[utoipa::path(
    get,
    path = "/api/v1/usagers/{id}/attributes/{attribute}",
    tag = "usagers",
    params(
        ("id" = String, Path, description = "Identifiant de la personne, `usa_…`"),
        ("attribute" = String, Path, description = "Code de l’information", example = "quotient_familial"),
        ("purpose" = String, Query, description = "Code de la finalité, écrit dans le contrat de service", example = "tarif-cantine"),
    ),
    responses(
        (status = 200, description = "L’information", body = AttributeRead),
        (status = 400, description = "Demande illisible", content_type = "application/problem+json"),
        (status = 401, description = "Clé absente ou inconnue", content_type = "application/problem+json"),
        (status = 403, description = "`habilitation-missing`, `consent-required` (avec `consent_url`), `not-informed` ou `opposed`", content_type = "application/problem+json"),
        (status = 404, description = "Personne inconnue, ou sans lien avec ce partenaire", content_type = "application/problem+json"),
        (status = 413, description = "Demande trop longue", content_type = "application/problem+json"),
        (status = 422, description = "Finalité manquante", content_type = "application/problem+json"),
        (status = 429, description = "Trop d’appels", content_type = "application/problem+json"),
        (status = 503, description = "Réessayer plus tard", content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
async fn get_attribute(
    cx: PartnerCx,
    Path((id, attribute)): Path<(String, String)>,
    query: Asked,
) -> Result<([(HeaderName, &'static str); 1], Json<AttributeRead>)> {
    let mut read = read_for(&cx, &id, vec![attribute], purpose(&query)?).await?;
    let one = read.pop().ok_or_else(|| Error::internal("one attribute asked, none read"))?;
    Ok((NO_STORE, Json(one.into())))
}

/// Lire plusieurs informations sur une personne
///
/// Toutes pour une même finalité, que le contrat de service doit couvrir en entier.
#[utoipa::path(
    get,
    path = "/api/v1/usagers/{id}/attributes",
    tag = "usagers",
    params(
        ("id" = String, Path, description = "Identifiant de la personne, `usa_…`"),
        ("names" = String, Query, description = "Codes des informations, séparés par des virgules ; 50 au plus", example = "adresse,telephone"),
        ("purpose" = String, Query, description = "Code de la finalité, écrit dans le contrat de service", example = "tarif-cantine"),
    ),
    responses(
        (status = 200, description = "Les informations", body = AttributesRead),
        (status = 400, description = "Demande illisible", content_type = "application/problem+json"),
        (status = 401, description = "Clé absente ou inconnue", content_type = "application/problem+json"),
        (status = 403, description = "`habilitation-missing`, `consent-required` (avec `consent_url`), `not-informed` ou `opposed`", content_type = "application/problem+json"),
        (status = 404, description = "Personne inconnue, ou sans lien avec ce partenaire", content_type = "application/problem+json"),
        (status = 413, description = "Demande trop longue", content_type = "application/problem+json"),
        (status = 422, description = "Finalité ou informations manquantes", content_type = "application/problem+json"),
        (status = 429, description = "Trop d’appels", content_type = "application/problem+json"),
        (status = 503, description = "Réessayer plus tard", content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
async fn get_attributes(cx: PartnerCx, Path(id): Path<String>, query: Asked) -> Result<([(HeaderName, &'static str); 1], Json<AttributesRead>)> {
    let read = read_for(&cx, &id, names(&query)?, purpose(&query)?).await?;
    Ok((NO_STORE, Json(AttributesRead { attributes: read.into_iter().map(Into::into).collect() })))
}

fn purpose(query: &Asked) -> Result<&str> {
    query.filled("purpose").ok_or_else(|| Error::invalid("purpose", "Dites la finalité, par exemple purpose=tarif-cantine."))
}

fn names(query: &Asked) -> Result<Vec<String>> {
    let mut names: Vec<String> = vec![];
    for name in query.get("names").unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() || names.len() > AT_MOST {
        return Err(Error::invalid("names", "Dites de une à cinquante informations, par exemple names=adresse,telephone."));
    }
    Ok(names)
}

/// The values, once the journal line is kept. An identifier that is not one is an unknown person, at the same cost.
async fn read_for(cx: &PartnerCx, id: &str, attributes: Vec<String>, purpose: &str) -> Result<Vec<Disclosure>> {
    let Actor::Partenaire { id: partenaire, .. } = *cx.actor() else { return Err(not_a_partner()) };
    let usager = id.parse().unwrap_or_else(|_| UsagerId::from(uuid::Uuid::nil()));
    let work = async |tx: &mut kernel::Tx| {
        let ids = read::aliases(tx, usager).await?;
        let permit = rgpd::disclose(tx, partenaire, &ids, &attributes, purpose).await?;
        read::read(tx, &permit).await
    };
    cx.write(work).await.map_err(|error| with_address(error, cx, partenaire, purpose))
}

/// A missing consent is answered with the page where the person may give it.
fn with_address(error: Error, cx: &PartnerCx, partenaire: PartenaireId, purpose: &str) -> Error {
    match error {
        Error::Denied(problem) if problem.code == "consent-required" => {
            let url = cx.tenant().url(&format!("/mes-donnees/accords/{partenaire}/{purpose}"));
            Error::DeniedUntil { problem, member: "consent_url", url }
        }
        other => other,
    }
}

fn not_a_partner() -> Error {
    Error::Denied(Problem { code: "habilitation-missing", sentence: "Cette clé n’est pas celle d’un partenaire.".into() })
}

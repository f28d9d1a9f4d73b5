//! The API of applications: they answer about the dossiers that were sent to them.

use axum::{Extension, Json, body::Bytes, extract::Path};
use kernel::{App, DossierId, Error, Result, web::PartnerCx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Answer, Around, Officer, Registry};

/// Longest body of an answer.
const LONGEST: usize = 256 << 10;

/// What this API refuses beside the common errors: code, HTTP status, what to do.
pub(super) const PROBLEMS: &[(&str, u16, &str)] = &[
    ("already-decided", 409, "Une décision est déjà prise sur ce dossier : la réponse dit laquelle."),
    ("already-moved", 409, "Le dossier n’est plus à l’étape d’où part cette réponse."),
    ("answer-too-large", 413, "Le corps dépasse 256 Kio."),
    ("identifier-reused", 409, "Cet identifiant a déjà servi pour une autre réponse : donnez-en un nouveau."),
    ("not-submitted", 409, "La demande n’est pas encore envoyée."),
    ("step-not-open", 409, "Les réponses de ce dossier ne permettent pas cette étape."),
];

pub(super) fn routes(registry: Registry) -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(post_reponse)).layer(Extension(registry))
}

/// Ce qu’une application répond d’un dossier qui lui a été transmis.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reponse {
    /// Identifiant de cette réponse, choisi par l’application : un second envoi sous le même identifiant ne fait rien de plus.
    #[schema(min_length = 1, max_length = 200, example = "EC-2026-004512-1")]
    identifiant: String,
    /// Un des mots prévus par la démarche.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_-]+$", example = "delivre")]
    reponse: String,
    /// Ce qui accompagne ce mot, sous les noms prévus par la démarche.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"date_envoi": "2026-09-08", "mode": "courrier"}))]
    champs: Map<String, Value>,
    /// Qui a pris la décision. Obligatoire quand la réponse décide et qu’un courrier en part : il porte ce nom et cette qualité.
    #[serde(default)]
    signataire: Option<Signataire>,
}

/// L’agent qui a pris la décision dans l’application (CRPA, article L212-1).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signataire {
    /// Prénom et nom.
    #[schema(min_length = 1, max_length = 200, example = "Camille Perrin")]
    nom: String,
    /// En quelle qualité il décide.
    #[schema(min_length = 1, max_length = 200, example = "officière de l’état civil, par délégation du maire")]
    qualite: String,
}

/// Ce qu’est devenu le dossier.
#[derive(Serialize, ToSchema)]
pub(super) struct Suite {
    /// Identifiant de la réponse.
    identifiant: String,
    /// Le dossier.
    dossier: String,
    /// Nom de son état.
    etat: String,
    /// Le même en mots, tel que l’usager le lit.
    libelle: String,
    /// Vrai si cette réponse était déjà arrivée.
    deja_recue: bool,
}

/// Répondre au sujet d’un dossier
///
/// Réservé aux applications, avec leur clé. Le dossier avance seulement par les transitions que la démarche prévoit
/// pour cette réponse. Renvoyer la même réponse sous le même identifiant redonne la même suite.
#[utoipa::path(
    post,
    path = "/api/v1/liaisons/{dossier}/reponses",
    tag = "liaisons",
    params(("dossier" = String, Path, description = "Identifiant du dossier, `dos_…`")),
    request_body = Reponse,
    responses(
        (status = 200, description = "Réponse prise en compte", body = Suite),
        (status = 400, description = "Corps illisible", content_type = "application/problem+json"),
        (status = 401, description = "Clé absente ou inconnue", content_type = "application/problem+json"),
        (status = 403, description = "Cette clé n’est pas celle d’une application", content_type = "application/problem+json"),
        (status = 404, description = "Dossier inconnu, ou jamais transmis à cette application", content_type = "application/problem+json"),
        (status = 409, description = "Identifiant déjà pris par une autre réponse, ou réponse impossible dans l’état du dossier", content_type = "application/problem+json"),
        (status = 413, description = "Corps trop long", content_type = "application/problem+json"),
        (status = 415, description = "Le corps n’est pas du JSON", content_type = "application/problem+json"),
        (status = 422, description = "Réponse ou champ non prévus, ou signataire absent d’une décision qui fait partir un courrier", content_type = "application/problem+json"),
        (status = 429, description = "Trop d’appels", content_type = "application/problem+json"),
        (status = 503, description = "Réessayer plus tard", content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
async fn post_reponse(cx: PartnerCx, Extension(registry): Extension<Registry>, Path(dossier): Path<String>, body: Bytes) -> Result<Json<Suite>> {
    let dossier: DossierId = dossier.parse()?;
    let said = read(&body)?;
    let signer = said.signataire.map(|signer| Officer { name: signer.nom, quality: signer.qualite });
    let answer = Answer { identifier: said.identifiant.clone(), dossier, answer: said.reponse, fields: said.champs, signer };
    let around = Around { app: cx.app().clone(), tenant: (**cx.tenant()).clone() };
    let answered = cx.write(async |tx| crate::answer(tx, &around, &registry, answer).await).await?;
    Ok(Json(Suite {
        identifiant: said.identifiant,
        dossier: dossier.to_string(),
        etat: answered.state,
        libelle: answered.label,
        deja_recue: answered.is_repeated,
    }))
}

fn read(body: &[u8]) -> Result<Reponse> {
    if body.len() > LONGEST {
        return Err(Error::TooLarge(kernel::Problem { code: "answer-too-large", sentence: "Cette réponse dépasse 256 Ko.".into() }));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Error::invalid("", format!("Le corps n’a pas la forme attendue : {error}.")),
        _ => Error::refused("invalid-json", format!("Le corps n’est pas du JSON valable (ligne {}).", error.line())),
    })
}

//! The personal data this domain holds, how long, and all of it about one person (GDPR, article 15).

use std::future::Future;
use std::pin::Pin;

use kernel::{Result, Tx, UsagerId};
use rgpd::{PersonalData, Retention};
use serde_json::{Value as Json, json};

use crate::store;

/// Dossiers, drafts, pieces, messages, notes, letters.
pub struct Dossiers;

const ARCHIVES: &str = "archives publiques : code du patrimoine, L212-2 ; rien n’est détruit sans le visa des archives";

const fn kept_with_dossier(table: &'static str, label: &'static str) -> Retention {
    Retention { table, label, kept: "autant que le dossier", because: ARCHIVES }
}

static RETENTION: [Retention; 8] = [
    Retention {
        table: "dossier",
        label: "Demandes et brouillons",
        kept: "brouillon : le temps dit par la démarche ; demande envoyée : le temps dit par la démarche, après sa fin",
        because: ARCHIVES,
    },
    Retention {
        table: "dossier_access",
        label: "Liens de reprise et de suivi",
        kept: "la durée du lien ou de la session",
        because: "clé d’accès sans compte",
    },
    kept_with_dossier("piece", "Pièces jointes"),
    kept_with_dossier("piece_request", "Demandes de complément"),
    kept_with_dossier("message", "Messages"),
    kept_with_dossier("note", "Notes privées"),
    kept_with_dossier("courrier", "Courriers"),
    Retention {
        table: "elimination",
        label: "Bordereau d’élimination",
        kept: "sans limite : numéro et dates seulement",
        because: "bordereau d’élimination des archives",
    },
];

impl PersonalData for Dossiers {
    fn retention(&self) -> &'static [Retention] {
        &RETENTION
    }

    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Pin<Box<dyn Future<Output = Result<Json>> + Send + 'a>> {
        Box::pin(export(tx, ids))
    }
}

async fn export(tx: &mut Tx, ids: &[UsagerId]) -> Result<Json> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = store::list::of_usagers(tx, ids, before, 100).await?;
        let Some(last) = page.last().map(|dossier| dossier.id) else { return Ok(Json::Array(all)) };
        for dossier in page {
            let pieces = store::piece::of_dossier(tx, dossier.id).await?;
            let messages = store::thread::messages(tx, dossier.id).await?;
            let notes = store::thread::notes(tx, dossier.id).await?;
            all.push(json!({
                "demarche": dossier.slug,
                "numero": dossier.number_text(),
                "etat": dossier.state,
                "canal": dossier.channel.code(),
                "reponses": dossier.answers,
                "envoyee_le": dossier.submitted_at,
                "terminee_le": dossier.ended_at,
                "decision": dossier.decision,
                "pieces": pieces.iter().map(|p| json!({ "code": p.code, "fichier": p.name, "ajoutee_le": p.added_at })).collect::<Vec<_>>(),
                "messages": messages.iter().map(|m| json!({ "de": m.author_name, "texte": m.text, "le": m.written_at })).collect::<Vec<_>>(),
                "notes": notes.iter().map(|n| json!({ "texte": n.text, "le": n.written_at })).collect::<Vec<_>>(),
            }));
        }
        before = Some(last);
    }
}

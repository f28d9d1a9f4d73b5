//! What every table that holds personal data promises: how long it keeps, why, and what it hands over to the person.
//! The tables of this domain are here too; those of the domains on the left are told by `referentiel`, which knows
//! whose account is whose.

use std::{future::Future, pin::Pin};

use kernel::{Result, Tx, UsagerId};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::store;

/// How long something is kept, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Retention {
    /// The table.
    pub table: &'static str,
    /// What it holds, in words.
    pub label: &'static str,
    /// In words: "un an après la clôture".
    pub kept: &'static str,
    /// The text or the reason.
    pub because: &'static str,
}

/// A domain's personal data; the list is in `parvis/src/registries.rs`.
pub trait PersonalData: Send + Sync {
    /// One line per table that holds some; the first table names the domain's part in what a person is given.
    fn retention(&self) -> &'static [Retention];
    /// All that is held about a person (under all his identifiers), for the right of access, GDPR article 15.
    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Pin<Box<dyn Future<Output = Result<serde_json::Value>> + Send + 'a>>;
}

/// Consents, oppositions, ties to partners, requests.
pub struct Rights;

const PROOF: &str = "preuve, jusqu’à la prescription (code civil, article 2224)";

impl PersonalData for Rights {
    fn retention(&self) -> &'static [Retention] {
        &[
            Retention { table: "consent", label: "Accords", kept: "tant que l’accord vaut, puis cinq ans après son retrait", because: PROOF },
            Retention {
                table: "opposition",
                label: "Oppositions",
                kept: "tant que le partenaire a un contrat de service, puis cinq ans",
                because: "respecter le choix de la personne, puis preuve",
            },
            Retention {
                table: "partner_link",
                label: "Informations données sur les lectures",
                kept: "tant que le partenaire a un contrat de service, puis cinq ans",
                because: "preuve que la personne a été informée",
            },
            Retention { table: "rights_request", label: "Demandes sur les données", kept: "cinq ans après la réponse", because: PROOF },
            Retention {
                table: "event_mention",
                label: "Personnes citées dans le journal",
                kept: "autant que le journal",
                because: "montrer à la personne qui a lu quoi",
            },
            Retention {
                table: "event",
                label: "Journal",
                kept: "sans limite ; ne contient ni nom, ni valeur, ni texte",
                because: "traçabilité des échanges (CRPA, R. 114-9-7 : 36 mois au moins) et intégrité du journal",
            },
        ]
    }

    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Pin<Box<dyn Future<Output = Result<Json>> + Send + 'a>> {
        Box::pin(async move {
            Ok(json!({
                "accords": store::consents(tx, ids).await?,
                "oppositions": store::oppositions(tx, ids).await?,
                "demandes": store::requests_of(tx, ids).await?,
            }))
        })
    }
}

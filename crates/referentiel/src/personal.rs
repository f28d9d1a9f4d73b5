//! The personal data of this domain, and of those on its left whose rows are found by an account: only here is it
//! known whose account is whose.

use std::{future::Future, pin::Pin};

use kernel::{Result, Subject, Tx, UsagerId, web::session};
use rgpd::{PersonalData, Retention};
use serde_json::{Value as Json, json};

use crate::{foyer, read, store};

type Export<'a> = Pin<Box<dyn Future<Output = Result<Json>> + Send + 'a>>;

/// Persons, facts, households.
pub struct Persons;

const RECORD: &str = "mission de service public : ne pas redemander ce qui est déjà su (CRPA, L. 113-12)";

impl PersonalData for Persons {
    fn retention(&self) -> &'static [Retention] {
        &[
            Retention {
                table: "usager",
                label: "Fiches usager",
                kept: "tant qu’un compte, une demande ou un foyer s’y rattache, ou jusqu’à une demande d’effacement",
                because: RECORD,
            },
            Retention {
                table: "usager_alias",
                label: "Fiches réunies",
                kept: "autant que la personne",
                because: "retrouver ses demandes après une fusion, et pouvoir la défaire",
            },
            Retention { table: "fact", label: "Informations des fiches", kept: "autant que la personne ; un an après son retrait", because: RECORD },
            Retention { table: "foyer_member", label: "Foyers", kept: "autant que la personne", because: RECORD },
        ]
    }

    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Export<'a> {
        Box::pin(async move {
            let facts = match ids.first() {
                Some(usager) => read::facts(tx, *usager).await?,
                None => vec![],
            };
            let rows = store::rows_of(tx, ids).await?;
            let rows: Vec<Json> = rows.iter().map(|(id, mail, since)| json!({ "identifiant": id, "courriel": mail, "depuis": since })).collect();
            // Who else lives there is theirs, not his.
            let own = foyer::foyer_of(tx, ids).await?;
            let own: Vec<_> = own.iter().filter(|member| ids.contains(&member.usager)).collect();
            Ok(json!({ "identifiants": rows, "informations": facts, "foyer": own }))
        })
    }
}

/// Accounts of usagers, and the identities linked to them. Agents and teams are told too: their tables hold addresses.
pub struct Accounts;

impl PersonalData for Accounts {
    fn retention(&self) -> &'static [Retention] {
        &[
            Retention {
                table: "compte",
                label: "Comptes des usagers",
                kept: "tant que le compte sert, ou jusqu’à une demande d’effacement",
                because: "se connecter",
            },
            Retention {
                table: "identity",
                label: "Identités rattachées à un compte",
                kept: "autant que le compte",
                because: "reconnaître la personne qui revient par FranceConnect ou un autre fournisseur",
            },
            Retention {
                table: "mailed_link",
                label: "Liens envoyés par mail",
                kept: "la durée du lien : de quinze minutes à trente jours",
                because: "se connecter ou reprendre une demande",
            },
            Retention {
                table: "agent",
                label: "Comptes des agents",
                kept: "sans limite après le départ : le nom figure sur les actes signés",
                because: "code des relations entre le public et l’administration, L. 111-2 et L. 212-1",
            },
            Retention {
                table: "org_unit",
                label: "Services",
                kept: "sans limite",
                because: "coordonnées d’un service, imprimées sur les accusés de réception",
            },
        ]
    }

    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Export<'a> {
        Box::pin(async move {
            let mut comptes = vec![];
            for id in store::comptes_of(tx, ids).await? {
                comptes.extend(comptes::store::compte(tx, id).await?);
            }
            Ok(json!(comptes))
        })
    }
}

/// Browsers that are signed in. Failed tries are kept as hashes that lead back to nobody.
pub struct Sessions;

impl PersonalData for Sessions {
    fn retention(&self) -> &'static [Retention] {
        &[
            Retention {
                table: "session",
                label: "Sessions",
                kept: "trente jours sans visite, quatre-vingt-dix jours au plus ; douze heures pour un agent",
                because: "rester connecté",
            },
            Retention {
                table: "idempotency",
                label: "Formulaires déjà envoyés",
                kept: "trente-cinq jours",
                because: "qu’un formulaire envoyé deux fois ne compte qu’une fois",
            },
            Retention {
                table: "login_attempt",
                label: "Tentatives de connexion",
                kept: "quarante-huit heures, sous forme d’empreinte",
                because: "ralentir qui devine des mots de passe",
            },
        ]
    }

    fn export<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Export<'a> {
        Box::pin(async move {
            let mut open = vec![];
            for id in ids {
                for session in session::list(tx, &Subject::Usager(*id).to_string()).await? {
                    open.push(json!({ "appareil": session.browser, "depuis": session.created_at, "vu": session.seen_at }));
                }
            }
            Ok(Json::Array(open))
        })
    }
}

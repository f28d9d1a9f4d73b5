//! The exit check ("contrôle de sortie"): habilitation, basis, journal line; then a `Permit`, and nothing leaves without one.

use kernel::{Error, Event, HabilitationId, PartenaireId, Problem, Result, Subject, Tx, UsagerId};
use serde::Serialize;

use crate::{Basis, Habilitation, habilitations, store};

/// Leave to read some attributes of one person, in the unit of work that journaled it. No public constructor.
#[derive(Debug)]
pub struct Permit {
    usager: UsagerId,
    attributes: Vec<String>,
    unit: kernel::db::UnitId,
}

impl Permit {
    /// Whom it is about, as the caller named him.
    pub fn usager(&self) -> UsagerId {
        self.usager
    }

    /// What may be read.
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// `Internal` when the permit comes from another unit: its journal line may have been rolled back.
    pub fn check(&self, tx: &Tx) -> Result<()> {
        if self.unit == tx.unit_id() { Ok(()) } else { Err(Error::internal("a permit of another unit of work")) }
    }
}

/// Attributes of a person were read by a partner: who, whom, which, why, on what basis; never a value.
#[derive(Serialize)]
pub struct Disclosed {
    usager: UsagerId,
    partenaire: PartenaireId,
    habilitation: HabilitationId,
    attributes: Vec<String>,
    purpose: String,
    basis: Basis,
}

impl Event for Disclosed {
    const KIND: &'static str = "Disclosed";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// Lets a partner read, or says why not. `ids`: the person's identifiers, the one he is known by first; empty when
/// there is no such person.
///
/// - no habilitation for these attributes and this purpose: `Conflict`-free 403 `habilitation-missing`;
/// - no such person, or none tied to this partner: `NotFound`, the same for all;
/// - basis consent, none alive: 403 `consent-required`; opposed: 403 `opposed`.
pub async fn disclose(
    tx: &mut Tx, partenaire: PartenaireId, ids: &[UsagerId], attributes: &[String], purpose: &str,
) -> Result<Permit> {
    let habilitation = covering(tx, partenaire, attributes, purpose).await?;
    let usager = *ids.first().ok_or(Error::NotFound)?;
    if habilitation.basis == Basis::Consent {
        if !store::live_consent(tx, ids, partenaire, purpose).await? {
            return Err(refusal("consent-required", "La personne n’a pas donné son accord pour cette finalité."));
        }
    } else if !store::is_linked(tx, ids, partenaire).await? {
        return Err(Error::NotFound);
    } else if habilitation.basis.can_be_opposed() && store::is_opposed(tx, ids, partenaire, purpose).await? {
        return Err(refusal("opposed", "La personne s’est opposée à cette lecture (RGPD, article 21)."));
    }
    tx.emit(&Disclosed {
        usager,
        partenaire,
        habilitation: habilitation.id,
        attributes: attributes.to_vec(),
        purpose: purpose.into(),
        basis: habilitation.basis,
    })
    .await?;
    Ok(Permit { usager, attributes: attributes.to_vec(), unit: tx.unit_id() })
}

async fn covering(tx: &mut Tx, partenaire: PartenaireId, attributes: &[String], purpose: &str) -> Result<Habilitation> {
    let held = habilitations(tx, Some(partenaire)).await?;
    let covers = |h: &&Habilitation| h.purpose == purpose && attributes.iter().all(|a| h.attributes.contains(a));
    held.iter().find(covers).cloned().ok_or_else(|| {
        refusal("habilitation-missing", "Aucun contrat de service n’ouvre ces informations à votre organisme pour cette finalité.")
    })
}

fn refusal(code: &'static str, sentence: &str) -> Error {
    Error::Denied(Problem { code, sentence: sentence.into() })
}

//! The exit check ("contrôle de sortie"): habilitation, basis, journal line; then a `Permit`, and nothing leaves without one.

use jiff::Timestamp;
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
/// - no habilitation for these attributes and this purpose: 403 `habilitation-missing`;
/// - no such person, or none tied to this partner: `NotFound`, the same for all, at the same cost;
/// - basis consent, none alive that covers it: 403 `consent-required`;
/// - other bases: 403 `not-informed` when the person was not told of this reading, `opposed` when he opposed.
pub async fn disclose(tx: &mut Tx, partenaire: PartenaireId, ids: &[UsagerId], attributes: &[String], purpose: &str) -> Result<Permit> {
    let habilitation = covering(tx, partenaire, attributes, purpose).await?;
    let links = store::links_of(tx, ids, partenaire).await?;
    let usager = *ids.first().filter(|_| !links.is_empty()).ok_or(Error::NotFound)?;
    let told = links.iter().filter_map(|link| link.informed_at).max();
    basis_holds(tx, &habilitation, ids, told).await?;
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

/// Whether what makes the reading lawful is there, for this person.
async fn basis_holds(tx: &mut Tx, h: &Habilitation, ids: &[UsagerId], told: Option<Timestamp>) -> Result<()> {
    if h.basis == Basis::Consent {
        return match store::live_consent(tx, ids, h.partenaire, &h.purpose, h.granted_at).await? {
            true => Ok(()),
            false => Err(refusal("consent-required", "La personne n’a pas donné son accord pour cette finalité.")),
        };
    }
    if told < Some(h.granted_at) {
        return Err(refusal("not-informed", "La personne n’a pas encore été informée de cette lecture."));
    }
    if h.basis.can_be_opposed() && store::is_opposed(tx, ids, h.partenaire, &h.purpose).await? {
        return Err(refusal("opposed", "La personne s’est opposée à cette lecture (RGPD, article 21)."));
    }
    Ok(())
}

async fn covering(tx: &mut Tx, partenaire: PartenaireId, attributes: &[String], purpose: &str) -> Result<Habilitation> {
    let held = habilitations(tx, Some(partenaire)).await?;
    let covers = |h: &&Habilitation| h.purpose == purpose && !attributes.is_empty() && attributes.iter().all(|a| h.attributes.contains(a));
    held.iter()
        .find(covers)
        .cloned()
        .ok_or_else(|| refusal("habilitation-missing", "Aucun contrat de service n’ouvre ces informations à votre organisme pour cette finalité."))
}

/// The refusals, as a partner reads them: code, HTTP status, what to do.
pub const PROBLEMS: &[(&str, u16, &str)] = &[
    ("consent-required", 403, "Montrez à la personne la page du membre « consent_url » : elle peut y donner son accord."),
    ("habilitation-missing", 403, "Aucun contrat de service n’ouvre cette information pour cette finalité : adressez-vous à la collectivité."),
    ("not-informed", 403, "La personne n’a pas encore été informée de cette lecture : elle le sera à sa prochaine demande."),
    ("opposed", 403, "La personne s’est opposée à cette lecture (RGPD, article 21)."),
];

fn refusal(code: &'static str, sentence: &str) -> Error {
    Error::Denied(Problem { code, sentence: sentence.into() })
}

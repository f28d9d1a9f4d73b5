//! Habilitations ("contrats de service"): granted, closed, told to the persons they concern.

use jiff::{Timestamp, civil::Date};
use kernel::{Error, Event, FieldErrors, HabilitationId, PartenaireId, Result, Subject, Tx, UsagerId};
use serde::{Deserialize, Serialize};

use crate::{HABILITATE, store};

/// What makes a reading lawful (GDPR article 6; CRPA L114-8 for exchanges between administrations).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 6.1.a: free, asked for, withdrawn as easily as given.
    Consent,
    /// 6.1.c: a text obliges.
    LegalObligation,
    /// 6.1.e: a task of public interest; the person is informed and may oppose (article 21).
    PublicTask,
    /// CRPA L114-8: administrations exchange what a request needs; the person is informed.
    Exchange,
}

impl Basis {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::LegalObligation => "legal_obligation",
            Self::PublicTask => "public_task",
            Self::Exchange => "exchange",
        }
    }

    /// For screens, in French.
    pub fn label(self) -> &'static str {
        match self {
            Self::Consent => "l’accord de la personne, qui peut le retirer",
            Self::LegalObligation => "une obligation légale",
            Self::PublicTask => "une mission d’intérêt public",
            Self::Exchange => "un échange entre administrations (article L. 114-8 du code des relations entre le public et l’administration)",
        }
    }

    /// Whether the person may oppose, GDPR article 21: not to a legal obligation, nor to what he agreed to.
    pub fn can_be_opposed(self) -> bool {
        self == Self::PublicTask
    }

    /// All of them, in the order of screens.
    pub const ALL: [Self; 4] = [Self::LegalObligation, Self::PublicTask, Self::Exchange, Self::Consent];

    /// The basis of a code, if there is one.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.code() == code)
    }
}

/// Which partner may read which attributes, for which purpose, on which basis, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Habilitation {
    /// The habilitation.
    pub id: HabilitationId,
    /// Who reads.
    pub partenaire: PartenaireId,
    /// Code of the purpose: `tarif-cantine`.
    pub purpose: String,
    /// The purpose in words, shown to the person.
    pub title: String,
    /// Codes of the attributes.
    pub attributes: Vec<String>,
    /// What makes it lawful.
    pub basis: Basis,
    /// The text that says so: article, decree, convention.
    pub reference: String,
    /// First day.
    pub valid_from: Date,
    /// Last day, none when open.
    pub valid_to: Option<Date>,
    /// When it was granted: what the person knew or accepted before does not cover it.
    pub granted_at: Timestamp,
    /// When it was closed, if it was.
    pub closed_at: Option<Timestamp>,
}

impl Habilitation {
    /// Whether it holds on that day.
    pub fn holds(&self, day: Date) -> bool {
        self.closed_at.is_none() && self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// What an administrator gives.
#[derive(Debug, Clone)]
pub struct NewHabilitation {
    /// Who reads.
    pub partenaire: PartenaireId,
    /// Code of the purpose.
    pub purpose: String,
    /// The purpose in words.
    pub title: String,
    /// Codes of the attributes.
    pub attributes: Vec<String>,
    /// What makes it lawful.
    pub basis: Basis,
    /// The text.
    pub reference: String,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A habilitation was granted.
#[derive(Serialize)]
pub struct HabilitationGranted {
    habilitation: HabilitationId,
    partenaire: PartenaireId,
    purpose: String,
    attributes: Vec<String>,
    basis: Basis,
}

/// A habilitation was closed.
#[derive(Serialize)]
pub struct HabilitationClosed {
    habilitation: HabilitationId,
}

/// A person was told who reads what, from whom, why, and how to correct or oppose.
#[derive(Serialize)]
pub struct UsagerInformed {
    usager: UsagerId,
    partenaires: Vec<PartenaireId>,
}

impl Event for HabilitationGranted {
    const KIND: &'static str = "HabilitationGranted";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for HabilitationClosed {
    const KIND: &'static str = "HabilitationClosed";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

impl Event for UsagerInformed {
    const KIND: &'static str = "UsagerInformed";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// Grants a habilitation. `Invalid` when the purpose, the attributes or the text is missing.
pub async fn grant(tx: &mut Tx, new: NewHabilitation) -> Result<Habilitation> {
    tx.allow_any(HABILITATE)?;
    check(&new, tx.today())?;
    let habilitation = Habilitation {
        id: tx.new_id(),
        partenaire: new.partenaire,
        purpose: new.purpose,
        title: new.title,
        attributes: new.attributes,
        basis: new.basis,
        reference: new.reference,
        valid_from: tx.today(),
        valid_to: new.valid_to,
        granted_at: tx.now(),
        closed_at: None,
    };
    store::insert_habilitation(tx, &habilitation).await?;
    tx.emit(&HabilitationGranted {
        habilitation: habilitation.id,
        partenaire: habilitation.partenaire,
        purpose: habilitation.purpose.clone(),
        attributes: habilitation.attributes.clone(),
        basis: habilitation.basis,
    })
    .await?;
    Ok(habilitation)
}

fn check(new: &NewHabilitation, today: Date) -> Result<()> {
    let mut errors = FieldErrors::new();
    let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if new.purpose.is_empty() || !new.purpose.chars().all(is_code) {
        errors.push("purpose", "Écrivez le code de la finalité en minuscules et traits d’union, par exemple tarif-cantine.");
    }
    if new.title.trim().is_empty() {
        errors.push("title", "Dites la finalité en quelques mots, par exemple : calculer le tarif de la cantine.");
    }
    if new.attributes.is_empty() {
        errors.push("attributes", "Choisissez au moins une information.");
    }
    if new.reference.trim().is_empty() {
        errors.push("reference", "Citez le texte : article, décret ou convention.");
    }
    if new.valid_to.is_some_and(|last| last < today) {
        errors.push("valid_to", "La dernière date est passée : écrivez une date à venir, ou rien.");
    }
    errors.into_result()
}

/// Closes a habilitation, at once. `NotFound` when it is closed already.
pub async fn close(tx: &mut Tx, id: HabilitationId) -> Result<()> {
    tx.allow_any(HABILITATE)?;
    if !store::close_habilitation(tx, id).await? {
        return Err(Error::NotFound);
    }
    tx.emit(&HabilitationClosed { habilitation: id }).await.map(drop)
}

/// The habilitations in force, of one partner or of all, at most 500.
pub async fn habilitations(tx: &mut Tx, of: Option<PartenaireId>) -> Result<Vec<Habilitation>> {
    let today = tx.today();
    let all = store::habilitations(tx, of).await?;
    Ok(all.into_iter().filter(|h| h.holds(today)).collect())
}

/// Every habilitation, those in force first, then the last closed; at most 500.
pub async fn every_habilitation(tx: &mut Tx) -> Result<Vec<Habilitation>> {
    store::every_habilitation(tx).await
}

/// Records that a person was told who may read, what, why and how to oppose: the notice was on the page he was shown.
/// From then on the partners concerned may read, each within its habilitation; those that need his agreement still do.
/// Told again of the same, nothing is written.
pub async fn inform(tx: &mut Tx, usager: UsagerId) -> Result<()> {
    let told = store::links(tx, &[usager]).await?;
    let is_news = |h: &Habilitation| !told.iter().any(|l| l.partenaire == h.partenaire && l.informed_at >= Some(h.granted_at));
    let mut partenaires: Vec<PartenaireId> = habilitations(tx, None).await?.iter().filter(|h| is_news(h)).map(|h| h.partenaire).collect();
    partenaires.sort_unstable();
    partenaires.dedup();
    if partenaires.is_empty() {
        return Ok(());
    }
    store::tell(tx, usager, &partenaires).await?;
    tx.emit(&UsagerInformed { usager, partenaires }).await.map(drop)
}

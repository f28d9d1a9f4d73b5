//! Keeping and destroying: unsent drafts go by themselves; deposited dossiers are public archives, so those whose time
//! is over are put on a list, and nothing is destroyed before the visa of the archives (code du patrimoine, L212-2).

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::calendar::HolidayZone;
use kernel::journal::{Event, Subject};
use kernel::{DossierId, Error, FieldErrors, Result, Tx};
use serde::Serialize;
use teleservices::package::Package;

use crate::remove_piece::erase_file;
use crate::rights::ELIMINATE;
use crate::store;

/// How many dossiers one run looks at.
const BATCH: i64 = 200;
/// Lines on one page of the list.
pub const PAGE: i64 = 100;

/// One line of the elimination list.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The dossier.
    pub dossier: DossierId,
    /// Its number.
    pub number: String,
    /// Its téléservice.
    pub slug: String,
    /// When it ended.
    pub ended_on: Date,
    /// How long it had to be kept: "1 an après la fin du dossier".
    pub rule: String,
    /// When it was listed.
    pub listed_at: Timestamp,
}

/// An elimination was carried out, with the visa of the archives.
#[derive(Clone, Debug, Serialize)]
pub struct DossierEliminated {
    /// The dossier, of which nothing else remains.
    pub dossier: DossierId,
    /// Its téléservice.
    pub teleservice: String,
}

impl Event for DossierEliminated {
    const KIND: &'static str = "DossierEliminated";

    fn subject(&self) -> Subject {
        Subject::Dossier(self.dossier)
    }
}

/// Destroys the drafts whose time is over; says whether some are left.
pub async fn purge_drafts(tx: &mut Tx) -> Result<bool> {
    let now = tx.now();
    let expired = store::dossier::expired_drafts(tx, now, BATCH).await?;
    for id in &expired {
        erase_files(tx, *id).await?;
        store::dossier::erase(tx, *id).await?;
    }
    store::access::purge(tx, now).await?;
    Ok(i64::try_from(expired.len()).unwrap_or(BATCH) == BATCH)
}

/// Puts on the list the ended dossiers of a téléservice whose time of keeping is over; gives how many.
pub async fn list_ended(tx: &mut Tx, package: &Package) -> Result<usize> {
    let Some(data) = &package.card.data else { return Ok(0) };
    let slug = &package.card.slug;
    let last = data.retention.before(tx.today(), HolidayZone::default());
    let limit = last.tomorrow().and_then(|day| day.to_zoned(tx.zone().clone())).map_err(Error::internal)?.timestamp();
    let ended = store::elimination::ended_before(tx, slug, limit, BATCH).await?;
    for (dossier, number, ended_at) in &ended {
        let listed = Listed {
            dossier: *dossier,
            number: number.clone(),
            slug: slug.clone(),
            ended_on: tx.zone().to_datetime(*ended_at).date(),
            rule: format!("{} après la fin du dossier", data.retention),
            listed_at: tx.now(),
        };
        store::elimination::insert(tx, &listed).await?;
    }
    Ok(ended.len())
}

/// The list that waits for a visa, oldest first.
pub async fn waiting(tx: &mut Tx, after: Option<(Date, DossierId)>) -> Result<Vec<Listed>> {
    tx.allow_any(ELIMINATE)?;
    store::elimination::waiting(tx, after, PAGE).await
}

/// Destroys dossiers of the list. `visa` quotes the signed document of the archives, kept for ever with the list.
pub async fn eliminate(tx: &mut Tx, dossiers: &[DossierId], visa: &str) -> Result<usize> {
    tx.allow_any(ELIMINATE)?;
    let visa = visa.trim();
    let mut errors = FieldErrors::new();
    if dossiers.is_empty() {
        errors.push("d", "Choisissez au moins un dossier dans la liste.");
    }
    if visa.is_empty() {
        errors.push("visa", "Indiquez la référence et la date du visa des archives départementales.");
    }
    errors.into_result()?;
    let mut destroyed = 0;
    for id in dossiers {
        let now = tx.now();
        if !store::elimination::close(tx, *id, visa, now).await? {
            continue;
        }
        let teleservice = store::dossier::load(tx, *id).await?.slug;
        erase_files(tx, *id).await?;
        store::dossier::erase(tx, *id).await?;
        tx.emit(&DossierEliminated { dossier: *id, teleservice }).await?;
        destroyed += 1;
    }
    Ok(destroyed)
}

async fn erase_files(tx: &mut Tx, id: DossierId) -> Result<()> {
    let mut files: Vec<_> = store::piece::of_dossier(tx, id).await?.into_iter().map(|piece| piece.file).collect();
    files.extend(store::thread::courriers(tx, id).await?.into_iter().map(|courrier| courrier.file));
    tx.enqueue_all(files.into_iter().map(erase_file).collect()).await
}

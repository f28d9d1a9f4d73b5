//! Puts a package online: checked whole, tried, kept as a new version. A wrong one changes nothing.

use crate::engine::EssaiResult;
use crate::package::{Files, Gravity, Package, Report};
use crate::store::{self, VersionRow};
use crate::{PUBLISH, version};
use kernel::{Error, Event, FieldErrors, Result, Subject, Tx, VersionId};
use serde::Serialize;

/// A version went online.
#[derive(Serialize)]
pub struct TeleservicePublished {
    pub teleservice: String,
    pub version: VersionId,
    pub number: i64,
    pub digest: String,
}

impl Event for TeleservicePublished {
    const KIND: &'static str = "TeleservicePublished";
    fn subject(&self) -> Subject {
        Subject::Tenant
    }
}

/// What publishing gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub version: VersionRow,
    /// False when this very text was online already: nothing was done.
    pub is_new: bool,
    /// What the check remarked without refusing.
    pub remarks: Vec<String>,
}

/// Publishes a package. `Invalid` with one sentence a flaw, under the field `paquet`; the version online stays.
pub async fn publish(tx: &mut Tx, files: &Files) -> Result<Published> {
    tx.allow_any(PUBLISH)?;
    let (name, settings) = store::tenant(tx).await?;
    let checked = Package::check(files, &version::words(&name, &settings));
    let remarks = sentences(&checked.report, files, Gravity::Remark);
    let package = checked.package.ok_or_else(|| refused(sentences(&checked.report, files, Gravity::Error)))?;
    tried(&package, tx)?;
    known_org_unit(tx, &package).await?;
    let slug = package.card.slug;
    let digest = files.digest();
    if let Some(online) = store::online(tx, &slug).await?
        && online.row.digest == digest
    {
        return Ok(Published { version: online.row, is_new: false, remarks });
    }
    let row = VersionRow {
        id: tx.new_id(),
        number: store::next_number(tx, &slug).await?,
        digest,
        published_at: tx.now(),
        published_by: tx.actor().label(),
        slug,
    };
    if !store::insert(tx, &row, files).await? {
        return Err(Error::conflict(
            "version-taken",
            "Quelqu’un vient de mettre en ligne une autre version de ce téléservice. Regardez-la, puis recommencez.",
        ));
    }
    put_online(tx, &row).await?;
    Ok(Published { version: row, is_new: true, remarks })
}

/// Puts an earlier version online again.
pub async fn restore(tx: &mut Tx, slug: &str, number: i64) -> Result<VersionRow> {
    tx.allow_any(PUBLISH)?;
    let versions = store::versions(tx, slug).await?;
    let row = versions.into_iter().find(|version| version.number == number).ok_or(Error::NotFound)?;
    put_online(tx, &row).await?;
    Ok(row)
}

async fn put_online(tx: &mut Tx, row: &VersionRow) -> Result<()> {
    store::put_online(tx, &row.slug, row.id).await?;
    let event = TeleservicePublished { teleservice: row.slug.clone(), version: row.id, number: row.number, digest: row.digest.clone() };
    tx.emit(&event).await.map(drop)
}

/// The essais of the package succeed.
fn tried(package: &Package, tx: &Tx) -> Result<()> {
    let failed = |result: EssaiResult| {
        let name = result.name;
        result.failures.into_iter().map(move |failure| format!("L’essai « {name} » échoue : {failure}"))
    };
    let failures: Vec<String> = package.run_essais(tx.today()).into_iter().flat_map(failed).collect();
    if failures.is_empty() { Ok(()) } else { Err(refused(failures)) }
}

async fn known_org_unit(tx: &mut Tx, package: &Package) -> Result<()> {
    let slug = &package.card.org_unit.text;
    match comptes::org_unit_by_slug(tx, slug).await? {
        Some(_) => Ok(()),
        None => Err(refused(vec![format!(
            "Le service « {slug} » n’existe pas dans cet espace : créez-le, ou changez « service » dans teleservice.toml."
        )])),
    }
}

fn sentences(report: &Report, files: &Files, gravity: Gravity) -> Vec<String> {
    let of = report.flaws.iter().filter(|flaw| flaw.gravity == gravity);
    of.take(50).map(|flaw| format!("{} ({})", flaw.line(files), flaw.mend)).collect()
}

fn refused(sentences: Vec<String>) -> Error {
    let mut errors = FieldErrors::new();
    sentences.into_iter().for_each(|sentence| errors.push("paquet", sentence));
    Error::Invalid(errors)
}

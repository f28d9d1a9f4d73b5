//! Moves a package from one installation to another: packed here, imported there.
//! An archive holds the texts of the package alone; addresses, keys and answers have no place in them.

use crate::package::{Files, Report};
use crate::publish::{Published, publish};
use crate::store;
use kernel::{Error, FieldErrors, Result, Tx};

/// The archive (`.tar.gz`) of the version online.
pub async fn pack(tx: &mut Tx, slug: &str) -> Result<Vec<u8>> {
    let found = store::online(tx, slug).await?.ok_or(Error::NotFound)?;
    Ok(store::files(tx, found.row.id).await?.pack()?)
}

/// The texts of a version by its number, to show or compare.
pub async fn texts(tx: &mut Tx, slug: &str, number: i64) -> Result<Files> {
    let versions = store::versions(tx, slug).await?;
    let row = versions.into_iter().find(|version| version.number == number).ok_or(Error::NotFound)?;
    store::files(tx, row.id).await
}

/// Publishes an archive made by [`pack`].
pub async fn import(tx: &mut Tx, archive: &[u8]) -> Result<Published> {
    let files = Files::unpack(archive).map_err(|report| unreadable(&report))?;
    publish(tx, &files).await
}

fn unreadable(report: &Report) -> Error {
    let mut errors = FieldErrors::new();
    for flaw in report.flaws.iter().take(20) {
        errors.push("paquet", format!("{} : {} ({})", flaw.place.file, flaw.message, flaw.mend));
    }
    Error::Invalid(errors)
}

//! `parvis backup` and `parvis restore`: a running installation in one archive, and back, on the same engine or the
//! other one. The archive is a tar.gz that any tool opens: `manifeste.json`, `tables/<table>/<n>.jsonl` (a row a
//! line, values in the order of the manifest's columns), `fichiers/<id>` (sealed as they are kept), `fin.json`. The
//! last one holds counts and one signature over the digest of every entry: a part cut, added or altered is seen.
//! The master key is never in it; the manifest names the keys without which nothing of it opens.

mod archive;
mod reading;
mod restore;
mod save;
mod values;

use std::collections::BTreeMap;

use kernel::{Error, db::transfer::Table};
use serde::{Deserialize, Serialize};

pub use restore::restore;
pub use save::save;

/// The layout of the archive.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifeste.json";
const END: &str = "fin.json";
const TABLES: &str = "tables/";
const FILES: &str = "fichiers/";

/// What was put in the archive, or taken out of it.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Files.
    pub files: u64,
}

/// The first entry: where it comes from, and what it needs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    parvis: String,
    made_at: jiff::Timestamp,
    /// The steps of the schema, in their order.
    migrations: Vec<String>,
    /// Ids of the master keys; the newest, which is the last, signed the archive.
    keys: Vec<String>,
    tables: Vec<Described>,
}

/// A table and the names and types of its columns.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    name: String,
    columns: Vec<(String, String)>,
}

/// The last entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    counts: Counts,
    /// SHA-256 of a line per entry: its name, its length, its own SHA-256.
    sha256: String,
    key_id: String,
    /// Of the counts and the digest, in hexadecimal.
    signature: String,
}

impl End {
    /// The text that is signed.
    fn signed(counts: &Counts, sha256: &str) -> kernel::Result<Vec<u8>> {
        Ok(serde_json::to_vec(&("parvis backup 1", counts, sha256))?)
    }
}

impl From<&Table> for Described {
    fn from(table: &Table) -> Self {
        let columns = table.columns.iter().map(|(name, of)| (name.clone(), values::type_name(*of).to_owned()));
        Self { name: table.name.clone(), columns: columns.collect() }
    }
}

impl Counts {
    /// Rows of all tables.
    pub fn all_rows(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// The archive is not what it should be.
fn damaged(why: &str) -> Error {
    let sentence = format!("L’archive est tronquée ou altérée ({why}) : rien n’a été restauré. Prenez une autre sauvegarde.");
    Error::refused("backup-damaged", sentence)
}

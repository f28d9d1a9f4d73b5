//! Makes the archive of an installation while it serves. The tables are read in one snapshot. A file is copied before
//! it or after it: those that are there before, then those that came meanwhile; so a file that the snapshot names was
//! never missed for having been removed since.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use futures_util::StreamExt as _;
use kernel::{
    App, Error, FileId, Result, Tx, Value,
    crypto::hex,
    db::{
        migrate::Migration,
        transfer::{self, Table},
    },
};

use super::{Counts, Described, END, End, FILES, FORMAT, MANIFEST, Manifest, TABLES, archive::Archive, values};

/// Lines of a table are gathered to about this much: the length of an entry stands before it.
const PART: usize = 1 << 20;

/// Writes the archive; gives what is in it and its length.
pub async fn save(app: &App, migrations: &[Migration], path: &Path) -> Result<(Counts, u64)> {
    let mut archive = Archive::create(path)?;
    let tables = app.db.snapshot(async |tx| transfer::tables(tx, migrations).await).await?;
    archive.put(MANIFEST, &serde_json::to_vec_pretty(&manifest(app, migrations, &tables))?)?;
    let mut copied = HashSet::new();
    let mut files = copy_files(app, &mut archive, &mut copied).await?;
    let rows = app.db.snapshot(async |tx| copy_tables(tx, &mut archive, &tables).await).await?;
    files += copy_files(app, &mut archive, &mut copied).await?;
    let counts = Counts { rows, files };
    let sha256 = archive.sha256();
    let signature = app.keys.sign(&End::signed(&counts, &sha256)?);
    let end = End { counts, sha256, key_id: signature.key_id, signature: hex(&signature.bytes) };
    archive.put(END, &serde_json::to_vec_pretty(&end)?)?;
    let size = archive.finish()?;
    Ok((end.counts, size))
}

fn manifest(app: &App, migrations: &[Migration], tables: &[Table]) -> Manifest {
    Manifest {
        format: FORMAT,
        parvis: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: app.clock.now(),
        migrations: migrations.iter().map(|step| step.name.clone()).collect(),
        keys: app.keys.ids(),
        tables: tables.iter().map(Described::from).collect(),
    }
}

/// Copies the files that were not yet; gives how many. One removed in the meantime is no more.
async fn copy_files(app: &App, archive: &mut Archive, copied: &mut HashSet<FileId>) -> Result<u64> {
    let mut count = 0;
    let mut listed = app.files.list_sealed();
    while let Some(file) = listed.next().await {
        let (id, size) = file?;
        if copied.insert(id) {
            match app.files.read_sealed(id).await {
                Ok(mut content) => {
                    let mut entry = archive.entry(&format!("{FILES}{id}"), size)?;
                    while let Some(piece) = content.next().await {
                        entry.write(&piece?)?;
                    }
                    entry.end()?;
                    count += 1;
                }
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(count)
}

async fn copy_tables(tx: &mut Tx, archive: &mut Archive, tables: &[Table]) -> Result<BTreeMap<String, u64>> {
    let mut rows = BTreeMap::new();
    for table in tables {
        let mut lines = Lines { archive: &mut *archive, table: &table.name, text: vec![], part: 0, rows: 0 };
        transfer::rows(tx, table, |row| lines.add(row)).await?;
        lines.flush()?;
        rows.insert(table.name.clone(), lines.rows);
    }
    Ok(rows)
}

/// The lines of a table, put in the archive by parts.
struct Lines<'a> {
    archive: &'a mut Archive,
    table: &'a str,
    text: Vec<u8>,
    part: u32,
    rows: u64,
}

impl Lines<'_> {
    fn add(&mut self, row: &[Value]) -> Result<()> {
        let line: Vec<_> = row.iter().map(values::write).collect();
        serde_json::to_writer(&mut self.text, &line)?;
        self.text.push(b'\n');
        self.rows += 1;
        if self.text.len() >= PART { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        self.part += 1;
        self.archive.put(&format!("{TABLES}{}/{:06}.jsonl", self.table, self.part), &self.text)?;
        self.text.clear();
        Ok(())
    }
}

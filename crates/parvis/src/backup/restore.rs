//! Puts an archive back into an empty place. It is read twice: once to prove it whole, before anything is written;
//! once to write, in one unit of work that is given up, files included, if anything differs.

use std::{io::Read, path::Path};

use bytes::Bytes;
use futures_util::StreamExt as _;
use kernel::{
    App, Config, Error, FileId, Result, Tx,
    crypto::Keys,
    db::{
        migrate::{self, Migration, State},
        transfer::{self, Table},
    },
    files::Files,
};

use super::{
    Counts, Described, FORMAT, damaged,
    reading::{Content, Nothing, Part, Source, Take},
};

/// Rows put back at once.
const ROWS: usize = 128;

/// Restores into the place of the settings; `open` gives the program there, once the archive is proven.
pub async fn restore(config: Config, migrations: &[Migration], path: &Path, open: impl FnOnce(Config) -> Result<App>) -> Result<Counts> {
    let mut source = Source::open(path)?;
    let steps = steps(&source, migrations)?;
    let keys = keys(&source, &config)?;
    source.read(&keys, &mut Nothing).await?;
    let app = open(config)?;
    require_empty(&app, &steps).await?;
    migrate::run(&app.db, &steps).await?;
    let mut written = vec![];
    let loaded = app.db.load(async |tx| fill(tx, &mut source, &app, &steps, &mut written).await).await;
    if loaded.is_err() {
        give_up(&app.files, &written).await;
    }
    let counts = loaded?;
    migrate::run(&app.db, migrations).await?;
    Ok(counts)
}

/// The steps of the schema that the archive was made with, which this program must know.
fn steps(source: &Source, migrations: &[Migration]) -> Result<Vec<Migration>> {
    let wanted = &source.manifest.migrations;
    let known: Vec<Migration> = migrations.iter().filter(|step| wanted.contains(&step.name)).cloned().collect();
    if source.manifest.format != FORMAT || known.len() != wanted.len() {
        let sentence = format!(
            "Cette sauvegarde vient d’une version plus récente de Parvis ({}) : installez cette version, puis recommencez.",
            source.manifest.parvis
        );
        return Err(Error::refused("schema-newer", sentence));
    }
    Ok(known)
}

/// The master keys, all those that the archive needs.
fn keys(source: &Source, config: &Config) -> Result<Keys> {
    let wanted = &source.manifest.keys;
    let list = |ids: &[&String]| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    if !config.key.exists() {
        let all: Vec<&String> = wanted.iter().collect();
        let sentence = format!(
            "Il manque la clé maîtresse {} : remettez en place le fichier de clés {}, puis recommencez. Sans lui, cette sauvegarde ne peut pas être lue.",
            list(&all),
            config.key.display()
        );
        return Err(Error::refused("key-missing", sentence));
    }
    let keys = Keys::load(&config.key)?;
    let held = keys.ids();
    let missing: Vec<&String> = wanted.iter().filter(|id| !held.contains(id)).collect();
    if missing.is_empty() {
        return Ok(keys);
    }
    let sentence = format!(
        "Il manque la clé maîtresse {} : le fichier {} ne contient que {}. Remettez en place celui de l’installation sauvegardée.",
        list(&missing),
        config.key.display(),
        held.join(", ")
    );
    Err(Error::refused("key-missing", sentence))
}

async fn require_empty(app: &App, steps: &[Migration]) -> Result<()> {
    let refused = |sentence: &str| Err(Error::refused("target-not-empty", sentence));
    if let State::Ahead(_) = migrate::state(&app.db, steps).await? {
        return refused("La base visée a un autre schéma que la sauvegarde : donnez une base vide, sans « parvis migrate ».");
    }
    if !app.db.is_empty(steps).await? {
        return refused("La base visée n’est pas vide : une restauration ne remplace rien. Donnez une base neuve.");
    }
    if app.files.list_sealed().next().await.transpose()?.is_some() {
        return refused("Le dépôt de fichiers visé n’est pas vide : une restauration ne remplace rien. Donnez un dossier ou un dépôt neuf.");
    }
    Ok(())
}

async fn fill(tx: &mut Tx, source: &mut Source, app: &App, steps: &[Migration], written: &mut Vec<FileId>) -> Result<Counts> {
    let tables = transfer::tables(tx, steps).await?;
    if tables.iter().map(Described::from).ne(std::mem::take(&mut source.manifest.tables)) {
        let sentence = "Les tables de cette sauvegarde ne sont pas celles de ce programme : restaurez-la avec la version de Parvis qui l’a faite.";
        return Err(Error::refused("schema-differs", sentence));
    }
    let mut filling = Filling { tx, tables, files: &app.files, written, counts: Counts::default() };
    filling.counts.rows = filling.tables.iter().map(|table| (table.name.clone(), 0)).collect();
    let said = source.read(&app.keys, &mut filling).await?;
    if said != filling.counts {
        return Err(damaged("elle ne contient pas ce qu’elle annonce"));
    }
    Ok(said)
}

struct Filling<'a> {
    tx: &'a mut Tx,
    tables: Vec<Table>,
    files: &'a Files,
    written: &'a mut Vec<FileId>,
    counts: Counts,
}

impl Take for Filling<'_> {
    async fn take(&mut self, part: Part, content: &mut Content<impl Read>) -> Result<()> {
        match part {
            Part::Rows(name) => {
                let table = self.tables.iter().find(|table| table.name == name);
                let table = table.ok_or_else(|| damaged("une table y est inconnue"))?;
                let mut rows = content.rows(table);
                loop {
                    let some = rows.by_ref().take(ROWS).collect::<Result<Vec<_>>>()?;
                    if some.is_empty() {
                        return Ok(());
                    }
                    transfer::insert(self.tx, table, &some).await?;
                    *self.counts.rows.entry(name.clone()).or_default() += some.len() as u64;
                }
            }
            Part::File(id) => {
                self.written.push(id);
                let pieces = std::iter::from_fn(|| content.piece().transpose());
                let pieces = futures_util::stream::iter(pieces.map(|piece| piece.map(Bytes::from)));
                self.files.restore_sealed(id, pieces).await?;
                self.counts.files += 1;
                Ok(())
            }
        }
    }
}

/// Nothing of a restoring that failed stays.
async fn give_up(files: &Files, written: &[FileId]) {
    for id in written {
        if let Err(error) = files.remove(*id).await {
            tracing::error!(%error, file = %id, "a file of a restoring given up stays in the store");
        }
    }
}

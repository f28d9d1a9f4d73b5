//! `parvis backup` and `parvis restore`: an installation in one file while it serves, and back into an empty place.

use std::path::PathBuf;

use clap::Args;
use kernel::{Clock, Config, Result};

use crate::{backup, boot, migrations};

/// Which archive.
#[derive(Args)]
pub struct Options {
    /// Archive : « parvis-2026-11-24.tar.gz ».
    archive: PathBuf,
}

/// Writes it.
pub async fn save(config: Config, options: Options) -> Result<()> {
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    boot::require_schema(&db).await?;
    let app = boot::app(config, clock, db)?;
    let (counts, size) = backup::save(&app, &migrations::all(), &options.archive).await?;
    println!(
        "{} : {} lignes de {} tables, {} fichiers, {} Mo.",
        options.archive.display(),
        counts.all_rows(),
        counts.rows.len(),
        counts.files,
        size.div_ceil(1_000_000)
    );
    println!("Pour la relire, il faudra la clé maîtresse {}, gardée ailleurs.", app.keys.ids().join(", "));
    Ok(())
}

/// Puts it back.
pub async fn restore(config: Config, options: Options) -> Result<()> {
    let open = |config: Config| {
        let clock = Clock::system();
        let db = boot::database(&config, &clock)?;
        boot::app(config, clock, db)
    };
    let counts = backup::restore(config, &migrations::all(), &options.archive, open).await?;
    println!("Restauré : {} lignes de {} tables, {} fichiers.", counts.all_rows(), counts.rows.len(), counts.files);
    println!("Vérifiez maintenant : parvis journal verify, puis parvis check.");
    Ok(())
}

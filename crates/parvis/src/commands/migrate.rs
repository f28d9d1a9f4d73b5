//! `parvis migrate`: brings the database to the schema of this program, and says which steps it applied.

use kernel::{Clock, Config, Result, db::migrate};

use crate::{boot, migrations};

/// Applies what is missing.
pub async fn run(config: Config) -> Result<()> {
    let db = boot::database(&config, &Clock::system())?;
    let applied = migrate::run(&db, &migrations::all()).await?;
    match applied.len() {
        0 => println!("La base de données est à jour."),
        _ => println!("Étapes appliquées : {}.", applied.join(", ")),
    }
    Ok(())
}

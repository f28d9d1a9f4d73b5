//! `parvis journal verify`: proves that nothing was changed, or says what was and where.

use clap::Subcommand as ClapSubcommand;
use kernel::{
    Actor, Clock, Config, Error, Result,
    crypto::Keys,
    journal::{self, Head},
    tenant,
};

use crate::boot::{self, Seals};

/// What can be done with the journal.
#[derive(ClapSubcommand)]
pub enum Command {
    /// Vérifie les chaînes et les scellés de tous les espaces.
    Verify {
        /// Un seul espace.
        #[arg(long)]
        tenant: Option<String>,
        /// Tête conservée ailleurs, « numéro:empreinte » : prouve que la fin n’a pas été coupée.
        #[arg(long)]
        head: Option<String>,
    },
}

/// Runs one of them.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Verify { tenant: only, head } = command;
    let db = boot::database(&config, &Clock::system())?;
    boot::require_schema(&db).await?;
    let seals = Seals(Keys::load(&config.key)?);
    let expected = head.as_deref().map(read_head).transpose()?;
    let mut faults = 0;
    for tenant in tenant::all(&db).await?.into_iter().filter(|t| only.as_ref().is_none_or(|slug| *slug == t.slug)) {
        let report = journal::verify(&db, &tenant.scope(Actor::system("journal")), &seals, expected.as_ref()).await?;
        println!("{} : {} lignes, {} scellés, {} faute(s)", tenant.slug, report.events, report.seals, report.faults.len());
        if let Some(head) = &report.head {
            println!("  tête {}:{}", head.number, head.hash);
        }
        for fault in &report.faults {
            println!("  {} : {}", fault.at, fault.what);
        }
        faults += report.faults.len();
    }
    if faults == 0 { Ok(()) } else { Err(Error::refused("journal", "Le journal a été altéré.")) }
}

fn read_head(text: &str) -> Result<Head> {
    let wrong = || Error::refused("head", "Écrivez la tête « numéro:empreinte », comme « parvis journal verify » l’affiche.");
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok(Head { number: number.parse().map_err(|_| wrong())?, hash: hash.to_owned() })
}

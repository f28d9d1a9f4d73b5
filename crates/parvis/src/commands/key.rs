//! `parvis key new|rotate`: the one master key file, outside the database and its backups.

use clap::Subcommand as ClapSubcommand;
use kernel::{Clock, Config, Result, crypto::Keys};

/// What can be done with it.
#[derive(ClapSubcommand)]
pub enum Command {
    /// Crée le fichier de clé ; refuse s’il existe.
    New,
    /// Ajoute une génération : la nouvelle scelle, les anciennes ouvrent encore.
    Rotate,
}

/// Runs one of them.
pub fn run(config: Config, command: Command) -> Result<()> {
    let now = Clock::system().now();
    let keys = match command {
        Command::New => Keys::generate(&config.key, now)?,
        Command::Rotate => Keys::rotate(&config.key, now)?,
    };
    if matches!(command, Command::Rotate) {
        println!("Redémarrez maintenant Parvis partout où il tourne : la nouvelle clé y est lue au démarrage.");
    }
    println!("{} : {} génération(s). Gardez une copie de ce fichier ailleurs que la sauvegarde.", config.key.display(), keys.ids().len());
    Ok(())
}

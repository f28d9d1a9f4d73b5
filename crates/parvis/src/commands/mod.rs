//! The command line. Each command is a file; all of them end in one sentence of French when they cannot go on.

mod agent;
mod backup;
mod check;
mod demo;
mod feel;
mod journal;
mod key;
mod migrate;
mod serve;
mod teleservice;
mod tenant;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use kernel::{Config, Error, Result};

#[derive(Parser)]
#[command(name = "parvis", version, about = "La relation entre une collectivité et ses usagers", disable_help_subcommand = false)]
struct Cli {
    /// Fichier de configuration (voir config.example.toml).
    #[arg(long, global = true, env = "PARVIS_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prépare une démonstration et la sert sur cette machine.
    Demo(demo::Options),
    /// Sert les pages, l’API et le travail de fond.
    Serve,
    /// Ne fait que le travail de fond.
    Work,
    /// Met la base de données à jour.
    Migrate,
    /// Sauvegarde l’installation, fichiers compris, pendant qu’elle sert.
    Backup(backup::Options),
    /// Restaure une sauvegarde dans une installation vide.
    Restore(backup::Options),
    /// Vérifie la configuration et les liaisons, sans démarrer.
    Check,
    /// Journal.
    #[command(subcommand)]
    Journal(journal::Command),
    /// Essaie des règles FEEL : une ligne JSON {"expression", "context"} donne une ligne {"value"} ou {"error"}.
    Feel,
    /// Téléservices : écrire, vérifier, essayer, mettre en ligne, transporter.
    #[command(subcommand)]
    Teleservice(teleservice::Command),
    /// Espaces.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Agents.
    #[command(subcommand)]
    Agent(agent::Command),
    /// Clé maîtresse de l’installation.
    #[command(subcommand)]
    Key(key::Command),
}

/// Runs the command line; the status is not zero when the command could not be done.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Result<()> {
    let cli = match cli.command {
        Command::Feel => return feel::run(),
        Command::Demo(options) => return demo::run(options).await,
        command => Cli { command, ..cli },
    };
    if let Command::Teleservice(command) = &cli.command
        && let Some(done) = teleservice::run_on_files(command)
    {
        return done;
    }
    let config = Config::load(cli.config.as_deref(), own_environment())?;
    match cli.command {
        Command::Feel | Command::Demo(_) => Ok(()),
        Command::Serve => serve::serve(config).await,
        Command::Work => serve::work(config).await,
        Command::Migrate => migrate::run(config).await,
        Command::Backup(options) => backup::save(config, options).await,
        Command::Restore(options) => backup::restore(config, options).await,
        Command::Check => check::run(config).await,
        Command::Journal(command) => journal::run(config, command).await,
        Command::Teleservice(command) => teleservice::run(config, command).await,
        Command::Tenant(command) => tenant::run(config, command).await,
        Command::Agent(command) => agent::run(config, command).await,
        Command::Key(command) => key::run(config, command),
    }
}

/// The environment, without what other tools of the project read there.
fn own_environment() -> impl Iterator<Item = (String, String)> {
    let others = ["PARVIS_CONFIG", "PARVIS_PROFILE", "PARVIS_BIN"];
    std::env::vars().filter(move |(name, _)| !others.contains(&name.as_str()) && !name.starts_with("PARVIS_TEST_"))
}

/// What a person at the terminal reads: the whole cause, for he runs the program.
fn sentence(error: &Error) -> String {
    match error {
        Error::Refused(p) | Error::Denied(p) | Error::Conflict(p) | Error::Gone(p) | Error::TooLarge(p) => p.sentence.clone(),
        Error::Invalid(errors) => errors.0.iter().map(|e| format!("{} : {}", e.field, e.sentence)).collect::<Vec<_>>().join("\n"),
        Error::Unavailable(who) => format!("{who} : injoignable pour l’instant. Vérifiez que le service tourne et que l’adresse est la bonne."),
        Error::NotFound => "Introuvable.".into(),
        other => format!("Erreur interne : {other}"),
    }
}

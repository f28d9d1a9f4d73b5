//! `parvis teleservice …`: new, check, essais and pack work on folders alone; publish, import, pack --tenant and list
//! need the database. A server that is running sees a new version at its next page.

use std::path::PathBuf;

use clap::Subcommand as ClapSubcommand;
use jiff::tz::TimeZone;
use kernel::{Actor, Clock, Config, Db, Error, Result, Scope, tenant};
use teleservices::{
    Files,
    tools::{self, Said},
};

use crate::boot;

/// What can be done with téléservices.
#[derive(ClapSubcommand)]
pub enum Command {
    /// Écrit un téléservice complet, à modifier, dans un nouveau dossier (le nom du dossier sera celui de la démarche).
    New {
        /// Dossier à créer : « teleservices/ma-demarche ».
        folder: PathBuf,
        /// Titre que l’usager lira.
        #[arg(long)]
        title: String,
        /// Nom court du service qui traite les demandes.
        #[arg(long, default_value = "accueil")]
        service: String,
    },
    /// Vérifie un téléservice : chaque faute avec son fichier, sa ligne et sa correction.
    Check {
        /// Dossier ou archive.
        path: PathBuf,
    },
    /// Joue les essais d’un téléservice.
    Essais {
        /// Dossier ou archive.
        path: PathBuf,
    },
    /// Met un téléservice en ligne ; s’il est faux, la version d’avant reste en ligne.
    Publish {
        /// Dossier ou archive.
        path: PathBuf,
        /// Nom court de l’espace.
        #[arg(long)]
        tenant: String,
    },
    /// Met en ligne une archive venue d’une autre installation.
    Import {
        /// Archive faite par « pack ».
        archive: PathBuf,
        /// Nom court de l’espace.
        #[arg(long)]
        tenant: String,
    },
    /// Écrit l’archive d’un dossier ou, avec --tenant, de la version en ligne. Ni adresse ni secret n’y sont.
    Pack {
        /// Dossier, ou nom de la démarche avec --tenant.
        source: String,
        /// Archive à écrire : « ma-demarche.tar.gz ».
        archive: PathBuf,
        /// Nom court de l’espace.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Liste les téléservices d’un espace.
    List {
        /// Nom court de l’espace.
        #[arg(long)]
        tenant: String,
    },
}

/// Those that need no database.
pub fn run_on_files(command: &Command) -> Option<Result<()>> {
    let today = Clock::system().now().to_zoned(TimeZone::system()).date();
    match command {
        Command::New { folder, title, service } => Some(say(tools::new(folder, title, service))),
        Command::Check { path } => Some(say(tools::check(path))),
        Command::Essais { path } => Some(say(tools::try_out(path, today))),
        Command::Pack { source, archive, tenant: None } => Some(say(tools::pack(source.as_ref(), archive))),
        _ => None,
    }
}

/// The others.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let db = boot::database(&config, &Clock::system())?;
    boot::require_schema(&db).await?;
    match command {
        Command::Publish { path, tenant } | Command::Import { archive: path, tenant } => {
            publish(&db, &scope(&db, &tenant).await?, &files(&path)?).await
        }
        Command::Pack { source, archive, tenant: Some(tenant) } => {
            let scope = scope(&db, &tenant).await?;
            let bytes = db.read(&scope, async |tx| teleservices::pack(tx, &source).await).await?;
            std::fs::write(&archive, bytes)?;
            println!("Archive écrite : {}.", archive.display());
            Ok(())
        }
        Command::List { tenant } => list(&db, &scope(&db, &tenant).await?).await,
        on_files => run_on_files(&on_files).unwrap_or(Ok(())),
    }
}

async fn publish(db: &Db, scope: &Scope, files: &Files) -> Result<()> {
    let done = db.write(scope, async |tx| teleservices::publish(tx, files).await).await?;
    done.remarks.iter().for_each(|remark| println!("remarque : {remark}"));
    let (slug, number) = (done.version.slug, done.version.number);
    match done.is_new {
        true => println!("« {slug} » est en ligne, version {number}."),
        false => println!("« {slug} » était déjà en ligne avec ce texte, version {number} : rien n’a changé."),
    }
    Ok(())
}

async fn list(db: &Db, scope: &Scope) -> Result<()> {
    for (version, online) in db.read(scope, async |tx| teleservices::teleservices(tx).await).await? {
        let state = if online { "en ligne" } else { "retiré" };
        println!("{}\tversion {}\t{state}\t{}", version.slug, version.number, version.published_at);
    }
    Ok(())
}

fn files(path: &std::path::Path) -> Result<Files> {
    tools::read(path).map_err(|text| Error::refused("package", text.trim_end()))
}

async fn scope(db: &Db, slug: &str) -> Result<Scope> {
    let tenant = tenant::all(db).await?.into_iter().find(|tenant| tenant.slug == slug);
    let tenant = tenant.ok_or_else(|| Error::refused("tenant", format!("Il n’y a pas d’espace « {slug} ».")))?;
    Ok(tenant.scope(Actor::system("teleservice")))
}

fn say(said: Said) -> Result<()> {
    let text = said.text.trim_end();
    if said.is_ok {
        println!("{text}");
        return Ok(());
    }
    Err(Error::refused("teleservice", text))
}

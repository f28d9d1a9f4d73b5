//! `parvis demo`: prepares the demonstration, then serves it on the loopback interface.

use std::path::PathBuf;

use clap::Args;
use kernel::{Clock, Result, telemetry, web};

use super::serve;
use crate::{boot, demo, migrations, registries};

/// What may be changed.
#[derive(Args)]
pub struct Options {
    /// Port, sur cette machine seulement.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Dossier de la démonstration.
    #[arg(long, default_value = "demo")]
    dir: PathBuf,
    /// Autre base qu’un fichier SQLite dans ce dossier : postgres://…
    #[arg(long)]
    database: Option<String>,
}

/// Prepares and serves.
pub async fn run(options: Options) -> Result<()> {
    let listener = serve::listen(&format!("127.0.0.1:{}", options.port)).await?;
    let options = demo::Options { port: options.port, dir: options.dir, database: options.database };
    let config = demo::prepare(&options).await?;
    // A line for each request and each job would hide what is said below; `RUST_LOG=info` shows them.
    telemetry::start_quiet(&config);
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    let app = boot::app(config, clock, db)?;
    demo::start_doubles(&app, options.port).await?;
    let identites = demo::identites::doubles(&app, options.port).await?;
    let mut routes = registries::routes();
    routes.push(demo::routes());
    let mut assembled = web::assemble(&app, routes, migrations::all())?;
    assembled.router = identites.fallback_service(assembled.router);
    eprintln!("\nParvis est ouvert :\n  http://villeneuve.localhost:{0}\n  http://agglo.localhost:{0}", options.port);
    eprintln!("Les agents entrent par /agent, les mails qui seraient partis sont à /demo/courriels.");
    eprintln!("Comptes et mots de passe : {}", options.dir.join("acces.json").display());
    let settings = options.dir.join("parvis.toml");
    eprintln!("Toute autre commande s’y applique ainsi : ./parvis --config {} teleservice publish …", settings.display());
    eprintln!("Ctrl+C pour arrêter.");
    serve::until_stopped(app, assembled, listener, true).await
}

//! `parvis serve` and `parvis work`: run until SIGTERM, then finish what was begun.

use kernel::{
    App, Clock, Config, Error, Result, telemetry,
    web::{self, Assembled},
};
use tokio::{net::TcpListener, sync::watch};

use crate::{boot, migrations, registries};

/// Pages, API, and background work unless the settings leave it to others.
pub async fn serve(config: Config) -> Result<()> {
    telemetry::start(&config);
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    boot::require_schema(&db).await?;
    let listener = listen(&config.listen).await?;
    let app = boot::app(config, clock, db)?;
    let assembled = web::assemble(&app, registries::routes(), migrations::all())?;
    let is_working = app.config.work;
    let spaces = kernel::tenant::all(&app.db).await?.len();
    eprintln!("Parvis écoute sur {} ; {spaces} {}.", app.config.listen, if spaces < 2 { "espace" } else { "espaces" });
    until_stopped(app, assembled, listener, is_working).await
}

/// Serves, and works, until the signal; then requests and jobs end together, within 25 seconds.
pub async fn until_stopped(app: App, assembled: Assembled, listener: TcpListener, is_working: bool) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    let worker = is_working.then(|| tokio::spawn(boot::work(app, stopped)));
    let signal = web::server::stop_signal()?;
    let told = async move {
        signal.await;
        let _nobody_works = stop.send(true);
    };
    let served = web::server::serve_until(assembled, listener, told).await;
    if let Some(worker) = worker {
        worker.await.map_err(Error::internal)?;
    }
    served
}

/// Background work alone.
pub async fn work(config: Config) -> Result<()> {
    telemetry::start(&config);
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    boot::require_schema(&db).await?;
    let app = boot::app(config, clock, db)?;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(boot::work(app, stopped));
    // Heard before it is told: a stop that comes at once must find somebody listening.
    let signal = web::server::stop_signal()?;
    web::server::notify("READY=1");
    signal.await;
    web::server::notify("STOPPING=1");
    let _ended = stop.send(true);
    worker.await.map_err(Error::internal)
}

/// Takes the port, or says in a sentence why it cannot.
pub async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let sentence = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!("Le port de {address} est déjà pris : arrêtez l’autre programme, ou choisissez un autre port."),
            std::io::ErrorKind::PermissionDenied => format!("Pas le droit d’écouter sur {address} : choisissez un port au-dessus de 1024."),
            _ => format!("Impossible d’écouter sur {address} : {error}."),
        };
        Error::refused("listen", sentence)
    })
}

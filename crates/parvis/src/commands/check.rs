//! `parvis check`: configuration and connections, one line each, without starting anything.

use kernel::{Clock, Config, Error, Result, crypto::Keys, files::AntivirusState, tenant};

use super::sentence;
use crate::boot;

/// Checks everything and fails when one thing is not well.
pub async fn run(config: Config) -> Result<()> {
    let clock = Clock::system();
    let mut faults = 0;
    let mut say = |what: &str, checked: Result<String>| match checked {
        Ok(detail) => println!("bien   {what} : {detail}"),
        Err(error) => {
            faults += 1;
            println!("faute  {what} : {}", sentence(&error));
        }
    };
    let db = boot::database(&config, &clock);
    let schema = match &db {
        Ok(db) => boot::require_schema(db).await.map(|()| "répond, schéma à jour".to_owned()),
        Err(error) => Err(Error::refused("database", sentence(error))),
    };
    say("base de données", schema);
    say("clé maîtresse", Keys::load(&config.key).map(|keys| format!("{} génération(s)", keys.ids().len())));
    if let Ok(db) = db
        && let Ok(app) = boot::app(config, clock, db)
    {
        let checked = app.files.check().await;
        say("fichiers", checked.store.map(|()| "écriture et lecture".to_owned()));
        say("antivirus", antivirus(checked.antivirus));
        say("courriels", app.mailer.check().await.map(|()| "le relais répond".to_owned()));
        for tenant in tenant::all(&app.db).await.unwrap_or_default() {
            say(&format!("espace {}", tenant.slug), reach(&app, &tenant).await);
        }
    }
    match faults {
        0 => Ok(()),
        1 => Err(Error::refused("check", "Une vérification a échoué.")),
        n => Err(Error::refused("check", format!("{n} vérifications ont échoué."))),
    }
}

fn antivirus(state: AntivirusState) -> Result<String> {
    match state {
        AntivirusState::Absent => Ok("aucun n’est configuré".to_owned()),
        AntivirusState::Down => Err(Error::Unavailable("clamd")),
        AntivirusState::Up { version } => Ok(version),
    }
}

/// Calls the tenant's own address, as a browser would: says whether the proxy is there and keeps the host name.
async fn reach(app: &kernel::App, space: &kernel::Tenant) -> Result<String> {
    tenant::require_safe_address(&space.base_url)?;
    let request = kernel::http::get(&space.url("/healthz")).body(vec![]).map_err(Error::internal)?;
    match app.http.send(request).await {
        Ok(answer) if answer.status().is_success() => Ok(format!("{} répond", space.base_url)),
        Ok(answer) => Err(Error::refused(
            "base-url",
            format!("{} répond {} : le serveur mandataire garde-t-il l’en-tête Host ?", space.base_url, answer.status()),
        )),
        Err(_) => Ok(format!("{} ne répond pas encore (normal avant le démarrage)", space.base_url)),
    }
}

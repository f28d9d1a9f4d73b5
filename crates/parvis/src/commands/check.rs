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
    say("adresse d’écoute", address(&config.listen));
    let has_relay = !config.mail.host.is_empty();
    let app = match db {
        Ok(db) => boot::app(config, clock, db).map_err(|error| say("réglages", Err(error))).ok(),
        Err(_) => None,
    };
    if let Some(app) = app {
        let checked = app.files.check().await;
        say("fichiers", checked.store.map(|()| "écriture et lecture".to_owned()));
        say("antivirus", antivirus(checked.antivirus));
        let relay = if has_relay { "le relais répond" } else { "aucun relais n’est réglé : les mails restent dans le dossier « courriels »" };
        say("courriels", app.mailer.check().await.map(|()| relay.to_owned()));
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

/// What `serve` would listen on.
fn address(listen: &str) -> Result<String> {
    use std::net::ToSocketAddrs as _;
    let wrong = |_| Error::refused("listen", format!("« {listen} » ne se lit pas : écrivez une adresse et un port, par exemple 127.0.0.1:8080."));
    listen.to_socket_addrs().map_err(wrong).map(|_| listen.to_owned())
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

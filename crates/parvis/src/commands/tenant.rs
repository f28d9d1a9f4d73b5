//! `parvis tenant create`: a new space, with its host name and colour.

use clap::Subcommand as ClapSubcommand;
use kernel::{Clock, Config, Error, Result, Tenant, TenantSettings, tenant};

use crate::boot;

/// What can be done with tenants.
#[derive(ClapSubcommand)]
pub enum Command {
    /// Crée un espace.
    Create {
        /// Nom court, en minuscules : « ma-ville ».
        slug: String,
        /// Nom écrit sur les pages.
        #[arg(long)]
        name: String,
        /// Nom d’hôte : « demarches.exemple.fr ».
        #[arg(long)]
        host: String,
        /// Adresse des liens envoyés, en https ; par défaut https:// et le nom d’hôte.
        #[arg(long)]
        base_url: Option<String>,
        /// Couleur de la collectivité.
        #[arg(long, default_value = "#0b5a63")]
        colour: String,
    },
}

/// Runs one of them.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Create { slug, name, host, base_url, colour } = command;
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    boot::require_schema(&db).await?;
    let is_colour = colour.len() == 7 && colour.starts_with('#') && colour[1..].bytes().all(|b| b.is_ascii_hexdigit());
    if !is_colour {
        return Err(Error::refused("colour", "Écrivez la couleur comme #0b5a63."));
    }
    if slug.is_empty() || !slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(Error::refused("slug", "Le nom court s’écrit en minuscules, chiffres et traits d’union."));
    }
    let prefix: String = slug.chars().filter(char::is_ascii_alphabetic).take(3).collect();
    let settings = TenantSettings { brand: colour, number_prefix: prefix.to_uppercase(), ..TenantSettings::default() };
    let base_url = base_url.unwrap_or_else(|| format!("https://{host}"));
    tenant::require_safe_address(&base_url)?;
    let tenant = tenant::create(&db, &clock, Tenant { id: db.new_tenant_id(), slug, host, base_url, name, settings }).await?;
    println!("Espace « {} » créé : {}", tenant.name, tenant.base_url);
    println!("Invitez maintenant son administrateur : parvis agent invite --admin --tenant {} --mail prenom.nom@exemple.fr", tenant.slug);
    Ok(())
}

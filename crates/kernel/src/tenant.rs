//! A tenant: an isolation boundary with a host name, a look and settings. A tenant is data; no code is named after one.
//! Reading tenants by host is here because it comes before any scope exists.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Clock, Db, Error, Result, Scope, TenantId,
    db::{Row, Value},
};

/// A tenant as the program needs it at each request.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// First column of every key.
    pub id: TenantId,
    /// Short name in commands and files.
    pub slug: String,
    /// Host name, without port.
    pub host: String,
    /// Scheme, host and port of every link that leaves the program.
    pub base_url: String,
    /// As written on pages: "Montfleur-sur-Loir".
    pub name: String,
    /// Settings that an administrator changes.
    pub settings: TenantSettings,
}

/// Settings of a tenant, kept as one JSON object so that a new one needs no migration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// `commune`, `agglomeration`, `departement`, `region`, `syndicat`.
    pub kind: String,
    /// Under the name, on top of pages.
    pub baseline: String,
    /// The one brand colour, `#rrggbb`.
    pub brand: String,
    /// IANA name of the time zone in which legal days end.
    pub time_zone: String,
    /// `metropole`, `alsace-moselle`, …: which days are not worked.
    pub holidays: String,
    /// Telephone of the front desk, as written.
    pub phone: String,
    /// Mail address of the front desk.
    pub mail: String,
    /// Postal address, one line.
    pub address: String,
    /// Opening hours, one line.
    pub hours: String,
    /// The administrative court, name and address: « tribunal administratif d’Orléans, 28 rue de la Bretonnerie… ».
    pub tribunal: String,
    /// The judicial court: « tribunal judiciaire de Chartres ».
    pub tribunal_judiciaire: String,
    /// Code of the commune (COG), when it is one.
    pub insee: String,
    /// Letters in front of dossier numbers.
    pub number_prefix: String,
    /// `auto`, `light`, `dark`.
    pub theme: String,
    /// Corner radius: 0, 6 or 12 px.
    pub radius: u8,
    /// Hosts to which a form may lead: identity and payment providers.
    pub form_hosts: Vec<String>,
    /// Whether agents need a second factor (administrators always do).
    pub agents_second_factor: bool,
    /// Minutes without action after which an agent is signed out.
    pub agent_idle_minutes: u32,
    /// Whether the commune answers through COMEDEC.
    pub comedec: bool,
    /// Legal name, SIRET and address of the publisher, for the legal notice.
    pub publisher: String,
    /// Who publishes: name and role of the director of publication.
    pub director: String,
    /// The host of the service, for the legal notice.
    pub hosting: String,
    /// Contact of the data protection officer.
    pub dpo: String,
    /// What the last audit of accessibility found: `totale`, `partielle`; empty without a valid audit, which is « non conforme ».
    pub accessibility: String,
    /// Anything a domain keeps for itself, under its own key.
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            kind: "commune".into(),
            baseline: "Vos démarches en ligne".into(),
            brand: "#0b5a63".into(),
            time_zone: "Europe/Paris".into(),
            holidays: "metropole".into(),
            phone: String::new(),
            mail: String::new(),
            address: String::new(),
            hours: String::new(),
            tribunal: String::new(),
            tribunal_judiciaire: String::new(),
            insee: String::new(),
            number_prefix: "DOS".into(),
            theme: "auto".into(),
            radius: 6,
            form_hosts: vec![],
            agents_second_factor: false,
            agent_idle_minutes: 120,
            comedec: false,
            publisher: String::new(),
            director: String::new(),
            hosting: String::new(),
            dpo: String::new(),
            accessibility: String::new(),
            more: serde_json::Map::new(),
        }
    }
}

impl Tenant {
    /// The time zone in which its legal days end; Paris when the setting names none that exists.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.settings.time_zone).or_else(|_| TimeZone::get("Europe/Paris")).unwrap_or(TimeZone::UTC)
    }

    /// The scope of a unit of work of this tenant.
    pub fn scope(&self, actor: Actor) -> Scope {
        Scope { tenant: self.id, zone: self.zone(), actor }
    }

    /// An absolute address: `path` starts with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim_end_matches('/'))
    }
}

/// Refuses, in a sentence, the address of a tenant that would let passwords and cookies travel in clear: `http` is for
/// this machine alone.
///
/// ```
/// use kernel::tenant::require_safe_address;
/// assert!(require_safe_address("https://demarches.exemple.fr").is_ok());
/// assert!(require_safe_address("http://ville.localhost:8080").is_ok());
/// assert!(require_safe_address("http://demarches.exemple.fr").is_err());
/// ```
pub fn require_safe_address(base_url: &str) -> Result<()> {
    let refused = |sentence: String| Err(Error::refused("base-url", sentence));
    let url = reqwest::Url::parse(base_url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let bare = url.filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    let Some(url) = bare else {
        return refused(format!("« {base_url} » n’est pas l’adresse d’un espace : écrivez-la comme https://demarches.exemple.fr, sans chemin."));
    };
    if url.scheme() == "http" && !is_loopback(url.host_str().unwrap_or_default()) {
        return refused(format!(
            "L’adresse {base_url} est en http : les mots de passe et les données des usagers circuleraient en clair. Donnez-la en https://, servie par le serveur mandataire ; http n’est accepté que sur cette machine (localhost)."
        ));
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
}

const COLUMNS: &str = "id, slug, host, base_url, name, cast(settings as text) as settings";

/// The tenant of a host name, without port.
pub async fn by_host(db: &Db, host: &str) -> Result<Option<Tenant>> {
    let sql = format!("select {COLUMNS} from tenant where host = $1");
    db.installation_all(&sql, &[host.into()]).await?.first().map(read).transpose()
}

/// The tenant of an id; `NotFound` when there is none.
pub async fn by_id(db: &Db, id: TenantId) -> Result<Tenant> {
    let sql = format!("select {COLUMNS} from tenant where id = $1");
    let rows = db.installation_all(&sql, &[id.into()]).await?;
    rows.first().map(read).transpose()?.ok_or(Error::NotFound)
}

/// All tenants, by slug. An installation hosts hundreds, not millions: the list is whole.
pub async fn all(db: &Db) -> Result<Vec<Tenant>> {
    let sql = format!("select {COLUMNS} from tenant order by slug");
    db.installation_all(&sql, &[]).await?.iter().map(read).collect()
}

/// Creates a tenant and gives it back. `Conflict` when the slug or host is taken.
pub async fn create(db: &Db, clock: &Clock, tenant: Tenant) -> Result<Tenant> {
    let settings = serde_json::to_value(&tenant.settings)?;
    let values: Vec<Value> = vec![
        tenant.id.into(),
        tenant.slug.as_str().into(),
        tenant.host.as_str().into(),
        tenant.base_url.as_str().into(),
        tenant.name.as_str().into(),
        settings.into(),
        clock.now().into(),
    ];
    let sql = "insert into tenant (id, slug, host, base_url, name, settings, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing";
    if db.installation_run(sql, &values).await? == 0 {
        let sentence = format!("Un espace « {} » ou de même adresse existe déjà.", tenant.slug);
        return Err(Error::conflict("tenant-exists", sentence));
    }
    Ok(tenant)
}

/// Saves the name, address and settings of a tenant.
pub async fn save(db: &Db, tenant: &Tenant) -> Result<()> {
    let settings = serde_json::to_value(&tenant.settings)?;
    let sql = "update tenant set name = $2, base_url = $3, settings = $4 where id = $1";
    let values = [tenant.id.into(), tenant.name.as_str().into(), tenant.base_url.as_str().into(), settings.into()];
    db.installation_run(sql, &values).await.map(drop)
}

fn read(row: &Row) -> Result<Tenant> {
    Ok(Tenant {
        id: row.get("id")?,
        slug: row.get("slug")?,
        host: row.get("host")?,
        base_url: row.get("base_url")?,
        name: row.get("name")?,
        settings: serde_json::from_str(&row.get::<String>("settings")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine_alone() {
        for good in [
            "https://demarches.exemple.fr",
            "https://exemple.fr:8443/",
            "http://localhost:8080",
            "http://ville.localhost",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
        ] {
            assert!(require_safe_address(good).is_ok(), "{good}");
        }
        for wrong in
            ["http://demarches.exemple.fr", "http://192.168.1.10", "http://localhost.exemple.fr", "http://127.0.0.1.exemple.fr", "HTTP://exemple.fr"]
        {
            let Err(Error::Refused(problem)) = require_safe_address(wrong) else { panic!("{wrong} is accepted") };
            assert!(problem.sentence.contains("en clair") && problem.sentence.contains("https://"), "{}", problem.sentence);
        }
    }

    #[test]
    fn an_address_has_a_scheme_and_no_path() {
        for wrong in ["", "exemple.fr", "ftp://exemple.fr", "https://exemple.fr/demarches", "https://exemple.fr?a", "https://a@exemple.fr"] {
            assert!(require_safe_address(wrong).is_err(), "{wrong}");
        }
    }
}

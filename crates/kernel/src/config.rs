//! The settings of an installation, read once: a TOML file, then the environment (`PARVIS_MAIL__HOST` for `mail.host`).
//! An unknown key is refused with its name. A setting of a tenant is a row, never here.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Error, Result};

/// Every setting; `config.example.toml` says why each exists.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Address and port on which the program listens.
    pub listen: String,
    /// Where files, captured mails and exchange folders live.
    pub data: PathBuf,
    /// The master key file, mode 600, outside the database and its backups.
    pub key: PathBuf,
    /// Reverse proxies in front; X-Forwarded-For is counted from the right by this many.
    pub trusted_proxies: usize,
    /// Units of work of SQLite share a flush; off only to measure what it brings.
    pub group_commit: bool,
    /// Whether `serve` also runs background work.
    pub work: bool,
    /// `text` or `json`.
    pub log: String,
    /// How often one address may ask.
    pub limits: LimitsConfig,
    /// Mail.
    pub mail: MailConfig,
    /// Files.
    pub files: FilesConfig,
    /// Address of clamd (`127.0.0.1:3310` or a socket path); none: no antivirus.
    pub clamd: Option<String>,
    /// Hosts, by name or address, that our calls may reach although they are private.
    pub internal_hosts: Vec<String>,
    /// Set by `parvis demo` alone: loopback, http, captured mails.
    #[serde(skip)]
    pub demo: bool,
}

/// Requests a minute from one address, per tenant; 0 for no limit. The machine itself is limited where it is said.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Pages; a town hall often shares one address.
    pub read: u32,
    /// Forms and files.
    pub write: u32,
    /// The API.
    pub api: u32,
    /// Drafts a day that visitors of one address may begin, the machine itself included.
    pub drafts: u32,
    /// Files a day that visitors of one address may send, the machine itself included.
    pub files: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { read: 3_000, write: 600, api: 3_000, drafts: 60, files: 200 }
    }
}

/// How mails leave.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// SMTP relay; empty: mails are kept in memory and in `data/courriels`, nothing leaves.
    pub host: String,
    /// 587 by default.
    pub port: Option<u16>,
    /// `starttls`, `tls` or `none`.
    pub security: String,
    /// User of the relay.
    pub user: Option<String>,
    /// Password of the relay.
    pub password: Option<String>,
    /// The sender: `Parvis <ne-pas-repondre@exemple.fr>`.
    pub from: String,
}

/// Where files are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilesConfig {
    /// Bucket of an S3 store; none: `data/fichiers` on disk.
    pub bucket: Option<String>,
    /// Address of the S3 store.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Its access key.
    pub access_key: Option<String>,
    /// Its secret key.
    pub secret_key: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite:parvis.db".into(),
            listen: "127.0.0.1:8080".into(),
            data: "data".into(),
            key: "parvis.key".into(),
            trusted_proxies: 0,
            group_commit: true,
            work: true,
            log: "text".into(),
            limits: LimitsConfig::default(),
            mail: MailConfig::default(),
            files: FilesConfig::default(),
            clamd: None,
            internal_hosts: vec![],
            demo: false,
        }
    }
}

impl Config {
    /// Reads the file, if one is given, then the environment. `Refused` names the key at fault.
    pub fn load(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut table = match file {
            Some(path) => read(path)?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix("PARVIS_") {
                set(&mut table, &path.to_lowercase(), value);
            }
        }
        table
            .try_into()
            .map_err(|error: toml::de::Error| Error::refused("config", format!("La configuration n’est pas valable : {}", french(error.message()))))
    }
}

/// The usual mistake in French: a setting that does not exist.
fn french(message: &str) -> String {
    let name = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    match name {
        Some((name, _)) => format!(
            "« {name} » n’est pas un réglage (dans le fichier, ou PARVIS_{} dans l’environnement) ; tous sont dans config.example.toml.",
            name.to_uppercase()
        ),
        None => message.to_owned(),
    }
}

fn read(path: &Path) -> Result<toml::Table> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::refused("config", format!("Le fichier de configuration {} ne peut pas être lu : {error}.", path.display())))?;
    text.parse().map_err(|error: toml::de::Error| {
        Error::refused("config", format!("Le fichier {} n’est pas du TOML valable : {}", path.display(), error.message()))
    })
}

/// `mail__host` becomes `mail.host`; numbers, booleans and lists are written as in TOML, all else is text.
fn set(table: &mut toml::Table, path: &str, value: String) {
    let parsed = format!("v = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("v"));
    let value = parsed.filter(|v| !v.is_datetime()).unwrap_or(toml::Value::String(value));
    let mut keys: Vec<&str> = path.split("__").collect();
    let Some(last) = keys.pop() else { return };
    let mut at = table;
    for key in keys {
        let entry = at.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let Some(inner) = entry.as_table_mut() else { return };
        at = inner;
    }
    at.insert(last.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (String, String)> + 'a {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
    }

    #[test]
    fn the_environment_reaches_nested_settings() {
        let config = Config::load(None, env(&[("PARVIS_MAIL__HOST", "relais"), ("PARVIS_TRUSTED_PROXIES", "2")])).expect("known keys");
        assert_eq!((config.mail.host.as_str(), config.trusted_proxies), ("relais", 2));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = Config::load(None, env(&[("PARVIS_DATABSE", "sqlite:x")])).expect_err("unknown key");
        assert!(matches!(error, Error::Refused(p) if p.sentence.contains("databse")));
    }

    #[test]
    fn the_example_is_the_defaults_and_names_every_setting() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config.example.toml");
        let read = Config::load(Some(Path::new(example)), std::iter::empty()).expect("a valid example");
        assert_eq!(format!("{read:?}"), format!("{:?}", Config::default()));
        let text = std::fs::read_to_string(example).expect("readable");
        for name in
            ["database", "listen", "data", "key", "trusted_proxies", "group_commit", "work", "log", "clamd", "internal_hosts", "bucket", "password"]
        {
            assert!(text.contains(&format!("{name} =")), "{name}");
        }
    }
}

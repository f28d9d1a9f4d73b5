//! A published version, ready to be applied: read once per process, kept while it serves.
//! The tenant's own words are part of it; when they change, it is made anew.

use crate::package::{Package, Setting, Words, at, of};
use crate::store::{self, Found, VersionRow};
use jiff::civil::Date;
use kernel::{Error, Result, TenantId, TenantSettings, Tx, VersionId};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// A version of a téléservice as this tenant shows it.
#[derive(Debug)]
pub struct Version {
    pub id: VersionId,
    pub slug: String,
    pub number: i64,
    pub digest: String,
    pub published_at: jiff::Timestamp,
    pub published_by: String,
    pub package: Package,
    setting: Setting,
}

impl Version {
    /// What rules may mention beside the answers, on this day; whether an agent fills for somebody else.
    pub fn setting(&self, today: Date, is_assisted: bool) -> Setting {
        Setting { today, is_assisted, ..self.setting.clone() }
    }
}

/// The version online under a slug; `NotFound` when there is none.
pub async fn published(tx: &mut Tx, slug: &str) -> Result<Arc<Version>> {
    let found = store::online(tx, slug).await?.ok_or(Error::NotFound)?;
    ready(tx, found).await
}

/// A version by id, online or not: a dossier keeps the one it was made with. Its files never change; the tenant's words
/// may, and are seen within three seconds, as on every page of the tenant.
pub async fn version(tx: &mut Tx, id: VersionId) -> Result<Arc<Version>> {
    if let Some(kept) = cache().get(&(tx.tenant(), id)).filter(|kept| kept.read_at.elapsed() < FRESH) {
        return Ok(kept.version.clone());
    }
    let found = store::by_id(tx, id).await?;
    ready(tx, found).await
}

/// The versions online and these others, for a list of dossiers: one statement whatever their number. The newest of a
/// slug comes last. One that this program no longer reads is left out and told in the log.
pub async fn online_and(tx: &mut Tx, ids: &[VersionId]) -> Result<Vec<Arc<Version>>> {
    let mut versions = Vec::new();
    for found in store::online_and(tx, ids).await? {
        let id = found.row.id;
        match ready(tx, found).await {
            Ok(version) => versions.push(version),
            Err(Error::Internal(error)) => tracing::error!(version = %id, error = %error, "A version is left out of a list"),
            Err(error) => return Err(error),
        }
    }
    Ok(versions)
}

/// The versions made ready, by tenant and version.
type Cache = HashMap<(TenantId, VersionId), Kept>;

/// A version made ready, and the tenant's words when it was made.
struct Kept {
    mark: u64,
    /// When the tenant's words were last compared.
    read_at: Instant,
    version: Arc<Version>,
}

/// The tenant's words are read again after this long.
const FRESH: Duration = Duration::from_secs(3);

/// At most this many versions are kept ready; beyond, all are let go and come back as they serve.
const KEPT: usize = 256;
static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

async fn ready(tx: &mut Tx, found: Found) -> Result<Arc<Version>> {
    let key = (tx.tenant(), found.row.id);
    let (mark, read_at) = (mark(&found), Instant::now());
    if let Some(kept) = cache().get_mut(&key).filter(|kept| kept.mark == mark) {
        kept.read_at = read_at;
        return Ok(kept.version.clone());
    }
    let version = Arc::new(make(tx, found).await?);
    let mut cache = cache();
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(key, Kept { mark, read_at, version: version.clone() });
    Ok(version)
}

fn cache() -> MutexGuard<'static, Cache> {
    CACHE.lock().expect("no holder of the cache panics")
}

/// Changes when the words of the tenant do.
pub(crate) fn mark(found: &Found) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&found.tenant_name, &found.settings).hash(&mut hasher);
    hasher.finish()
}

async fn make(tx: &mut Tx, found: Found) -> Result<Version> {
    let settings = found.settings()?;
    let package = package(tx, &found, &settings).await?;
    let VersionRow { id, slug, number, digest, published_at, published_by } = found.row;
    let setting = setting(&found.tenant_name, &settings);
    Ok(Version { id, slug, number, digest, published_at, published_by, package, setting })
}

/// Reads the package of a version with the tenant's words.
pub(crate) async fn package(tx: &mut Tx, found: &Found, settings: &TenantSettings) -> Result<Package> {
    let files = store::files(tx, found.row.id).await?;
    Package::load(&files, &words(&found.tenant_name, settings))
        .map_err(|report| Error::internal(format!("{} no longer reads: {}", found.row.id, report.sentence(&files))))
}

/// The words of a tenant.
pub(crate) fn words(name: &str, settings: &TenantSettings) -> Words {
    let (la, de_la) = Words::of_kind(&settings.kind);
    let (administrative, judicial) = Words::courts_of(name);
    let or = |text: &str, instead: &str| if text.trim().is_empty() { instead.to_owned() } else { text.to_owned() };
    Words {
        collectivite: name.to_owned(),
        de_collectivite: of(name),
        a_collectivite: at(name),
        la_collectivite: la.to_owned(),
        de_la_collectivite: de_la.to_owned(),
        telephone: or(&settings.phone, "l’accueil"),
        courriel: or(&settings.mail, "l’accueil"),
        adresse: or(&settings.address, "l’accueil"),
        horaires: or(&settings.hours, "aux heures d’accueil"),
        tribunal_administratif: or(&settings.tribunal, &administrative),
        tribunal_judiciaire: or(&settings.tribunal_judiciaire, &judicial),
    }
}

/// The facts of a tenant; the day is set by who asks.
pub(crate) fn setting(name: &str, settings: &TenantSettings) -> Setting {
    let postal = settings.address.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 5).unwrap_or_default();
    Setting {
        today: Date::MIN,
        collectivite: name.to_owned(),
        code_insee: settings.insee.clone(),
        code_postal: postal.to_owned(),
        comedec: settings.comedec,
        is_assisted: false,
        naissance_certifiee: None,
    }
}

//! The démarches of a tenant, as a visitor finds them: by words, by theme. One statement; the rest is in memory.

use crate::package::{Audience, Card, Deposit, Theme, distance};
use crate::store::{self, Found};
use crate::version;
use kernel::{Result, TenantId, Tx, VersionId};
use kinds::fold;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

/// The démarches online, by title.
#[derive(Debug)]
pub struct Catalogue {
    pub entries: Vec<Entry>,
}

/// One démarche.
#[derive(Clone, Debug)]
pub struct Entry {
    pub version: VersionId,
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub audience: Audience,
    pub themes: Vec<&'static Theme>,
    pub minutes: u16,
    pub price: String,
    /// The body with which it is deposited, when it is not here.
    pub elsewhere: Option<String>,
    /// Whether eligibility can be checked first.
    pub has_eligibility: bool,
    titles: Vec<String>,
    others: Vec<String>,
}

impl Catalogue {
    /// The démarche of a slug.
    pub fn get(&self, slug: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.slug == slug)
    }

    /// Themes that have a démarche, in the order of the home page.
    pub fn themes(&self) -> Vec<&'static Theme> {
        crate::package::THEMES.iter().filter(|theme| self.entries.iter().any(|entry| entry.has(theme.slug))).collect()
    }

    /// Démarches that answer these words and this theme, the likeliest first; no words and no theme: all.
    pub fn search(&self, words: &str, theme: Option<&str>) -> Vec<&Entry> {
        let searched = fold::words(words);
        let of_theme = self.entries.iter().filter(|entry| theme.is_none_or(|theme| entry.has(theme)));
        if searched.is_empty() {
            return of_theme.collect();
        }
        let mut found: Vec<(u32, &Entry)> = of_theme.filter_map(|entry| Some((entry.score(&searched)?, entry))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl Entry {
    fn has(&self, theme: &str) -> bool {
        self.themes.iter().any(|known| known.slug == theme)
    }

    /// None unless every word is found; a word of the title or of a synonym counts more than one of the summary.
    fn score(&self, searched: &[String]) -> Option<u32> {
        let best = |word: &str, among: &[String]| among.iter().map(|known| likeness(word, known)).max().unwrap_or(0);
        searched.iter().map(|word| Some(2 * best(word, &self.titles).max(best(word, &self.others).div_ceil(2))).filter(|score| *score > 0)).sum()
    }
}

fn likeness(searched: &str, known: &str) -> u32 {
    match () {
        () if searched == known => 8,
        () if fold::stem(searched) == fold::stem(known) => 6,
        () if searched.len() >= 3 && known.starts_with(searched) => 4,
        () if fold::is_slip(searched, known) => 3,
        // A slip in a word of four letters: « veol » for « vélo ».
        () if searched.len() == 4 && known.len() == 4 && distance(searched, known) == 1 && searched[..1] == known[..1] => 2,
        () => 0,
    }
}

/// What a tenant offers today.
pub async fn catalogue(tx: &mut Tx) -> Result<Arc<Catalogue>> {
    let online = store::all_online(tx).await?;
    let key: Vec<(VersionId, u64)> = online.iter().map(|found| (found.row.id, version::mark(found))).collect();
    if let Some((known, catalogue)) = CACHE.lock().expect("no holder of the cache panics").get(&tx.tenant())
        && *known == key
    {
        return Ok(catalogue.clone());
    }
    let mut entries = Vec::with_capacity(online.len());
    for found in online {
        entries.extend(entry(tx, found).await?);
    }
    entries.sort_by_cached_key(|entry: &Entry| fold::search_key(&entry.title));
    let catalogue = Arc::new(Catalogue { entries });
    let mut cache = CACHE.lock().expect("no holder of the cache panics");
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(tx.tenant(), (key, catalogue.clone()));
    Ok(catalogue)
}

/// At most this many tenants have their catalogue ready.
const KEPT: usize = 2_000;

/// What the catalogue was made of, and the catalogue.
type Made = (Vec<(VersionId, u64)>, Arc<Catalogue>);
static CACHE: LazyLock<Mutex<HashMap<TenantId, Made>>> = LazyLock::new(Mutex::default);

/// None for a version that this program no longer reads: the others must still be offered.
async fn entry(tx: &mut Tx, found: Found) -> Result<Option<Entry>> {
    let settings = found.settings()?;
    match version::package(tx, &found, &settings).await {
        Ok(package) => {
            let has_eligibility = package.rules.eligibility.is_some();
            Ok(Some(of_card(found.row.id, package.card, has_eligibility)))
        }
        Err(kernel::Error::Internal(error)) => {
            tracing::error!(version = %found.row.id, error = %error, "A published téléservice is left out of the catalogue");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn of_card(version: VersionId, card: Card, has_eligibility: bool) -> Entry {
    let words = |texts: &[&str]| texts.iter().flat_map(|text| fold::words(text)).collect::<Vec<_>>();
    let mut titles = words(&[&card.title]);
    titles.extend(card.synonyms.iter().flat_map(|synonym| fold::words(synonym)));
    let mut others = words(&[&card.summary]);
    others.extend(card.themes.iter().flat_map(|theme| fold::words(theme.label)));
    Entry {
        version,
        slug: card.slug,
        title: card.title,
        summary: card.summary,
        audience: card.audience,
        themes: card.themes,
        minutes: card.minutes,
        price: card.price,
        elsewhere: match card.deposit {
            Deposit::Here => None,
            Deposit::Elsewhere { body, .. } => Some(body),
        },
        has_eligibility,
        titles,
        others,
    }
}

//! U1 and U2: the home page and the catalogue. One search box, themes, what is asked most, where to call.

use axum::{extract::Query, response::Response};
use kernel::{Result, templates::Page, web::Public};
use serde::{Deserialize, Serialize};

use crate::{
    Catalogue, Entry as Found, catalogue,
    package::{THEMES, Theme},
};

/// A line of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub href: String,
    pub icon: &'static str,
    pub title: String,
    pub summary: String,
    pub minutes: String,
}

impl Entry {
    pub(crate) fn of(found: &Found) -> Self {
        Self {
            href: format!("/demarches/{}", found.slug),
            icon: found.themes.first().map_or("file", |theme| theme.icon),
            title: found.title.clone(),
            summary: found.summary.clone(),
            minutes: if found.minutes == 0 { String::new() } else { format!("{} min", found.minutes) },
        }
    }

    pub(crate) fn sample() -> Self {
        Self {
            href: "/demarches/aide-velo".into(),
            icon: "bike",
            title: "Aide à l’achat d’un vélo".into(),
            summary: "La commune rembourse une partie de votre vélo.".into(),
            minutes: "10 min".into(),
        }
    }
}

/// A theme that has something under it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ThemeLink {
    pub href: String,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// U1.
#[derive(Debug, Default, Serialize)]
pub(crate) struct HomePage {
    pub entries: Vec<Entry>,
    pub themes: Vec<ThemeLink>,
    pub total: usize,
    pub examples: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "teleservices/accueil.html";
    fn samples() -> Vec<Self> {
        let themes = theme_links(&THEMES.iter().collect::<Vec<_>>(), None);
        vec![Self::default(), Self { entries: vec![Entry::sample(); 3], themes, total: 3, examples: "acte de naissance, vélo".into() }]
    }
}

/// U2.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CataloguePage {
    pub query: String,
    pub heading: String,
    pub entries: Vec<Entry>,
    pub themes: Vec<ThemeLink>,
    pub is_filtered: bool,
}

impl Page for CataloguePage {
    const TEMPLATE: &'static str = "teleservices/demarches.html";
    fn samples() -> Vec<Self> {
        let themes = theme_links(&THEMES.iter().collect::<Vec<_>>(), Some("etat-civil"));
        vec![
            Self { heading: "Toutes les démarches".into(), ..Self::default() },
            Self { query: "velo".into(), heading: "1 démarche pour « velo »".into(), entries: vec![Entry::sample()], themes, is_filtered: true },
        ]
    }
}

/// What may be asked of the catalogue.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    theme: String,
}

/// `GET /`
pub(crate) async fn show(Public(cx): Public) -> Result<Response> {
    let all = cx.read(async |tx| catalogue(tx).await).await?;
    let page = HomePage {
        entries: all.entries.iter().take(6).map(Entry::of).collect(),
        themes: theme_links(&all.themes(), None),
        total: all.entries.len(),
        examples: examples(&all),
    };
    cx.page(&page)
}

/// `GET /demarches?q=&theme=`
pub(crate) async fn catalogue_page(Public(cx): Public, Query(asked): Query<Asked>) -> Result<Response> {
    let all = cx.read(async |tx| catalogue(tx).await).await?;
    let query: String = asked.q.trim().chars().take(200).collect();
    let theme = THEMES.iter().find(|theme| theme.slug == asked.theme);
    let entries: Vec<Entry> = all.search(&query, theme.map(|t| t.slug)).into_iter().map(Entry::of).collect();
    let page = CataloguePage {
        heading: heading(&query, theme.map(|t| t.label), entries.len()),
        is_filtered: !query.is_empty() || theme.is_some(),
        themes: theme_links(&all.themes(), theme.map(|t| t.slug)),
        entries,
        query,
    };
    cx.page(&page)
}

/// Titles to try in the search box.
fn examples(all: &Catalogue) -> String {
    let titles = all.entries.iter().take(3).map(|entry| entry.title.to_lowercase());
    titles.collect::<Vec<_>>().join(", ")
}

fn heading(query: &str, theme: Option<&str>, count: usize) -> String {
    let demarches = if count < 2 { "démarche" } else { "démarches" };
    match (query, theme) {
        ("", None) => "Toutes les démarches".into(),
        ("", Some(theme)) => theme.to_owned(),
        (query, _) if count == 0 => format!("Aucune démarche pour « {query} »"),
        (query, _) => format!("{count} {demarches} pour « {query} »"),
    }
}

fn theme_links(themes: &[&'static Theme], current: Option<&str>) -> Vec<ThemeLink> {
    let link = |theme: &&'static Theme| ThemeLink {
        href: format!("/demarches?theme={}", theme.slug),
        icon: theme.icon,
        label: theme.label,
        current: current == Some(theme.slug),
    };
    themes.iter().map(link).collect()
}

//! The themes under which démarches are found: one closed list, so that tenants share words.

/// One theme of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Theme {
    /// Its value in packages and URLs.
    pub slug: &'static str,
    pub label: &'static str,
    /// Name of its icon.
    pub icon: &'static str,
}

/// In the order of the home page.
pub static THEMES: [Theme; 11] = [
    Theme { slug: "etat-civil", label: "Papiers et état civil", icon: "file" },
    Theme { slug: "famille", label: "Famille et petite enfance", icon: "users" },
    Theme { slug: "ecole", label: "École et jeunesse", icon: "child" },
    Theme { slug: "deplacements", label: "Se déplacer", icon: "bike" },
    Theme { slug: "logement", label: "Logement et travaux", icon: "home" },
    Theme { slug: "dechets", label: "Déchets et propreté", icon: "box" },
    Theme { slug: "solidarite", label: "Aides et solidarité", icon: "hand" },
    Theme { slug: "culture", label: "Culture, sport et loisirs", icon: "sun" },
    Theme { slug: "citoyennete", label: "Vie citoyenne et associations", icon: "heart" },
    Theme { slug: "economie", label: "Commerces et entreprises", icon: "euro" },
    Theme { slug: "contact", label: "Nous écrire", icon: "mail" },
];

/// The theme of a slug.
pub fn theme(slug: &str) -> Option<&'static Theme> {
    THEMES.iter().find(|theme| theme.slug == slug)
}

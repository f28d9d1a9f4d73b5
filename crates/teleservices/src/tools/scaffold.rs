//! The package that `new` writes: short, commented, and whole.

use crate::package::{Files, Package, Words};

const TEXTS: [(&str, &str); 8] = [
    ("teleservice.toml", include_str!("scaffold/teleservice.toml")),
    ("pages/01-demande.toml", include_str!("scaffold/demande.toml")),
    ("pages/02-vous.toml", include_str!("scaffold/vous.toml")),
    ("circuit.toml", include_str!("scaffold/circuit.toml")),
    ("motifs.toml", include_str!("scaffold/motifs.toml")),
    ("courriers/acceptation.md", include_str!("scaffold/acceptation.md")),
    ("courriers/refus.md", include_str!("scaffold/refus.md")),
    ("essais/demande.toml", include_str!("scaffold/essais.toml")),
];

/// The files of a new package; a sentence when the name or the title cannot serve.
pub(super) fn files(slug: &str, title: &str, org_unit: &str) -> Result<Files, String> {
    if title.trim().is_empty() || title.contains(['"', '\\', '\n']) {
        return Err("Donnez au téléservice un titre sur une ligne, sans guillemets droits.".to_owned());
    }
    let fill = |text: &str| text.replace("[[SLUG]]", slug).replace("[[TITRE]]", title.trim()).replace("[[SERVICE]]", org_unit);
    let files = Files::from_texts(TEXTS.map(|(path, text)| (path, fill(text)))).map_err(|report| report.sentence(&Files::default()))?;
    match Package::load(&files, &Words::default()) {
        Ok(_) => Ok(files),
        Err(report) => Err(format!("Ce nom ne convient pas : {}.", report.sentence(&files))),
    }
}

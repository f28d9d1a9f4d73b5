//! The ready-made packages, embedded in the program so that the demonstration needs no folder beside it.

use kernel::{Error, Result};
use teleservices::Files;

#[derive(rust_embed::Embed)]
#[folder = "../../teleservices"]
struct Ready;

/// The files of a ready-made package.
pub fn files(slug: &str) -> Result<Files> {
    let prefix = format!("{slug}/");
    let texts = Ready::iter().filter_map(|path| {
        let file = path.strip_prefix(&prefix)?.to_owned();
        let text = String::from_utf8(Ready::get(&path)?.data.into_owned()).ok()?;
        Some((file, text))
    });
    Files::from_texts(texts).map_err(|report| Error::internal(format!("{slug}: {report:?}")))
}

/// The team that a ready-made package names.
pub fn org_unit(slug: &str) -> Option<String> {
    let card = Ready::get(&format!("{slug}/teleservice.toml"))?;
    let card: toml::Table = String::from_utf8_lossy(&card.data).parse().ok()?;
    card.get("service")?.as_str().map(str::to_owned)
}

//! Sheets and scripts: embedded in the program (read from disk in development), compressed once at start, served under
//! an address that carries their hash, so that browsers keep them for ever. It serves no page and no file of anybody.

use std::{
    collections::HashMap,
    io::Write as _,
    sync::{Arc, RwLock},
    time::Duration,
};

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::Web;

#[derive(Embed)]
#[folder = "static/"]
struct Static;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const CHECK: HeaderValue = HeaderValue::from_static("no-cache");
/// In development, changed files are looked for this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One thing to serve, in its three forms.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    kind: &'static str,
    pub(super) hash: String,
    plain: Bytes,
    gzip: Bytes,
    brotli: Bytes,
}

/// All of them, by name.
pub(super) struct Assets(RwLock<(Instant, HashMap<String, Arc<Asset>>)>);

impl Assets {
    /// Reads and compresses everything.
    pub(super) fn load() -> Self {
        Self(RwLock::new((Instant::now(), read(&HashMap::new()))))
    }

    /// The address of a sheet or script, by its name.
    pub(super) fn url(&self, name: &str) -> String {
        self.refresh();
        match (self.get(name), name.rsplit_once('.')) {
            (Some(asset), Some((stem, end))) => format!("/static/{stem}.{}.{end}", asset.hash),
            _ => format!("/static/{name}"),
        }
    }

    fn get(&self, name: &str) -> Option<Arc<Asset>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).1.get(name).cloned()
    }

    fn refresh(&self) {
        if !cfg!(debug_assertions) {
            return;
        }
        let is_old = self.0.read().is_ok_and(|held| held.0.elapsed() > LOOK_AGAIN);
        if let (true, Ok(mut held)) = (is_old, self.0.write()) {
            let assets = read(&held.1);
            *held = (Instant::now(), assets);
        }
    }
}

/// Everything that is embedded; what did not change is not compressed again.
fn read(before: &HashMap<String, Arc<Asset>>) -> HashMap<String, Arc<Asset>> {
    let files = Static::iter().filter_map(|name| Static::get(&name).map(|file| (name.into_owned(), file.data)));
    let known = files.filter_map(|(name, data)| kind(&name).map(|kind| (name, kind, data)));
    known
        .map(|(name, kind, data)| {
            let same = before.get(&name).filter(|asset| asset.plain == *data).cloned();
            let asset = same.unwrap_or_else(|| Arc::new(Asset::new(kind, data.into_owned())));
            (name, asset)
        })
        .collect()
}

/// The media type of a name; `None` for what is not served.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

impl Asset {
    /// Hashes and compresses.
    pub(super) fn new(kind: &'static str, plain: Vec<u8>) -> Self {
        let hash = crate::crypto::hex(&Sha256::digest(&plain)[..8]);
        Self { kind, hash, gzip: gzip(&plain), brotli: brotli(&plain), plain: plain.into() }
    }

    /// The form that the browser takes; 304 when it has it already.
    pub(super) fn answer(&self, asked: &HeaderMap, is_for_ever: bool) -> Response {
        let tag = format!("\"{}\"", self.hash);
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (body, encoding) = match accepted(asked) {
            _ if known.contains(&tag) => (Bytes::new(), None),
            "br" if !self.brotli.is_empty() => (self.brotli.clone(), Some("br")),
            "br" | "gzip" if !self.gzip.is_empty() => (self.gzip.clone(), Some("gzip")),
            _ => (self.plain.clone(), None),
        };
        let status = if known.contains(&tag) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = (status, [(header::CONTENT_TYPE, self.kind)], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, if is_for_ever { FOR_EVER } else { CHECK });
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

/// The best compression that the browser takes.
fn accepted(asked: &HeaderMap) -> &'static str {
    let said = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |name: &str| {
        said.split(',').any(|one| {
            let (of, quality) = one.split_once(';').unwrap_or((one, ""));
            of.trim() == name && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    match (takes("br"), takes("gzip")) {
        (true, _) => "br",
        (false, true) => "gzip",
        _ => "",
    }
}

/// `GET /static/<name>.<hash>.<ext>`. An address of another version of the program gets this version's file, not kept:
/// while nodes are being updated, a page may come from one and its sheet be asked from another.
pub(super) async fn serve(web: axum::Extension<Arc<Web>>, Path(path): Path<String>, asked: HeaderMap) -> Response {
    let (name, hash) = split(&path);
    match web.assets.get(&name) {
        Some(asset) => asset.answer(&asked, hash == Some(asset.hash.as_str())),
        None => super::headers::bare(StatusCode::NOT_FOUND, ""),
    }
}

/// `socle.0123456789abcdef.css` is `socle.css` and its hash.
fn split(path: &str) -> (String, Option<&str>) {
    let cut = path.rsplit_once('.').and_then(|(rest, end)| rest.rsplit_once('.').map(|(stem, hash)| (stem, hash, end)));
    match cut {
        Some((stem, hash, end)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => (format!("{stem}.{end}"), Some(hash)),
        _ => (path.to_owned(), None),
    }
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    match encoder.write_all(plain).and_then(|()| encoder.finish()) {
        Ok(packed) if packed.len() < plain.len() => packed.into(),
        _ => Bytes::new(),
    }
}

fn brotli(plain: &[u8]) -> Bytes {
    // The best quality was most of the time of a start, for a twentieth of the size; unoptimised, a second for a sheet.
    let quality = if cfg!(debug_assertions) { 5 } else { 9 };
    let params = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    let mut packed = Vec::new();
    match brotli::BrotliCompress(&mut &*plain, &mut packed, &params) {
        Ok(_) if packed.len() < plain.len() => packed.into(),
        _ => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encoding: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, encoding.parse().unwrap());
        headers
    }

    #[test]
    fn the_browser_gets_the_best_form_that_it_takes() {
        let asset = Asset::new("text/css", b"a{color:red}".repeat(50));
        let encoding = |said: &str| {
            let response = asset.answer(&asking(said), true);
            response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br").as_deref(), Some("br"));
        assert_eq!(encoding("gzip, br;q=0").as_deref(), Some("gzip"));
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn the_hash_stands_before_the_extension() {
        assert_eq!(split("v/leaflet.0123456789abcdef.js"), ("v/leaflet.js".into(), Some("0123456789abcdef")));
        assert_eq!(split("socle.min.css"), ("socle.min.css".into(), None));
    }
}

//! The web: who asks, whose pages these are, what may be answered and how it leaves. A domain gives its routes as
//! `Routes`; `assemble` mounts them behind the guards of their audience and the layers that every request goes through.
//! No page is here but that of errors, and no word of any domain.
//!
//! A request goes through these, in this order: `log` (number, measure) → `headers` → compression → `body` (idle
//! clients) → `ctx::enter` (tenant) → `problem` (errors become answers) → `throttle` → origin → `server::detached`
//! (runs to its end whatever the client does) → `ctx::settle` (cookie) → guard of the audience → handler.

mod api_help;
pub mod assets;
mod body;
pub mod colour;
pub mod ctx;
mod device;
pub mod form;
pub mod gallery;
pub mod guards;
mod headers;
mod health;
pub mod idempotency;
pub mod log;
pub mod look;
pub mod paving;
pub mod problem;
pub mod question;
mod routes;
pub mod server;
pub mod session;
pub mod site;
mod store;
pub mod throttle;
pub mod upload;

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering},
};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

pub use ctx::{Audience, Ctx};
pub use form::{Form, LongForm};
pub use guards::{AdminCx, AgentCx, PartnerCx, PartnerLookup, Public, SignedUsager};
pub use headers::attachment;
pub use routes::{Assembled, Nav, Pages, RouteLine, Routes, assemble};
pub use server::{serve_until, stop_signal};
pub use session::{Level, Means, Session};
pub use site::{NavItem, Site, initials};
pub use upload::{IncomingFile, Upload};

use crate::{
    App, Result, crypto,
    db::migrate::Migration,
    jobs::{JobCx, JobKind, JobResult, Outcome},
    mail_page::MailPage,
    templates::{Page, Sample, samples},
};

/// What every request of this process shares: caches that it can lose, and what the domains gave.
pub(crate) struct Web {
    app: App,
    migrations: Vec<Migration>,
    tenants: site::TenantCache,
    limits: throttle::Limits,
    ready: health::Known,
    assets: assets::Assets,
    /// Handlers that run, with or without a client.
    handlers: AtomicI64,
    nav: Vec<Nav>,
    partners: Vec<PartnerLookup>,
    rights: Vec<(&'static str, &'static str)>,
    /// Addresses that take files: they may last, and are not counted as forms are.
    uploads: HashSet<&'static str>,
}

impl Web {
    fn render<P: Page>(&self, page: &P, site: &Site) -> Result<String> {
        self.app.templates.render(page, site)
    }

    fn running(&self) -> i64 {
        self.handlers.load(Ordering::Relaxed)
    }

    fn right_label(&self, code: &str) -> Option<String> {
        self.rights.iter().find(|(of, _)| *of == code).map(|(_, label)| (*label).to_owned())
    }
}

/// Leads to another page of ours, by GET. A path that is not ours leads home instead.
pub fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, local(path))]).into_response()
}

/// Leads to an identity or payment provider: an address that a domain vouches for, never one that came in a request.
pub fn see_elsewhere(url: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
}

/// The path itself if it stays on this host, else home: `//autre.fr`, `https://…` and `\` do not.
pub fn local(path: &str) -> &str {
    let is_ours = path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && path.bytes().all(|byte| byte > b' ' && byte < 127);
    if is_ours { path } else { "/" }
}

/// Examples of the pages and mails that the kernel draws by itself.
pub fn pages() -> Vec<Sample> {
    let mut pages = samples::<problem::ErrorPage>();
    pages.extend(samples::<gallery::Gallery>());
    pages.extend(samples::<api_help::ApiHelp>());
    pages.extend(samples::<MailPage>());
    pages
}

/// Background work of the web: what is past its time is removed.
pub fn jobs() -> Vec<JobKind> {
    vec![JobKind::new("PurgeWeb", purge).every(std::time::Duration::from_secs(3_600))]
}

async fn purge(cx: JobCx, _: serde_json::Value) -> JobResult {
    cx.write(async |tx| store::purge(tx).await).await?;
    Ok(Outcome::Done)
}

/// A key for one rendering of a form: never seen before, not to be guessed.
fn random_key() -> String {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes[..]);
    crypto::hex(&bytes)
}

/// A number that somebody can read aloud: `K7M2-9QXD-4TRA`.
fn random_number() -> String {
    const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bytes = [0_u8; 12];
    rand::fill(&mut bytes[..]);
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    let mut out = String::with_capacity(14);
    for (at, letter) in letters.enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push('-');
        }
        out.push(letter);
    }
    out
}

//! The whole program around a bench, served in this process.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::App;

use super::{Bench, Browser};

pub struct Served {
    pub bench: Bench,
    pub app: App,
    pub router: axum::Router,
    keys: AtomicU32,
}

impl Served {
    pub fn of(bench: Bench) -> Self {
        let app = bench.program();
        let router = kernel::web::assemble(&app, parvis::registries::routes(), parvis::migrations::all()).expect("assembled").router;
        Self { bench, app, router, keys: AtomicU32::default() }
    }

    pub fn visitor(&self) -> Browser {
        Browser::new(&self.router, "essai.localhost")
    }

    /// A form key that was never used.
    pub fn key(&self) -> String {
        let n = self.keys.fetch_add(1, Ordering::Relaxed);
        format!("_cle=0123456789abcdef{n:08}")
    }
}

//! The packages of `teleservices/` pass the check without a remark, and their essais succeed.

use crate::engine::essais;
use crate::package::{Files, Package, Words};
use jiff::civil::date;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../teleservices")
}

/// Every package of the house, by slug.
pub(super) fn packages() -> Vec<(String, Files)> {
    let mut slugs: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    slugs.sort();
    slugs.into_iter().map(|slug| (slug.clone(), read(&slug))).collect()
}

pub(super) fn read(slug: &str) -> Files {
    Files::read(&folder().join(slug)).unwrap_or_else(|report| panic!("{slug}\n{}", report.render(&Files::default())))
}

pub(super) fn load(slug: &str) -> Package {
    let files = read(slug);
    Package::load(&files, &Words::default()).unwrap_or_else(|report| panic!("{slug}\n{}", report.render(&files)))
}

#[test]
fn every_package_is_checked_without_a_remark() {
    for (slug, files) in packages() {
        let checked = Package::check(&files, &Words::default());
        assert!(checked.report.flaws.is_empty(), "{slug}\n{}", checked.report.render(&files));
        assert_eq!(checked.package.unwrap().card.slug, slug);
    }
}

#[test]
fn every_essai_succeeds() {
    for (slug, files) in packages() {
        let package = load(&slug);
        let results = package.run_essais(date(2026, 11, 24));
        assert!(!results.is_empty(), "{slug} has no essai");
        let failed = results.iter().any(|result| !result.failures.is_empty());
        assert!(!failed, "{slug}\n{}", essais::report(&results, &files));
    }
}

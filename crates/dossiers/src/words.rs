//! Dates and keys as French sentences and searches say them, for reasonings, mails and letters drawn in Rust.
//! Screens use the filters of the templates instead.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use kernel::templates::french;

pub use kinds::fold::search_key as normalise;

/// "2 mars 2026", "1er avril 2026".
pub fn long_date(date: Date) -> String {
    french::date(date)
}

/// "24 novembre 2026 à 14 h 05", in the zone of the tenant.
pub fn long_moment(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    format!("{} à {}", french::date(local.date()), french::hour(local.time()))
}

/// The sentence, to stand after a colon.
pub fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The words, to begin a sentence.
pub fn upper_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// "2,1 Mo", "48 Ko".
pub fn size_text(bytes: i64) -> String {
    french::size(u64::try_from(bytes).unwrap_or_default())
}

/// The text with ordinary spaces, for tests.
#[cfg(test)]
pub fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_in_the_zone_of_the_tenant() {
        let at: Timestamp = "2026-11-24T23:05:00Z".parse().unwrap();
        let told = |zone: &str| plain(&long_moment(at, &TimeZone::get(zone).unwrap()));
        assert_eq!(told("Europe/Paris"), "25 novembre 2026 à 0 h 05");
        assert_eq!(told("America/Cayenne"), "24 novembre 2026 à 20 h 05");
    }
}

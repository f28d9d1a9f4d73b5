//! The number an usager quotes: `VSA-2026-004012`. Each node takes numbers by blocks, in a short unit of
//! their own, so that no row is written by every submission: they are unique, and gaps are normal.
//! It does not say who holds which number: that is the dossier's own column.

use std::fmt;

/// How many numbers a node takes at once.
pub const BLOCK: i64 = 50;

/// A dossier's number, as printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numero(String);

impl Numero {
    /// Writes the number of rank `rank` in `year` for a tenant whose prefix is `prefix`.
    pub fn new(prefix: &str, year: i16, rank: i64) -> Numero {
        Numero(format!("{}-{year:04}-{rank:06}", prefix.to_uppercase()))
    }

    /// Reads what somebody typed: any case, spaces or dashes between the parts, zeroes forgotten.
    pub fn parse(typed: &str) -> Option<Numero> {
        let parts: Vec<String> = typed.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_uppercase).collect();
        let [prefix, year, rank] = parts.as_slice() else { return None };
        let prefix_ok = (1..=8).contains(&prefix.len()) && prefix.chars().all(|c| c.is_ascii_alphanumeric());
        let year: i16 = year.parse().ok().filter(|year| (2000..=9999).contains(year))?;
        let rank: i64 = rank.parse().ok().filter(|rank| (1..=999_999_999).contains(rank))?;
        prefix_ok.then(|| Numero::new(prefix, year, rank))
    }

    /// The text kept in the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Numero {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_printed() {
        assert_eq!(Numero::new("VSA", 2026, 4012).to_string(), "VSA-2026-004012");
        assert_eq!(Numero::new("vsa", 2026, 1_234_567).to_string(), "VSA-2026-1234567");
    }

    #[test]
    fn what_is_typed_is_understood() {
        for typed in ["VSA-2026-004012", " vsa 2026 4012 ", "vsa-2026-4012", "Vsa – 2026 – 004012"] {
            assert_eq!(Numero::parse(typed), Some(Numero::new("VSA", 2026, 4012)), "{typed}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for typed in ["", "VSA", "VSA-2026", "VSA-26-4012", "VSA-2026-0", "VSA-2026-x", "V*A-2026-12", "VSA-2026-12-3"] {
            assert_eq!(Numero::parse(typed), None, "{typed}");
        }
    }
}

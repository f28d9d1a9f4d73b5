//! `teleservice.toml`: the démarche, its legal frame, what becomes of the data.

use crate::package::flaw::Place;
use crate::package::reader::Located;
use crate::package::themes::Theme;
use jiff::Span;
use jiff::civil::Date;
use kernel::calendar::{HolidayZone, add_months, add_working_days};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `teleservice.toml`: what the démarche is, for whom, under which law.
#[derive(Clone, Debug)]
pub struct Card {
    pub slug: String,
    pub title: String,
    pub summary: String,
    /// One sentence a condition, for the page of the démarche.
    pub for_whom: Vec<String>,
    pub audience: Audience,
    pub themes: Vec<&'static Theme>,
    pub synonyms: Vec<String>,
    pub minutes: u16,
    pub price: String,
    /// Slug of the org unit that handles the dossiers.
    pub org_unit: Located,
    pub deposit: Deposit,
    /// Other ways to ask, one sentence each.
    pub channels: Vec<String>,
    /// Sentences agreed to by sending, shown with the summary.
    pub mentions: Vec<String>,
    /// Absent when the démarche is deposited elsewhere.
    pub request: Option<Request>,
    /// Absent when the démarche is deposited elsewhere.
    pub data: Option<DataCard>,
    pub gives: Vec<Give>,
    pub prefills: Vec<Prefill>,
    pub place: Place,
}

/// Whom a démarche is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Particuliers,
    Associations,
    Entreprises,
    Tous,
}

impl Audience {
    pub(crate) const WORDS: [(&'static str, Audience); 4] = [
        ("particuliers", Audience::Particuliers),
        ("associations", Audience::Associations),
        ("entreprises", Audience::Entreprises),
        ("tous", Audience::Tous),
    ];
}

/// Where the demand is deposited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deposit {
    /// Here: the package has pages and a circuit.
    Here,
    /// With another body: the démarche is one page that leads there.
    Elsewhere { url: String, body: String },
}

/// `[demande]`: the legal frame of the demand.
#[derive(Clone, Debug)]
pub struct Request {
    pub nature: Nature,
    pub silence: Silence,
    /// Delay after which silence means something; always there unless silence means nothing.
    pub delay: Option<Delai>,
    pub article: Option<String>,
    /// What the service promises by itself; never shown as legal.
    pub commitment: Option<Delai>,
    /// How to contest an unfavourable decision.
    pub remedies: Option<String>,
    /// How to contest a rejection by silence, as the receipt announces it.
    pub silence_remedies: Option<String>,
    /// How long the usager has to send a missing piece.
    pub complement: Delai,
    pub place: Place,
}

impl Request {
    /// The remedies that a receipt announces against a rejection to come; one text may serve for both.
    pub fn remedies_of_silence(&self) -> Option<&str> {
        self.silence_remedies.as_deref().or(self.remedies.as_deref())
    }
}

/// What kind of demand it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Delivery of a document or a service that the law opens (R112-4, 2°).
    Document,
    /// Financial: L231-4, 3° says what silence means.
    Aide,
    Autorisation,
    Inscription,
    Declaration,
    Signalement,
    Message,
}

impl Nature {
    pub(crate) const WORDS: [(&'static str, Nature); 7] = [
        ("document", Nature::Document),
        ("aide", Nature::Aide),
        ("autorisation", Nature::Autorisation),
        ("inscription", Nature::Inscription),
        ("declaration", Nature::Declaration),
        ("signalement", Nature::Signalement),
        ("message", Nature::Message),
    ];
}

/// What the silence of the administration means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    Acceptation,
    Rejet,
    SansObjet,
}

impl Silence {
    pub(crate) const WORDS: [(&'static str, Silence); 3] =
        [("acceptation", Silence::Acceptation), ("rejet", Silence::Rejet), ("sans objet", Silence::SansObjet)];

    /// What silence makes, in words: "acceptation", and a demand "acceptée" (L231-1); "rejet" and "rejetée" (L231-4). None
    /// where no text gives it a meaning.
    pub fn words(self) -> Option<(&'static str, &'static str)> {
        match self {
            Silence::Acceptation => Some(("acceptation", "acceptée")),
            Silence::Rejet => Some(("rejet", "rejetée")),
            Silence::SansObjet => None,
        }
    }
}

/// A delay, legal or promised: « 2 mois », « 5 jours ouvrés ».
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delai {
    pub count: u16,
    pub unit: DelaiUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelaiUnit {
    Days,
    WorkingDays,
    Months,
    Years,
}

impl Delai {
    /// Reads « 2 mois », « 1 an », « 30 jours », « 5 jours ouvrés ».
    pub fn parse(text: &str) -> Option<Delai> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count = count.parse().ok().filter(|n| (1..=1200).contains(n))?;
        let unit = match unit.trim() {
            "jour" | "jours" => DelaiUnit::Days,
            "jour ouvré" | "jours ouvrés" => DelaiUnit::WorkingDays,
            "mois" => DelaiUnit::Months,
            "an" | "ans" => DelaiUnit::Years,
            _ => return None,
        };
        Some(Delai { count, unit })
    }

    /// The day on which it is over, when it starts on this one.
    pub fn after(self, day: Date, zone: HolidayZone) -> Date {
        let count = i32::from(self.count);
        match self.unit {
            DelaiUnit::Days => day.saturating_add(Span::new().days(count)),
            DelaiUnit::WorkingDays => add_working_days(day, self.count.into(), zone),
            DelaiUnit::Months => add_months(day, count),
            DelaiUnit::Years => add_months(day, count * 12),
        }
    }

    /// The last day from which it is over on this one.
    pub fn before(self, day: Date, zone: HolidayZone) -> Date {
        let count = i32::from(self.count);
        let mut start = match self.unit {
            DelaiUnit::Days | DelaiUnit::WorkingDays => day.saturating_sub(Span::new().days(count)),
            DelaiUnit::Months => add_months(day, -count),
            DelaiUnit::Years => add_months(day, -count * 12),
        };
        let next = |date: Date| date.saturating_add(Span::new().days(1));
        while start < day && self.after(next(start), zone) <= day {
            start = next(start);
        }
        while start > Date::MIN && self.after(start, zone) > day {
            start = start.saturating_sub(Span::new().days(1));
        }
        start
    }
}

impl fmt::Display for Delai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = self.count > 1;
        let unit = match self.unit {
            DelaiUnit::Days if plural => "jours",
            DelaiUnit::Days => "jour",
            DelaiUnit::WorkingDays if plural => "jours ouvrés",
            DelaiUnit::WorkingDays => "jour ouvré",
            DelaiUnit::Months => "mois",
            DelaiUnit::Years if plural => "ans",
            DelaiUnit::Years => "an",
        };
        write!(f, "{} {unit}", self.count)
    }
}

/// `[donnees]`: what becomes of personal data, for the register and for the usager.
#[derive(Clone, Debug)]
pub struct DataCard {
    pub basis: LegalBasis,
    /// The text that founds the processing.
    pub basis_text: Option<String>,
    pub purpose: String,
    /// Kept this long after the end of the dossier.
    pub retention: Delai,
    /// A draft never sent is kept this long.
    pub draft_retention: Delai,
    pub recipients: Vec<String>,
    pub rights: String,
}

/// Article 6(1) of the GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    ObligationLegale,
    MissionInteretPublic,
    Contrat,
    Consentement,
}

impl LegalBasis {
    pub(crate) const WORDS: [(&'static str, LegalBasis); 4] = [
        ("obligation légale", LegalBasis::ObligationLegale),
        ("mission d’intérêt public", LegalBasis::MissionInteretPublic),
        ("contrat", LegalBasis::Contrat),
        ("consentement", LegalBasis::Consentement),
    ];

    /// The basis in a sentence, with its article.
    pub fn label(self) -> &'static str {
        match self {
            LegalBasis::ObligationLegale => "obligation légale (RGPD, article 6, 1, c)",
            LegalBasis::MissionInteretPublic => "mission d’intérêt public (RGPD, article 6, 1, e)",
            LegalBasis::Contrat => "contrat (RGPD, article 6, 1, b)",
            LegalBasis::Consentement => "consentement (RGPD, article 6, 1, a)",
        }
    }
}

/// `[[donne]]`: an answer that may become a fact of the person, if he does not refuse.
#[derive(Clone, Debug)]
pub struct Give {
    pub question: Located,
    /// Code of the attribute in the registry.
    pub attribute: String,
}

/// `[[reprend]]`: what the registry knows of the person, proposed in a question.
#[derive(Clone, Debug)]
pub struct Prefill {
    pub attribute: String,
    pub question: Located,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_delay_is_reckoned_from_its_start_and_back_from_its_end() {
        let zone = HolidayZone::Metropole;
        for (text, start, end) in [
            ("30 jours", date(2026, 9, 7), date(2026, 10, 7)),
            ("10 jours ouvrés", date(2026, 10, 30), date(2026, 11, 16)),
            ("1 mois", date(2026, 1, 31), date(2026, 2, 28)),
            ("10 ans", date(2026, 9, 7), date(2036, 9, 7)),
            ("1 an", date(2028, 2, 29), date(2029, 2, 28)),
        ] {
            let delay = Delai::parse(text).expect("a delay");
            assert_eq!(delay.after(start, zone), end, "{text}");
            let last = delay.before(end, zone);
            assert!(last >= start && delay.after(last, zone) <= end, "{text}: {last}");
            assert!(delay.after(last.tomorrow().expect("a day"), zone) > end, "{text}: {last} is not the last");
        }
    }
}

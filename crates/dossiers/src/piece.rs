//! A piece justificative and a request for missing ones, as values: what was received, what was found, what is
//! still awaited. The files themselves are the kernel's; what a téléservice asks for is its package's.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{DossierId, FileId, PieceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::delai::Request;

/// What the antivirus said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// Nothing found, or no antivirus is configured.
    Clean,
    /// Not looked at yet: the file is held.
    Pending,
    /// A virus was found after all: the file is erased.
    Infected,
}

impl Scan {
    /// The word kept in the database.
    pub fn code(self) -> &'static str {
        match self {
            Scan::Clean => "propre",
            Scan::Pending => "en_cours",
            Scan::Infected => "infecte",
        }
    }

    /// Reads back [`Scan::code`].
    pub fn from_code(code: &str) -> Option<Scan> {
        [Scan::Clean, Scan::Pending, Scan::Infected].into_iter().find(|scan| scan.code() == code)
    }
}

/// What the agent said of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Not read yet.
    AVerifier,
    /// Good.
    Acceptee,
    /// Not good: the motif says why.
    Refusee,
}

impl Verdict {
    /// The word kept in the database and used by forms.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::AVerifier => "a_verifier",
            Verdict::Acceptee => "acceptee",
            Verdict::Refusee => "refusee",
        }
    }

    /// Reads back [`Verdict::code`].
    pub fn from_code(code: &str) -> Option<Verdict> {
        [Verdict::AVerifier, Verdict::Acceptee, Verdict::Refusee].into_iter().find(|verdict| verdict.code() == code)
    }

    /// What screens say.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::AVerifier => "À vérifier",
            Verdict::Acceptee => "Acceptée",
            Verdict::Refusee => "À renvoyer",
        }
    }
}

/// One file that proves an answer.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its identifier.
    pub id: PieceId,
    /// Its dossier.
    pub dossier: DossierId,
    /// Which piece of the package it answers.
    pub code: String,
    /// The stored file.
    pub file: FileId,
    /// The name the usager gave it.
    pub name: String,
    /// Its kind, by content.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// Digest of the content: the same file sent twice is one piece.
    pub sha256: String,
    /// What the antivirus said.
    pub scan: Scan,
    /// What the agent said.
    pub verdict: Verdict,
    /// Why it is refused, as the usager reads it.
    pub verdict_motif: Option<String>,
    /// Who said so.
    pub verdict_by: Option<String>,
    /// When.
    pub verdict_at: Option<Timestamp>,
    /// The request it answers.
    pub request: Option<Uuid>,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
    /// When its file was erased.
    pub erased_at: Option<Timestamp>,
}

impl Piece {
    /// Does it stand for the piece asked for: there, not refused, no virus?
    pub fn counts(&self) -> bool {
        self.scan != Scan::Infected && self.verdict != Verdict::Refusee && self.erased_at.is_none()
    }
}

/// One request for missing pieces or information (L114-5).
#[derive(Clone, Debug)]
pub struct PieceRequest {
    /// Its identifier.
    pub id: Uuid,
    /// Its dossier.
    pub dossier: DossierId,
    /// Codes of the pieces asked for.
    pub codes: Vec<String>,
    /// What the usager reads.
    pub reason: String,
    /// Does the legal clock follow?
    pub required: bool,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// The time given.
    pub reply_before: Date,
    /// When everything was there: the law's clock runs again.
    pub satisfied_at: Option<Timestamp>,
    /// When the dossier stopped waiting, answered or not.
    pub closed_at: Option<Timestamp>,
    /// The state the dossier comes back to.
    pub back_to: String,
}

impl PieceRequest {
    /// May the usager still answer it?
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// What is still missing, given the pieces sent to answer it, or since. A copy that was found good, then erased, is not.
    pub fn missing<'a>(&'a self, pieces: &'a [Piece]) -> impl Iterator<Item = &'a str> {
        let is_answer = |piece: &Piece| piece.request == Some(self.id) || piece.added_at > self.asked_at;
        let is_there = |piece: &Piece| piece.counts() || piece.verdict == Verdict::Acceptee;
        let answered = move |code: &str| pieces.iter().any(|piece| piece.code == code && is_answer(piece) && is_there(piece));
        self.codes.iter().map(String::as_str).filter(move |code| !answered(code))
    }

    /// The same, as the clock wants it.
    pub fn for_clock(&self, zone: &TimeZone) -> Request {
        let date = |at: Timestamp| zone.to_datetime(at).date();
        Request {
            asked: date(self.asked_at),
            reply_before: self.reply_before,
            satisfied: self.satisfied_at.or(self.closed_at).map(date),
            waived: self.satisfied_at.is_none() && self.closed_at.is_some(),
            required: self.required,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_database_read_back() {
        for scan in [Scan::Clean, Scan::Pending, Scan::Infected] {
            assert_eq!(Scan::from_code(scan.code()), Some(scan));
        }
        for verdict in [Verdict::AVerifier, Verdict::Acceptee, Verdict::Refusee] {
            assert_eq!(Verdict::from_code(verdict.code()), Some(verdict));
        }
    }

    #[test]
    fn a_request_waits_for_what_was_not_added_since() {
        let asked_at: Timestamp = "2026-12-03T09:42:00Z".parse().unwrap();
        let request = PieceRequest {
            id: Uuid::from_u128(1),
            dossier: DossierId::from(Uuid::from_u128(2)),
            codes: vec!["rib".into(), "facture".into()],
            reason: "Illisible".into(),
            required: true,
            asked_by: "Nadia Roussel".into(),
            asked_at,
            reply_before: jiff::civil::date(2026, 12, 17),
            satisfied_at: None,
            closed_at: None,
            back_to: "recue".into(),
        };
        let piece = |code: &str, at: &str, verdict| Piece {
            id: PieceId::from(Uuid::from_u128(3)),
            dossier: request.dossier,
            code: code.into(),
            file: FileId::from(Uuid::from_u128(4)),
            name: "a.pdf".into(),
            content_type: "application/pdf".into(),
            size: 1,
            sha256: String::new(),
            scan: Scan::Clean,
            verdict,
            verdict_motif: None,
            verdict_by: None,
            verdict_at: None,
            request: None,
            added_by: "Vous".into(),
            added_at: at.parse().unwrap(),
            erased_at: None,
        };
        let before = piece("facture", "2026-11-24T13:00:00Z", Verdict::Acceptee);
        let refused = piece("rib", "2026-12-04T13:00:00Z", Verdict::Refusee);
        assert_eq!(request.missing(&[before.clone(), refused]).collect::<Vec<_>>(), ["rib", "facture"]);
        let good = piece("rib", "2026-12-05T13:00:00Z", Verdict::AVerifier);
        assert_eq!(request.missing(&[before.clone(), good]).collect::<Vec<_>>(), ["facture"]);
        let checked = Piece { erased_at: Some(asked_at), ..piece("rib", "2026-12-05T13:00:00Z", Verdict::Acceptee) };
        assert_eq!(request.missing(&[before, checked]).collect::<Vec<_>>(), ["facture"]);
    }
}

//! A dossier as a value: what it holds, and what may become of it. No SQL, no clock, no HTTP.
//! The words of the states, the questions and the rules are in its version of the téléservice, not here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{AgentId, CompteId, DossierId, OrgUnitId, UsagerId, VersionId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::delai::DelaiKind;
use crate::numero::Numero;
use crate::phase::{self, Phase};
use crate::words::long_moment;

/// The answers of a dossier, by name of question; `null` is "asked, left blank".
pub use teleservices::engine::Answers;

/// Where the value of an answer comes from, when the usager did not type it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What the usager reads: "Déclaré par vous dans une demande précédente", "FranceConnect".
    pub label: String,
    /// When the source said it.
    pub on: Option<Date>,
    /// Verified by a source other than the person.
    pub verified: bool,
    /// The value itself, when no question holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
}

/// One usager's file for one téléservice.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// Its identifier.
    pub id: DossierId,
    /// What the usager quotes; none before the deposit.
    pub number: Option<Numero>,
    /// The téléservice, by the name in its public address.
    pub slug: String,
    /// The version it was made with, for ever.
    pub version: VersionId,
    /// What the law knows.
    pub phase: Phase,
    /// The state of its circuit.
    pub state: String,
    /// By which door it came.
    pub channel: Channel,
    /// Whose it is; none for a visitor's draft.
    pub usager: Option<UsagerId>,
    /// The account that holds it.
    pub compte: Option<CompteId>,
    /// The team in charge.
    pub unit: Option<OrgUnitId>,
    /// The agent in charge.
    pub agent: Option<AgentId>,
    /// The agent who typed it for the usager.
    pub entered_by: Option<AgentId>,
    /// The answers.
    pub answers: Answers,
    /// Where prefilled answers come from.
    pub origins: BTreeMap<String, Origin>,
    /// Attributes the usager refused to give to the registry.
    pub withheld: Vec<String>,
    /// How the person is called, for lists and letters.
    pub contact_name: String,
    /// Where mails go; none when the usager gave none.
    pub contact_mail: Option<String>,
    /// The sealed key of its files.
    pub file_key: Vec<u8>,
    /// Its number at the State's site or in another application.
    pub external: Option<External>,
    /// The nearest date, for the order of the inbox.
    pub due: Option<(Date, DelaiKind)>,
    /// The day at whose end silence gets its meaning, if it has one; the usager answering on his last day if he is waited for.
    pub legal_on: Option<Date>,
    /// First kept.
    pub created_at: Timestamp,
    /// Last saved: what "Brouillon enregistré à" says.
    pub saved_at: Timestamp,
    /// Deposit.
    pub submitted_at: Option<Timestamp>,
    /// End of its life as an open dossier.
    pub ended_at: Option<Timestamp>,
    /// When an unsent draft goes.
    pub expires_at: Option<Timestamp>,
    /// What the transitions of its circuit gave (date of sending, number of copies, amount), by name of field.
    pub details: Answers,
    /// The decision, once made.
    pub decision: Option<Decision>,
    /// Who moved it last, for the sentence of a conflict.
    pub moved: Option<Moved>,
}

/// The number of a demand in the application it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The application ("service-public").
    pub source: String,
    /// Its own number.
    pub reference: String,
}

/// Who acts, when, and in which zone: what a move needs to know of the unit of work.
#[derive(Clone, Debug)]
pub struct Act {
    /// As screens name the actor.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Where, to say the hour of a conflict.
    pub zone: TimeZone,
}

/// Who moved a dossier last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// As screens name the actor.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted.
    Accepte,
    /// Refused.
    Refuse,
    /// Closed without a decision on the merits.
    SansSuite,
}

impl Outcome {
    /// The phase it leads to.
    pub fn phase(self) -> Phase {
        match self {
            Outcome::Accepte => Phase::Accepte,
            Outcome::Refuse => Phase::Refuse,
            Outcome::SansSuite => Phase::SansSuite,
        }
    }

    /// The word of the database, of forms and of the API.
    pub fn code(self) -> &'static str {
        self.phase().code()
    }

    /// Reads back [`Outcome::code`].
    pub fn from_code(code: &str) -> Option<Outcome> {
        [Outcome::Accepte, Outcome::Refuse, Outcome::SansSuite].into_iter().find(|outcome| outcome.code() == code)
    }

    /// The outcome a phase stands for.
    pub fn of(phase: Phase) -> Option<Outcome> {
        Outcome::from_code(phase.code())
    }
}

/// A decision, as kept with the dossier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Which way.
    pub outcome: Outcome,
    /// The code of the reason, among those of the package.
    pub motif: Option<String>,
    /// What the agent added in her own words.
    pub precision: Option<String>,
    /// Who signs: first name and name (L212-1).
    pub signer: String,
    /// As what: role, printed under the signature.
    pub role: String,
    /// When.
    pub at: Timestamp,
}

impl Dossier {
    /// May its author still change it?
    pub fn is_draft(&self) -> bool {
        self.phase == Phase::Brouillon
    }

    /// How screens quote it: its number, or nothing yet.
    pub fn number_text(&self) -> String {
        self.number.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// A refusal when an answer arrives after the deposit.
    pub fn must_be_draft(&self) -> Result<()> {
        if self.is_draft() {
            return Ok(());
        }
        Err(Error::conflict("already-submitted", "Votre demande est déjà envoyée. Pour la changer, écrivez au service depuis la page de suivi."))
    }

    /// The deposit: a number, a date, the state where its circuit begins.
    pub fn submit(&mut self, number: Numero, state: &str, now: Timestamp) -> Result<()> {
        self.must_be_draft()?;
        self.number = Some(number);
        self.submitted_at = Some(now);
        self.expires_at = None;
        self.saved_at = now;
        self.enter(Phase::Depose, state, now);
        Ok(())
    }

    /// The move to a state of the circuit; refused with who did what if the law forbids it.
    pub fn move_to(&mut self, phase: Phase, state: &str, act: &Act) -> Result<()> {
        if !phase::can_become(self.phase, phase) {
            return Err(self.conflict(&act.zone));
        }
        self.enter(phase, state, act.at);
        self.moved = Some(Moved { by: act.by.clone(), at: act.at });
        Ok(())
    }

    /// The decision: made once, while the dossier is open.
    pub fn decide(&mut self, decision: Decision, state: &str, act: &Act) -> Result<()> {
        if self.decision.is_some() || self.phase.is_ended() {
            return Err(self.conflict(&act.zone));
        }
        self.move_to(decision.outcome.phase(), state, act)?;
        self.decision = Some(decision);
        Ok(())
    }

    /// Changes each time somebody moves the dossier: what a page was drawn from.
    pub fn mark(&self) -> String {
        let moved = self.moved.as_ref().map_or(0, |moved| moved.at.as_microsecond());
        format!("{}.{moved}", self.state)
    }

    /// Withdrawal by the usager. Twice changes nothing.
    pub fn withdraw(&mut self, state: &str, act: &Act) -> Result<bool> {
        if self.phase == Phase::Retire {
            return Ok(false);
        }
        if self.phase == Phase::Brouillon || !phase::can_become(self.phase, Phase::Retire) {
            return Err(Error::conflict(
                "already-ended",
                "Cette demande est terminée : elle ne peut plus être retirée. Écrivez au service si vous voulez contester ou corriger.",
            ));
        }
        self.move_to(Phase::Retire, state, act)?;
        Ok(true)
    }

    /// "Nadia Roussel a déjà traité ce dossier."
    pub fn conflict(&self, zone: &TimeZone) -> Error {
        let who = self.moved.as_ref().map_or("Quelqu’un", |moved| moved.by.as_str());
        let code = if phase::is_decided(self.phase) { "already-decided" } else { "already-moved" };
        let what = match self.phase {
            Phase::Accepte => "a déjà accepté ce dossier",
            Phase::Refuse => "a déjà refusé ce dossier",
            Phase::SansSuite => "a déjà classé ce dossier sans suite",
            Phase::Retire => "a retiré cette demande",
            _ => "a changé l’état de ce dossier",
        };
        let when = self.moved.as_ref().map(|moved| format!(", le {}", long_moment(moved.at, zone))).unwrap_or_default();
        Error::conflict(code, format!("{who} {what}{when}. Rien d’autre n’a changé : relisez-le avant d’agir."))
    }

    fn enter(&mut self, phase: Phase, state: &str, now: Timestamp) {
        if phase.is_ended() && self.ended_at.is_none() {
            self.ended_at = Some(now);
        }
        self.phase = phase;
        self.state = state.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Dossier {
        let now: Timestamp = "2026-11-24T13:21:00Z".parse().unwrap();
        Dossier {
            id: DossierId::from(uuid::Uuid::from_u128(1)),
            number: None,
            slug: "aide-velo".into(),
            version: VersionId::from(uuid::Uuid::from_u128(2)),
            phase: Phase::Brouillon,
            state: String::new(),
            channel: Channel::Ligne,
            usager: None,
            compte: None,
            unit: None,
            agent: None,
            entered_by: None,
            answers: Answers::new(),
            origins: BTreeMap::new(),
            withheld: Vec::new(),
            contact_name: String::new(),
            contact_mail: None,
            file_key: Vec::new(),
            external: None,
            due: None,
            legal_on: None,
            created_at: now,
            saved_at: now,
            submitted_at: None,
            ended_at: None,
            expires_at: Some(now),
            details: Answers::new(),
            decision: None,
            moved: None,
        }
    }

    fn act(by: &str) -> Act {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        Act { by: by.into(), at: "2026-12-01T09:00:00Z".parse().unwrap(), zone }
    }

    fn submitted() -> Dossier {
        let mut dossier = draft();
        dossier.submit(Numero::new("VSA", 2026, 1), "recue", "2026-11-24T13:22:00Z".parse().unwrap()).unwrap();
        dossier
    }

    fn decision(outcome: Outcome) -> Decision {
        Decision {
            outcome,
            motif: Some("conditions".into()),
            precision: None,
            signer: "Hervé Tanguy".into(),
            role: "adjoint aux mobilités".into(),
            at: "2026-12-01T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_deposit_gives_number_date_and_no_expiry() {
        let dossier = submitted();
        assert_eq!(dossier.number_text(), "VSA-2026-000001");
        assert_eq!((dossier.phase, dossier.state.as_str()), (Phase::Depose, "recue"));
        assert!(dossier.submitted_at.is_some() && dossier.expires_at.is_none());
    }

    #[test]
    fn a_dossier_is_deposited_once() {
        let mut dossier = submitted();
        let again = dossier.submit(Numero::new("VSA", 2026, 2), "recue", dossier.saved_at);
        assert!(matches!(again, Err(Error::Conflict(problem)) if problem.code == "already-submitted"));
        assert_eq!(dossier.number_text(), "VSA-2026-000001");
    }

    #[test]
    fn a_decision_is_made_once() {
        let mut dossier = submitted();
        let drawn = dossier.mark();
        dossier.decide(decision(Outcome::Accepte), "accordee", &act("Nadia Roussel")).unwrap();
        assert!(dossier.decide(decision(Outcome::Accepte), "accordee", &act("Paul Guérin")).is_err());
        assert_eq!(dossier.moved.as_ref().unwrap().by, "Nadia Roussel");
        assert_ne!(dossier.mark(), drawn);
    }

    #[test]
    fn the_second_decision_says_who_made_the_first() {
        let mut dossier = submitted();
        dossier.decide(decision(Outcome::Accepte), "accordee", &act("Nadia Roussel")).unwrap();
        let Err(Error::Conflict(problem)) = dossier.decide(decision(Outcome::Refuse), "refusee", &act("Paul Guérin")) else {
            panic!("a second decision must conflict");
        };
        assert_eq!(problem.code, "already-decided");
        assert!(
            crate::words::plain(&problem.sentence).starts_with("Nadia Roussel a déjà accepté ce dossier, le 1er décembre 2026 à 10 h. Rien"),
            "{}",
            problem.sentence
        );
    }

    #[test]
    fn a_withdrawal_is_possible_until_the_decision() {
        let mut dossier = submitted();
        assert!(dossier.withdraw("retiree", &act("Inès Marchetti")).unwrap());
        assert!(!dossier.withdraw("retiree", &act("Inès Marchetti")).unwrap());
        let mut decided = submitted();
        decided.decide(decision(Outcome::Refuse), "refusee", &act("Nadia Roussel")).unwrap();
        assert!(decided.withdraw("retiree", &act("Inès Marchetti")).is_err());
    }
}

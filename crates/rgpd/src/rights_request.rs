//! Requests of a person about his own data (GDPR articles 15 to 21): recorded, with the legal month to answer.
//! What an answer changes in the data is done by the domain that holds them.

use jiff::{Timestamp, civil::Date};
use kernel::{Error, Event, PartenaireId, Result, RightsRequestId, Subject, Tx, UsagerId, calendar};
use serde::{Deserialize, Serialize};

use crate::{AUDIT, store};

/// Longest text of a request.
const LONGEST: usize = 4_000;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Article 17.
    Erasure,
    /// Article 16.
    Rectification,
    /// Article 21; made by `oppose`.
    Opposition,
    /// A reading that seems abnormal.
    Alert,
}

impl Kind {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Erasure, "effacement", "Effacement"),
        (Self::Rectification, "rectification", "Rectification"),
        (Self::Opposition, "opposition", "Opposition"),
        (Self::Alert, "lecture-anormale", "Lecture qui semble anormale"),
    ];

    /// Its stable code, in addresses too.
    pub fn code(self) -> &'static str {
        self.line().1
    }

    /// On screens.
    pub fn label(self) -> &'static str {
        self.line().2
    }

    /// The kind of a code, if there is one.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, of, _)| *of == code).map(|(kind, ..)| *kind)
    }

    fn line(self) -> (Self, &'static str, &'static str) {
        *Self::ALL.iter().find(|(kind, ..)| *kind == self).expect("every kind is in the table")
    }
}

/// A request and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct RightsRequest {
    /// The request.
    pub id: RightsRequestId,
    /// Who asks.
    pub usager: UsagerId,
    /// What.
    pub kind: Kind,
    /// For an opposition: whose reading.
    pub partenaire: Option<PartenaireId>,
    /// For an opposition: for which purpose.
    pub purpose: Option<String>,
    /// In the person's words.
    pub text: String,
    /// When.
    pub made_at: Timestamp,
    /// Last day to answer: one month (article 12.3).
    pub due_on: Date,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// Whether it was granted.
    pub is_granted: Option<bool>,
    /// The answer, or the reasons of the refusal.
    pub answer: Option<String>,
}

/// A person asked something about his data.
#[derive(Serialize)]
pub struct RightsRequestMade {
    usager: UsagerId,
    request: RightsRequestId,
    right: Kind,
    due_on: Date,
}

impl Event for RightsRequestMade {
    const KIND: &'static str = "RightsRequestMade";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// The person asks. `Invalid` when he says nothing of what, or too much; an opposition is made by `oppose`.
pub async fn ask_right(tx: &mut Tx, usager: UsagerId, kind: Kind, text: &str) -> Result<RightsRequest> {
    let text = text.trim();
    if kind == Kind::Opposition {
        return Err(Error::NotFound);
    }
    if text.is_empty() {
        return Err(Error::invalid("texte", "Dites en quelques mots ce que vous demandez, par exemple : effacer mon ancien numéro de téléphone."));
    }
    if text.chars().count() > LONGEST {
        return Err(Error::invalid("texte", "Raccourcissez votre texte : 4 000 caractères au plus."));
    }
    record(tx, usager, kind, None, text).await
}

/// The request that goes with an opposition.
pub(crate) async fn ask_about(tx: &mut Tx, usager: UsagerId, partenaire: PartenaireId, purpose: &str, text: &str) -> Result<RightsRequest> {
    record(tx, usager, Kind::Opposition, Some((partenaire, purpose)), text).await
}

async fn record(tx: &mut Tx, usager: UsagerId, kind: Kind, about: Option<(PartenaireId, &str)>, text: &str) -> Result<RightsRequest> {
    let request = RightsRequest {
        id: tx.new_id(),
        usager,
        kind,
        partenaire: about.map(|(partenaire, _)| partenaire),
        purpose: about.map(|(_, purpose)| purpose.to_owned()),
        text: text.to_owned(),
        made_at: tx.now(),
        due_on: calendar::add_months(tx.today(), 1),
        answered_at: None,
        is_granted: None,
        answer: None,
    };
    store::insert_request(tx, &request).await?;
    tx.emit(&RightsRequestMade { usager, request: request.id, right: kind, due_on: request.due_on }).await?;
    Ok(request)
}

/// One request; for jobs, which look at nobody's rights.
pub async fn request(tx: &mut Tx, id: RightsRequestId) -> Result<RightsRequest> {
    store::request(tx, id).await
}

/// The requests of a person, under all his identifiers, newest first, at most 100.
pub async fn requests_of(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<RightsRequest>> {
    store::requests_of(tx, ids).await
}

/// For who watches over data: requests that wait, the nearest date first, then the last answered.
pub async fn requests(tx: &mut Tx) -> Result<(Vec<RightsRequest>, Vec<RightsRequest>)> {
    tx.allow_any(AUDIT)?;
    Ok((store::waiting_requests(tx).await?, store::answered_requests(tx).await?))
}

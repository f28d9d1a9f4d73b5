//! `essais/`: recorded tries.

use super::Verdict;
use crate::package::flaw::Place;
use crate::package::reader::Located;
use serde_json::Value as Json;

/// A recorded try of the package.
#[derive(Clone, Debug)]
pub struct Essai {
    pub name: String,
    pub today: Option<jiff::civil::Date>,
    pub setting: Vec<(Located, Json)>,
    pub eligibility: Vec<(Located, Json)>,
    pub answers: Vec<(Located, Json)>,
    pub expected: Expected,
    pub place: Place,
}

/// What an essai expects; what it does not mention is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub verdict: Option<Verdict>,
    /// Id of the rule that answers.
    pub rule: Option<Located>,
    /// Id of the question asked next, when nothing is settled yet.
    pub next: Option<Located>,
    pub pages: Option<Vec<Located>>,
    /// Notes told on the way.
    pub notes: Option<Vec<Located>>,
    pub pieces: Option<Vec<Located>>,
    /// Questions refused when the whole is checked; an empty list: the demand can be sent.
    pub refused: Option<Vec<Located>>,
    pub computed: Vec<(Located, Json)>,
    /// Path of a liaison field → text sent, written `liaison:path`.
    pub sent: Vec<(Located, Json)>,
}

//! Facts and the record that they give. Pure: values in, values out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{DossierId, FactId};
use serde::{Deserialize, Serialize};

/// How sure a value is; a surer one is never replaced by a less sure one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Said by the person, signed in or not.
    Declared,
    /// Its control was proved: a mail address that answered.
    Confirmed,
    /// Read by an agent on a document.
    Seen,
    /// Given by a partner administration.
    Partner,
    /// Given by FranceConnect, corrected by the national register (RNIPP).
    Certified,
}

impl Level {
    const ALL: [(Self, i64, &'static str); 5] = [
        (Self::Declared, 1, "déclaré"),
        (Self::Confirmed, 2, "confirmé"),
        (Self::Seen, 3, "vu sur un document"),
        (Self::Partner, 4, "fourni par une administration"),
        (Self::Certified, 5, "certifié par FranceConnect"),
    ];

    /// As kept in the database; higher is surer.
    pub fn rank(self) -> i64 {
        self.line().1
    }

    /// On screens.
    pub fn label(self) -> &'static str {
        self.line().2
    }

    pub(crate) fn of_rank(rank: i64) -> Option<Self> {
        Self::ALL.iter().find(|(_, n, _)| *n == rank).map(|(level, ..)| *level)
    }

    fn line(self) -> (Self, i64, &'static str) {
        *Self::ALL.iter().find(|(level, ..)| *level == self).expect("every level is in the table")
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The person, in a dossier or in his account.
    Usager,
    /// An agent, from a document or at the counter.
    Agent,
    /// FranceConnect.
    FranceConnect,
    /// A partner administration.
    Partenaire,
    /// An import.
    Import,
}

impl Source {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usager => "usager",
            Self::Agent => "agent",
            Self::FranceConnect => "france_connect",
            Self::Partenaire => "partenaire",
            Self::Import => "import",
        }
    }

    pub(crate) fn of_code(code: &str) -> Option<Self> {
        [Self::Usager, Self::Agent, Self::FranceConnect, Self::Partenaire, Self::Import].into_iter().find(|s| s.code() == code)
    }
}

/// One value of one attribute, with its source, level and dates.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// The fact.
    pub id: FactId,
    /// Code of the attribute.
    pub attribute: String,
    /// As its kind keeps it.
    pub value: serde_json::Value,
    /// Who said it.
    pub source: Source,
    /// In words: "vous, dans la demande VSA-2026-004011".
    pub source_label: String,
    /// How sure it is.
    pub level: Level,
    /// The dossier it came with.
    pub dossier: Option<DossierId>,
    /// When it became known.
    pub recorded_at: Timestamp,
}

/// The value of an attribute today, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Golden {
    /// The fact that won.
    #[serde(flatten)]
    pub fact: Fact,
    /// Facts that say something else and are less sure or older: proposals.
    pub others: usize,
}

/// What is known of a person: attribute → value.
pub type Record = BTreeMap<String, Golden>;

/// The record that facts give: for each attribute the surest, then the latest. The identity is taken whole: when one
/// attribute of the pivot is certified, the others come from certified facts too, or stay unknown.
pub fn golden(facts: Vec<Fact>) -> Record {
    let is_certified = |f: &Fact| f.level == Level::Certified;
    let is_pivot = |f: &Fact| crate::attribute(&f.attribute).is_some_and(|a| a.is_pivot);
    let has_pivot = facts.iter().any(|f| is_certified(f) && is_pivot(f));
    let mut record = Record::new();
    for fact in facts {
        if has_pivot && is_pivot(&fact) && !is_certified(&fact) {
            continue;
        }
        match record.get_mut(&fact.attribute) {
            None => {
                record.insert(fact.attribute.clone(), Golden { fact, others: 0 });
            }
            Some(best) => {
                let differs = best.fact.value != fact.value;
                if (fact.level, fact.recorded_at, fact.id) > (best.fact.level, best.fact.recorded_at, best.fact.id) {
                    best.fact = fact;
                }
                best.others += usize::from(differs);
            }
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fact(attribute: &str, value: &str, level: Level, second: i64) -> Fact {
        Fact {
            id: FactId::from(uuid::Uuid::from_u128(second as u128)),
            attribute: attribute.into(),
            value: json!(value),
            source: Source::Usager,
            source_label: String::new(),
            level,
            dossier: None,
            recorded_at: Timestamp::from_second(second).expect("in range"),
        }
    }

    #[test]
    fn the_surest_wins_then_the_latest() {
        let record = golden(vec![
            fact("courriel", "a@exemple.fr", Level::Confirmed, 1),
            fact("courriel", "b@exemple.fr", Level::Declared, 2),
            fact("telephone", "1", Level::Declared, 1),
            fact("telephone", "2", Level::Declared, 2),
        ]);
        assert_eq!(record["courriel"].fact.value, json!("a@exemple.fr"));
        assert_eq!(record["courriel"].others, 1);
        assert_eq!(record["telephone"].fact.value, json!("2"));
    }

    #[test]
    fn a_certified_identity_is_not_mixed_with_declared_names() {
        let record = golden(vec![
            fact("nom_naissance", "DUBOIS", Level::Certified, 1),
            fact("prenoms", "Angela", Level::Declared, 2),
            fact("nom_usage", "Martin", Level::Declared, 2),
        ]);
        assert!(!record.contains_key("prenoms"));
        assert_eq!(record["nom_usage"].fact.value, json!("Martin"));
    }
}

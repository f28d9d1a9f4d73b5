//! Households: who lives with whom, in which role. A household says nothing of what its members are to each other.

use jiff::civil::Date;
use kernel::{Error, Event, FoyerId, Result, Subject, Tx, UsagerId};
use serde::{Deserialize, Serialize};

use crate::store;

/// What somebody is in a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoyerRole {
    /// Of age, or in charge.
    Adulte,
    /// Under age, or in the charge of the others.
    Enfant,
}

impl FoyerRole {
    /// Its stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Adulte => "adulte",
            Self::Enfant => "enfant",
        }
    }

    pub(crate) fn of_code(code: &str) -> Option<Self> {
        [Self::Adulte, Self::Enfant].into_iter().find(|role| role.code() == code)
    }
}

/// A member of a household.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// The person.
    pub usager: UsagerId,
    /// In which role.
    pub role: FoyerRole,
    /// Since when.
    pub since: Date,
}

/// A household was made or changed; it says who, not what they are to each other.
#[derive(Serialize)]
pub struct FoyerChanged {
    usager: UsagerId,
    foyer: FoyerId,
    members: Vec<UsagerId>,
}

impl Event for FoyerChanged {
    const KIND: &'static str = "FoyerChanged";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
    fn mentions(&self) -> Vec<Subject> {
        self.members.iter().filter(|member| **member != self.usager).map(|member| Subject::Usager(*member)).collect()
    }
}

/// Makes a household of these persons. `Invalid` when there is nobody.
pub async fn found_foyer(tx: &mut Tx, members: &[Member]) -> Result<FoyerId> {
    let first = members.first().ok_or_else(|| Error::invalid("members", "Un foyer a au moins une personne."))?;
    let foyer: FoyerId = tx.new_id();
    store::insert_foyer(tx, foyer).await?;
    for member in members {
        store::insert_member(tx, foyer, member).await?;
    }
    let members = members.iter().map(|member| member.usager).collect();
    tx.emit(&FoyerChanged { usager: first.usager, foyer, members }).await?;
    Ok(foyer)
}

/// Those who live today with a person, himself included; adults first, at most 50.
pub async fn foyer_of(tx: &mut Tx, ids: &[UsagerId]) -> Result<Vec<Member>> {
    store::members_with(tx, ids).await
}

//! What is known no more: values that a person took back, or that the collectivité erased at his request. They leave the
//! record at once, and the database a year later: until then a mistake can be undone.

use kernel::{Error, FactId, Result, RightsRequestId, Tx, UsagerId};
use rgpd::{RightsRequest, rights_request::Kind};

use crate::{Attribute, Fact, Level, Record, UsagerChanged, can_correct, read, store};

/// Whether the person may take this value back himself: he said it, and nothing stands on it. A name or a date of birth
/// is corrected; a demand that names nobody helps nobody.
pub fn can_take_back(record: &Record, attribute: &Attribute) -> bool {
    !attribute.is_pivot && record.contains_key(attribute.code) && can_correct(record, attribute)
}

/// The person takes back what he said. Twice changes nothing; `NotFound` for what is not his to take back.
pub async fn take_back(tx: &mut Tx, usager: UsagerId, attribute: &Attribute) -> Result<()> {
    let record = read::record(tx, usager).await?;
    if !record.contains_key(attribute.code) {
        return Ok(());
    }
    if !can_take_back(&record, attribute) {
        return Err(Error::NotFound);
    }
    withdraw(tx, usager, |fact| fact.attribute == attribute.code).await
}

/// The collectivité answers a request; what it erases goes with a request for erasure that is granted, whoever said it.
pub async fn answer_request(tx: &mut Tx, id: RightsRequestId, is_granted: bool, answer: &str, erased: &[&str]) -> Result<RightsRequest> {
    let request = rgpd::answer_right(tx, id, is_granted, answer).await?;
    if is_granted && request.kind == Kind::Erasure {
        withdraw(tx, request.usager, |fact| erased.contains(&fact.attribute.as_str())).await?;
    }
    Ok(request)
}

/// What a person said before he said otherwise.
pub(crate) async fn withdraw_former(tx: &mut Tx, usager: UsagerId, attribute: &str) -> Result<()> {
    let record = read::record(tx, usager).await?;
    let Some(stands) = record.get(attribute).map(|golden| golden.fact.id) else { return Ok(()) };
    withdraw(tx, usager, |fact| fact.attribute == attribute && fact.level == Level::Declared && fact.id != stands).await
}

async fn withdraw(tx: &mut Tx, usager: UsagerId, is_meant: impl Fn(&Fact) -> bool) -> Result<()> {
    let meant: Vec<Fact> = read::facts(tx, usager).await?.into_iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Ok(());
    }
    let ids: Vec<FactId> = meant.iter().map(|fact| fact.id).collect();
    store::withdraw_facts(tx, &ids).await?;
    let mut attributes: Vec<String> = meant.into_iter().map(|fact| fact.attribute).collect();
    attributes.sort();
    attributes.dedup();
    tx.emit(&UsagerChanged { usager, attributes }).await.map(drop)
}

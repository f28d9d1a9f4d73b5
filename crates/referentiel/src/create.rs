//! A person enters the référentiel: by an anonymous deposit (level "déclaré"), by an account, at the counter.
//! Never joined to another by mail alone.

use kernel::{CompteId, Result, Tx, UsagerId};

use crate::store;

/// What finds a person again: his name for agents, his mail address for mailed links.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// Birth or usage name.
    pub name: String,
    /// First names.
    pub given_names: String,
    /// Mail address, normalised.
    pub mail: Option<String>,
}

impl Identity {
    /// The normalised key of the search: name, first names, without accents nor case.
    pub fn search_key(&self) -> String {
        kinds::fold::search_key(&format!("{} {}", self.name, self.given_names))
    }
}

/// A new person, tied to an account when there is one.
pub async fn create(tx: &mut Tx, identity: &Identity, compte: Option<CompteId>) -> Result<UsagerId> {
    let id: UsagerId = tx.new_id();
    store::insert(tx, id, compte, &identity.search_key(), identity.mail.as_deref()).await?;
    Ok(id)
}

/// The person of an account, if he exists yet.
pub async fn of_compte(tx: &mut Tx, compte: CompteId) -> Result<Option<UsagerId>> {
    store::of_compte(tx, compte).await
}

/// Ties an account to a person who has none: by a mailed link or FranceConnect. `false` when he has one already.
pub async fn attach(tx: &mut Tx, usager: UsagerId, compte: CompteId) -> Result<bool> {
    store::attach(tx, usager, compte).await
}

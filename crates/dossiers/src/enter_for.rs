//! An agent enters a demand for somebody: at the counter, on the phone, from a letter. The person was searched first;
//! the form is the usager's own, and no mail address is asked of anybody.

use kernel::crypto::Keys;
use kernel::{Error, Result, Tx, UsagerId};
use referentiel::Identity;
use teleservices::Version;

use crate::channel::Channel;
use crate::model::Dossier;
use crate::rights::ENTER;
use crate::save_page::Texts;
use crate::start::{Start, start};

/// For whom.
pub enum Person {
    /// Somebody the registry knows.
    Known(UsagerId),
    /// Somebody it does not: a record of his own, with his name.
    New(Identity),
}

/// Begins the draft that the agent will fill.
pub async fn enter_for(tx: &mut Tx, keys: &Keys, version: &Version, channel: Channel, person: Person) -> Result<Dossier> {
    tx.allow_any(ENTER)?;
    if !channel.is_entered_by_agent() {
        return Err(Error::invalid("canal", "Choisissez : au guichet, par téléphone ou par courrier."));
    }
    let usager = match person {
        Person::Known(usager) => usager,
        Person::New(identity) if identity.name.trim().is_empty() => {
            return Err(Error::invalid("nom", "Écrivez au moins le nom de la personne."));
        }
        Person::New(identity) => referentiel::create(tx, &identity, None).await?,
    };
    start(tx, keys, Start { version, channel, usager: Some(usager), key_hash: None, given: Texts::new() }).await
}

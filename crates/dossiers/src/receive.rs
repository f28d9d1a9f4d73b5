//! A demand that another application hands over whole (the State's site): a dossier in the same inbox, once. What the
//! package refuses of it is left out and told, for an agent to see to: it is never lost nor sent back.

use kernel::crypto::Keys;
use kernel::{FieldErrors, Result, Tenant, Tx};
use teleservices::Version;
use teleservices::engine::Answers;

use crate::channel::Channel;
use crate::model::{Dossier, External};
use crate::numero::Numero;
use crate::save_page::Texts;
use crate::start::{Start, start};
use crate::store;
use crate::submit::deposit;

/// What came.
pub struct Receive<'a> {
    /// The version on line of the téléservice it is for.
    pub version: &'a Version,
    /// Its number there: a second arrival changes nothing.
    pub external: External,
    /// Its answers, in the words of the package.
    pub answers: &'a Answers,
    /// A number taken beforehand.
    pub number: Numero,
}

/// Receives. The second time, the first dossier is given back.
pub async fn receive(tx: &mut Tx, tenant: &Tenant, keys: &Keys, input: Receive<'_>) -> Result<(Dossier, FieldErrors)> {
    if let Some(known) = store::dossier::by_external(tx, &input.external).await? {
        return Ok((known, FieldErrors::new()));
    }
    let setting = input.version.setting(tx.today(), false);
    let checked = input.version.package.accept(input.answers, &setting);
    let begin = Start { version: input.version, channel: Channel::ServicePublic, usager: None, key_hash: None, given: Texts::new() };
    let mut dossier = start(tx, keys, begin).await?;
    dossier.external = Some(input.external);
    dossier.answers = checked.answers;
    store::dossier::save_external(tx, &dossier).await?;
    let answers = dossier.answers.clone();
    let dossier = deposit(tx, tenant, input.version, dossier, answers, input.number).await?;
    Ok((dossier, checked.errors))
}

//! The deposit: what was filled is checked whole against the version it was begun with, frozen, numbered, dated, and
//! the news goes to all who react to it. Pressing twice, or coming back and sending again, makes one dossier.

use kernel::{DossierId, Error, Result, Tenant, Tx, UsagerId};
use referentiel::Identity;
use teleservices::Version;
use teleservices::engine::Answers;

use crate::adopt::take;
use crate::events::DossierSubmitted;
use crate::filling::Filling;
use crate::model::Dossier;
use crate::numero::Numero;
use crate::{course, store, version};

/// What the last page sends.
pub struct Submit<'a> {
    /// The draft.
    pub id: DossierId,
    /// The version it keeps, read beforehand: it never changes.
    pub version: &'a Version,
    /// A number taken beforehand; lost if the demand was already sent.
    pub number: Numero,
    /// Attributes the usager does not want to give to the registry.
    pub withheld: Vec<String>,
}

/// Deposits. `Invalid` names the questions and pieces to see again; nothing is written then.
pub async fn submit(tx: &mut Tx, tenant: &Tenant, input: Submit<'_>) -> Result<Dossier> {
    let mut dossier = store::dossier::lock(tx, input.id).await?;
    if !dossier.is_draft() {
        return Ok(dossier);
    }
    let version = input.version;
    if version.id != dossier.version {
        return Err(Error::internal("a dossier checked against a version that is not its own"));
    }
    let package = &version.package;
    let pieces = match package.pieces.is_empty() {
        true => Vec::new(),
        false => store::piece::of_dossier(tx, dossier.id).await?,
    };
    let setting = version::setting(version, &dossier, tx.today());
    let answers = Filling::new(package, &setting, &dossier.answers).check(&pieces).map_err(Error::Invalid)?;
    dossier.withheld = input.withheld;
    take(tx, &mut dossier).await?;
    deposit(tx, tenant, version, dossier, answers, input.number).await
}

/// Freezes what was checked and tells the world.
pub(crate) async fn deposit(
    tx: &mut Tx,
    tenant: &Tenant,
    version: &Version,
    mut dossier: Dossier,
    answers: Answers,
    number: Numero,
) -> Result<Dossier> {
    let package = &version.package;
    let setting = version::setting(version, &dossier, tx.today());
    let contact = Filling::new(package, &setting, &answers).contact();
    dossier.answers = answers;
    dossier.contact_name = contact.name.unwrap_or(dossier.contact_name);
    dossier.contact_mail = contact.mail.or(dossier.contact_mail);
    let usager = person(tx, &mut dossier).await?;
    let start = version::start_state(package)?;
    dossier.submit(number, &start.id, tx.now())?;
    let clocks = course::clocks(tenant, package, &dossier, &[], tx.today());
    (dossier.due, dossier.legal_on) = (clocks.nearest(), clocks.legal_on());

    store::dossier::save_submitted(tx, &dossier).await?;
    store::counter::shift(tx, None, store::counter::key_of(&dossier)).await?;
    tx.emit(&DossierSubmitted {
        dossier: dossier.id,
        usager,
        teleservice: dossier.slug.clone(),
        version: dossier.version,
        channel: dossier.channel.code(),
        to: dossier.state.clone(),
    })
    .await?;
    Ok(dossier)
}

/// Whose demand it is. Somebody who is not signed in gets a record of his own, with nothing but what finds it again: it
/// is never joined to another by a mail address alone.
async fn person(tx: &mut Tx, dossier: &mut Dossier) -> Result<UsagerId> {
    if let Some(usager) = dossier.usager {
        return Ok(usager);
    }
    let identity = Identity { name: dossier.contact_name.clone(), given_names: String::new(), mail: dossier.contact_mail.clone() };
    let usager = referentiel::create(tx, &identity, None).await?;
    dossier.usager = Some(usager);
    Ok(usager)
}

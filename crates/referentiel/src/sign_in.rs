//! The person behind an account: the one tied to it, else the one who left this same address without account, else a
//! new one. The caller holds the proof that the account is his who signs in.

use comptes::Compte;
use kernel::{Actor, Result, Tx, UsagerId};

use crate::{Identity, Record, create, read, store};

/// The actor that an account becomes.
pub async fn actor_of_compte(tx: &mut Tx, compte: &Compte) -> Result<Actor> {
    let usager = usager_of(tx, compte).await?;
    let record = read::record(tx, usager).await?;
    let name = name_of(&record).or_else(|| compte.mail.clone()).unwrap_or_else(|| "Mon compte".into());
    Ok(Actor::Usager { compte: compte.id, usager, name })
}

async fn usager_of(tx: &mut Tx, compte: &Compte) -> Result<UsagerId> {
    if let Some(usager) = store::of_compte(tx, compte.id).await? {
        return Ok(usager);
    }
    // Whoever answers at the address may have what was sent with it. Two persons may share an address: then nobody
    // can say which of them this is, and both are left to a human.
    if let Some(mail) = compte.mail.as_deref().filter(|_| compte.is_mail_confirmed) {
        let left = store::unattached_of_mail(tx, mail).await?;
        if let [only] = left[..]
            && create::attach(tx, only, compte.id).await?
        {
            return Ok(only);
        }
    }
    let identity = Identity { mail: compte.mail.clone(), ..Identity::default() };
    create::create(tx, &identity, Some(compte.id)).await
}

/// First of the first names, then the usage name, else the birth name.
fn name_of(record: &Record) -> Option<String> {
    let text = |code: &str| record.get(code).and_then(|golden| golden.fact.value.as_str());
    let given = text("prenoms").and_then(|names| names.split_whitespace().next());
    let family = text("nom_usage").or(text("nom_naissance"));
    match (given, family) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (given, family) => given.or(family).map(ToOwned::to_owned),
    }
}

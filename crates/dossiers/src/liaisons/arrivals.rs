//! Demands that arrive as files from another application (the State's site). Which value answers which question is in
//! the package (`[[arrivee]]`); here the dossier is made, once. Tolerant: what the package does not place is left to
//! the agent in a note; only a file that is no demand at all is refused.

use std::sync::Arc;

use echanges::{Around, Inbound, IncomingFile, Work};
use kernel::{Actor, DossierId, Error, Result, Tx, crypto};
use teleservices::Version;
use teleservices::engine::Arrived;

use crate::model::External;
use crate::numero::Numero;
use crate::receive::{Receive, receive};
use crate::{numbers, store, thread};

/// Reads the files of any application that a package knows.
pub struct Arrivals;

impl Inbound for Arrivals {
    fn name(&self) -> &'static str {
        "demandes"
    }

    fn label(&self) -> String {
        "Des demandes, lues comme les démarches le disent".into()
    }

    fn prepare<'a>(&'a self, around: &'a Around) -> Work<'a, String> {
        Box::pin(async move {
            let scope = around.tenant.scope(Actor::system("arrivees"));
            Ok(numbers::take(&around.app, &scope, &around.tenant).await?.to_string())
        })
    }

    fn receive<'a>(&'a self, around: &'a Around, tx: &'a mut Tx, file: &'a IncomingFile) -> Work<'a, DossierId> {
        Box::pin(async move {
            let (version, arrived) = read(tx, file).await?;
            make(around, tx, file, &version, arrived).await
        })
    }
}

/// The démarche on line that reads this file, and what it reads.
async fn read(tx: &mut Tx, file: &IncomingFile) -> Result<(Arc<Version>, Arrived)> {
    let mut why = Error::refused("no-reader", "Aucune démarche en ligne ne lit les fichiers de cette application.");
    for (row, is_online) in teleservices::teleservices(tx).await? {
        if !is_online {
            continue;
        }
        let version = teleservices::version(tx, row.id).await?;
        let Some(arrival) = version.package.arrival_from(&file.slug) else { continue };
        match version.package.arrive(arrival, &file.bytes, &version.setting(tx.today(), false)) {
            Ok(arrived) => return Ok((version, arrived)),
            Err(error) => why = error,
        }
    }
    Err(why)
}

async fn make(around: &Around, tx: &mut Tx, file: &IncomingFile, version: &Version, arrived: Arrived) -> Result<DossierId> {
    if arrived.answers.is_empty() {
        return Err(Error::refused("not-a-demand", "Ce fichier n’est pas une demande : aucune réponse n’y a été trouvée."));
    }
    // Without an identifier of the sender, its content names it.
    let reference = arrived.identifier.unwrap_or_else(|| crypto::hex(&crypto::sha256(&file.bytes)[..16]));
    let external = External { source: file.slug.clone(), reference };
    let number = Numero::parse(&file.prepared).ok_or_else(|| Error::internal("a number that is none"))?;
    let input = Receive { version, external, answers: &arrived.answers, number };
    let (dossier, refused) = receive(tx, &around.tenant, &around.app.keys, input).await?;
    let unread = arrived.unread.into_iter().map(|(path, text)| format!("{path} : {text}"));
    let refused = refused.0.into_iter().map(|error| format!("{} : {}", error.field, error.sentence));
    let lines: Vec<String> = unread.chain(refused).collect();
    if !lines.is_empty() {
        note(tx, dossier.id, &lines).await?;
    }
    Ok(dossier.id)
}

async fn note(tx: &mut Tx, dossier: DossierId, lines: &[String]) -> Result<()> {
    let text = format!("Cette demande contenait des informations à vérifier ou à compléter :\n{}", lines.join("\n"));
    let note = thread::Note {
        id: kernel::ids::Id::uuid(tx.new_id::<kernel::EventId>()),
        dossier,
        author: "Arrivée d’un fichier".into(),
        text: text.chars().take(4_000).collect(),
        written_at: tx.now(),
    };
    store::thread::insert_note(tx, &note).await
}

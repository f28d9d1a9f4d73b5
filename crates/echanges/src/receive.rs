//! Makes a dossier of a file that an application left, once by content and by identifier, in one unit of work. The file
//! itself is moved by the job, after the commit; a crash in between finds the content known and only moves it.

use kernel::{DossierId, Error, Result, Tx, crypto};

use crate::{Around, FileReceived, Inbound, IncomingFile, store, store::ArrivedFile};

/// Makes the dossier, or gives the one that this file made before. The errors of the reader pass through.
pub(crate) async fn receive(tx: &mut Tx, around: &Around, reader: &dyn Inbound, file: &IncomingFile) -> Result<DossierId> {
    let fingerprint = fingerprint(&file.bytes);
    let identifier = reader.identifier(file);
    if let Some(known) = store::accepted_file(tx, file.application, &fingerprint, identifier.as_deref()).await? {
        return Ok(known);
    }
    let dossier = reader.receive(around, tx, file).await?;
    let arrived = ArrivedFile {
        fingerprint: fingerprint.clone(),
        identifier,
        name: file.name.clone(),
        is_accepted: true,
        reason: String::new(),
        dossier: Some(dossier),
    };
    store::save_file(tx, file.application, &arrived).await?;
    tx.emit(&FileReceived { application: file.application, dossier: Some(dossier), fingerprint }).await?;
    Ok(dossier)
}

/// Keeps that a file was refused, and why.
pub(crate) async fn refuse(tx: &mut Tx, file: &IncomingFile, reason: &str) -> Result<()> {
    let fingerprint = fingerprint(&file.bytes);
    let arrived = ArrivedFile {
        fingerprint: fingerprint.clone(),
        identifier: None,
        name: file.name.clone(),
        is_accepted: false,
        reason: reason.to_owned(),
        dossier: None,
    };
    store::save_file(tx, file.application, &arrived).await?;
    tx.emit(&FileReceived { application: file.application, dossier: None, fingerprint }).await.map(drop)
}

/// The sentence of an error that the sender of the file can mend; nothing when it is not his fault.
pub(crate) fn refusal(error: &Error) -> Option<String> {
    match error {
        Error::Refused(problem) | Error::Conflict(problem) | Error::Gone(problem) | Error::TooLarge(problem) | Error::Denied(problem) => {
            Some(problem.sentence.clone())
        }
        Error::Invalid(errors) => Some(errors.0.iter().map(|error| format!("{} : {}", error.field, error.sentence)).collect::<Vec<_>>().join("\n")),
        _ => None,
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    crypto::hex(&crypto::sha256(bytes))
}

//! One message between the usager and the service, and one private note of the agents.

use kernel::{Actor, DossierId, Error, MessageId, Result, Tx};

use crate::events::MessageWritten;
use crate::rights::{self, INSTRUCT, READ};
use crate::store;
use crate::thread::{Author, Message, Note, written};

/// Writes in the thread of a deposited dossier. An usager's side has been checked by the caller.
pub async fn write_message(tx: &mut Tx, id: DossierId, text: &str) -> Result<Message> {
    let dossier = store::dossier::lock(tx, id).await?;
    let author = match tx.actor() {
        Actor::Agent(_) => {
            rights::allow(tx, INSTRUCT, &dossier)?;
            Author::Service
        }
        Actor::Usager { .. } | Actor::Visitor => Author::Usager,
        _ => return Err(Error::Forbidden(INSTRUCT.0)),
    };
    if dossier.is_draft() {
        return Err(Error::conflict("not-submitted", "Envoyez d’abord votre demande : le service ne voit pas un brouillon."));
    }
    let message = Message {
        id: tx.new_id::<MessageId>(),
        dossier: id,
        author,
        author_name: rights::actor_name(tx.actor(), &dossier),
        text: written("message", text)?,
        written_at: tx.now(),
        read_at: None,
    };
    store::thread::insert_message(tx, &message).await?;
    tx.emit(&MessageWritten { dossier: id, message: message.id, author: author.code() }).await?;
    Ok(message)
}

/// Notes that one side has read what the other wrote.
pub async fn mark_read(tx: &mut Tx, id: DossierId, reader: Author) -> Result<u64> {
    let now = tx.now();
    store::thread::mark_read(tx, id, reader.other(), now).await
}

/// Keeps a private note: agents read it, and the person if he asks for what we hold about him.
pub async fn add_note(tx: &mut Tx, id: DossierId, text: &str) -> Result<Note> {
    let dossier = store::dossier::load(tx, id).await?;
    rights::allow(tx, READ, &dossier)?;
    let note = Note {
        id: kernel::ids::Id::uuid(tx.new_id::<kernel::EventId>()),
        dossier: id,
        author: rights::actor_name(tx.actor(), &dossier),
        text: written("note", text)?,
        written_at: tx.now(),
    };
    store::thread::insert_note(tx, &note).await?;
    Ok(note)
}

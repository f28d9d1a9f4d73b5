//! The rows of `message`, `note` and `courrier`.

use jiff::Timestamp;
use kernel::{CourrierId, DossierId};
use kernel::{Error, Result, Row, Tx, params};

use crate::thread::{Author, Courrier, Message, Note};

/// Keeps a message.
pub(crate) async fn insert_message(tx: &mut Tx, message: &Message) -> Result<()> {
    tx.run_soon(
        "insert into message (tenant_id, id, dossier_id, author, author_name, text, written_at) values ($1, $2, $3, $4, $5, $6, $7)",
        params![message.id, message.dossier, message.author.code(), message.author_name.clone(), message.text.clone(), message.written_at],
    )
    .await
}

/// The messages of a dossier, oldest first; the newest five hundred.
pub(crate) async fn messages(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Message>> {
    let rows = tx
        .all(
            "select id, dossier_id, author, author_name, text, written_at, read_at from message \
             where tenant_id = $1 and dossier_id = $2 order by id desc limit 500",
            params![dossier],
        )
        .await?;
    rows.iter().rev().map(read_message).collect()
}

/// Marks as read what the other side wrote.
pub(crate) async fn mark_read(tx: &mut Tx, dossier: DossierId, author: Author, at: Timestamp) -> Result<u64> {
    tx.run(
        "update message set read_at = $4 where tenant_id = $1 and dossier_id = $2 and author = $3 and read_at is null",
        params![dossier, author.code(), at],
    )
    .await
}

/// Keeps a note.
pub(crate) async fn insert_note(tx: &mut Tx, note: &Note) -> Result<()> {
    tx.run_soon(
        "insert into note (tenant_id, id, dossier_id, author, text, written_at) values ($1, $2, $3, $4, $5, $6)",
        params![note.id, note.dossier, note.author.clone(), note.text.clone(), note.written_at],
    )
    .await
}

/// The notes of a dossier, oldest first; the newest five hundred.
pub(crate) async fn notes(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Note>> {
    let rows = tx
        .all(
            "select id, dossier_id, author, text, written_at from note where tenant_id = $1 and dossier_id = $2 \
             order by id desc limit 500",
            params![dossier],
        )
        .await?;
    rows.iter().rev().map(read_note).collect()
}

/// Keeps a letter.
pub(crate) async fn insert_courrier(tx: &mut Tx, courrier: &Courrier) -> Result<()> {
    tx.run_soon(
        "insert into courrier (tenant_id, id, dossier_id, model, title, file_id, size, produced_at, sent_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            courrier.id,
            courrier.dossier,
            courrier.model.clone(),
            courrier.title.clone(),
            courrier.file,
            courrier.size,
            courrier.produced_at,
            courrier.sent_at
        ],
    )
    .await
}

/// The letters of a dossier, oldest first.
pub(crate) async fn courriers(tx: &mut Tx, dossier: DossierId) -> Result<Vec<Courrier>> {
    let rows = tx
        .all(
            "select id, dossier_id, model, title, file_id, size, produced_at, sent_at from courrier \
             where tenant_id = $1 and dossier_id = $2 order by id",
            params![dossier],
        )
        .await?;
    rows.iter().map(read_courrier).collect()
}

/// Notes when a letter went out.
pub(crate) async fn mark_sent(tx: &mut Tx, id: CourrierId, at: Timestamp) -> Result<()> {
    let n = tx.run("update courrier set sent_at = $3 where tenant_id = $1 and id = $2", params![id, at]).await?;
    if n == 0 { Err(Error::NotFound) } else { Ok(()) }
}

fn read_message(row: &Row) -> Result<Message> {
    let author: String = row.get("author")?;
    Ok(Message {
        id: row.get("id")?,
        dossier: row.get("dossier_id")?,
        author: if author == Author::Usager.code() { Author::Usager } else { Author::Service },
        author_name: row.get("author_name")?,
        text: row.get("text")?,
        written_at: row.get("written_at")?,
        read_at: row.get("read_at")?,
    })
}

fn read_note(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        dossier: row.get("dossier_id")?,
        author: row.get("author")?,
        text: row.get("text")?,
        written_at: row.get("written_at")?,
    })
}

fn read_courrier(row: &Row) -> Result<Courrier> {
    Ok(Courrier {
        id: row.get("id")?,
        dossier: row.get("dossier_id")?,
        model: row.get("model")?,
        title: row.get("title")?,
        file: row.get("file_id")?,
        size: row.get("size")?,
        produced_at: row.get("produced_at")?,
        sent_at: row.get("sent_at")?,
    })
}

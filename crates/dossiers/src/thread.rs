//! What is written around a dossier, as values: messages that the usager and the service exchange, the agents'
//! private notes, the letters that were produced.

use jiff::Timestamp;
use kernel::{CourrierId, DossierId, FileId, MessageId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest message, in characters.
pub const MAX_MESSAGE: usize = 5_000;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The usager.
    Usager,
    /// An agent, in the name of the service.
    Service,
}

impl Author {
    /// The word kept in the database.
    pub fn code(self) -> &'static str {
        match self {
            Author::Usager => "usager",
            Author::Service => "service",
        }
    }

    /// The other side, who reads.
    pub fn other(self) -> Author {
        match self {
            Author::Usager => Author::Service,
            Author::Service => Author::Usager,
        }
    }
}

/// One message, read by both sides.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its identifier.
    pub id: MessageId,
    /// Its dossier.
    pub dossier: DossierId,
    /// Which side wrote it.
    pub author: Author,
    /// The name both sides read (L111-2).
    pub author_name: String,
    /// What it says.
    pub text: String,
    /// When.
    pub written_at: Timestamp,
    /// When the other side read it.
    pub read_at: Option<Timestamp>,
}

/// One private note of the agents.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its identifier.
    pub id: Uuid,
    /// Its dossier.
    pub dossier: DossierId,
    /// Who wrote it.
    pub author: String,
    /// What it says.
    pub text: String,
    /// When.
    pub written_at: Timestamp,
}

/// One letter or receipt.
#[derive(Clone, Debug)]
pub struct Courrier {
    /// Its identifier.
    pub id: CourrierId,
    /// Its dossier.
    pub dossier: DossierId,
    /// `accuse`, or a model of the package.
    pub model: String,
    /// Its title, as screens list it.
    pub title: String,
    /// The PDF.
    pub file: FileId,
    /// Bytes.
    pub size: i64,
    /// When it was drawn.
    pub produced_at: Timestamp,
    /// When it went out.
    pub sent_at: Option<Timestamp>,
}

/// The model of the acknowledgement, beside those of the packages.
pub const ACCUSE: &str = "accuse";

/// Trims what somebody wrote; refuses emptiness and excess under the field's name.
pub fn written(field: &str, text: &str) -> Result<String> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Error::invalid(field, "Écrivez votre texte avant de l’envoyer."));
    }
    let length = text.chars().count();
    if length > MAX_MESSAGE {
        let sentence = format!("Votre texte a {length} caractères, la limite est de {MAX_MESSAGE}. Raccourcissez-le ou envoyez-le en deux fois.");
        return Err(Error::invalid(field, sentence));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_refused_and_a_long_one_too() {
        assert!(matches!(written("message", " \r\n "), Err(Error::Invalid(_))));
        assert!(matches!(written("message", &"é".repeat(MAX_MESSAGE + 1)), Err(Error::Invalid(_))));
        assert_eq!(written("message", " Bonjour,\r\nmerci ").unwrap(), "Bonjour,\nmerci");
        assert_eq!(written("message", &"é".repeat(MAX_MESSAGE)).unwrap().chars().count(), MAX_MESSAGE);
    }
}

//! The events of a dossier, as the journal keeps them: ids, codes, dates and names of attributes, never a
//! name, an answer or a text, so that erasing a person leaves the journal whole.

use jiff::civil::Date;
use kernel::journal::{Event, Subject};
use kernel::{CourrierId, DossierId, MessageId, OrgUnitId, PieceId, UsagerId, VersionId};
use serde::Serialize;

/// Declares events whose subject is their dossier.
macro_rules! dossier_events {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Serialize)]
            pub struct $name {
                /// The dossier.
                pub dossier: DossierId,
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl Event for $name {
                const KIND: &'static str = stringify!($name);

                fn subject(&self) -> Subject {
                    Subject::Dossier(self.dossier)
                }
            }
        )*
    };
}

dossier_events! {
    /// A draft was begun.
    DossierStarted {
        /// The téléservice.
        teleservice: String,
        /// The version it will keep.
        version: VersionId,
        /// By which door.
        channel: &'static str,
    }
    /// It went from one state of its circuit to another.
    DossierMoved {
        /// The téléservice.
        teleservice: String,
        /// The transition of the circuit.
        transition: String,
        /// From which state.
        from: String,
        /// To which state.
        to: String,
        /// The phase of the new state.
        phase: &'static str,
    }
    /// A decision was made.
    DossierDecided {
        /// The téléservice.
        teleservice: String,
        /// Which way.
        outcome: &'static str,
        /// The transition of the circuit.
        transition: String,
        /// The state it led to.
        to: String,
        /// The code of the reason.
        motif: Option<String>,
    }
    /// The usager withdrew it.
    DossierWithdrawn {
        /// The téléservice.
        teleservice: String,
        /// The transition of the circuit.
        transition: String,
        /// The state it led to.
        to: String,
    }
    /// Pieces were asked for (L114-5).
    PieceAsked {
        /// The transition of the circuit; none when the dossier waited already.
        transition: Option<String>,
        /// Codes of the pieces.
        pieces: Vec<String>,
        /// The time given.
        reply_before: Date,
        /// Does the legal clock follow?
        required: bool,
    }
    /// The usager answered a request for pieces.
    RequestAnswered {
        /// The transition of the circuit; none when the circuit has none for it.
        transition: Option<String>,
        /// Codes of the pieces.
        pieces: Vec<String>,
    }
    /// A file was added.
    PieceAdded {
        /// Its piece.
        piece: PieceId,
        /// The code of the piece in the package.
        code: String,
    }
    /// A file was removed by its author.
    PieceRemoved {
        /// Its piece.
        piece: PieceId,
        /// The code of the piece in the package.
        code: String,
    }
    /// An agent gave her verdict on a piece.
    PieceJudged {
        /// Its piece.
        piece: PieceId,
        /// The code of the piece in the package.
        code: String,
        /// Accepted or refused.
        verdict: &'static str,
    }
    /// A message was written.
    MessageWritten {
        /// The message.
        message: MessageId,
        /// By the usager or by the service.
        author: &'static str,
    }
    /// A letter was produced and sent.
    CourrierSent {
        /// The letter.
        courrier: CourrierId,
        /// The model in the package.
        model: String,
    }
    /// The acknowledgement went out.
    AccuseSent {
        /// By `mail` or by `poste`.
        by: &'static str,
    }
    /// An agent took charge of it, or gave it to a team.
    DossierAssigned {
        /// The team.
        unit: Option<OrgUnitId>,
    }
}

/// Somebody of the service read it: its usager reads so among the readings of his data.
#[derive(Clone, Debug, Serialize)]
pub struct DossierRead {
    /// The dossier.
    pub dossier: DossierId,
    /// Whose it is, when it is somebody's.
    pub usager: Option<UsagerId>,
    /// Which part ("dossier", a piece).
    pub part: String,
}

impl Event for DossierRead {
    const KIND: &'static str = "DossierRead";

    fn subject(&self) -> Subject {
        Subject::Dossier(self.dossier)
    }

    fn mentions(&self) -> Vec<Subject> {
        self.usager.map(Subject::Usager).into_iter().collect()
    }
}

/// A demand was deposited: the news everything else follows from.
#[derive(Clone, Debug, Serialize)]
pub struct DossierSubmitted {
    /// The dossier.
    pub dossier: DossierId,
    /// Whose it is.
    pub usager: UsagerId,
    /// The téléservice.
    pub teleservice: String,
    /// The version it keeps.
    pub version: VersionId,
    /// By which door.
    pub channel: &'static str,
    /// The state its circuit begins with.
    pub to: String,
}

impl Event for DossierSubmitted {
    const KIND: &'static str = "DossierSubmitted";

    fn subject(&self) -> Subject {
        Subject::Dossier(self.dossier)
    }
}

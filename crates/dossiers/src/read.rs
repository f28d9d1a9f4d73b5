//! All that the page of a dossier shows to an agent, read at once; reading is a line of the journal all the same.

use kernel::{DossierId, Result, Tenant, Tx};
use std::sync::Arc;
use teleservices::Version;

use crate::delai::Clocks;
use crate::events::DossierRead;
use crate::model::Dossier;
use crate::numero::Numero;
use crate::piece::{Piece, PieceRequest};
use crate::rights::{self, READ};
use crate::thread::{Courrier, Message, Note};
use crate::timeline::{Happened, timeline};
use crate::{course, store, version};

/// A dossier and all that hangs on it.
pub struct Whole {
    /// The dossier.
    pub dossier: Dossier,
    /// The version it keeps.
    pub version: Arc<Version>,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// The requests made about it.
    pub requests: Vec<PieceRequest>,
    /// Its messages.
    pub messages: Vec<Message>,
    /// Its private notes.
    pub notes: Vec<Note>,
    /// Its letters.
    pub courriers: Vec<Courrier>,
    /// What happened.
    pub happened: Vec<Happened>,
    /// Its clocks today.
    pub clocks: Clocks,
}

/// Reads a whole dossier; `Forbidden` outside the teams of the agent.
pub async fn whole(tx: &mut Tx, tenant: &Tenant, id: DossierId) -> Result<Whole> {
    let dossier = store::dossier::load(tx, id).await?;
    rights::allow(tx, READ, &dossier)?;
    let version = version::of(tx, dossier.version).await?;
    let requests = store::piece::requests(tx, id).await?;
    Ok(Whole {
        pieces: store::piece::of_dossier(tx, id).await?,
        messages: store::thread::messages(tx, id).await?,
        notes: store::thread::notes(tx, id).await?,
        courriers: store::thread::courriers(tx, id).await?,
        happened: timeline(tx, &version.package, &dossier).await?,
        clocks: course::clocks(tenant, &version.package, &dossier, &requests, tx.today()),
        requests,
        version,
        dossier,
    })
}

/// One piece, for whoever may read its dossier.
pub async fn piece(tx: &mut Tx, id: DossierId, piece: kernel::PieceId) -> Result<(Dossier, Piece)> {
    let dossier = store::dossier::load(tx, id).await?;
    rights::allow(tx, READ, &dossier)?;
    let piece = store::piece::load(tx, id, piece).await?;
    Ok((dossier, piece))
}

/// What people call these dossiers: number ("Brouillon" before the deposit) and démarche.
pub async fn numbers(tx: &mut Tx, ids: &[DossierId]) -> Result<Vec<(DossierId, String, String)>> {
    let found = store::dossier::numbers(tx, ids).await?;
    Ok(found.into_iter().map(|(id, number, slug)| (id, number.unwrap_or_else(|| "Brouillon".into()), slug)).collect())
}

/// The dossier of the number that somebody typed.
pub async fn by_number(tx: &mut Tx, typed: &str) -> Result<Option<DossierId>> {
    let Some(number) = Numero::parse(typed) else { return Ok(None) };
    Ok(store::dossier::by_number(tx, &number).await?.map(|dossier| dossier.id))
}

/// The journal line of a reading: the dossier, or the code of a piece.
pub async fn note_reading(tx: &mut Tx, id: DossierId, part: &str) -> Result<()> {
    let usager = store::dossier::load(tx, id).await?.usager;
    tx.emit(&DossierRead { dossier: id, usager, part: part.to_owned() }).await.map(drop)
}

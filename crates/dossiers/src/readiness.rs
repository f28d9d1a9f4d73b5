//! What keeps a demand from being accepted yet: a piece nobody has looked at, one that the demand cannot be examined
//! without. Each in a sentence for the agent. A refusal or a closing waits for nothing. Values in, sentences out.

use teleservices::package::Package;

use crate::filling::Filling;
use crate::phase::Phase;
use crate::piece::{Piece, Scan, Verdict};
use crate::version::piece_label;

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The piece, as the package names it.
    pub piece: String,
    /// What to do, for the agent.
    pub sentence: String,
}

/// What is missing before the dossier may go to that phase, in sentences; empty when nothing is.
pub fn blockers(package: &Package, filling: &Filling<'_>, pieces: &[Piece], from: Phase, to: Phase) -> Vec<String> {
    missing(package, filling, pieces, from, to).into_iter().map(|blocker| blocker.sentence).collect()
}

/// The same, with the pieces to look at.
pub fn missing(package: &Package, filling: &Filling<'_>, pieces: &[Piece], from: Phase, to: Phase) -> Vec<Blocker> {
    if to != Phase::Accepte || from == Phase::Accepte {
        return Vec::new();
    }
    let unseen = pieces.iter().filter(|piece| piece.verdict == Verdict::AVerifier && piece.scan != Scan::Infected && piece.erased_at.is_none());
    let mut codes: Vec<&str> = unseen.map(|piece| piece.code.as_str()).collect();
    codes.dedup();
    let unseen = |code: &str| Blocker { piece: code.to_owned(), sentence: format!("À vérifier d’abord : {}.", piece_label(package, code)) };
    let mut blockers: Vec<Blocker> = codes.into_iter().map(unseen).collect();
    let is_checked = |code: &str| pieces.iter().any(|piece| piece.code == code && piece.verdict == Verdict::Acceptee);
    let missing = filling.missing_pieces(pieces).filter(|wanted| wanted.indispensable && !is_checked(&wanted.id));
    blockers.extend(missing.map(|wanted| Blocker { piece: wanted.id.clone(), sentence: format!("Il manque : {}.", wanted.label) }));
    blockers
}

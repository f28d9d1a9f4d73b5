//! What keeps a demand from being accepted yet: a piece nobody has looked at, one that the demand cannot be examined
//! without. Each in a sentence for the agent. A refusal or a closing waits for nothing. Values in, sentences out.

use teleservices::package::Package;

use crate::filling::Filling;
use crate::phase::Phase;
use crate::piece::{Piece, Scan, Verdict};
use crate::version::piece_label;

/// What is missing before the dossier may go to that phase; empty when nothing is.
pub fn blockers(package: &Package, filling: &Filling<'_>, pieces: &[Piece], from: Phase, to: Phase) -> Vec<String> {
    if to != Phase::Accepte || from == Phase::Accepte {
        return Vec::new();
    }
    let unseen = pieces.iter().filter(|piece| piece.verdict == Verdict::AVerifier && piece.scan != Scan::Infected && piece.erased_at.is_none());
    let mut codes: Vec<&str> = unseen.map(|piece| piece.code.as_str()).collect();
    codes.dedup();
    let mut sentences: Vec<String> = codes.into_iter().map(|code| format!("À vérifier d’abord : {}.", piece_label(package, code))).collect();
    let is_checked = |code: &str| pieces.iter().any(|piece| piece.code == code && piece.verdict == Verdict::Acceptee);
    let missing = filling.missing_pieces(pieces).filter(|wanted| wanted.indispensable && !is_checked(&wanted.id));
    sentences.extend(missing.map(|wanted| format!("Il manque : {}.", wanted.label)));
    sentences
}

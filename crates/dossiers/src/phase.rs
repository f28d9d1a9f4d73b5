//! The phases of a dossier, what the law knows of its life, and the moves between them.
//! The states of a circuit, with words of their own, each hang on one phase: they are in the package, not here.

pub use teleservices::package::Phase;

/// Every phase, in the order of a life.
pub const ALL: [Phase; 8] =
    [Phase::Brouillon, Phase::Depose, Phase::EnInstruction, Phase::AttenteUsager, Phase::Accepte, Phase::Refuse, Phase::SansSuite, Phase::Retire];

/// Reads back [`Phase::code`].
pub fn from_code(code: &str) -> Option<Phase> {
    ALL.into_iter().find(|phase| phase.code() == code)
}

/// The word an usager reads when the package has none of its own.
pub fn label(phase: Phase) -> &'static str {
    match phase {
        Phase::Brouillon => "Brouillon",
        Phase::Depose => "Envoyée",
        Phase::EnInstruction => "En cours",
        Phase::AttenteUsager => "Complément attendu",
        Phase::Accepte => "Acceptée",
        Phase::Refuse => "Refusée",
        Phase::SansSuite => "Sans suite",
        Phase::Retire => "Retirée",
    }
}

/// Sent and not ended: it waits for somebody.
pub fn is_open(phase: Phase) -> bool {
    matches!(phase, Phase::Depose | Phase::EnInstruction | Phase::AttenteUsager)
}

/// The service has said its last word (a withdrawal is the usager's).
pub fn is_decided(phase: Phase) -> bool {
    matches!(phase, Phase::Accepte | Phase::Refuse | Phase::SansSuite)
}

/// May a dossier go from this phase to that one? Staying in an open phase, or in acceptance ("accordée" then
/// "versée"), is a move between two states of the package; a circuit without examination comes back from waiting to
/// where it stood.
pub fn can_become(from: Phase, to: Phase) -> bool {
    match (from, to) {
        (Phase::Brouillon, Phase::Depose) | (Phase::Accepte, Phase::Accepte) => true,
        (Phase::Depose | Phase::AttenteUsager, Phase::Depose) => true,
        (_, Phase::Brouillon | Phase::Depose) => false,
        (from, _) => is_open(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for phase in ALL {
            assert_eq!(from_code(phase.code()), Some(phase));
        }
        assert_eq!(from_code("pending"), None);
    }

    #[test]
    fn a_draft_can_only_be_sent() {
        for next in ALL {
            assert_eq!(can_become(Phase::Brouillon, next), next == Phase::Depose, "{next:?}");
        }
    }

    #[test]
    fn an_ended_dossier_never_opens_again() {
        for ended in ALL.into_iter().filter(|phase| phase.is_ended()) {
            for next in ALL {
                let stays_accepted = ended == Phase::Accepte && next == Phase::Accepte;
                assert_eq!(can_become(ended, next), stays_accepted, "{ended:?} -> {next:?}");
            }
        }
    }

    #[test]
    fn an_open_dossier_can_wait_be_decided_or_be_withdrawn() {
        for open in [Phase::Depose, Phase::EnInstruction, Phase::AttenteUsager] {
            for next in [Phase::EnInstruction, Phase::AttenteUsager, Phase::Accepte, Phase::Refuse, Phase::SansSuite, Phase::Retire] {
                assert!(can_become(open, next), "{open:?} -> {next:?}");
            }
        }
        assert!(!can_become(Phase::EnInstruction, Phase::Depose));
    }
}

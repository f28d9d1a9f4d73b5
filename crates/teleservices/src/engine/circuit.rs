//! Which transitions can be taken from a state, by whom, for these answers. It changes nothing: `dossiers` does.

use super::View;
use crate::package::{Package, Phase, State, Transition, Trigger, Who};

/// What a transition amounts to, deduced from the phases: the package names no such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Ends the dossier: accepted, refused, without effect.
    Decide,
    /// Waits for the usager.
    AskUsager,
    /// The usager has answered.
    UsagerAnswers,
    /// The usager withdraws.
    Withdraw,
    /// Another step.
    Advance,
}

impl Package {
    /// The state of a dossier just sent.
    pub fn start(&self) -> Option<&State> {
        self.state(&self.circuit.as_ref()?.start.text)
    }

    /// The transitions somebody may take from a state.
    pub fn transitions_from<'p>(&'p self, state: &str, who: Who, view: &View) -> Vec<&'p Transition> {
        let open = |t: &&Transition| {
            t.who.contains(&who)
                && t.from.iter().any(|from| from.text == state)
                && t.condition.as_ref().is_none_or(|condition| condition.holds(&view.known))
        };
        self.circuit.iter().flat_map(|circuit| &circuit.transitions).filter(open).collect()
    }

    /// A transition by id, when this one may take it from there.
    pub fn allowed<'p>(&'p self, id: &str, state: &str, who: Who, view: &View) -> Option<&'p Transition> {
        self.transitions_from(state, who, view).into_iter().find(|t| t.id == id)
    }

    /// What the system does by itself from a state when something happens.
    pub fn triggered<'p>(&'p self, trigger: Trigger, state: &str, view: &View) -> Option<&'p Transition> {
        self.transitions_from(state, Who::Systeme, view).into_iter().find(|t| t.trigger == Some(trigger))
    }

    /// What a transition taken from a state amounts to.
    pub fn move_of(&self, transition: &Transition, from: &str) -> Move {
        let phase = |id: &str| self.state(id).map_or(Phase::Brouillon, |state| state.phase);
        match (phase(from), phase(&transition.to.text)) {
            (_, Phase::Retire) => Move::Withdraw,
            (from, to) if to.is_ended() && from != to => Move::Decide,
            (from, Phase::AttenteUsager) if from != Phase::AttenteUsager => Move::AskUsager,
            (Phase::AttenteUsager, to) if to != Phase::AttenteUsager && transition.who.contains(&Who::Usager) => Move::UsagerAnswers,
            _ => Move::Advance,
        }
    }

    /// The first transition of a kind that somebody may take from a state.
    pub fn find_move<'p>(&'p self, wanted: Move, state: &str, who: Who, view: &View) -> Option<&'p Transition> {
        self.transitions_from(state, who, view).into_iter().find(|t| self.move_of(t, state) == wanted)
    }
}

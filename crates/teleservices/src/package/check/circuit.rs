//! The circuit as a graph: states that exist, all reached, all left unless ended, transitions that can be taken.

use super::names::twice;
use crate::package::flaw::{Report, suggest};
use crate::package::model::{Circuit, LiaisonAnswer, Phase, State, Transition, Who};
use crate::package::read::Raw;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub(super) fn check(raw: &Raw, report: &RefCell<Report>) {
    let Some(circuit) = &raw.circuit else { return };
    twice("l’état", circuit.states.iter().map(|s| (s.id.as_str(), &s.place)), report);
    twice("la transition", circuit.transitions.iter().map(|t| (t.id.as_str(), &t.place)), report);
    let states: Vec<&str> = circuit.states.iter().map(|s| s.id.as_str()).collect();
    known(circuit, &states, report);
    start(circuit, report);
    for transition in &circuit.transitions {
        twice("le champ", transition.fields.iter().map(|f| (f.id.as_str(), &f.place)), report);
        who(transition, raw, report);
        references(transition, raw, report);
        phases(circuit, transition, report);
    }
    reached(circuit, report);
    left(circuit, report);
    unused_motifs(raw, report);
}

fn known(circuit: &Circuit, states: &[&str], report: &RefCell<Report>) {
    let froms = circuit.transitions.iter().flat_map(|t| t.from.iter().chain([&t.to]));
    for located in froms.chain([&circuit.start]) {
        if !located.text.is_empty() && !states.contains(&located.text.as_str()) {
            report.borrow_mut().error(
                &located.place,
                format!("l’état « {} » n’existe pas", located.text),
                suggest(&located.text, states.iter().copied()),
            );
        }
    }
}

fn start(circuit: &Circuit, report: &RefCell<Report>) {
    let state = circuit.states.iter().find(|s| s.id == circuit.start.text);
    if let Some(state) = state.filter(|s| s.phase != Phase::Depose) {
        report.borrow_mut().error(
            &circuit.start.place,
            format!("« {} » n’est pas un état d’arrivée : sa phase est « {} »", state.id, state.phase.code()),
            "une demande qui vient d’être envoyée est en phase \"depose\"",
        );
    }
}

fn who(transition: &Transition, raw: &Raw, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    let place = &transition.place;
    let system = transition.who.contains(&Who::Systeme);
    if system != transition.trigger.is_some() {
        let (message, mend) = match system {
            true => ("le système ne sait pas quand prendre cette transition", "ajoutez quand = \"silence\" ou quand = \"complément échu\""),
            false => ("« quand » ne vaut que pour une transition du système", "ajoutez \"système\" à qui, ou retirez « quand »"),
        };
        report.error(place, message, mend);
    }
    if system && transition.fields.iter().any(|field| field.required) {
        report.error(
            place,
            "le système ne peut pas remplir les champs de cette transition",
            "rendez-les facultatifs, ou faites-en une autre pour l’agent",
        );
    }
    let answers: Vec<&LiaisonAnswer> = raw.liaisons.iter().flat_map(|l| &l.answers).filter(|a| a.transition.text == transition.id).collect();
    if transition.who.contains(&Who::Application) && answers.is_empty() {
        report.remark(
            place,
            format!("aucune réponse d’application ne mène à « {} »", transition.id),
            "ajoutez une [[liaison.reponse]] dans liaisons.toml, ou retirez \"application\" de qui",
        );
    }
}

fn references(transition: &Transition, raw: &Raw, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    for motif in &transition.motifs {
        if !raw.motifs.iter().any(|m| m.id == motif.text) {
            report.error(
                &motif.place,
                format!("le motif « {} » n’existe pas", motif.text),
                suggest(&motif.text, raw.motifs.iter().map(|m| m.id.as_str())),
            );
        }
    }
    for courrier in [&transition.courrier, &transition.mail].into_iter().flatten() {
        if !raw.courriers.contains_key(&courrier.text) {
            report.error(
                &courrier.place,
                format!("il n’y a pas de courrier « {} »", courrier.text),
                suggest(&courrier.text, raw.courriers.keys().map(String::as_str)),
            );
        }
    }
}

/// What the law wants of a move between two phases.
fn phases(circuit: &Circuit, transition: &Transition, report: &RefCell<Report>) {
    let phase = |id: &str| circuit.states.iter().find(|s| s.id == id).map(|s| s.phase);
    let Some(to) = phase(&transition.to.text) else { return };
    let mut report = report.borrow_mut();
    let place = &transition.place;
    for from in &transition.from {
        if phase(&from.text).is_some_and(Phase::is_ended) && phase(&from.text) != Some(to) {
            report.error(
                &from.place,
                format!("« {} » est un état de fin : rien n’en part, sauf vers la même phase", from.text),
                "retirez-le de « de »",
            );
        }
    }
    if to == Phase::Refuse && transition.motifs.is_empty() && !transition.who.contains(&Who::Systeme) {
        report.error(
            place,
            format!("« {} » refuse sans motif", transition.id),
            "CRPA, article L211-5 : ajoutez motifs = [\"…\"], écrits dans motifs.toml",
        );
    }
    if to == Phase::Retire && transition.who != [Who::Usager] {
        report.error(place, "seul l’usager retire sa demande", "mettez qui = [\"usager\"], ou menez à une autre phase");
    }
    let usager_decides = transition.who.contains(&Who::Usager) && matches!(to, Phase::Accepte | Phase::Refuse | Phase::SansSuite);
    if usager_decides {
        report.error(place, "l’usager ne peut pas décider de sa demande", "retirez \"usager\" de qui");
    }
}

fn reached(circuit: &Circuit, report: &RefCell<Report>) {
    let mut seen = BTreeSet::from([circuit.start.text.as_str()]);
    loop {
        let next: Vec<&str> = circuit
            .transitions
            .iter()
            .filter(|t| t.from.iter().any(|from| seen.contains(from.text.as_str())))
            .map(|t| t.to.text.as_str())
            .filter(|to| !seen.contains(to))
            .collect();
        if next.is_empty() {
            break;
        }
        seen.extend(next);
    }
    for state in circuit.states.iter().filter(|s| !seen.contains(s.id.as_str())) {
        report.borrow_mut().error(
            &state.place,
            format!("aucun chemin ne mène à l’état « {} »", state.id),
            "ajoutez une transition qui y mène, ou retirez l’état",
        );
    }
}

fn left(circuit: &Circuit, report: &RefCell<Report>) {
    let stays = |state: &&State| !state.phase.is_ended() && !circuit.transitions.iter().any(|t| t.from.iter().any(|from| from.text == state.id));
    for state in circuit.states.iter().filter(stays) {
        report.borrow_mut().error(
            &state.place,
            format!("on ne sort jamais de l’état « {} »", state.id),
            "ajoutez une transition qui en part : une demande doit pouvoir finir",
        );
    }
}

fn unused_motifs(raw: &Raw, report: &RefCell<Report>) {
    let used: BTreeSet<&str> = raw.circuit.iter().flat_map(|c| &c.transitions).flat_map(|t| &t.motifs).map(|m| m.text.as_str()).collect();
    for motif in raw.motifs.iter().filter(|m| !used.contains(m.id.as_str())) {
        report.borrow_mut().remark(
            &motif.place,
            format!("le motif « {} » ne sert à aucune transition", motif.id),
            "ajoutez-le à motifs = […], ou retirez-le",
        );
    }
}

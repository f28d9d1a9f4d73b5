//! `circuit.toml` and `motifs.toml`.

use super::{formula, id, question};
use crate::package::model::{Circuit, Motif, Phase, State, Transition, Trigger, Who};
use crate::package::reader::Table;

pub(super) fn circuit(root: &Table) -> Circuit {
    Circuit {
        start: root.raw_needed("depart"),
        states: root.tables("etat").into_iter().map(state).collect(),
        transitions: root.tables("transition").into_iter().map(transition).collect(),
        place: root.place(),
    }
}

fn state(t: Table) -> State {
    let name = t.raw_needed("nom");
    let state = State {
        id: id(&t, "id"),
        agent: t.raw("agent").unwrap_or_else(|| name.clone()),
        name,
        phase: t.one_of_needed("phase", &Phase::WORDS).unwrap_or(Phase::Depose),
        text: t.raw("texte"),
        place: t.place_of("id"),
    };
    t.end();
    state
}

fn transition(t: Table) -> Transition {
    for key in ["de", "qui"] {
        if !t.has(key) {
            t.error(&t.place(), format!("il manque « {key} » dans [[transition]]"), format!("ajoutez une ligne {key} = [\"…\"]"));
        }
    }
    let transition = Transition {
        id: id(&t, "id"),
        from: t.raw_list("de"),
        to: t.raw_needed("vers"),
        who: t.some_of("qui", &Who::WORDS),
        label: t.words_needed("libelle"),
        hint: t.words("aide"),
        condition: formula(&t, "si"),
        fields: t.tables("champ").into_iter().map(question::question).collect(),
        motifs: t.raw_list("motifs"),
        courrier: t.raw("courrier"),
        mail: t.raw("mail"),
        trigger: t.one_of("quand", &Trigger::WORDS),
        place: t.place_of("id"),
    };
    t.end();
    transition
}

pub(super) fn motifs(root: &Table) -> Vec<Motif> {
    root.tables("motif").into_iter().map(motif).collect()
}

fn motif(t: Table) -> Motif {
    let motif = Motif {
        id: id(&t, "id"),
        label: t.words_needed("libelle"),
        text: t.raw_needed("texte"),
        article: t.words("article"),
        place: t.place_of("id"),
    };
    t.end();
    motif
}

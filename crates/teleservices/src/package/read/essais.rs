//! `essais/*.toml`.

use crate::package::model::{Essai, Expected, Verdict};
use crate::package::reader::Table;

pub(super) fn essais(root: &Table, _path: &str) -> Vec<Essai> {
    root.tables("essai").into_iter().map(essai).collect()
}

fn essai(t: Table) -> Essai {
    let today = t.json("aujourdhui").and_then(|json| json.as_str().map(str::to_owned));
    let date = today.as_deref().and_then(|text| text.parse().ok());
    if t.has("aujourdhui") && date.is_none() {
        t.error(&t.place_of("aujourdhui"), "« aujourdhui » attend une date", "écrivez par exemple aujourdhui = 2026-11-24");
    }
    let essai = Essai {
        name: t.words_needed("nom"),
        today: date,
        setting: t.values("espace"),
        eligibility: t.values("eligibilite"),
        answers: t.values("reponses"),
        expected: t.table("attendu").map(expected).unwrap_or_default(),
        place: t.place_of("nom"),
    };
    if !t.has("attendu") {
        t.error(&essai.place, "cet essai n’attend rien", "ajoutez [essai.attendu] : verdict, regle, pages, notes, pieces, refus, calculs ou envoi");
    }
    t.end();
    essai
}

fn expected(t: Table) -> Expected {
    let list = |key| t.has(key).then(|| t.raw_list(key));
    let expected = Expected {
        verdict: t.one_of("verdict", &Verdict::WORDS),
        rule: t.raw("regle"),
        next: t.raw("question"),
        pages: list("pages"),
        notes: list("notes"),
        pieces: list("pieces"),
        refused: list("refus"),
        computed: t.values("calculs"),
        sent: t.values("envoi"),
    };
    t.end();
    expected
}

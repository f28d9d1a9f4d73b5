//! `regles.toml`: eligibility and computed values.

use super::{formula_needed, id, question};
use crate::package::model::{Computed, Eligibility, EligibilityRule, Rules, Verdict};
use crate::package::reader::Table;

pub(super) fn rules(root: &Table) -> Rules {
    Rules { eligibility: root.table("eligibilite").map(eligibility), computed: root.tables("calcul").into_iter().map(computed).collect() }
}

fn eligibility(t: Table) -> Eligibility {
    let eligibility = Eligibility {
        title: t.words("titre").unwrap_or_else(|| "Vérifier si j’y ai droit".to_owned()),
        intro: t.words("intro"),
        questions: t.tables("question").into_iter().map(question::question).collect(),
        rules: t.tables("regle").into_iter().map(rule).collect(),
        place: t.place(),
    };
    t.end();
    eligibility
}

fn rule(t: Table) -> EligibilityRule {
    let rule = EligibilityRule {
        id: id(&t, "id"),
        condition: formula_needed(&t, "si"),
        verdict: t.one_of_needed("verdict", &Verdict::WORDS).unwrap_or(Verdict::IlManque),
        title: t.words("titre"),
        reason: t.words_needed("raison"),
        article: t.words("article"),
        guidance: t.words("orientation"),
        place: t.place(),
    };
    t.end();
    rule
}

fn computed(t: Table) -> Computed {
    let head = question::head(&t);
    let computed = Computed {
        id: head.id,
        label: t.words_needed("libelle"),
        kind: head.kind,
        rule: question::rule(&t, head.kind),
        formula: formula_needed(&t, "formule"),
        shown: t.bool("montrer", true),
        place: t.place_of("id"),
    };
    t.end();
    computed
}

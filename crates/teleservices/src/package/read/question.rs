//! `[[question]]` of a page or of the eligibility, `[[champ]]` of a transition, `[[recu]]` of an answer:
//! one shape, the kind's own rule within.

use super::{formula, id};
use crate::package::flaw::suggest;
use crate::package::formula::Formula;
use crate::package::model::Question;
use crate::package::reader::Table;
use kinds::{Bound, Choice, Kind, Pattern, Rule};

/// Purposes of WCAG 1.3.5 that a question about oneself may declare.
const AUTOCOMPLETE: [(&str, &str); 8] = [
    ("name", "name"),
    ("family-name", "family-name"),
    ("given-name", "given-name"),
    ("honorific-prefix", "honorific-prefix"),
    ("bday", "bday"),
    ("organization", "organization"),
    ("email", "email"),
    ("tel", "tel"),
];

pub(crate) struct Head {
    pub id: String,
    pub kind: &'static dyn Kind,
    /// Whether the file names the kind.
    pub named: bool,
}

/// The id and the kind.
pub(crate) fn head(t: &Table) -> Head {
    let id = id(t, "id");
    let text: &'static dyn Kind = kinds::kind("texte").expect("« texte » is a kind");
    let Some(name) = t.raw("kind") else { return Head { id, kind: text, named: false } };
    let kind = kinds::kind(&name.text);
    if kind.is_none() {
        let known: Vec<&str> = kinds::all().iter().map(|kind| kind.name()).collect();
        t.error(&name.place, format!("« {} » n’est pas un genre de réponse", name.text), suggest(&name.text, known));
    }
    Head { id, kind: kind.unwrap_or(text), named: true }
}

pub(crate) fn question(t: Table) -> Question {
    let head = head(&t);
    let label = t.words("libelle");
    let own = t.bool("pour_soi", false);
    let question = Question {
        id: head.id,
        kind: head.kind,
        inherits: !head.named && label.is_none(),
        label: label.unwrap_or_default(),
        hint: t.words("aide"),
        why: t.words("pourquoi"),
        required: t.bool("obligatoire", true),
        condition: formula(&t, "si"),
        rule: rule(&t, head.kind),
        choice_conditions: choice_conditions(&t),
        proposed: formula(&t, "propose"),
        own,
        autocomplete: t.one_of("remplissage", &AUTOCOMPLETE).map(str::to_owned),
        place: t.place_of("id"),
    };
    if !question.inherits && (!head.named || question.label.trim().is_empty()) {
        let key = if head.named { "libelle" } else { "kind" };
        t.error(&t.place(), format!("il manque « {key} » à la question « {} »", question.id), format!("ajoutez une ligne {key} = \"…\""));
    }
    if question.autocomplete.is_some() && !own {
        t.error(
            &t.place_of("remplissage"),
            "« remplissage » ne vaut que pour ce que la personne dit d’elle-même",
            "ajoutez pour_soi = true, ou retirez « remplissage »",
        );
    }
    t.end();
    question
}

/// What the kind lets an author ask.
pub(crate) fn rule(t: &Table, kind: &dyn Kind) -> Rule {
    let rule = Rule {
        required: t.bool("obligatoire", true),
        min: bound(t, "min"),
        max: bound(t, "max"),
        pattern: pattern(t),
        message: t.words("message"),
        max_length: t.int("longueur_max", 1).and_then(|n| usize::try_from(n).ok()),
        decimals: t.int("decimales", 0).and_then(|n| u8::try_from(n).ok()),
        choices: choices(t),
        min_items: t.int("choix_min", 0).and_then(|n| usize::try_from(n).ok()),
        max_items: t.int("choix_max", 1).and_then(|n| usize::try_from(n).ok()),
        today: None,
    };
    if t.has("kind")
        && let Err(sentence) = kind.check_rule(&rule)
    {
        t.error(&t.place_of("kind"), sentence, format!("corrigez ce qui accompagne kind = \"{}\"", kind.name()));
    }
    rule
}

fn bound(t: &Table, key: &'static str) -> Option<Bound> {
    match t.json(key)? {
        serde_json::Value::Number(n) => n.as_f64().map(Bound::Number),
        serde_json::Value::String(text) => Some(Bound::Text(text)),
        _ => {
            t.error(&t.place_of(key), format!("« {key} » attend un nombre ou une date"), "par exemple 0, 2020-01-01 ou \"aujourd’hui - 6 mois\"");
            None
        }
    }
}

fn pattern(t: &Table) -> Option<Pattern> {
    let located = t.raw("forme")?;
    Pattern::parse(&located.text).map_err(|sentence| t.error(&located.place, sentence, "par exemple \"[0-9]{4}\"")).ok()
}

fn choices(t: &Table) -> Vec<Choice> {
    let mut choices = Vec::new();
    for item in t.tables("choix") {
        choices.push(Choice {
            value: item.raw_needed("valeur").text,
            label: item.words_needed("libelle"),
            hint: item.words("aide"),
            alone: item.bool("seul", false),
        });
        item.raw("si");
        item.end();
    }
    choices
}

fn choice_conditions(t: &Table) -> Vec<(String, Formula)> {
    let conditioned = |item: Table| Some((item.raw("valeur")?.text, formula(&item, "si")?));
    t.tables("choix").into_iter().filter_map(conditioned).collect()
}

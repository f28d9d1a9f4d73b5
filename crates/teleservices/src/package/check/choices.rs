//! Formulas that compare a choice with a value it does not offer: they would never hold, without a word.

use crate::package::flaw::{Place, Report, suggest};
use crate::package::formula::Formula;
use crate::package::model::Question;
use crate::package::read::Raw;
use std::cell::RefCell;
use std::collections::BTreeMap;

type Choices<'a> = BTreeMap<&'a str, Vec<&'a str>>;

pub(super) fn check(raw: &Raw, report: &RefCell<Report>) {
    let form = choices(raw.pages.iter().flat_map(|page| &page.questions));
    let notes = raw.pages.iter().flat_map(|page| &page.notes).map(|note| &note.condition);
    let pages = raw.pages.iter().filter_map(|page| page.condition.as_ref());
    let questions = raw.pages.iter().flat_map(|page| &page.questions).flat_map(of_question);
    let computed = raw.rules.computed.iter().map(|computed| &computed.formula);
    let pieces = raw.pieces.iter().filter_map(|piece| piece.condition.as_ref());
    let transitions = raw.circuit.iter().flat_map(|circuit| &circuit.transitions);
    let moves = transitions.flat_map(|t| t.condition.iter().chain(t.fields.iter().flat_map(of_question)));
    let sent = raw.liaisons.iter().flat_map(|l| l.condition.iter().chain(l.fields.iter().map(|field| &field.formula)));
    let formulas = pages.chain(notes).chain(questions).chain(computed).chain(pieces).chain(moves).chain(sent);
    formulas.for_each(|formula| compared(formula, &form, report));
    if let Some(eligibility) = &raw.rules.eligibility {
        let asked = choices(&eligibility.questions);
        eligibility.rules.iter().for_each(|rule| compared(&rule.condition, &asked, report));
    }
    for answer in raw.liaisons.iter().flat_map(|liaison| &liaison.answers) {
        let received = choices(&answer.received);
        answer.condition.iter().for_each(|formula| compared(formula, &received, report));
    }
}

fn choices<'a>(questions: impl IntoIterator<Item = &'a Question>) -> Choices<'a> {
    let offered = |question: &'a Question| question.rule.choices.iter().map(|choice| choice.value.as_str()).collect();
    let of_choice = questions.into_iter().filter(|question| !question.rule.choices.is_empty());
    of_choice.map(|question| (question.id.as_str(), offered(question))).collect()
}

fn of_question(question: &Question) -> impl Iterator<Item = &Formula> {
    let choices = question.choice_conditions.iter().map(|(_, condition)| condition);
    question.condition.iter().chain(&question.proposed).chain(choices)
}

/// Reads `nom = "valeur"`, `nom != "valeur"` and `nom in ["a", "b"]`.
fn compared(formula: &Formula, choices: &Choices, report: &RefCell<Report>) {
    for (name, offered) in choices.iter().filter(|(name, _)| formula.names().iter().any(|mentioned| mentioned == *name)) {
        for (value, place) in values(formula, name) {
            if !offered.contains(&value.as_str()) {
                let message = format!("« {value} » n’est pas un choix de « {name} » : personne ne peut le choisir");
                report.borrow_mut().error(&place, message, suggest(&value, offered.iter().copied()));
            }
        }
    }
}

fn values(formula: &Formula, name: &str) -> Vec<(String, Place)> {
    let text = formula.text.as_str();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let rest = &text[at + name.len()..];
        if text[..at].ends_with(is_word) || rest.starts_with(is_word) {
            continue;
        }
        let rest = rest.trim_start();
        let list = match rest.strip_prefix("!=").or_else(|| rest.strip_prefix('=')) {
            Some(one) => one.trim_start().strip_prefix('"').and_then(|one| one.split('"').next()).map(|one| vec![one]),
            None => rest.strip_prefix("in").and_then(|list| list.trim_start().strip_prefix('[')).and_then(|list| list.split(']').next()).map(quoted),
        };
        found.extend(list.into_iter().flatten().map(|value| (value.to_owned(), formula.place.clone())));
    }
    found
}

fn quoted(list: &str) -> Vec<&str> {
    list.split(',').filter_map(|item| item.trim().strip_prefix('"')?.strip_suffix('"')).collect()
}

//! Yes, no, or what is missing, one sentence each.

use crate::{Facts, Names, Rule, Truth, Type};
use serde_json::{Value as Json, json};

fn names() -> Names {
    Names::new()
        .with("a", Type::Boolean)
        .with("b", Type::Boolean)
        .with("c", Type::Boolean)
        .with("n", Type::Number)
        .with("m", Type::Number)
        .with("acte", Type::Text)
        .with("enfants", Type::list(Type::Context))
        .with("enfants.age", Type::Number)
        .with("adresse.commune", Type::Text)
        .with("adresse.code_postal", Type::Text)
}

fn truth(text: &str, known: &[(&str, Json)]) -> Truth {
    let names = names();
    let mut facts = Facts::new();
    for (name, answer) in known {
        facts.set_typed(name, &names, answer);
    }
    Rule::parse(text, &names).unwrap().truth(&facts).unwrap()
}

fn missing(names: &[&str]) -> Truth {
    Truth::Missing(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn false_and_anything_is_no() {
    assert_eq!(truth("a and b", &[("a", json!(false))]), Truth::No);
    assert_eq!(truth("b and a", &[("a", json!(false))]), Truth::No);
}

#[test]
fn true_or_anything_is_yes() {
    assert_eq!(truth("a or b", &[("a", json!(true))]), Truth::Yes);
    assert_eq!(truth("b or a", &[("a", json!(true))]), Truth::Yes);
}

#[test]
fn true_and_unknown_waits_for_the_unknown_only() {
    assert_eq!(truth("a and b", &[("a", json!(true))]), missing(&["b"]));
}

#[test]
fn nothing_known_waits_for_all_in_order() {
    assert_eq!(truth("b or a and n > 3", &[]), missing(&["b", "a", "n"]));
}

#[test]
fn a_name_that_cannot_count_is_not_asked() {
    assert_eq!(truth("(a and b) or c", &[("b", json!(false))]), missing(&["c"]));
}

#[test]
fn an_empty_answer_cannot_make_a_conjunction_true() {
    assert_eq!(truth("n > 3 and a", &[("n", Json::Null)]), Truth::No);
}

#[test]
fn an_empty_answer_leaves_a_disjunction_open() {
    assert_eq!(truth("n > 3 or a", &[("n", Json::Null)]), missing(&["a"]));
}

#[test]
fn an_answer_left_empty_is_known_to_be_empty() {
    assert_eq!(truth("n = null", &[("n", Json::Null)]), Truth::Yes);
    assert_eq!(truth("n = null", &[]), missing(&["n"]));
}

#[test]
fn the_negation_of_an_unknown_is_unknown() {
    assert_eq!(truth("not(a)", &[]), missing(&["a"]));
    assert_eq!(truth("not(a and b)", &[("b", json!(false))]), Truth::Yes);
}

#[test]
fn a_comparison_waits_for_both_sides() {
    assert_eq!(truth("n < m", &[("n", json!(1))]), missing(&["m"]));
}

#[test]
fn a_choice_with_a_known_condition_asks_its_branch_only() {
    assert_eq!(truth("if a then b else c", &[("a", json!(false)), ("c", json!(true))]), Truth::Yes);
}

#[test]
fn a_choice_whose_branches_agree_does_not_need_its_condition() {
    assert_eq!(truth("if a then b else b", &[("b", json!(true))]), Truth::Yes);
}

#[test]
fn a_choice_whose_branches_cannot_be_true_is_no() {
    assert_eq!(truth("if a then b and c else false", &[("b", json!(false))]), Truth::No);
}

#[test]
fn a_choice_inside_a_calculation_asks_what_it_needs() {
    assert_eq!(truth("(if a then n else m) > 3", &[("a", json!(true))]), missing(&["n"]));
}

#[test]
fn a_value_is_looked_for_in_a_list() {
    let rule = "acte in (\"naissance\", \"mariage\") and a";
    assert_eq!(truth(rule, &[("acte", json!("deces"))]), Truth::No);
    assert_eq!(truth(rule, &[("acte", json!("mariage"))]), missing(&["a"]));
    assert_eq!(truth(rule, &[("a", json!(true))]), missing(&["acte"]));
}

#[test]
fn some_over_an_empty_list_needs_nothing_else() {
    assert_eq!(truth("some e in enfants satisfies e.age < n", &[("enfants", json!([]))]), Truth::No);
}

#[test]
fn some_that_is_found_needs_nothing_else() {
    let children = json!([{"age": 2}, {"age": 9}]);
    assert_eq!(truth("some e in enfants satisfies (e.age < 3 or a)", &[("enfants", children)]), Truth::Yes);
}

#[test]
fn some_that_is_not_found_waits_for_what_it_mentions() {
    let children = json!([{"age": 8}]);
    assert_eq!(truth("some e in enfants satisfies (e.age < 3 or a)", &[("enfants", children)]), missing(&["a"]));
}

#[test]
fn every_that_fails_needs_nothing_else() {
    let children = json!([{"age": 8}]);
    assert_eq!(truth("every e in enfants satisfies (e.age < 3 and a)", &[("enfants", children)]), Truth::No);
}

#[test]
fn an_empty_local_value_does_not_hide_an_unknown() {
    let rule = "count(enfants[age = null and a]) > 0";
    assert_eq!(truth(rule, &[("enfants", json!([{"age": null}]))]), missing(&["a"]));
}

#[test]
fn an_address_given_part_by_part_waits_for_the_part_it_needs() {
    let facts = Facts::new().with("adresse.commune", Type::Text, &json!("Aure"));
    let names = names();
    let ask = |text| Rule::parse(text, &names).unwrap().truth(&facts).unwrap();
    assert_eq!(ask("adresse.commune = \"Aure\""), Truth::Yes);
    assert_eq!(ask("adresse.code_postal = \"12345\""), missing(&["adresse.code_postal"]));
}

#[test]
fn an_address_that_is_not_given_is_asked_whole() {
    assert_eq!(truth("adresse.commune = \"Aure\"", &[]), missing(&["adresse"]));
}

/// The reasoning is checked against its definition: a verdict given with answers missing must be the one of every way
/// to complete them, and a missing verdict must be changed by some.
#[test]
fn a_verdict_holds_whatever_the_missing_answers_are() {
    let rules = [
        "a and b or c",
        "(a or b) and not(c)",
        "if a then b else c",
        "if a and b then c else not(c)",
        "not(a) or (b and c)",
        "(if a then b else false) or c",
        "a = b and c",
        "a in (true) or b in (c)",
    ];
    let values = [json!(true), json!(false), Json::Null];
    for rule in rules {
        for given in partial_answers(&values) {
            let known: Vec<_> = given.iter().filter_map(|(name, answer)| answer.clone().map(|a| (*name, a))).collect();
            let free: Vec<_> = given.iter().filter(|(_, answer)| answer.is_none()).map(|(name, _)| *name).collect();
            let verdict = truth(rule, &known);
            let mut seen = Vec::new();
            for code in 0..values.len().pow(free.len() as u32) {
                let mut full = known.clone();
                let mut rest = code;
                for name in &free {
                    full.push((*name, values[rest % values.len()].clone()));
                    rest /= values.len();
                }
                seen.push(truth(rule, &full));
            }
            match &verdict {
                Truth::Missing(names) => assert!(names.iter().all(|name| free.contains(&name.as_str())), "{rule}"),
                verdict => assert!(seen.iter().all(|full| full == verdict), "{rule} {known:?} {verdict:?}"),
            }
        }
    }
}

fn partial_answers(values: &[Json]) -> Vec<Vec<(&'static str, Option<Json>)>> {
    let options: Vec<Option<Json>> = values.iter().cloned().map(Some).chain([None]).collect();
    let mut all = vec![vec![]];
    for name in ["a", "b", "c"] {
        all = all
            .into_iter()
            .flat_map(|given: Vec<_>| options.iter().map(move |option| [given.clone(), vec![(name, option.clone())]].concat()))
            .collect();
    }
    all
}

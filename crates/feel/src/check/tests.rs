//! What the check accepts and refuses, one sentence each.

use crate::{Flaw, Names, Rule, Type};

fn names() -> Names {
    Names::new()
        .with("age", Type::Number)
        .with("nom", Type::Text)
        .with("naissance", Type::Date)
        .with("aujourdhui", Type::Date)
        .with("majeur", Type::Boolean)
        .with("adresse.commune", Type::Text)
        .with("libre", Type::Context)
        .with("enfants", Type::list(Type::Context))
        .with("enfants.naissance", Type::Date)
        .with("lignes", Type::list(Type::Context))
}

fn type_of(text: &str) -> Type {
    Rule::parse(text, &names()).unwrap().type_().clone()
}

fn flaw(text: &str) -> Flaw {
    Rule::parse(text, &names()).err().unwrap_or_else(|| panic!("« {text} » was accepted"))
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one_and_its_column() {
    let expected = "« naissnace » n’est pas connu ici : vouliez-vous dire « naissance » ?";
    assert_eq!(flaw("majeur and naissnace < aujourdhui"), Flaw { message: expected.into(), column: 12 });
}

#[test]
fn the_same_word_twice_is_shown_at_the_right_place() {
    assert_eq!(flaw("age > 3 and age > \"a\"").column, 19);
}

#[test]
fn an_unknown_part_of_an_address_is_answered_with_the_nearest_one() {
    assert!(flaw("adresse.comune = \"Aure\"").message.contains("« commune »"));
}

#[test]
fn a_context_without_declared_parts_accepts_any() {
    assert_eq!(type_of("libre.chose = 3"), Type::Boolean);
}

#[test]
fn a_date_is_not_compared_with_a_text() {
    assert!(flaw("naissance < \"2000-01-01\"").message.contains("date(\"2000-01-31\")"));
}

#[test]
fn a_date_that_does_not_exist_is_refused() {
    assert_eq!(flaw("naissance < date(\"2000-02-30\")").column, 18);
}

#[test]
fn an_at_literal_is_a_date() {
    assert_eq!(type_of("naissance < @\"2000-01-31\""), Type::Boolean);
}

#[test]
fn the_parts_of_a_date_are_numbers() {
    assert_eq!(type_of("naissance.year"), Type::Number);
}

#[test]
fn a_part_a_date_does_not_have_is_refused() {
    assert!(flaw("naissance.heure = 3").message.contains("« heure »"));
}

#[test]
fn an_age_is_computed_from_two_dates() {
    assert_eq!(type_of("years and months duration(naissance, aujourdhui).years"), Type::Number);
}

#[test]
fn and_wants_conditions() {
    assert!(flaw("majeur and age").message.contains("« and » attend un oui ou non"));
}

#[test]
fn text_and_number_are_not_added() {
    assert!(flaw("nom + age").message.contains("on ne calcule pas ainsi"));
}

#[test]
fn a_value_is_looked_for_among_values_of_its_type() {
    assert!(flaw("age in [\"a\", \"b\"]").message.contains("compare pas un nombre à un texte"));
}

#[test]
fn ranges_and_unary_tests_are_accepted() {
    for rule in ["age in [3..6)", "age in (< 3, > 12)", "nom in (\"a\", \"b\")", "age between 3 and 6 and majeur"] {
        assert_eq!(type_of(rule), Type::Boolean, "{rule}");
    }
}

#[test]
fn the_items_of_a_list_keep_the_types_of_their_parts() {
    assert!(flaw("some e in enfants satisfies e.naissance > 3").message.contains("une date à un nombre"));
}

#[test]
fn a_filter_knows_the_parts_of_the_items() {
    assert_eq!(type_of("count(enfants[naissance > date(\"2020-01-01\") and majeur]) > 1"), Type::Boolean);
}

#[test]
fn a_filter_over_declared_parts_refuses_another() {
    assert!(flaw("count(enfants[naissanc > aujourdhui]) > 1").message.contains("« naissance »"));
}

#[test]
fn a_filter_over_unknown_parts_accepts_any_name() {
    assert_eq!(type_of("lignes[montant > 3]"), Type::list(Type::Context));
}

#[test]
fn an_unknown_function_is_answered_with_the_nearest_one() {
    assert!(flaw("cout(enfants) > 1").message.contains("« count »"));
}

#[test]
fn a_question_named_as_a_function_cannot_be_called() {
    let names = Names::new().with("count", Type::Number).with("l", Type::list(Type::Number));
    assert!(Rule::parse("count(l) > 1", &names).unwrap_err().message.contains("nom d’une question"));
}

#[test]
fn the_clock_is_not_read_by_a_rule() {
    assert!(flaw("naissance < today()").message.contains("aujourdhui"));
}

#[test]
fn every_external_form_is_refused() {
    let java = "external {java: {class: \"java.lang.Math\", method signature: \"cos(double)\"}}";
    let pmml = "external {pmml: {document: \"http://localhost/x.pmml\", model: \"m\"}}";
    for body in [java, pmml] {
        for rule in [
            format!("(function(x) {body})(1)"),
            format!("{{f: function(x) {body}, y: f(1)}}.y"),
            format!("for i in [1] return (function(x) {body})(i)"),
            format!("[1][(function(x) {body})(item) > 0]"),
            format!("if majeur then (function(x: number) {body})(age) else 0"),
            format!("sort([1, 2], function(x, y) {body})"),
        ] {
            assert_eq!(flaw(&rule).message, super::EXTERNAL_REFUSED, "{rule}");
        }
    }
}

#[test]
fn a_function_is_not_defined_in_a_rule() {
    assert_eq!(flaw("sort(enfants, function(a, b) true)").message, "une formule ne définit pas de fonction : écrivez le calcul lui-même");
}

#[test]
fn an_interval_taken_from_an_answer_is_not_walked() {
    assert_eq!(flaw("sum(for i in 1..age return i) > 3").column, 17);
}

#[test]
fn an_interval_too_long_is_not_walked() {
    assert!(flaw("sum(for i in 1..100000 return i) > 3").message.contains("1000 valeurs"));
}

#[test]
fn a_short_interval_written_in_figures_is_walked() {
    assert_eq!(type_of("for i in 1..12 return i * age"), Type::list(Type::Number));
}

#[test]
fn the_growing_result_of_a_loop_is_not_readable() {
    assert!(flaw("for i in 1..100 return partial").message.contains("partial"));
}

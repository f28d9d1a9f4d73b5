//! The French of rules, one sentence each. `~` stands for a no-break space.

use crate::{Names, Rule, Type};

fn say(rule: &str) -> String {
    let names = Names::new()
        .with("age", Type::Number)
        .with("revenus", Type::Number)
        .with("somme", Type::Number)
        .with("naissance", Type::Date)
        .with("aujourdhui", Type::Date)
        .with("acte", Type::Text)
        .with("majeur", Type::Boolean)
        .with("enfants", Type::list(Type::Context))
        .with("enfants.age", Type::Number)
        .with("adresse.commune", Type::Text);
    let labels = |name: &str| {
        Some(
            match name {
                "age" => "l’âge",
                "revenus" => "les revenus",
                "somme" => "la somme",
                "naissance" => "la date de naissance",
                "aujourdhui" => "le jour de la demande",
                "acte" => "l’acte demandé",
                "acte=copie" => "Copie intégrale",
                "majeur" => "Êtes-vous majeur ?",
                "enfants" => "les enfants",
                "adresse.commune" => "la commune",
                "e.age" => "l’âge",
                _ => return None,
            }
            .to_owned(),
        )
    };
    Rule::parse(rule, &names).unwrap().sentence(&labels).replace('\u{a0}', "~").replace('\u{202f}', "~")
}

#[test]
fn comparisons_of_numbers() {
    assert_eq!(say("age < 3 and revenus >= 12500.5"), "l’âge est inférieur à 3 et les revenus sont supérieurs ou égaux à 12~500,5");
    assert_eq!(say("somme = age or somme != 0"), "la somme est égale à l’âge ou la somme est différente de 0");
}

#[test]
fn comparisons_of_dates() {
    assert_eq!(say("naissance < date(\"2000-01-01\")"), "la date de naissance est avant le 1er janvier 2000");
    assert_eq!(say("naissance <= aujourdhui"), "la date de naissance n’est pas après le jour de la demande");
    assert_eq!(say("naissance >= @\"2000-03-02\""), "la date de naissance est au plus tôt le 2 mars 2000");
}

#[test]
fn a_choice_is_said_with_its_label() {
    assert_eq!(say("acte = \"copie\""), "l’acte demandé est «~Copie intégrale~»");
    assert_eq!(say("acte in (\"copie\", \"autre\")"), "l’acte demandé est «~Copie intégrale~» ou «~autre~»");
}

#[test]
fn a_question_is_quoted() {
    assert_eq!(say("majeur"), "la réponse à «~Êtes-vous majeur ?~» est «~oui~»");
    assert_eq!(say("not(majeur)"), "la réponse à «~Êtes-vous majeur ?~» est «~non~»");
}

#[test]
fn an_answer_left_empty() {
    assert_eq!(say("naissance = null"), "la date de naissance n’est pas renseignée");
}

#[test]
fn ranges() {
    assert_eq!(say("age in [3..6]"), "l’âge est entre 3 et 6");
    assert_eq!(say("age in [3..6)"), "l’âge est supérieur ou égal à 3 et l’âge est inférieur à 6");
    assert_eq!(say("age in (< 3, > 12)"), "l’âge est inférieur à 3 ou l’âge est supérieur à 12");
}

#[test]
fn an_age_from_two_dates() {
    let rule = "years and months duration(naissance, aujourdhui).years >= 18";
    let said = "le nombre d’années entre la date de naissance et le jour de la demande est supérieur ou égal à 18";
    assert_eq!(say(rule), said);
}

#[test]
fn a_disjunction_in_a_conjunction_is_in_parentheses() {
    assert_eq!(
        say("(age < 3 or age > 6) and majeur"),
        "(l’âge est inférieur à 3 ou l’âge est supérieur à 6) et la réponse à «~Êtes-vous majeur ?~» est «~oui~»"
    );
}

#[test]
fn lists() {
    assert_eq!(say("count(enfants) > 1"), "le nombre des enfants est supérieur à 1");
    assert_eq!(say("some e in enfants satisfies e.age < 3"), "pour au moins un élément des enfants, l’âge est inférieur à 3");
}

#[test]
fn a_part_of_an_address_has_its_own_label() {
    assert_eq!(say("adresse.commune = \"Aure\""), "la commune est «~Aure~»");
}

#[test]
fn a_name_without_label_is_readable() {
    let names = Names::new().with("sans_filiation", Type::Boolean);
    let rule = Rule::parse("sans_filiation", &names).unwrap();
    assert_eq!(rule.sentence(&|_| None).replace('\u{a0}', "~"), "«~sans filiation~» est «~oui~»");
}

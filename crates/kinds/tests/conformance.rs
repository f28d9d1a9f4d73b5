//! Every kind keeps its contract, from its own samples and from values drawn at random.
//!
//! What a particular kind means is tested in its own file.

use kinds::{Expect, Input, Kind, Rule, Sample, all, control_name, gather, kind, read_answer};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn each_sample(mut look: impl FnMut(&'static dyn Kind, &Sample)) {
    for kind in all() {
        for sample in kind.samples() {
            look(*kind, &sample);
        }
    }
}

fn each_value(mut look: impl FnMut(&'static dyn Kind, &Rule, &Json, &str)) {
    each_sample(|kind, sample| {
        if let Expect::Value { json, shown } = &sample.expect {
            look(kind, &sample.rule, json, shown);
        }
    });
}

#[test]
fn names_are_unique_and_find_their_kind() {
    for one in all() {
        assert_eq!(all().iter().filter(|other| other.name() == one.name()).count(), 1);
        assert_eq!(kind(one.name()).unwrap().name(), one.name());
        assert!(!one.parts().is_empty());
    }
    assert!(kind("inconnu").is_none());
}

#[test]
fn every_kind_has_good_blank_and_bad_samples() {
    for kind in all() {
        let samples = kind.samples();
        let has = |test: fn(&Expect) -> bool| samples.iter().any(|sample| test(&sample.expect));
        assert!(has(|e| matches!(e, Expect::Value { .. })), "{}", kind.name());
        assert!(has(|e| matches!(e, Expect::Blank)), "{}", kind.name());
        assert!(has(|e| matches!(e, Expect::Refused { .. })), "{}", kind.name());
    }
}

#[test]
fn samples_come_out_as_they_say() {
    each_sample(|kind, sample| {
        let got = kind.parse(&sample.to_input(), &sample.rule);
        let about = format!("{} {:?} gave {got:?}", kind.name(), sample.input);
        match &sample.expect {
            Expect::Value { json, shown } => {
                assert_eq!(got, Ok(Some(json.clone())), "{about}");
                assert_eq!(kind.show(json, &sample.rule), *shown, "{about}");
            }
            Expect::Blank => assert_eq!(got, Ok(None), "{about}"),
            Expect::Refused { part, says } => {
                let refusal = got.expect_err(&about);
                assert!(refusal.sentence.contains(says), "{about}");
                assert_eq!(refusal.part, *part, "{about}");
            }
        }
    });
}

#[test]
fn a_form_sent_back_untouched_gives_the_same_value() {
    each_value(|kind, rule, json, _| {
        let controls = kind.fill(json);
        let again = kind.parse(&Input::from_controls(&controls), rule);
        assert_eq!(again, Ok(Some(json.clone())), "{} {controls:?}", kind.name());
        for (part, text) in &controls {
            assert!(kind.parts().contains(&part.as_str()), "{} has no part {part}", kind.name());
            assert!(!text.is_empty());
        }
    });
}

#[test]
fn a_form_gives_its_controls_by_their_names() {
    each_value(|kind, rule, json, _| {
        let form: Vec<(String, String)> = kind.fill(json).into_iter().map(|(part, text)| (control_name("q", &part), text)).collect();
        let texts = |name: &str| form.iter().filter(|(n, _)| n == name).map(|(_, t)| t.as_str()).collect();
        assert_eq!(kind.parse(&gather(kind, "q", texts), rule), Ok(Some(json.clone())));
    });
}

#[test]
fn values_are_shown_exported_checked_and_given_to_the_rules() {
    each_value(|kind, rule, json, shown| {
        let name = kind.name();
        assert!(!shown.is_empty() && !kind.export(json, rule).is_empty(), "{name}");
        assert_eq!(kind.check(json, rule), Ok(()), "{name} {json}");
        let feel = kind.feel(json);
        assert_eq!(feel.type_, kind.feel_type(), "{name}");
        let coherent = match feel.type_ {
            "boolean" => feel.json.is_boolean(),
            "number" => feel.json.is_number(),
            "string" => feel.json.is_string(),
            "date" => feel.json.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
            "list<string>" => feel.json.as_array().is_some_and(|items| items.iter().all(Json::is_string)),
            "context" => feel.json.is_object(),
            _ => false,
        };
        assert!(coherent, "{name} {feel:?}");
    });
}

#[test]
fn a_value_of_another_shape_is_refused_at_every_door_and_never_panics() {
    let strange = [
        json!(null),
        json!([]),
        json!({}),
        json!(1.5),
        json!(""),
        json!(" x "),
        json!("é"),
        json!([1]),
        json!({"voie": 1}),
        json!({"nom": "Dreux", "code_postal": "28100", "autre": "x"}),
        json!("2026-13-01"),
        json!(u64::MAX),
    ];
    for kind in all() {
        let rule = kind.samples().remove(0).rule;
        for value in &strange {
            kind.show(value, &rule);
            kind.export(value, &rule);
            kind.feel(value);
            if let Err(refusal) = kind.check(value, &rule) {
                assert!(!refusal.sentence.is_empty());
            } else {
                assert_eq!(kind.normalize(value, &rule).as_ref(), Ok(value), "{} {value}", kind.name());
            }
        }
        assert!(kind.check(&json!(null), &rule).is_err());
        assert!(kind.check(&json!({}), &rule).is_err(), "{}", kind.name());
    }
}

#[test]
fn what_is_not_canonical_is_brought_to_its_form() {
    let cases = [
        ("telephone", json!("02 37 55 10 20"), json!("+33237551020")),
        ("courriel", json!("A@Exemple.fr"), json!("a@exemple.fr")),
        ("iban", json!("FR76 3000 6000 0112 3456 7890 189"), json!("FR7630006000011234567890189")),
        ("date", json!("24/11/2026"), json!("2026-11-24")),
        ("date_partielle", json!("1950-00-00"), json!("1950")),
        ("nombre", json!(3.0), json!(3)),
    ];
    for (name, given, wanted) in cases {
        let kind = kind(name).unwrap();
        assert_eq!(kind.normalize(&given, &Rule::default()), Ok(wanted));
        assert!(kind.check(&given, &Rule::default()).is_err(), "{name}");
    }
}

#[test]
fn sentences_are_french_sentences() {
    let sound = |sentence: &str| {
        let first = sentence.chars().next().unwrap();
        first.is_uppercase() && sentence.ends_with(['.', '?']) && !sentence.contains('\'')
    };
    each_sample(|kind, sample| {
        if let Err(refusal) = kind.parse(&sample.to_input(), &sample.rule) {
            assert!(sound(&refusal.sentence), "{}", refusal.sentence);
            assert!(refusal.part.is_none_or(|part| kind.parts().contains(&part)));
        }
    });
    for kind in all() {
        assert!(sound(kind.missing()), "{}", kind.missing());
    }
}

#[test]
fn a_blank_answer_is_refused_only_when_it_is_compulsory() {
    for kind in all() {
        let optional = Rule { required: false, ..kind.samples().remove(0).rule };
        assert_eq!(read_answer(*kind, &Input::new(), &optional), Ok(None));
        let compulsory = Rule { required: true, ..optional };
        assert!(read_answer(*kind, &Input::new(), &compulsory).is_err());
    }
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let rule = |text: &str| toml::from_str::<Rule>(text).unwrap();
    let refused = |name: &str, text: &str| kind(name).unwrap().check_rule(&rule(text)).is_err();
    assert!(refused("choix", ""));
    assert!(refused("choix", r#"choix = [{valeur="a",libelle="A"},{valeur="a",libelle="B"}]"#));
    assert!(refused("nombre", "min = 3\nmax = 2"));
    assert!(refused("date", "min = \"demain\""));
    assert!(!refused("date", "min = \"aujourd’hui - 18 ans\""));
    assert!(refused("choix_multiple", "choix_min = 2\nchoix = [{valeur=\"a\",libelle=\"A\"}]"));
    each_sample(|kind, sample| assert_eq!(kind.check_rule(&sample.rule), Ok(()), "{}", kind.name()));
}

proptest! {
    #[test]
    fn whatever_is_sent_is_refused_or_stable(
        texts in prop::collection::vec(prop_oneof!["\\PC{0,24}", "[0-9 +./,-]{0,14}", "[a-z@.éÀ ]{0,14}", ".{0,12}"], 5)
    ) {
        for kind in all() {
            let input = kind.parts().iter().zip(&texts).fold(Input::new(), |input, (part, text)| input.with(part, text));
            let rule = kind.samples().remove(0).rule;
            let Ok(Some(value)) = kind.parse(&input, &rule) else { continue };
            prop_assert_eq!(kind.check(&value, &rule), Ok(()), "{} {}", kind.name(), value);
            prop_assert!(!kind.show(&value, &rule).is_empty());
        }
    }

    #[test]
    fn amounts_and_numbers_are_read_back_as_shown(cents in 0i64..1_000_000_000_000, whole in -1_000_000_000i64..1_000_000_000, part in 0u32..1000) {
        let rule = Rule::default();
        let montant = kind("montant").unwrap();
        let shown = montant.show(&json!(cents), &rule);
        prop_assert_eq!(montant.parse(&Input::of(&shown), &rule), Ok(Some(json!(cents))));
        let nombre = kind("nombre").unwrap();
        let typed = format!("{whole},{part:03}");
        let value = nombre.parse(&Input::of(&typed), &rule).unwrap().unwrap();
        let shown = nombre.show(&value, &rule);
        prop_assert_eq!(nombre.parse(&Input::of(&shown), &rule), Ok(Some(value)));
    }

    #[test]
    fn every_day_is_read_back(days in 0i32..146_000) {
        let date = jiff::civil::date(1800, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let value = json!(date.to_string());
        for name in ["date", "date_partielle"] {
            prop_assert_eq!(kind(name).unwrap().check(&value, &Rule::default()), Ok(()));
        }
    }

    #[test]
    fn numbers_of_ten_digits_are_read_back(number in "0[1-9][0-9]{8}") {
        let rule = Rule::default();
        let telephone = kind("telephone").unwrap();
        let value = telephone.parse(&Input::of(&number), &rule).unwrap().unwrap();
        let shown = telephone.show(&value, &rule);
        prop_assert_eq!(telephone.parse(&Input::of(&shown), &rule), Ok(Some(value)));
    }
}

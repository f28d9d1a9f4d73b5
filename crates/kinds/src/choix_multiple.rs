//! Several answers among those that the question lists. JSON array of values, in the order of the list.
//!
//! A choice marked `seul` ("Aucun de ces cas") excludes the others.

use serde_json::{Value as Json, json};

use crate::choix::check_choices;
use crate::clean;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Choice, Rule};

pub(crate) struct ChoixMultiple;

impl Kind for ChoixMultiple {
    fn name(&self) -> &'static str {
        "choix_multiple"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let mut sent = Vec::new();
        for text in input.all("") {
            let value = clean::line(text)?;
            match rule.choice(&value) {
                _ if value.is_empty() => {}
                Some(_) => sent.push(value),
                None => return Err(Refusal::new("Choisissez parmi les réponses proposées.")),
            }
        }
        let chosen: Vec<&Choice> = rule.choices.iter().filter(|choice| sent.contains(&choice.value)).collect();
        if chosen.is_empty() {
            return Ok(None);
        }
        count(&chosen, rule)?;
        Ok(Some(chosen.iter().map(|choice| choice.value.as_str()).collect()))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let Some(items) = value.as_array() else {
            return Vec::new();
        };
        let texts: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
        texts.unwrap_or_default().into_iter().map(|text| (String::new(), text.to_owned())).collect()
    }

    fn show(&self, value: &Json, rule: &Rule) -> String {
        join(value, ", ", |value| rule.label(value).unwrap_or(value).to_owned())
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        join(value, ",", str::to_owned)
    }

    fn feel_type(&self) -> &'static str {
        "list<string>"
    }

    fn control(&self) -> Control {
        Control::Several
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "checkbox", ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Choisissez au moins une réponse."
    }

    fn expected(&self) -> &'static str {
        "la liste des valeurs choisies, dans l’ordre des réponses proposées"
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_choices(rule, 1)?;
        let (min, max) = (rule.min_items.unwrap_or(0), rule.max_items.unwrap_or(rule.choices.len()));
        match min > max || max == 0 || min > rule.choices.len() {
            true => Err("« choix_min » et « choix_max » ne laissent aucune réponse possible.".into()),
            false => Ok(()),
        }
    }

    fn samples(&self) -> Vec<Sample> {
        let none = Choice { alone: true, ..Choice::new("aucun", "Aucun de ces cas") };
        let cases = Rule {
            choices: vec![Choice::new("rsa", "RSA"), Choice::new("aah", "AAH"), Choice::new("apl", "APL"), none],
            max_items: Some(2),
            ..Rule::default()
        };
        let sent = |values: &[&'static str], expect| {
            let input: Vec<_> = values.iter().map(|value| ("", *value)).collect();
            Sample::parts(&input, expect).under(cases.clone())
        };
        let refused = |says| Expect::Refused { part: None, says };
        vec![
            sent(&["apl", "rsa", "apl"], Expect::Value { json: json!(["rsa", "apl"]), shown: "RSA, APL" }),
            sent(&["aucun"], Expect::Value { json: json!(["aucun"]), shown: "Aucun de ces cas" }),
            sent(&["", " "], Expect::Blank),
            sent(&["rsa", "aucun"], refused("seule")),
            sent(&["rsa", "aah", "apl"], refused("au plus 2")),
            sent(&["rsa", "autre"], refused("réponses proposées")),
        ]
    }
}

fn count(chosen: &[&Choice], rule: &Rule) -> Result<(), Refusal> {
    if let Some(alone) = chosen.iter().find(|choice| choice.alone && chosen.len() > 1) {
        return Err(Refusal::new(format!("Laissez « {} » seule, ou décochez-la pour garder vos autres réponses.", alone.label)));
    }
    if let Some(max) = rule.max_items.filter(|max| chosen.len() > *max) {
        return Err(rule.refuse(|| format!("Choisissez au plus {max} réponses.")));
    }
    let alone = chosen.iter().any(|choice| choice.alone);
    if let Some(min) = rule.min_items.filter(|min| chosen.len() < *min && !alone) {
        return Err(rule.refuse(|| format!("Choisissez au moins {min} réponses.")));
    }
    Ok(())
}

fn join(value: &Json, between: &str, word: impl Fn(&str) -> String) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Json::as_str).map(word).collect::<Vec<_>>().join(between)
}

//! One answer among those that the question lists. JSON text: the value, not the label.
//!
//! Whether it is drawn as radios or as a list is the page's business.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Choice, Rule};
use crate::texte::fill_text;

pub(crate) struct Choix;

impl Kind for Choix {
    fn name(&self) -> &'static str {
        "choix"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let value = clean::line(input.first(""))?;
        match rule.choice(&value) {
            _ if value.is_empty() => Ok(None),
            Some(choice) => Ok(Some(json!(choice.value))),
            None => Err(Refusal::new("Choisissez une des réponses proposées.")),
        }
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        fill_text(value)
    }

    fn show(&self, value: &Json, rule: &Rule) -> String {
        let value = value.as_str().unwrap_or_default();
        rule.label(value).unwrap_or(value).to_owned()
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn feel_type(&self) -> &'static str {
        "string"
    }

    fn control(&self) -> Control {
        Control::One
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "radio", ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Choisissez une réponse."
    }

    fn expected(&self) -> &'static str {
        "la valeur d’une des réponses proposées"
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_choices(rule, 2)
    }

    fn samples(&self) -> Vec<Sample> {
        let acts = Rule { choices: vec![Choice::new("naissance", "Acte de naissance"), Choice::new("deces", "Acte de décès")], ..Rule::default() };
        vec![
            Sample::good("naissance", json!("naissance"), "Acte de naissance").under(acts.clone()),
            Sample::good(" deces ", json!("deces"), "Acte de décès").under(acts.clone()),
            Sample::parts(&[("", "")], Expect::Blank).under(acts.clone()),
            Sample::bad("bapteme", "réponses proposées").under(acts.clone()),
            Sample::bad("Naissance", "réponses proposées").under(acts),
        ]
    }
}

/// Refuses an empty list, a blank or repeated value, a blank label.
pub(crate) fn check_choices(rule: &Rule, least: usize) -> Result<(), String> {
    if rule.choices.len() < least {
        return Err(match least {
            1 => "Donnez au moins une réponse dans « choix ».".into(),
            least => format!("Donnez au moins {least} réponses dans « choix »."),
        });
    }
    for (at, choice) in rule.choices.iter().enumerate() {
        if choice.label.trim().is_empty() {
            return Err(format!("Le choix « {} » n’a pas de libellé.", choice.value));
        }
        let clean = clean::line(&choice.value);
        if choice.value.is_empty() || clean.as_ref() != Ok(&choice.value) {
            return Err(format!("La valeur du choix « {} » est vide ou contient un blanc de trop.", choice.label));
        }
        if rule.choices[..at].iter().any(|other| other.value == choice.value) {
            return Err(format!("La valeur « {} » est donnée à deux choix.", choice.value));
        }
    }
    Ok(())
}

//! Yes or no. JSON boolean; the controls hold "oui" and "non".
//!
//! A box to tick that may stay empty is a multiple choice of one item.

use serde_json::{Value as Json, json};

use crate::fold::search_key;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;

pub(crate) struct OuiNon;

impl Kind for OuiNon {
    fn name(&self) -> &'static str {
        "oui_non"
    }

    fn parse(&self, input: &Input<'_>, _: &Rule) -> Result<Option<Json>, Refusal> {
        match search_key(input.first("")).as_str() {
            "" if input.is_blank() => Ok(None),
            "oui" => Ok(Some(json!(true))),
            "non" => Ok(Some(json!(false))),
            _ => Err(Refusal::new(self.missing())),
        }
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let word = |yes| if yes { "oui" } else { "non" };
        value.as_bool().map(|yes| (String::new(), word(yes).to_owned())).into_iter().collect()
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        match value.as_bool() {
            Some(true) => "Oui".to_owned(),
            Some(false) => "Non".to_owned(),
            None => String::new(),
        }
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        self.fill(value).pop().map(|(_, text)| text).unwrap_or_default()
    }

    fn feel_type(&self) -> &'static str {
        "boolean"
    }

    fn control(&self) -> Control {
        Control::YesNo
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "radio", ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Choisissez « Oui » ou « Non »."
    }

    fn expected(&self) -> &'static str {
        "true ou false"
    }

    fn samples(&self) -> Vec<Sample> {
        vec![
            Sample::good("oui", json!(true), "Oui"),
            Sample::good("Non", json!(false), "Non"),
            Sample::parts(&[("", "")], Expect::Blank),
            Sample::bad("peut-être", "Choisissez"),
            Sample::bad("?", "Choisissez"),
        ]
    }
}

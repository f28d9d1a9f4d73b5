//! A text of several lines: an explanation, a message.
//!
//! No layout: lines are kept, nothing else.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;
use crate::texte::fill_text;

const MAX: usize = 5_000;

pub(crate) struct TexteLong;

impl Kind for TexteLong {
    fn name(&self) -> &'static str {
        "texte_long"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::lines(input.first(""))?;
        if text.is_empty() {
            return Ok(None);
        }
        clean::limit(&text, rule.max_length.unwrap_or(MAX))?;
        Ok(Some(json!(text)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        fill_text(value)
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn export(&self, value: &Json, rule: &Rule) -> String {
        self.show(value, rule)
    }

    fn feel_type(&self) -> &'static str {
        "string"
    }

    fn control(&self) -> Control {
        Control::Lines
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "textarea", ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez votre réponse."
    }

    fn expected(&self) -> &'static str {
        "un texte, avec \"\\n\" entre les lignes, sans blanc au début ni à la fin"
    }

    fn samples(&self) -> Vec<Sample> {
        let short = Rule { max_length: Some(10), ..Rule::default() };
        vec![
            Sample::good("Bonjour,\r\n\r\nmerci.  ", json!("Bonjour,\n\nmerci."), "Bonjour,\n\nmerci."),
            Sample::good("Un mot", json!("Un mot"), "Un mot"),
            Sample::parts(&[("", "\r\n \r\n")], Expect::Blank),
            Sample::bad("Beaucoup trop long", "10 caractères au plus, vous en avez écrit 18").under(short),
            Sample::bad("a\u{7}", "caractère invisible"),
        ]
    }
}

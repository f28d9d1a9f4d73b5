//! A line of text: a name, a reference, a short answer.
//!
//! It judges length and pattern, never the sense.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::{Pattern, Rule};

const MAX: usize = 200;

pub(crate) struct Texte;

impl Kind for Texte {
    fn name(&self) -> &'static str {
        "texte"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        if text.is_empty() {
            return Ok(None);
        }
        clean::limit(&text, rule.max_length.unwrap_or(MAX))?;
        rule.follow_pattern(&text)?;
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

    fn hints(&self) -> Hints {
        Hints::TEXT
    }

    fn missing(&self) -> &'static str {
        "Écrivez votre réponse."
    }

    fn expected(&self) -> &'static str {
        "un texte sur une ligne, sans espace au début ni à la fin"
    }

    fn samples(&self) -> Vec<Sample> {
        let plate = Rule {
            pattern: Pattern::parse("[A-Z]{2}-[0-9]{3}-[A-Z]{2}").ok(),
            message: Some("Écrivez la plaque comme sur la carte grise, par exemple AB-123-CD.".into()),
            ..Rule::default()
        };
        let short = Rule { max_length: Some(5), ..Rule::default() };
        vec![
            Sample::good("Le Goff", json!("Le Goff"), "Le Goff"),
            Sample::good("  d’Ornano\t Marie ", json!("d’Ornano Marie"), "d’Ornano Marie"),
            Sample::good("<b>Zoé & Cie</b>", json!("<b>Zoé & Cie</b>"), "<b>Zoé & Cie</b>"),
            Sample::good("AB-123-CD", json!("AB-123-CD"), "AB-123-CD").under(plate.clone()),
            Sample::parts(&[("", " \u{a0} ")], Expect::Blank),
            Sample::bad("AB123CD", "carte grise").under(plate),
            Sample::bad("trop long", "5 caractères au plus").under(short),
            Sample::bad("a\0b", "caractère invisible"),
        ]
    }
}

/// The control of a kind whose value is one text.
pub(crate) fn fill_text(value: &Json) -> Vec<(String, String)> {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => vec![(String::new(), text.to_owned())],
        _ => Vec::new(),
    }
}

//! Letters, mails, motifs and words of states: merge fields put in place.
//! What a person wrote is escaped, so that it stays text in Markdown. It makes no PDF and sends nothing.

use super::Answers;
use crate::package::{Motif, Package, Setting, State};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a letter is given beside the answers; `dossiers` knows it. Dates come as they are written.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Around {
    pub numero: String,
    pub depose_le: String,
    pub aujourdhui: String,
    pub canal: String,
    /// Address of the page where the dossier is followed.
    pub lien: String,
    pub demandeur: Demandeur,
    pub agent: Agent,
    pub service: Service,
    pub silence: SilenceWords,
    pub pieces: Vec<PieceWords>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Demandeur {
    pub nom: String,
    pub courriel: String,
    pub adresse: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Agent {
    pub nom: String,
    pub fonction: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Service {
    pub nom: String,
    pub telephone: String,
    pub courriel: String,
    pub adresse: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct SilenceWords {
    /// « acceptée » or « rejetée »; empty when silence means nothing.
    pub effet: String,
    pub date: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct PieceWords {
    pub libelle: String,
    pub texte: String,
    pub date: String,
}

/// The names within a root, for `check`; none when the root has no parts that are known beforehand.
pub(crate) fn parts(root: &str) -> Option<&'static [&'static str]> {
    Some(match root {
        "demandeur" => &["nom", "courriel", "adresse"],
        "agent" => &["nom", "fonction"],
        "service" => &["nom", "telephone", "courriel", "adresse"],
        "silence" => &["effet", "date"],
        "motif" => &["libelle", "texte", "article"],
        _ => return None,
    })
}

/// What is merged.
pub struct Merge<'a> {
    pub answers: &'a Answers,
    /// Fields of the transitions taken so far, the last one winning.
    pub fields: &'a Answers,
    pub motif: Option<&'a Motif>,
    pub around: &'a Around,
}

/// A letter or a mail ready to be laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub title: String,
    pub subject: String,
    pub markdown: String,
}

impl Package {
    /// A letter or mail of the package; `None` when there is none of this id.
    pub fn courrier(&self, id: &str, merge: &Merge, setting: &Setting) -> Option<kernel::Result<Rendered>> {
        let courrier = self.courriers.get(id)?;
        Some(self.merged(courrier, merge, setting).map_err(|e| kernel::Error::internal(format!("courrier {id}: {e:#}"))))
    }

    /// The words of a state for the usager, with the fields given so far.
    pub fn state_name(&self, state: &State, fields: &Answers) -> String {
        self.words_of(&state.name.text, fields, false)
    }

    /// The words of a state for agents.
    pub fn state_agent(&self, state: &State, fields: &Answers) -> String {
        self.words_of(&state.agent.text, fields, false)
    }

    /// The Markdown under the name of a state.
    pub fn state_text(&self, state: &State, fields: &Answers) -> Option<String> {
        state.text.as_ref().map(|text| self.words_of(&text.text, fields, true))
    }

    fn merged(&self, courrier: &crate::package::Courrier, merge: &Merge, setting: &Setting) -> Result<Rendered, Error> {
        let mut names = self.field_values(merge.fields);
        names.extend(self.answer_values(merge, setting));
        names.extend(self.around_values(merge));
        let motif = match merge.motif {
            Some(motif) => render(&motif.text.text, &names, true)?,
            None => String::new(),
        };
        names.insert("motif".to_owned(), motif_value(merge.motif, motif));
        Ok(Rendered {
            title: courrier.title.clone(),
            subject: render(&courrier.subject.text, &names, false)?,
            markdown: render(&courrier.body.text, &names, true)?,
        })
    }

    fn words_of(&self, template: &str, fields: &Answers, markdown: bool) -> String {
        if !template.contains('{') {
            return template.to_owned();
        }
        render(template, &self.field_values(fields), markdown).unwrap_or_else(|e| {
            tracing::error!(error = %e, "The words of a state could not be merged");
            template.split('{').next().unwrap_or_default().trim_end().to_owned()
        })
    }

    /// Fields of transitions as shown, empty when not given, and the tenant's words.
    fn field_values(&self, fields: &Answers) -> BTreeMap<String, Value> {
        let mut names: BTreeMap<String, Value> = BTreeMap::new();
        for field in self.fields() {
            names.insert(field.id.clone(), Value::from(field.show(fields.get(&field.id))));
        }
        for name in crate::package::Words::NAMES {
            names.insert(name.to_owned(), Value::from(self.words.get(name).unwrap_or_default()));
        }
        names
    }

    fn answer_values(&self, merge: &Merge, setting: &Setting) -> BTreeMap<String, Value> {
        let view = self.view(merge.answers, setting);
        let mut names: BTreeMap<String, Value> = BTreeMap::new();
        for question in self.questions() {
            names.insert(question.id.clone(), Value::from(question.show(merge.answers.get(&question.id))));
        }
        for (computed, value) in &view.computed {
            let shown = value.as_ref().filter(|value| !value.is_null()).map(|value| computed.kind.show(value, &computed.rule));
            names.insert(computed.id.clone(), Value::from(shown.unwrap_or_default()));
        }
        let mut raw = merge.answers.clone();
        raw.extend(merge.fields.clone());
        for id in self.questions().chain(self.fields()).map(|q| &q.id) {
            raw.entry(id.clone()).or_insert(serde_json::Value::Null);
        }
        names.insert("valeurs".to_owned(), Value::from(Serde(&raw)));
        names
    }

    fn around_values(&self, merge: &Merge) -> BTreeMap<String, Value> {
        let around = serde_json::to_value(merge.around).unwrap_or_default();
        let mut names: BTreeMap<String, Value> =
            around.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), Value::from(Serde(value)))).collect();
        names.insert("titre".to_owned(), Value::from(self.card.title.clone()));
        let remedies = self.card.request.as_ref().and_then(|request| request.remedies.clone());
        names.insert("recours".to_owned(), Value::from_safe_string(remedies.unwrap_or_default()));
        names
    }
}

fn motif_value(motif: Option<&Motif>, text: String) -> Value {
    let safe = |text: &str| Value::from_safe_string(text.to_owned());
    let (label, article) = motif.map_or(("", ""), |m| (m.label.as_str(), m.article.as_deref().unwrap_or_default()));
    let parts: BTreeMap<&str, Value> = [("libelle", safe(label)), ("texte", Value::from_safe_string(text)), ("article", safe(article))].into();
    Value::from(parts)
}

fn render(template: &str, names: &BTreeMap<String, Value>, markdown: bool) -> Result<String, Error> {
    environment(markdown).template_from_str(template)?.render(Value::from(names.clone()))
}

/// The names that a template mentions; the line of the flaw when it does not read.
pub(crate) fn names(template: &str) -> Result<Vec<String>, (usize, String)> {
    let environment = environment(false);
    let template = environment.template_from_str(template).map_err(|e| (e.line().unwrap_or(1), e.to_string()))?;
    let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
    names.sort();
    Ok(names)
}

/// An unknown name is an error; a template ends in bounded time; answers are escaped for Markdown.
fn environment(markdown: bool) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(100_000));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual marks with other spaces are a syntax"));
    environment.set_formatter(move |out, _state, value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let text = value.to_string();
        let text = if markdown && !value.is_safe() { escape(&text) } else { text };
        out.write_str(&text).map_err(Error::from)
    });
    environment
}

/// Markdown that shows the text as it is, on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("  \n"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '+' | '=' | '-' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            // « 1. » at the beginning of a line would be a list.
            '.' | ')' if out.trim_start().chars().all(|c| c.is_ascii_digit()) && !out.is_empty() => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_stays_text() {
        let names = BTreeMap::from([("nom".to_owned(), Value::from("[gagné](https://x.example) **vite**"))]);
        let text = render("Bonjour {{ nom }},", &names, true).unwrap();
        assert_eq!(text, r"Bonjour \[gagné\](https://x.example) \*\*vite\*\*,");
        assert_eq!(render("{{ nom }}", &names, false).unwrap(), "[gagné](https://x.example) **vite**");
    }

    #[test]
    fn an_unknown_name_is_an_error_never_a_hole() {
        assert!(render("{{ inconnu }}", &BTreeMap::new(), true).is_err());
    }

    #[test]
    fn a_template_cannot_run_for_ever() {
        let template = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(render(template, &BTreeMap::new(), true).is_err());
    }
}

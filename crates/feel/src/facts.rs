//! What is known when a rule is asked: answers as JSON with their type, made into values of the language.
//! A name that is absent is not known yet; a name that is `null` was answered with nothing.

use crate::{Names, Type, json};
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelScope, Name};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The known answers.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    known: BTreeMap<String, Value>,
    /// Names given part by part (`adresse.commune`): another part of them is not known.
    partial: BTreeSet<String>,
    /// Answers that are not of their type, with the reason.
    wrong: BTreeMap<String, String>,
}

impl Facts {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more answer. A dotted name gives one part of a context.
    pub fn with(mut self, name: &str, type_: Type, answer: &Json) -> Self {
        self.set(name, type_, answer);
        self
    }

    /// Adds or replaces an answer.
    pub fn set(&mut self, name: &str, type_: Type, answer: &Json) {
        self.put(name, convert(answer, &type_, &|_| None, ""));
    }

    /// Adds an answer whose type, and the types of its declared parts (`enfants.naissance`), are those of the names.
    pub fn set_typed(&mut self, name: &str, names: &Names, answer: &Json) {
        let type_ = names.get(name).unwrap_or(Type::Any);
        self.put(name, convert(answer, &type_, &|path| names.get(path), name));
    }

    /// Adds a value of the engine as it is.
    pub(crate) fn set_value(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    fn put(&mut self, name: &str, converted: Result<Value, String>) {
        let root = name.split('.').next().unwrap_or(name);
        self.wrong.remove(name);
        let value = converted.unwrap_or_else(|reason| {
            self.wrong.insert(name.to_owned(), reason);
            Value::Null(None)
        });
        if root == name {
            self.partial.remove(name);
            self.known.insert(name.to_owned(), value);
            return;
        }
        if !self.known.contains_key(root) {
            self.partial.insert(root.to_owned());
        }
        let parts: Vec<Name> = name.split('.').skip(1).map(Name::from).collect();
        let mut context = match self.known.remove(root) {
            Some(Value::Context(context)) => context,
            _ => FeelContext::default(),
        };
        context.create_entries(&parts, value);
        self.known.insert(root.to_owned(), Value::Context(context));
    }

    /// Whether the name has an answer, be it nothing.
    pub fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.known.get(name)
    }

    /// Whether this part of a name given part by part is still to come.
    pub(crate) fn lacks_part(&self, root: &str, part: &str) -> bool {
        let absent = || match self.known.get(root) {
            Some(Value::Context(context)) => context.get_entry(&Name::from(part)).is_none(),
            _ => false,
        };
        self.partial.contains(root) && absent()
    }

    pub(crate) fn is_partial(&self, root: &str) -> bool {
        self.partial.contains(root)
    }

    /// Why an answer to one of these names could not be read.
    pub(crate) fn wrong(&self, names: &[String]) -> Option<String> {
        let (name, reason) = self.wrong.iter().find(|(name, _)| names.iter().any(|used| name.split('.').next() == Some(used)))?;
        Some(format!("la réponse à « {name} » ne peut pas servir : {reason}"))
    }

    /// The scope of an evaluation: the known ones of these names.
    pub(crate) fn scope(&self, names: &[String]) -> FeelScope {
        let mut context = FeelContext::default();
        for name in names {
            if let Some(value) = self.known.get(name) {
                context.set_entry(&Name::from(name.as_str()), value.clone());
            }
        }
        FeelScope::from(context)
    }
}

fn convert(answer: &Json, type_: &Type, types: &dyn Fn(&str) -> Option<Type>, path: &str) -> Result<Value, String> {
    let not = |found: &Json| format!("« {} » n’est pas {}", short(found), type_.in_french());
    Ok(match (type_, answer) {
        (_, Json::Null) => Value::Null(None),
        (Type::Boolean, Json::Bool(value)) => Value::Boolean(*value),
        (Type::Number, Json::Number(number)) => json::number(&number.to_string())?,
        (Type::Number, Json::String(text)) => json::number(text)?,
        (Type::Text, Json::String(text)) => Value::String(text.clone()),
        (Type::Date | Type::Time | Type::DateTime | Type::Duration, Json::String(text)) => json::temporal(text, type_)?,
        (Type::List(inner), Json::Array(items)) => Value::List(items.iter().map(|item| convert(item, inner, types, path)).collect::<Result<_, _>>()?),
        (Type::Context | Type::Any, Json::Object(entries)) => {
            let mut context = FeelContext::default();
            for (name, value) in entries {
                let path = format!("{path}.{name}");
                let type_ = types(&path).unwrap_or(Type::Any);
                context.set_entry(&Name::from(name.as_str()), convert(value, &type_, types, &path)?);
            }
            Value::Context(context)
        }
        (Type::Any, Json::Array(items)) => Value::List(items.iter().map(|item| convert(item, &Type::Any, types, path)).collect::<Result<_, _>>()?),
        (Type::Any, other) => json::plain(other)?,
        (_, other) => return Err(not(other)),
    })
}

fn short(json: &Json) -> String {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_date_becomes_a_date() {
        let facts = Facts::new().with("naissance", Type::Date, &json!("2001-02-03"));
        assert!(matches!(facts.get("naissance"), Some(Value::Date(_))));
    }

    #[test]
    fn an_answer_left_empty_knows() {
        assert!(Facts::new().with("age", Type::Number, &Json::Null).knows("age"));
    }

    #[test]
    fn an_answer_of_another_type_says_why() {
        let facts = Facts::new().with("naissance", Type::Date, &json!("hier"));
        assert_eq!(facts.wrong(&["naissance".into()]), Some("la réponse à « naissance » ne peut pas servir : « hier » n’est pas une date".into()));
    }

    #[test]
    fn a_name_given_part_by_part_lacks_the_others() {
        let facts = Facts::new().with("adresse.commune", Type::Text, &json!("Aure"));
        assert!(facts.lacks_part("adresse", "code_postal") && !facts.lacks_part("adresse", "commune"));
    }

    #[test]
    fn the_parts_of_items_take_their_declared_types() {
        let names = Names::new().with("enfants", Type::list(Type::Context)).with("enfants.naissance", Type::Date);
        let mut facts = Facts::new();
        facts.set_typed("enfants", &names, &json!([{"naissance": "2020-01-01", "nom": "2020-01-01"}]));
        let Some(Value::List(items)) = facts.get("enfants") else { panic!() };
        let Value::Context(child) = &items[0] else { panic!() };
        assert!(matches!(child.get_entry(&"naissance".into()), Some(Value::Date(_))));
        assert!(matches!(child.get_entry(&"nom".into()), Some(Value::String(_))));
    }
}

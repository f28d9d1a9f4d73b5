//! What is known when a rule is evaluated: a name that is absent is not known yet; a name that holds null was answered
//! "nothing". The difference is what lets a page say "il manque".

use std::collections::BTreeMap;

use dsntk_feel::{FeelScope, Name, context::FeelContext, values::Value};
use serde_json::Value as Json;

use crate::{Type, value::to_feel};

/// Known values, by name.
#[derive(Clone, Default)]
pub struct Facts {
    known: BTreeMap<String, Json>,
    types: BTreeMap<String, Type>,
}

impl Facts {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value of a type; temporal values are ISO text.
    pub fn with(mut self, name: impl Into<String>, type_: Type, value: &Json) -> Self {
        self.set(name, type_, value);
        self
    }

    /// Adds a value of a type; temporal values are ISO text.
    pub fn set(&mut self, name: impl Into<String>, type_: Type, value: &Json) {
        let name = name.into();
        self.known.insert(name.clone(), value.clone());
        self.types.insert(name, type_);
    }

    /// Whether the name is known, be it as nothing.
    pub fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The scope of an evaluation: every name that the rule mentions, null when it is not known.
    pub(crate) fn scope(&self, names: &[String]) -> FeelScope {
        let mut context = FeelContext::default();
        for name in names {
            let value = match (self.known.get(name), self.types.get(name)) {
                (Some(json), Some(type_)) => to_feel(json, type_),
                _ => Value::Null(None),
            };
            context.set_entry(&Name::from(name.as_str()), value);
        }
        context.into()
    }
}

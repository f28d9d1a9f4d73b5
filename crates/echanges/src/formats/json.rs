//! The document as a JSON tree. An element with a rank (`Titulaire[2]`) makes a list; an attribute is a member.

use std::collections::BTreeMap;

use kernel::Result;
use serde_json::{Map, Value};

use super::{path, wrong_path};
use crate::Document;

/// A member while the tree is built, in the order of the package.
#[derive(Default)]
struct Node {
    value: Option<Value>,
    order: Vec<String>,
    children: BTreeMap<String, Vec<Node>>,
    is_list: BTreeMap<String, bool>,
}

/// The document as a tree of members.
pub fn tree(document: &Document) -> Result<Value> {
    let mut root = Node::default();
    for field in document.fields.iter().filter(|field| !field.value.is_null()) {
        let place = path::parse(&field.path).ok_or_else(|| wrong_path(&field.path))?;
        let mut at = &mut root;
        for step in &place.steps {
            at = at.child(&step.name, step.index, step.is_ranked);
        }
        if let Some(attribute) = &place.attribute {
            at = at.child(attribute, 0, false);
        }
        if at.value.is_some() {
            return Err(wrong_path(&field.path));
        }
        at.value = Some(field.value.clone());
    }
    root.close("")
}

impl Node {
    fn child(&mut self, name: &str, index: usize, is_ranked: bool) -> &mut Self {
        if !self.children.contains_key(name) {
            self.order.push(name.to_owned());
        }
        *self.is_list.entry(name.to_owned()).or_default() |= is_ranked;
        let list = self.children.entry(name.to_owned()).or_default();
        while list.len() <= index {
            list.push(Self::default());
        }
        &mut list[index]
    }

    fn close(mut self, path: &str) -> Result<Value> {
        match (self.value.take(), self.order.is_empty()) {
            (Some(value), true) => return Ok(value),
            (Some(_), false) => return Err(wrong_path(path)),
            (None, _) => {}
        }
        let mut members = Map::new();
        for name in std::mem::take(&mut self.order) {
            let list = self.children.remove(&name).unwrap_or_default();
            let mut items: Vec<Value> = list.into_iter().map(|node| node.close(&name)).collect::<Result<_>>()?;
            let one_of_many = self.is_list.get(&name).copied().unwrap_or_default();
            let value = if one_of_many { Value::Array(items) } else { items.pop().unwrap_or_default() };
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_make_a_tree_and_ranks_make_lists() {
        let document = Document::new("x")
            .with("Acte/Code", "NAISSANCE")
            .with("Acte/@canal", 0)
            .with("Titulaire[1]/Nom", "A")
            .with("Titulaire[2]/Nom", "B")
            .with("Exemplaires", 2)
            .with("Absent", Value::Null);
        let wanted = serde_json::json!({"Acte": {"Code": "NAISSANCE", "canal": 0}, "Titulaire": [{"Nom": "A"}, {"Nom": "B"}], "Exemplaires": 2});
        assert_eq!(tree(&document).expect("a tree"), wanted);
    }

    #[test]
    fn a_value_where_a_tree_stands_is_refused() {
        assert!(tree(&Document::new("x").with("A", 1).with("A/B", 2)).is_err());
        assert!(tree(&Document::new("x").with("A", 1).with("A", 2)).is_err());
        assert!(tree(&Document::new("x").with("pas un chemin", 1)).is_err());
    }
}

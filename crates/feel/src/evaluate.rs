//! An expression tried on a context, outside any téléservice: `parvis feel`. The whole language of the standard, but
//! for what reaches outside.

use dsntk_feel::{FeelScope, values::Value};
use dsntk_feel_parser::AstNode;
use serde_json::Value as Json;

use crate::{ast, value::{plain, to_json}};

/// Characters of an expression, at most.
const LENGTH: usize = 20_000;

/// The value of an expression, or what is wrong with it. `context` is an object; temporal values come out as ISO text.
pub fn evaluate(expression: &str, context: &Json) -> Result<Json, String> {
    if expression.len() > LENGTH {
        return Err("L’expression dépasse 20 000 caractères.".into());
    }
    let scope: FeelScope = match plain(context) {
        Value::Context(context) => context.into(),
        Value::Null(_) => FeelScope::default(),
        _ => return Err("Le contexte est un objet : { \"nom\" : valeur }.".into()),
    };
    let node = dsntk_feel_parser::parse_expression(&scope, expression, false).map_err(|error| error.to_string())?;
    if reaches_outside(&node) {
        return Err("Une expression n’appelle rien au dehors : les fonctions « external » sont refusées.".into());
    }
    let value = dsntk_feel_evaluator::evaluate(&scope, &node);
    to_json(&value).ok_or_else(|| "Cette expression donne une fonction, pas une valeur.".into())
}

fn reaches_outside(node: &AstNode) -> bool {
    matches!(node, AstNode::FunctionBody(_, true)) || ast::children(node).into_iter().any(reaches_outside)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_come_out_as_json_and_temporal_ones_as_text() {
        assert_eq!(evaluate("a + 0.2", &json!({"a": 0.1})), Ok(json!(0.3)));
        assert_eq!(evaluate("date(\"2026-01-31\") + duration(\"P1M\")", &json!({})), Ok(json!("2026-02-28")));
        assert_eq!(evaluate("[1, 2, 3][item > 1]", &json!({})), Ok(json!([2, 3])));
        assert_eq!(evaluate("{a: 1, b: a + 1}", &json!({})), Ok(json!({"a": 1, "b": 2})));
        assert_eq!(evaluate("inconnu", &json!({})), Ok(Json::Null));
    }

    #[test]
    fn nothing_outside_can_be_reached() {
        let java = "{ f: function(x: number) external { java: { class: \"java.lang.Math\", method signature: \"abs(double)\" } }, r: f(-1) }.r";
        assert!(evaluate(java, &json!({})).is_err());
    }
}

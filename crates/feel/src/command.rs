//! Trying an expression by hand: any FEEL, straight to the engine, with a context of plain JSON. Not for rules of the
//! program: it reads the clock when asked (`today()`), accepts definitions of functions, and checks no type.
//! What is refused: functions outside of the language, and what is too long, too deep or too slow.

use crate::check::EXTERNAL_REFUSED;
use crate::{Facts, budget, json, tree};
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelScope, Name};
use dsntk_feel_evaluator::evaluate as run;
use dsntk_feel_parser::parse_expression;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

/// The longest expression, in bytes; the deepest; the longest evaluation.
const MAX_LENGTH: usize = 64_000;
const MAX_DEPTH: usize = 1_000;
const MAX_TIME: Duration = Duration::from_secs(5);
/// The engine is recursive: a deep expression needs room. Only what is touched is used.
const STACK: usize = 256 << 20;

/// Evaluates an expression with a context: its value as JSON (dates, times and durations as ISO text), or why not.
/// A number of more than 17 figures is rounded by JSON's own number: [`answer_line`] gives them all.
pub fn evaluate(expression: &str, context: &Json) -> Result<Json, String> {
    json::read(&apart(expression.to_owned(), context.to_string())?)
}

/// Answers one line `{"expression": "…", "context": {…}}` with one line `{"value": …}` or `{"error": "…"}`.
/// Numbers are read and written with all their figures.
pub fn answer_line(line: &str) -> String {
    let answer = serde_json::from_str::<Question>(line)
        .map_err(|error| format!("cette ligne n’est pas une question en JSON : {error}"))
        .and_then(|question| apart(question.expression, question.context.map_or_else(|| "{}".into(), |raw| raw.get().to_owned())));
    match answer {
        Ok(value) => format!("{{\"value\":{value}}}"),
        Err(error) => format!("{{\"error\":{}}}", Json::String(error)),
    }
}

#[derive(Deserialize)]
struct Question {
    expression: String,
    context: Option<Box<RawValue>>,
}

/// In a thread of its own, for its stack and so that its end is not waited for.
fn apart(expression: String, context: String) -> Result<String, String> {
    let (answers, answer) = mpsc::channel();
    std::thread::Builder::new()
        .name("feel".into())
        .stack_size(STACK)
        .spawn(move || drop(answers.send(value_of(&expression, &context))))
        .map_err(|error| format!("l’évaluation n’a pas pu commencer : {error}"))?;
    match answer.recv_timeout(MAX_TIME) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => Err("l’évaluation a été abandonnée : elle dure plus de 5 secondes".into()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("l’évaluation s’est interrompue".into()),
    }
}

fn value_of(expression: &str, context: &str) -> Result<String, String> {
    if expression.len() > MAX_LENGTH {
        return Err(format!("l’expression est trop longue : {MAX_LENGTH} octets au plus"));
    }
    let context = read_context(context)?;
    let scope = FeelScope::from(context.clone());
    let tree = parse_expression(&scope, expression, false).map_err(|_| syntax_error(expression))?;
    if tree::has_external(&tree) {
        return Err(EXTERNAL_REFUSED.into());
    }
    if tree::depth(&tree) > MAX_DEPTH {
        return Err("l’expression est trop profonde".into());
    }
    let mut facts = Facts::new();
    for (name, value) in context.iter() {
        facts.set_value(name.as_str(), value.clone());
    }
    budget::generous(&tree, &facts).map_err(|flaw| flaw.message)?;
    json::to_text(&run(&scope, &tree))
}

/// Where it went wrong, as far as the reader of rules can tell.
fn syntax_error(expression: &str) -> String {
    match crate::syntax::parse(expression, &crate::Names::new()) {
        Err(flaw) => flaw.to_string(),
        Ok(_) => "cette expression n’est pas comprise".into(),
    }
}

fn read_context(text: &str) -> Result<FeelContext, String> {
    let unread = |error: serde_json::Error| format!("le contexte n’est pas du JSON : {error}");
    let raw: &RawValue = serde_json::from_str(text).map_err(unread)?;
    match exact(raw)? {
        Value::Context(context) => Ok(context),
        Value::Null(_) => Ok(FeelContext::default()),
        _ => Err("le contexte doit être un objet JSON".into()),
    }
}

/// Reads JSON from its text, so that numbers keep their figures.
fn exact(raw: &RawValue) -> Result<Value, String> {
    let text = raw.get();
    let unread = |error: serde_json::Error| format!("le contexte n’est pas du JSON : {error}");
    match text.as_bytes().first() {
        Some(b'{') => {
            let entries: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(unread)?;
            let mut context = FeelContext::default();
            for (name, value) in entries {
                context.set_entry(&Name::from(name), exact(value)?);
            }
            Ok(Value::Context(context))
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(unread)?;
            Ok(Value::List(items.into_iter().map(exact).collect::<Result<_, _>>()?))
        }
        Some(b'-' | b'0'..=b'9') => json::number(text),
        _ => json::plain(&serde_json::from_str(text).map_err(unread)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_expression_is_evaluated_with_its_context() {
        assert_eq!(evaluate("prix * 2 + 1", &json!({"prix": 0.1})), Ok(json!(1.2)));
    }

    #[test]
    fn a_name_of_the_context_may_have_spaces() {
        assert_eq!(evaluate("Monthly Salary * 12", &json!({"Monthly Salary": 10000})), Ok(json!(120000)));
    }

    #[test]
    fn temporal_values_come_out_as_iso_text() {
        assert_eq!(evaluate("date(\"2012-12-25\") + duration(\"P1D\")", &json!({})), Ok(json!("2012-12-26")));
        assert_eq!(evaluate("duration(\"P1Y2M\")", &json!({})), Ok(json!("P1Y2M")));
        assert_eq!(evaluate("date and time(\"2012-12-24T23:59:00Z\")", &json!({})), Ok(json!("2012-12-24T23:59:00Z")));
    }

    #[test]
    fn a_text_of_the_context_stays_a_text() {
        assert_eq!(evaluate("jour instance of string", &json!({"jour": "2020-01-01"})), Ok(json!(true)));
    }

    #[test]
    fn null_is_null_and_not_an_error() {
        assert_eq!(evaluate("1 / 0", &json!({})), Ok(Json::Null));
        assert_eq!(evaluate("a > 3", &json!({"a": null})), Ok(Json::Null));
    }

    #[test]
    fn lists_and_contexts_come_out_as_json() {
        let rule = "for i in 1..3 return {carre: i * i}";
        assert_eq!(evaluate(rule, &json!({})), Ok(json!([{"carre": 1}, {"carre": 4}, {"carre": 9}])));
    }

    #[test]
    fn a_function_may_be_defined_and_called() {
        assert_eq!(evaluate("{f: function(x) x + 1, y: f(2)}.y", &json!({})), Ok(json!(3)));
    }

    #[test]
    fn a_line_keeps_all_the_figures_of_numbers() {
        let line = r#"{"expression": "n + 0.1", "context": {"n": 1234567890123456789012345678.2}}"#;
        assert_eq!(answer_line(line), r#"{"value":1234567890123456789012345678.3}"#);
    }

    #[test]
    fn a_line_without_context_is_answered() {
        assert_eq!(answer_line(r#"{"expression": "1 / 3"}"#), r#"{"value":0.3333333333333333333333333333333333}"#);
    }

    #[test]
    fn a_line_that_is_not_a_question_is_an_error() {
        assert!(answer_line("bonjour").starts_with(r#"{"error":"#));
    }

    #[test]
    fn a_fault_is_said_with_its_column() {
        assert_eq!(
            evaluate("1 +", &json!({})),
            Err("colonne 4 : cette formule s’arrête trop tôt : écrivez la suite, ou retirez le dernier mot".into())
        );
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        assert!(evaluate("for i in 1..1000000000 return i", &json!({})).is_err());
    }

    #[test]
    fn a_very_deep_expression_is_refused_and_does_not_crash() {
        assert!(evaluate(&format!("{}1", "-".repeat(60_000)), &json!({})).is_err());
        assert!(evaluate(&"[".repeat(60_000), &json!({})).is_err());
    }

    #[test]
    fn no_expression_opens_a_socket() {
        let java = "external {java: {class: \"java.lang.Math\", method signature: \"cos(double)\"}}";
        let pmml = "external {pmml: {document: \"http://127.0.0.1/x.pmml\", model: \"m\"}}";
        for body in [java, pmml] {
            for expression in [
                format!("(function(x) {body})(1)"),
                format!("{{f: function(x: number) {body}, y: f(1)}}.y"),
                format!("for i in [1, 2] return (function(x) {body})(i)"),
                format!("some i in [1] satisfies (function(x) {body})(i) > 0"),
                format!("[1][(function(x) {body})(item) > 0]"),
                format!("sort([2, 1], function(x, y) {body})"),
                format!("{{g: function(h) h(1), y: g(function(x) {body})}}.y"),
            ] {
                assert_eq!(evaluate(&expression, &json!({})), Err(EXTERNAL_REFUSED.into()), "{expression}");
            }
        }
        assert_eq!(sockets(), 0);
    }

    /// How many sockets this process holds: the tests of this crate open none.
    fn sockets() -> usize {
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let inherited =
            |entry: &std::fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()).is_some_and(|number| number < 3);
        open.filter(|entry| !inherited(entry))
            .filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|link| link.to_string_lossy().starts_with("socket:")))
            .count()
    }
}

//! `parvis feel`: lets an integrator try a rule. JSON lines in, JSON lines out; one bad line does not stop the others.

use std::io::{BufRead as _, Write as _};

use kernel::Result;
use serde_json::{Value, json};

/// Reads the standard input to its end.
pub fn run() -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(out, "{}", answer(&line))?;
        }
    }
    Ok(())
}

fn answer(line: &str) -> Value {
    let asked: Value = match serde_json::from_str(line) {
        Ok(asked) => asked,
        Err(error) => return json!({ "error": format!("Cette ligne n’est pas du JSON : {error}") }),
    };
    let Some(expression) = asked.get("expression").and_then(Value::as_str) else {
        return json!({ "error": "Il manque le membre « expression », un texte." });
    };
    let nothing = json!({});
    match ::feel::evaluate(expression, asked.get("context").unwrap_or(&nothing)) {
        Ok(value) => json!({ "value": value }),
        Err(error) => json!({ "error": error }),
    }
}

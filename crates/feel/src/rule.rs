//! A rule: a text parsed, checked and prepared once, asked many times. It keeps no fact.

use crate::names::{Names, Type};
use crate::truth::{Look, Seen};
use crate::{Facts, Flaw, Truth, budget, check, json, syntax, tree};
use dsntk_feel::Evaluator;
use dsntk_feel::values::Value;
use dsntk_feel_evaluator::prepare;
use dsntk_feel_parser::AstNode;
use std::sync::Arc;

/// A checked rule; cheap to clone.
#[derive(Clone)]
pub struct Rule(Arc<Inner>);

pub(crate) struct Inner {
    text: String,
    tree: AstNode,
    evaluator: Evaluator,
    names: Vec<String>,
    declared: Names,
    type_: Type,
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The value; dates, times and durations are ISO text.
    Known(serde_json::Value),
    /// The names whose answers can still change the value.
    Missing(Vec<String>),
}

impl Rule {
    /// Parses and checks a rule. Refused always: functions that would call out (Java, PMML), definitions of functions,
    /// the clock (`today()`), loops over an interval that is not written in figures, texts too long or too deep.
    pub fn parse(text: &str, names: &Names) -> Result<Rule, Flaw> {
        let parsed = syntax::parse(text, names)?;
        if tree::has_external(&parsed.tree) {
            let column = parsed.tokens.iter().find(|token| token.text == "external").map_or(1, |token| token.column);
            return Err(Flaw::new(column, check::EXTERNAL_REFUSED));
        }
        let checked = check::check(&parsed.tree, &parsed.tokens, names)?;
        let rule = Rule(Arc::new(Inner {
            text: text.to_owned(),
            evaluator: prepare(&parsed.tree),
            tree: parsed.tree,
            names: checked.names,
            declared: names.clone(),
            type_: checked.type_,
        }));
        budget::within(&rule.0.tree, &Facts::new())?;
        Ok(rule)
    }

    /// The same for a rule that must answer yes or no.
    pub fn parse_condition(text: &str, names: &Names) -> Result<Rule, Flaw> {
        let rule = Rule::parse(text, names)?;
        if rule.0.type_.meets(&Type::Boolean) {
            return Ok(rule);
        }
        Err(Flaw::new(1, format!("cette formule donne {}, et non un oui ou non : comparez-la à une valeur", rule.0.type_.in_french())))
    }

    /// The names it mentions, in the order they are written.
    pub fn names(&self) -> &[String] {
        &self.0.names
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// What it gives, as far as the check can tell.
    pub fn type_(&self) -> &Type {
        &self.0.type_
    }

    /// Its value, or the names that are missing to know it.
    pub fn eval(&self, facts: &Facts) -> Result<Outcome, Flaw> {
        match self.look(self.tree(), facts)? {
            Seen::Known(value) => json::to_json(&value).map(Outcome::Known).map_err(|reason| Flaw::new(1, reason)),
            Seen::Open(open) => Ok(Outcome::Missing(open.names)),
        }
    }

    /// Yes, no, or the names that can still change the answer. A rule that is neither true nor false, because an answer
    /// was left empty or a date does not exist, is a no.
    pub fn truth(&self, facts: &Facts) -> Result<Truth, Flaw> {
        Ok(self.look(self.tree(), facts)?.truth())
    }

    pub(crate) fn tree(&self) -> &AstNode {
        &self.0.tree
    }

    /// The declared names, for the wording of sentences.
    pub(crate) fn declared(&self) -> &Names {
        &self.0.declared
    }

    /// Looks at a part of the rule, within the budget.
    pub(crate) fn look(&self, node: &AstNode, facts: &Facts) -> Result<Seen, Flaw> {
        if let Some(reason) = facts.wrong(&self.0.names) {
            return Err(Flaw::new(1, reason));
        }
        budget::within(node, facts)?;
        let scope = facts.scope(&self.0.names);
        let complete = self.0.names.iter().all(|name| facts.knows(name) && !facts.is_partial(name));
        if complete && std::ptr::eq(node, self.tree()) {
            return unbroken(|| Seen::Known((self.0.evaluator)(&scope)));
        }
        unbroken(|| Look::new(facts, &self.0.names, &scope).at(node))
    }
}

/// The engine panics on a few calls that make no sense (an index that is not whole): they must not stop a request.
fn unbroken<T>(run: impl FnOnce() -> T) -> Result<T, Flaw> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .map_err(|_| Flaw::new(1, "cette formule ne peut pas être calculée avec ces réponses : vérifiez les positions et les intervalles"))
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rule").field(&self.0.text).finish()
    }
}

impl Seen {
    pub(crate) fn truth(self) -> Truth {
        match self {
            Seen::Known(Value::Boolean(true)) => Truth::Yes,
            Seen::Known(_) => Truth::No,
            Seen::Open(open) => match open.may {
                may if !may.yes => Truth::No,
                may if !may.no && !may.neither => Truth::Yes,
                _ => Truth::Missing(open.names),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn outcome(text: &str, facts: &Facts) -> Outcome {
        let names =
            Names::new().with("naissance", Type::Date).with("aujourdhui", Type::Date).with("prix", Type::Number).with("majeur", Type::Boolean);
        Rule::parse(text, &names).unwrap().eval(facts).unwrap()
    }

    fn facts() -> Facts {
        Facts::new().with("naissance", Type::Date, &json!("2000-05-20")).with("aujourdhui", Type::Date, &json!("2026-05-19")).with(
            "prix",
            Type::Number,
            &json!("0.1"),
        )
    }

    #[test]
    fn an_age_counts_whole_years_on_the_day_given() {
        let rule = "years and months duration(naissance, aujourdhui).years";
        assert_eq!(outcome(rule, &facts()), Outcome::Known(json!(25)));
    }

    #[test]
    fn a_date_is_compared_with_a_date() {
        assert_eq!(outcome("naissance < date(\"2000-06-01\")", &facts()), Outcome::Known(json!(true)));
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(outcome("prix + 0.2 = 0.3", &facts()), Outcome::Known(json!(true)));
    }

    #[test]
    fn a_date_comes_out_as_iso_text() {
        let rule = "naissance + duration(\"P18Y\")";
        assert_eq!(outcome(rule, &facts()), Outcome::Known(json!("2018-05-20")));
    }

    #[test]
    fn a_value_without_its_answer_is_missing() {
        assert_eq!(outcome("prix * 2", &Facts::new()), Outcome::Missing(vec!["prix".into()]));
    }

    #[test]
    fn a_choice_asks_only_for_the_branch_it_takes() {
        let facts = Facts::new().with("majeur", Type::Boolean, &json!(false));
        assert_eq!(outcome("if majeur then prix else 0", &facts), Outcome::Known(json!(0)));
    }

    #[test]
    fn an_answer_of_the_wrong_type_is_an_error_and_not_a_no() {
        let names = Names::new().with("naissance", Type::Date);
        let rule = Rule::parse("naissance < date(\"2000-01-01\")", &names).unwrap();
        assert!(rule.truth(&Facts::new().with("naissance", Type::Date, &json!("demain"))).is_err());
    }

    #[test]
    fn a_condition_must_answer_yes_or_no() {
        let names = Names::new().with("prix", Type::Number);
        assert!(Rule::parse_condition("prix + 1", &names).is_err());
    }

    #[test]
    fn what_breaks_the_engine_does_not_break_the_caller() {
        let names = Names::new().with("l", Type::list(Type::Number)).with("n", Type::Number);
        let facts = Facts::new().with("l", Type::list(Type::Number), &json!([])).with("n", Type::Number, &json!(0.5));
        let rule = Rule::parse("remove(l, n)", &names).unwrap();
        assert!(matches!(rule.eval(&facts), Err(_) | Ok(Outcome::Known(_))));
    }

    #[test]
    fn the_deepest_rules_fit_in_the_stack_of_a_worker() {
        let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
            let names = Names::new().with("a", Type::Boolean).with("n", Type::Number);
            let known = Facts::new().with("a", Type::Boolean, &json!(true)).with("n", Type::Number, &json!(1));
            let started = std::time::Instant::now();
            for text in [
                vec!["a"; 198].join(" or "),
                vec!["n"; 197].join(" + ") + " > 1",
                "if a then a else ".repeat(190) + "a",
                "not(".repeat(90) + "a" + &*")".repeat(90),
            ] {
                let rule = Rule::parse(&text, &names).unwrap();
                for facts in [&Facts::new(), &known] {
                    rule.truth(facts).unwrap();
                    rule.trace(facts, &|_| None);
                }
            }
            assert!(started.elapsed() < std::time::Duration::from_secs(3), "{:?}", started.elapsed());
        });
        worker.unwrap().join().unwrap();
    }

    #[test]
    fn a_rule_is_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Rule>();
        shared::<Facts>();
    }
}

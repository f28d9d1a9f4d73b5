//! A rule: parsed, checked and prepared once, evaluated often.

use std::{collections::BTreeSet, sync::Arc};

use dsntk_feel::{Evaluator, FeelScope, Name, context::FeelContext, values::Value};
use dsntk_feel_parser::AstNode;
use serde_json::Value as Json;

use crate::{Facts, Names, Type, ast, check, sentence, truth, value::to_json};

/// Characters of a rule, at most.
const LENGTH: usize = 4_000;
/// Nested operations of a rule, at most: keeps the parser's and the evaluator's stack small.
const DEPTH: usize = 60;

/// What is wrong with a rule, in French ("le fait : le remède"), and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// For the author of the rule.
    pub message: String,
    /// Column of the text, from 1.
    pub column: usize,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Flaw {}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value; temporal ones as ISO text.
    Known(Json),
    /// These names are needed and not known yet.
    Missing(Vec<String>),
}

/// What a condition answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds, whatever is still unknown.
    Yes,
    /// It does not hold, whatever is still unknown.
    No,
    /// These names can still change the answer.
    Missing(Vec<String>),
}

/// One part of a condition and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The part, in French when labels are known.
    pub text: String,
    /// What it answered.
    pub outcome: Truth,
}

/// A rule, ready to be evaluated; cheap to clone.
#[derive(Clone)]
pub struct Rule(Arc<Inner>);

struct Inner {
    text: String,
    node: AstNode,
    prepared: Evaluator,
    names: Vec<String>,
    type_: Type,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rule({})", self.0.text)
    }
}

impl Rule {
    /// Parses and checks: unknown names, types that cannot meet, calls outside, functions of its own, length and depth.
    pub fn parse(text: &str, names: &Names) -> Result<Self, Flaw> {
        let node = parse(text, names)?;
        let type_ = check::check(&node, text, names)?;
        let mentioned: Vec<String> = ast::names(&node).into_iter().filter(|name| names.get(name).is_some()).collect();
        let prepared = dsntk_feel_evaluator::prepare(&node);
        Ok(Self(Arc::new(Inner { text: text.to_owned(), node, prepared, names: mentioned, type_ })))
    }

    /// As its author wrote it.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The names that it mentions.
    pub fn names(&self) -> &[String] {
        &self.0.names
    }

    /// What it gives.
    pub fn type_(&self) -> &Type {
        &self.0.type_
    }

    /// Its value, or the names that are needed first. A value without JSON form is a flaw.
    pub fn eval(&self, facts: &Facts) -> Result<Outcome, Flaw> {
        let missing = truth::missing(&self.0.node, &self.0.names, facts);
        if !missing.is_empty() {
            return Ok(Outcome::Missing(missing.into_iter().collect()));
        }
        let value = (self.0.prepared)(&facts.scope(&self.0.names));
        match to_json(&value) {
            Some(json) => Ok(Outcome::Known(json)),
            None => Err(Flaw { message: "cette formule donne une fonction : elle doit donner une valeur".into(), column: 1 }),
        }
    }

    /// Yes, no, or which names can still change the answer. A condition that gives neither (null) is no.
    pub fn truth(&self, facts: &Facts) -> Result<Truth, Flaw> {
        Ok(truth::truth(&self.0.node, &self.0.names, facts))
    }

    /// Why: each part of the condition and what it answered, in the order of the text.
    pub fn trace(&self, facts: &Facts, labels: &dyn Fn(&str) -> Option<String>) -> Vec<Step> {
        let parts = truth::parts(&self.0.node);
        let step = |part: &AstNode| Step {
            text: sentence::sentence(part, labels),
            outcome: truth::truth(part, &self.0.names, facts),
        };
        parts.into_iter().map(step).collect()
    }

    /// The rule as a French sentence; `labels` gives the words of a name.
    pub fn sentence(&self, labels: &dyn Fn(&str) -> Option<String>) -> String {
        sentence::sentence(&self.0.node, labels)
    }
}

/// The tree of a text, within the limits; names tell the parser where a name of several words ends.
pub(crate) fn parse(text: &str, names: &Names) -> Result<AstNode, Flaw> {
    let flaw = |message: &str| Flaw { message: message.to_owned(), column: 1 };
    if text.trim().is_empty() {
        return Err(flaw("cette formule est vide : écrivez une condition ou un calcul, ou retirez la clé"));
    }
    if text.len() > LENGTH {
        return Err(flaw("cette formule dépasse 4 000 caractères : coupez-la en valeurs calculées"));
    }
    if nesting(text) > DEPTH {
        return Err(flaw("cette formule est trop imbriquée : coupez-la en valeurs calculées"));
    }
    let mut context = FeelContext::default();
    for name in names.0.keys() {
        context.set_entry(&Name::from(name.as_str()), Value::Null(None));
    }
    let scope: FeelScope = context.into();
    let node = dsntk_feel_parser::parse_expression(&scope, text, false).map_err(|_| Flaw {
        message: "cette formule ne peut pas être lue : vérifiez les parenthèses, les guillemets et les opérateurs".into(),
        column: unreadable_from(&scope, text),
    })?;
    if ast::depth(&node) > 4 * DEPTH {
        return Err(flaw("cette formule est trop imbriquée : coupez-la en valeurs calculées"));
    }
    Ok(node)
}

/// Deepest level of brackets, read before the parser recurses.
fn nesting(text: &str) -> usize {
    let (mut deepest, mut level, mut quoted) = (0_usize, 0_usize, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => level += 1,
            ')' | ']' | '}' if !quoted => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
    }
    deepest
}

/// The column after the longest beginning that can be read: the parser gives no place.
fn unreadable_from(scope: &FeelScope, text: &str) -> usize {
    let ends: BTreeSet<usize> = text.char_indices().filter(|(_, c)| c.is_whitespace() || *c == ')').map(|(at, _)| at).collect();
    let readable = ends.iter().rev().find(|end| dsntk_feel_parser::parse_expression(scope, &text[..**end], false).is_ok());
    readable.map_or(1, |end| text[..*end].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names::new()
            .with("prix", Type::Number)
            .with("majeur", Type::Boolean)
            .with("commune", Type::Text)
            .with("naissance", Type::Date)
            .with("adresse", Type::Context)
    }

    fn rule(text: &str) -> Rule {
        Rule::parse(text, &names()).expect("a sound rule")
    }

    fn flaw(text: &str) -> Flaw {
        Rule::parse(text, &names()).expect_err("a flaw")
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest_and_says_where() {
        let flaw = flaw("majeur and comune = \"ici\"");
        assert_eq!((flaw.message.as_str(), flaw.column), ("« comune » n’est pas connu ici : vouliez-vous dire « commune » ?", 12));
    }

    #[test]
    fn types_that_cannot_meet_are_refused() {
        assert!(flaw("prix = \"cent\"").message.contains("un nombre"));
        assert!(flaw("naissance > 12").message.contains("une date"));
        assert!(flaw("majeur and prix").message.contains("oui ou non"));
    }

    #[test]
    fn nothing_outside_can_be_called() {
        for text in [
            "function(x: number) external { java: { class: \"java.lang.Math\", method signature: \"abs(double)\" } }",
            "function(x) external { pmml: { document: \"http://127.0.0.1\", model: \"m\" } }",
            "{ f: function(x) x + 1, r: f(2) }.r",
        ] {
            assert!(flaw(text).message.contains("fonction"), "{text}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        assert!(Rule::parse(&format!("{}1{}", "(".repeat(500), ")".repeat(500)), &names()).is_err());
        assert!(flaw("for i in 1..1000000000 return i").message.contains("borne"));
        assert!(flaw("10 ** 100000 > 1").message.contains("puissance") || rule("10 ** 1000 > 1").truth(&Facts::new()).is_ok());
    }

    #[test]
    fn a_false_part_decides_without_the_rest() {
        let facts = Facts::new().with("majeur", Type::Boolean, &json!(false));
        assert_eq!(rule("majeur and prix > 100").truth(&facts), Ok(Truth::No));
        assert_eq!(rule("not(majeur) or prix > 100").truth(&facts), Ok(Truth::Yes));
        assert_eq!(rule("not(majeur) and prix > 100").truth(&facts), Ok(Truth::Missing(vec!["prix".into()])));
    }

    #[test]
    fn only_what_can_still_change_the_answer_is_missing() {
        let facts = Facts::new().with("commune", Type::Text, &json!("ici"));
        let both = rule("(commune = \"ailleurs\" and prix > 1) or (commune = \"ici\" and majeur)");
        assert_eq!(both.truth(&facts), Ok(Truth::Missing(vec!["majeur".into()])));
    }

    #[test]
    fn dates_are_dates_and_numbers_are_exact() {
        let facts = Facts::new().with("naissance", Type::Date, &json!("1990-05-14")).with("prix", Type::Number, &json!(0.1));
        assert_eq!(rule("naissance < date(\"2000-01-01\")").truth(&facts), Ok(Truth::Yes));
        assert_eq!(rule("prix + 0.2 = 0.3").truth(&facts), Ok(Truth::Yes));
        assert_eq!(rule("naissance + duration(\"P18Y\")").eval(&facts), Ok(Outcome::Known(json!("2008-05-14"))));
    }

    #[test]
    fn answered_nothing_is_not_unknown() {
        let facts = Facts::new().with("prix", Type::Number, &Json::Null);
        assert_eq!(rule("prix > 100").truth(&facts), Ok(Truth::No));
        assert_eq!(rule("prix > 100").truth(&Facts::new()), Ok(Truth::Missing(vec!["prix".into()])));
    }

    #[test]
    fn members_of_a_group_are_reached_by_a_dot() {
        let facts = Facts::new().with("adresse", Type::Context, &json!({"commune": "Ici"}));
        assert_eq!(rule("adresse.commune = \"Ici\"").truth(&facts), Ok(Truth::Yes));
    }

    #[test]
    fn the_trace_gives_each_part() {
        let facts = Facts::new().with("majeur", Type::Boolean, &json!(true));
        let trace = rule("majeur and prix > 100").trace(&facts, &|_| None);
        assert_eq!(trace.len(), 2);
        assert_eq!(trace[0].outcome, Truth::Yes);
        assert_eq!(trace[1].outcome, Truth::Missing(vec!["prix".into()]));
    }

    #[test]
    fn a_rule_is_said_in_french() {
        let labels = |name: &str| (name == "prix").then(|| "le prix du vélo".to_owned());
        assert_eq!(rule("prix >= 100 and commune = \"ici\"").sentence(&labels), "le prix du vélo est d’au moins 100 et commune est « ici »");
    }
}

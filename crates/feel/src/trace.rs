//! Why a rule answers what it answers: each of its conditions with its own outcome. It words nothing by itself: the text
//! is the rule's, or the French sentence when labels are given.

use crate::sentence::Wording;
use crate::{Facts, Rule, Truth, writing};
use dsntk_feel_parser::AstNode;

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The condition.
    pub text: String,
    /// Its own outcome.
    pub outcome: Truth,
    /// How far inside it stands: the parts of a condition at 0 are at 1.
    pub depth: usize,
}

impl Rule {
    /// Each condition, in the order they are written, worded in French with these labels, with its outcome. A rule that
    /// is a conjunction or a disjunction is given by its parts; inside one, the other kind is given whole and then by
    /// its parts.
    pub fn trace(&self, facts: &Facts, labels: &dyn Fn(&str) -> Option<String>) -> Vec<Step> {
        let wording = Wording::new(self.declared(), labels);
        self.steps(facts, &|node| wording.say(node))
    }

    /// The same, each condition as it is written in the language.
    pub fn trace_source(&self, facts: &Facts) -> Vec<Step> {
        self.steps(facts, &|node| writing::write(node))
    }

    fn steps(&self, facts: &Facts, say: &dyn Fn(&AstNode) -> String) -> Vec<Step> {
        let mut steps = Vec::new();
        for part in parts(self.tree()) {
            self.step(part, 0, facts, say, &mut steps);
        }
        steps
    }

    fn step(&self, node: &AstNode, depth: usize, facts: &Facts, say: &dyn Fn(&AstNode) -> String, steps: &mut Vec<Step>) {
        let outcome = self.look(node, facts).map_or_else(|_| Truth::No, |seen| seen.truth());
        steps.push(Step { text: say(node), outcome, depth });
        if matches!(node, AstNode::And(..) | AstNode::Or(..)) {
            for part in parts(node) {
                self.step(part, depth + 1, facts, say, steps);
            }
        }
    }
}

/// The operands of a conjunction or of a disjunction, however many.
pub(crate) fn parts(node: &AstNode) -> Vec<&AstNode> {
    match node {
        AstNode::And(a, b) => [a, b].into_iter().flat_map(|side| operands(side, true)).collect(),
        AstNode::Or(a, b) => [a, b].into_iter().flat_map(|side| operands(side, false)).collect(),
        other => vec![other],
    }
}

fn operands(node: &AstNode, and: bool) -> Vec<&AstNode> {
    match node {
        AstNode::And(..) if and => parts(node),
        AstNode::Or(..) if !and => parts(node),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Names, Type};
    use serde_json::json;

    fn trace(rule: &str) -> Vec<(String, Truth, usize)> {
        let names = Names::new().with("age", Type::Number).with("a", Type::Boolean).with("b", Type::Boolean);
        let facts = Facts::new().with("age", Type::Number, &json!(2)).with("a", Type::Boolean, &json!(false));
        let steps = Rule::parse(rule, &names).unwrap().trace_source(&facts);
        steps.into_iter().map(|step| (step.text, step.outcome, step.depth)).collect()
    }

    #[test]
    fn each_conjunct_has_its_own_outcome() {
        assert_eq!(
            trace("age < 3 and a and b"),
            [("age < 3".into(), Truth::Yes, 0), ("a".into(), Truth::No, 0), ("b".into(), Truth::Missing(vec!["b".into()]), 0),]
        );
    }

    #[test]
    fn a_disjunction_inside_is_given_whole_then_by_its_parts() {
        assert_eq!(
            trace("age < 3 and (a or b)"),
            [
                ("age < 3".into(), Truth::Yes, 0),
                ("a or b".into(), Truth::Missing(vec!["b".into()]), 0),
                ("a".into(), Truth::No, 1),
                ("b".into(), Truth::Missing(vec!["b".into()]), 1),
            ]
        );
    }

    #[test]
    fn a_single_condition_is_one_step() {
        assert_eq!(trace("age in [3..6]"), [("age in [3..6]".into(), Truth::No, 0)]);
    }

    #[test]
    fn a_step_is_worded_with_the_labels_of_the_questions() {
        let names = Names::new().with("age", Type::Number);
        let facts = Facts::new().with("age", Type::Number, &json!(2));
        let label = |name: &str| (name == "age").then(|| "l’âge".to_owned());
        let steps = Rule::parse("age < 3", &names).unwrap().trace(&facts, &label);
        assert_eq!(steps[0].text, "l’âge est inférieur à 3");
    }
}

//! Three-valued logic with unknowns: what a condition answers when some names are not known yet, and which of them
//! can still change the answer. Conjunctions, disjunctions, negations and choices are opened; the rest is a whole.

use std::collections::BTreeSet;

use dsntk_feel::values::Value;
use dsntk_feel_parser::AstNode;

use crate::{Facts, Truth, ast};

/// What a condition answers.
pub(crate) fn truth(node: &AstNode, names: &[String], facts: &Facts) -> Truth {
    match logic(node, names, facts) {
        Logic::Yes => Truth::Yes,
        Logic::No | Logic::Null => Truth::No,
        Logic::Missing(missing) => Truth::Missing(missing.into_iter().collect()),
    }
}

/// The names that must be known before the value is.
pub(crate) fn missing(node: &AstNode, names: &[String], facts: &Facts) -> BTreeSet<String> {
    match node {
        AstNode::If(condition, yes, no) => match logic(condition, names, facts) {
            Logic::Yes => missing(yes, names, facts),
            Logic::No | Logic::Null => missing(no, names, facts),
            Logic::Missing(missing) => missing,
        },
        AstNode::And(..) | AstNode::Or(..) => match logic(node, names, facts) {
            Logic::Missing(missing) => missing,
            _ => BTreeSet::new(),
        },
        other => unknown(other, names, facts),
    }
}

/// The parts of a conjunction or a disjunction, in the order of the text; the whole when it is neither.
pub(crate) fn parts(node: &AstNode) -> Vec<&AstNode> {
    match node {
        AstNode::And(a, b) | AstNode::Or(a, b) => [parts(a), parts(b)].concat(),
        other => vec![other],
    }
}

enum Logic {
    Yes,
    No,
    Null,
    Missing(BTreeSet<String>),
}

fn logic(node: &AstNode, names: &[String], facts: &Facts) -> Logic {
    let of = |node| logic(node, names, facts);
    match node {
        AstNode::And(a, b) => and(of(a), of(b)),
        AstNode::Or(a, b) => negate(and(negate(of(a)), negate(of(b)))),
        AstNode::If(condition, yes, no) => match of(condition) {
            Logic::Yes => of(yes),
            Logic::No | Logic::Null => of(no),
            Logic::Missing(missing) => either(missing, of(yes), of(no)),
        },
        AstNode::FunctionInvocation(function, parameters) if is_not(function) => match ast::children(parameters)[..] {
            [negated] => negate(of(negated)),
            _ => whole(node, names, facts),
        },
        other => whole(other, names, facts),
    }
}

fn is_not(function: &AstNode) -> bool {
    matches!(function, AstNode::Name(name) if name.to_string() == "not")
}

fn and(a: Logic, b: Logic) -> Logic {
    match (a, b) {
        (Logic::No, _) | (_, Logic::No) => Logic::No,
        (Logic::Missing(mut a), Logic::Missing(b)) => {
            a.extend(b);
            Logic::Missing(a)
        }
        (Logic::Missing(a), _) | (_, Logic::Missing(a)) => Logic::Missing(a),
        (Logic::Null, _) | (_, Logic::Null) => Logic::Null,
        (Logic::Yes, Logic::Yes) => Logic::Yes,
    }
}

fn negate(of: Logic) -> Logic {
    match of {
        Logic::Yes => Logic::No,
        Logic::No => Logic::Yes,
        other => other,
    }
}

/// A choice whose condition is not known: decided when both ways agree.
fn either(mut missing: BTreeSet<String>, yes: Logic, no: Logic) -> Logic {
    match (yes, no) {
        (Logic::Yes, Logic::Yes) => Logic::Yes,
        (Logic::No, Logic::No) => Logic::No,
        (a, b) => {
            for side in [a, b] {
                if let Logic::Missing(more) = side {
                    missing.extend(more);
                }
            }
            Logic::Missing(missing)
        }
    }
}

fn whole(node: &AstNode, names: &[String], facts: &Facts) -> Logic {
    let missing = unknown(node, names, facts);
    if !missing.is_empty() {
        return Logic::Missing(missing);
    }
    match dsntk_feel_evaluator::evaluate(&facts.scope(names), node) {
        Value::Boolean(true) => Logic::Yes,
        Value::Boolean(false) => Logic::No,
        _ => Logic::Null,
    }
}

fn unknown(node: &AstNode, names: &[String], facts: &Facts) -> BTreeSet<String> {
    ast::names(node).into_iter().filter(|name| names.contains(name) && !facts.knows(name)).collect()
}

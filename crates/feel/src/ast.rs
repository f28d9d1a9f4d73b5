//! Walking the parser's tree: children of a node, and the names that it mentions.

use std::collections::BTreeSet;

use dsntk_feel_parser::AstNode;

/// The nodes directly below.
pub(crate) fn children(node: &AstNode) -> Vec<&AstNode> {
    use AstNode as N;
    match node {
        N::Add(a, b) | N::And(a, b) | N::ContextEntry(a, b) | N::ContextTypeEntry(a, b) | N::Div(a, b) | N::Eq(a, b)
        | N::Every(a, b) | N::Exp(a, b) | N::Filter(a, b) | N::For(a, b) | N::FormalParameter(a, b)
        | N::FunctionDefinition(a, b) | N::FunctionInvocation(a, b) | N::FunctionType(a, b) | N::Ge(a, b) | N::Gt(a, b)
        | N::In(a, b) | N::InstanceOf(a, b) | N::IterationContextSingle(a, b) | N::Le(a, b) | N::Lt(a, b) | N::Mul(a, b)
        | N::NamedParameter(a, b) | N::Nq(a, b) | N::Or(a, b) | N::Out(a, b) | N::Path(a, b) | N::QuantifiedContext(a, b)
        | N::Range(a, b) | N::Some(a, b) | N::Sub(a, b) => vec![a, b],
        N::Between(a, b, c) | N::If(a, b, c) | N::IterationContextInterval(a, b, c) => vec![a, b, c],
        N::EvaluatedExpression(a) | N::FunctionBody(a, _) | N::IntervalEnd(a, _) | N::IntervalStart(a, _) | N::ListType(a)
        | N::Neg(a) | N::RangeType(a) | N::Satisfies(a) | N::UnaryGe(a) | N::UnaryGt(a) | N::UnaryLe(a) | N::UnaryLt(a)
        | N::UnaryEq(a) | N::UnaryNe(a) => vec![a],
        N::CommaList(items) | N::Context(items) | N::ContextType(items) | N::ExpressionList(items) | N::FormalParameters(items)
        | N::IterationContexts(items) | N::List(items) | N::NamedParameters(items) | N::NegatedList(items)
        | N::ParameterTypes(items) | N::PositionalParameters(items) | N::QualifiedName(items) | N::QuantifiedContexts(items) => {
            items.iter().collect()
        }
        N::At(_) | N::Boolean(_) | N::ContextEntryKey(_) | N::ContextTypeEntryKey(_) | N::FeelType(_) | N::Irrelevant
        | N::Name(_) | N::Null | N::Numeric(..) | N::ParameterName(_) | N::QualifiedNameSegment(_) | N::String(_) => vec![],
    }
}

/// How deep the tree is.
pub(crate) fn depth(node: &AstNode) -> usize {
    1 + children(node).into_iter().map(depth).max().unwrap_or(0)
}

/// The free names of a node: not those it binds (`for x in`, `some x in`), not members after a dot, not functions.
pub(crate) fn names(node: &AstNode) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(node, &mut vec![], &mut found);
    found
}

fn collect(node: &AstNode, bound: &mut Vec<String>, found: &mut BTreeSet<String>) {
    match node {
        AstNode::Name(name) => {
            let name = name.to_string();
            if !bound.contains(&name) {
                found.insert(name);
            }
        }
        AstNode::QualifiedName(segments) => {
            if let Some(AstNode::QualifiedNameSegment(name)) = segments.first() {
                let name = name.to_string();
                if !bound.contains(&name) {
                    found.insert(name);
                }
            }
        }
        AstNode::Path(from, _) => collect(from, bound, found),
        AstNode::FunctionInvocation(_, parameters) => collect(parameters, bound, found),
        AstNode::NamedParameter(_, value) => collect(value, bound, found),
        AstNode::For(contexts, body) | AstNode::Every(contexts, body) | AstNode::Some(contexts, body) => {
            let before = bound.len();
            for context in children(contexts) {
                let parts = children(context);
                parts[1..].iter().for_each(|part| collect(part, bound, found));
                if let AstNode::Name(name) = parts[0] {
                    bound.push(name.to_string());
                }
            }
            bound.push("partial".into());
            collect(body, bound, found);
            bound.truncate(before);
        }
        AstNode::Filter(list, condition) => {
            collect(list, bound, found);
            bound.push("item".into());
            collect(condition, bound, found);
            bound.pop();
        }
        AstNode::Context(entries) => {
            let before = bound.len();
            for entry in entries {
                if let AstNode::ContextEntry(key, value) = entry {
                    collect(value, bound, found);
                    if let AstNode::ContextEntryKey(name) = &**key {
                        bound.push(name.to_string());
                    }
                }
            }
            bound.truncate(before);
        }
        other => children(other).into_iter().for_each(|child| collect(child, bound, found)),
    }
}

//! Walking the engine's tree: the children of any node, and how deep a tree is. It judges nothing.

use dsntk_feel_parser::AstNode;

/// The children of a node in the order they are written. Exhaustive on purpose: a new kind of node must be seen here,
/// because refusals (external functions) rest on visiting everything.
pub(crate) fn children(node: &AstNode) -> Vec<&AstNode> {
    use AstNode::*;
    match node {
        At(_) | Boolean(_) | ContextEntryKey(_) | ContextTypeEntryKey(_) | FeelType(_) | Irrelevant | Name(_) | Null => {
            vec![]
        }
        Numeric(..) | ParameterName(_) | QualifiedNameSegment(_) | String(_) => vec![],
        Add(a, b) | And(a, b) | ContextEntry(a, b) | ContextTypeEntry(a, b) | Div(a, b) | Eq(a, b) | Every(a, b) => {
            vec![a, b]
        }
        Exp(a, b) | Filter(a, b) | For(a, b) | FormalParameter(a, b) | FunctionDefinition(a, b) => vec![a, b],
        FunctionInvocation(a, b) | FunctionType(a, b) | Ge(a, b) | Gt(a, b) | In(a, b) | InstanceOf(a, b) => vec![a, b],
        IterationContextSingle(a, b) | Le(a, b) | Lt(a, b) | Mul(a, b) | NamedParameter(a, b) | Nq(a, b) => vec![a, b],
        Or(a, b) | Out(a, b) | Path(a, b) | QuantifiedContext(a, b) | Range(a, b) | Some(a, b) | Sub(a, b) => vec![a, b],
        Between(a, b, c) | If(a, b, c) | IterationContextInterval(a, b, c) => vec![a, b, c],
        EvaluatedExpression(a) | FunctionBody(a, _) | IntervalEnd(a, _) | IntervalStart(a, _) | ListType(a) => vec![a],
        Neg(a) | RangeType(a) | Satisfies(a) | UnaryGe(a) | UnaryGt(a) | UnaryLe(a) | UnaryLt(a) => vec![a],
        UnaryEq(a) | UnaryNe(a) => vec![a],
        CommaList(all) | Context(all) | ContextType(all) | ExpressionList(all) | FormalParameters(all) => all.iter().collect(),
        IterationContexts(all) | List(all) | NamedParameters(all) | NegatedList(all) | ParameterTypes(all) => all.iter().collect(),
        PositionalParameters(all) | QualifiedName(all) | QuantifiedContexts(all) => all.iter().collect(),
    }
}

/// How many levels the tree has. Not recursive: it is what protects the recursive walks.
pub(crate) fn depth(root: &AstNode) -> usize {
    let mut deepest = 0;
    let mut waiting = vec![(root, 1)];
    while let Some((node, level)) = waiting.pop() {
        deepest = deepest.max(level);
        waiting.extend(children(node).into_iter().map(|child| (child, level + 1)));
    }
    deepest
}

/// Whether a function whose body lies outside of the language (Java, PMML) is defined anywhere in the tree.
pub(crate) fn has_external(root: &AstNode) -> bool {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if matches!(node, AstNode::FunctionBody(_, true)) {
            return true;
        }
        waiting.extend(children(node));
    }
    false
}

/// The name of the function called by this node, with its arguments in order.
pub(crate) fn call(node: &AstNode) -> Option<(&str, Vec<&AstNode>)> {
    let AstNode::FunctionInvocation(function, arguments) = node else { return None };
    let AstNode::Name(name) = function.as_ref() else { return None };
    let values = children(arguments).into_iter().map(|argument| match argument {
        AstNode::NamedParameter(_, value) => value.as_ref(),
        other => other,
    });
    Some((name.as_str(), values.collect()))
}

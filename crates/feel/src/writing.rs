//! A part of a rule written back in the language, for the trace. It keeps the meaning, not the spacing nor the comments.

use crate::tree;
use dsntk_feel_parser::AstNode;

pub(crate) fn write(node: &AstNode) -> String {
    use AstNode::*;
    match node {
        Or(a, b) => binary(node, a, "or", b),
        And(a, b) => binary(node, a, "and", b),
        Eq(a, b) => binary(node, a, "=", b),
        Nq(a, b) => binary(node, a, "!=", b),
        Lt(a, b) => binary(node, a, "<", b),
        Le(a, b) => binary(node, a, "<=", b),
        Gt(a, b) => binary(node, a, ">", b),
        Ge(a, b) => binary(node, a, ">=", b),
        Add(a, b) => binary(node, a, "+", b),
        Sub(a, b) => binary(node, a, "-", b),
        Mul(a, b) => binary(node, a, "*", b),
        Div(a, b) => binary(node, a, "/", b),
        Exp(a, b) => binary(node, a, "**", b),
        In(a, b) => binary(node, a, "in", b),
        Neg(a) => format!("-{}", inner(node, a)),
        Between(a, b, c) => format!("{} between {} and {}", inner(node, a), inner(node, b), inner(node, c)),
        If(a, b, c) => format!("if {} then {} else {}", write(a), write(b), write(c)),
        At(text) => format!("@{}", quoted(text)),
        String(text) => quoted(text),
        Boolean(value) => value.to_string(),
        Null => "null".into(),
        Numeric(before, after, sign, exponent) => number(before, after, *sign, exponent),
        Name(name) | ParameterName(name) | ContextEntryKey(name) | QualifiedNameSegment(name) => name.to_string(),
        Path(a, b) => format!("{}.{}", inner(node, a), write(b)),
        Filter(a, b) => format!("{}[{}]", inner(node, a), write(b)),
        FunctionInvocation(f, arguments) => format!("{}({})", write(f), write(arguments)),
        NamedParameter(a, b) | ContextEntry(a, b) => format!("{}: {}", write(a), write(b)),
        PositionalParameters(all) | NamedParameters(all) | QuantifiedContexts(all) | IterationContexts(all) => joined(all),
        ExpressionList(all) | CommaList(all) => format!("({})", joined(all)),
        NegatedList(all) => format!("not({})", joined(all)),
        List(all) => format!("[{}]", joined(all)),
        Context(all) => format!("{{{}}}", joined(all)),
        Range(low, high) => format!("{}..{}", write(low), write(high)),
        IntervalStart(a, kind) => format!("{}{}", if kind.closed() { "[" } else { "(" }, unless(kind.undefined(), a)),
        IntervalEnd(a, kind) => format!("{}{}", unless(kind.undefined(), a), if kind.closed() { "]" } else { ")" }),
        UnaryEq(a) => format!("= {}", write(a)),
        UnaryNe(a) => format!("!= {}", write(a)),
        UnaryLt(a) => format!("< {}", write(a)),
        UnaryLe(a) => format!("<= {}", write(a)),
        UnaryGt(a) => format!("> {}", write(a)),
        UnaryGe(a) => format!(">= {}", write(a)),
        Some(contexts, body) => format!("some {} {}", write(contexts), write(body)),
        Every(contexts, body) => format!("every {} {}", write(contexts), write(body)),
        Satisfies(body) => format!("satisfies {}", write(body)),
        QuantifiedContext(a, b) | IterationContextSingle(a, b) => format!("{} in {}", write(a), write(b)),
        IterationContextInterval(a, b, c) => format!("{} in {}..{}", write(a), write(b), write(c)),
        For(contexts, body) => format!("for {} return {}", write(contexts), write(body)),
        InstanceOf(a, b) => format!("{} instance of {}", inner(node, a), write(b)),
        FeelType(type_) => type_.to_string(),
        Irrelevant => "-".into(),
        other => tree::children(other).into_iter().map(write).collect::<Vec<_>>().join(" "),
    }
}

fn binary(node: &AstNode, a: &AstNode, sign: &str, b: &AstNode) -> String {
    format!("{} {sign} {}", inner(node, a), operand(b, strength(b) <= strength(node) && !same_logic(node, b)))
}

fn inner(node: &AstNode, child: &AstNode) -> String {
    operand(child, strength(child) < strength(node))
}

fn operand(child: &AstNode, parentheses: bool) -> String {
    if parentheses { format!("({})", write(child)) } else { write(child) }
}

fn same_logic(node: &AstNode, child: &AstNode) -> bool {
    matches!((node, child), (AstNode::And(..), AstNode::And(..)) | (AstNode::Or(..), AstNode::Or(..)))
}

fn strength(node: &AstNode) -> u8 {
    use AstNode::*;
    match node {
        If(..) | For(..) | Some(..) | Every(..) => 0,
        Or(..) => 1,
        And(..) => 2,
        Eq(..) | Nq(..) | Lt(..) | Le(..) | Gt(..) | Ge(..) | In(..) | Between(..) => 3,
        Add(..) | Sub(..) => 4,
        Mul(..) | Div(..) => 5,
        Exp(..) => 6,
        Neg(_) => 7,
        InstanceOf(..) => 8,
        Path(..) | Filter(..) | FunctionInvocation(..) => 9,
        _ => 10,
    }
}

fn joined(all: &[AstNode]) -> String {
    all.iter().map(write).collect::<Vec<_>>().join(", ")
}

fn unless(absent: bool, node: &AstNode) -> String {
    if absent { String::new() } else { write(node) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

pub(crate) fn number(before: &str, after: &str, sign: char, exponent: &str) -> String {
    let mut text = if before.is_empty() { "0".to_owned() } else { before.to_owned() };
    if !after.is_empty() {
        text += &format!(".{after}");
    }
    if !exponent.is_empty() {
        text += &format!("e{sign}{exponent}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Names, syntax};

    #[test]
    fn a_rule_written_back_means_the_same() {
        for rule in [
            "(a or b) and not(c)",
            "a - (b - c) * 2.5",
            "a in (\"x\", \"y\") or b in [1..3)",
            "count(l[age < 3 and item.x = 1]) >= 2",
            "some e in l satisfies e.age < 3 and e.b",
            "if a then b else c + 1",
            "years and months duration(a, b).years >= 18",
            "for i in 1..3 return i * 2",
            "a between 1 and 3 and b = @\"2020-01-01\"",
            "{x: 1, y: x + 1}.y = \"a \\\"b\\\"\"",
            "a in (< 3, >= 5)",
        ] {
            let tree = syntax::parse(rule, &Names::new()).unwrap().tree;
            let again = syntax::parse(&write(&tree), &Names::new()).unwrap().tree;
            assert_eq!(tree, again, "{rule} → {}", write(&tree));
        }
    }
}

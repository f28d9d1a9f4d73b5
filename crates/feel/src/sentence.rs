//! A rule said in French. Names take the words that the caller knows; what has no good sentence is shown as written.

use dsntk_feel_parser::AstNode;

/// The sentence of a node.
pub(crate) fn sentence(node: &AstNode, labels: &dyn Fn(&str) -> Option<String>) -> String {
    let say = |node: &AstNode| sentence(node, labels);
    match node {
        AstNode::And(a, b) => format!("{} et {}", grouped(a, labels), grouped(b, labels)),
        AstNode::Or(a, b) => format!("{} ou {}", say(a), say(b)),
        AstNode::Eq(a, b) => format!("{} est {}", say(a), say(b)),
        AstNode::Nq(a, b) => format!("{} n’est pas {}", say(a), say(b)),
        AstNode::Lt(a, b) => format!("{} est de moins de {}", say(a), say(b)),
        AstNode::Le(a, b) => format!("{} est d’au plus {}", say(a), say(b)),
        AstNode::Gt(a, b) => format!("{} est de plus de {}", say(a), say(b)),
        AstNode::Ge(a, b) => format!("{} est d’au moins {}", say(a), say(b)),
        AstNode::Between(a, b, c) => format!("{} est entre {} et {}", say(a), say(b), say(c)),
        AstNode::In(a, tests) => format!("{} est l’un de : {}", say(a), list(tests, labels)),
        AstNode::Add(a, b) => format!("{} + {}", say(a), say(b)),
        AstNode::Sub(a, b) => format!("{} − {}", say(a), say(b)),
        AstNode::Mul(a, b) => format!("{} × {}", say(a), say(b)),
        AstNode::Div(a, b) => format!("{} ÷ {}", say(a), say(b)),
        AstNode::Neg(a) => format!("−{}", say(a)),
        AstNode::If(c, a, b) => format!("si {}, alors {}, sinon {}", say(c), say(a), say(b)),
        AstNode::FunctionInvocation(function, parameters) => call(function, parameters, labels),
        AstNode::Path(from, to) => format!("{} de {}", say(to), say(from)),
        AstNode::Boolean(true) => "oui".into(),
        AstNode::Boolean(false) => "non".into(),
        AstNode::Null => "sans réponse".into(),
        AstNode::String(text) => format!("« {text} »"),
        AstNode::Numeric(whole, decimals, ..) if decimals.is_empty() => whole.clone(),
        AstNode::Numeric(whole, decimals, ..) => format!("{whole},{decimals}"),
        AstNode::Name(name) => {
            let name = name.to_string();
            labels(&name).unwrap_or_else(|| name.replace('_', " "))
        }
        AstNode::List(_) | AstNode::ExpressionList(_) => list(node, labels),
        other => list(other, labels),
    }
}

fn grouped(node: &AstNode, labels: &dyn Fn(&str) -> Option<String>) -> String {
    let text = sentence(node, labels);
    if matches!(node, AstNode::Or(..)) { format!("({text})") } else { text }
}

fn list(node: &AstNode, labels: &dyn Fn(&str) -> Option<String>) -> String {
    let items: Vec<String> = crate::ast::children(node).into_iter().map(|child| sentence(child, labels)).collect();
    items.join(", ")
}

fn call(function: &AstNode, parameters: &AstNode, labels: &dyn Fn(&str) -> Option<String>) -> String {
    let name = match function {
        AstNode::Name(name) => name.to_string(),
        other => sentence(other, labels),
    };
    let inside = list(parameters, labels);
    match name.as_str() {
        "not" => format!("il est faux que {inside}"),
        "date" => inside.trim_matches(['«', '»', ' ']).to_owned(),
        "count" => format!("le nombre de {inside}"),
        "sum" => format!("la somme de {inside}"),
        _ => format!("{name}({inside})"),
    }
}

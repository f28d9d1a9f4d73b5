//! Asking a rule while answers are missing: what it gives whatever they turn out to be, or which of them count.
//!
//! Each part is either known, or open: then it may be yes, no or neither (an answer may be left empty), and names the
//! answers it waits for. `and`, `or`, `not`, `if`, `some` and `every` reason on this; the other operations wait for all
//! they mention. It proves no theorem: `x > 3 or x <= 3` waits for x, as an empty x answers neither.

use crate::{Facts, tree};
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelScope, Name};
use dsntk_feel_evaluator::evaluate;
use dsntk_feel_parser::AstNode;

/// The answer to a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    /// The names whose answers can still change it, in the order they are written.
    Missing(Vec<String>),
}

/// What is seen of a part of a rule.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    Known(Value),
    Open(Open),
}

#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub may: May,
    pub names: Vec<String>,
}

/// The answers still possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct May {
    pub yes: bool,
    pub no: bool,
    pub neither: bool,
}

impl May {
    const ALL: May = May { yes: true, no: true, neither: true };
    const NOT_NEITHER: May = May { yes: true, no: true, neither: false };
}

pub(crate) struct Look<'a> {
    facts: &'a Facts,
    /// The names of the rule: any other name is local to it.
    names: &'a [String],
    scope: &'a FeelScope,
    bound: Vec<String>,
}

impl<'a> Look<'a> {
    pub(crate) fn new(facts: &'a Facts, names: &'a [String], scope: &'a FeelScope) -> Self {
        Self { facts, names, scope, bound: vec![] }
    }

    pub(crate) fn at(&mut self, node: &AstNode) -> Seen {
        match node {
            AstNode::And(a, b) => self.both(a, b, true),
            AstNode::Or(a, b) => self.both(a, b, false),
            AstNode::If(condition, yes, no) => self.choice(condition, yes, no),
            AstNode::Some(contexts, body) => self.quantified(node, contexts, body, true),
            AstNode::Every(contexts, body) => self.quantified(node, contexts, body, false),
            AstNode::Eq(a, b) | AstNode::Nq(a, b) => self.equality(node, a, b),
            AstNode::For(..) | AstNode::Filter(..) | AstNode::Context(_) => self.whole(node),
            AstNode::Name(_) | AstNode::Path(..) => self.whole(node),
            _ => match tree::call(node) {
                Some(("not", arguments)) if arguments.len() == 1 => self.not(arguments[0]),
                _ => self.operation(node),
            },
        }
    }

    /// `and` when `all`, else `or`: one operand may settle it whatever the other is.
    fn both(&mut self, a: &AstNode, b: &AstNode, all: bool) -> Seen {
        let (a, b) = (self.at(a), self.at(b));
        let (x, y) = (possible(&a), possible(&b));
        let may = if all {
            May { yes: x.yes && y.yes, no: x.no || y.no, neither: (x.neither && (y.yes || y.neither)) || (y.neither && (x.yes || x.neither)) }
        } else {
            May { yes: x.yes || y.yes, no: x.no && y.no, neither: (x.neither && (y.no || y.neither)) || (y.neither && (x.no || x.neither)) }
        };
        settle(may, [a, b])
    }

    fn not(&mut self, node: &AstNode) -> Seen {
        let inner = self.at(node);
        let may = possible(&inner);
        settle(May { yes: may.no, no: may.yes, neither: may.neither }, [inner])
    }

    fn choice(&mut self, condition: &AstNode, yes: &AstNode, no: &AstNode) -> Seen {
        let condition = self.at(condition);
        match &condition {
            Seen::Known(Value::Boolean(true)) => return self.at(yes),
            Seen::Known(Value::Boolean(false) | Value::Null(_)) => return self.at(no),
            Seen::Known(_) => return Seen::Known(Value::Null(None)),
            Seen::Open(open) if !open.may.yes => return self.at(no),
            Seen::Open(_) => {}
        }
        let (yes, no) = (self.at(yes), self.at(no));
        if let (Seen::Known(a), Seen::Known(b)) = (&yes, &no)
            && a == b
        {
            return yes;
        }
        let (x, y) = (possible(&yes), possible(&no));
        let may = May { yes: x.yes || y.yes, no: x.no || y.no, neither: x.neither || y.neither };
        Seen::Open(Open { may, names: union([condition, yes, no]) })
    }

    /// `some` and `every` go through a known list item by item, and stop at the first that settles the answer, as the
    /// engine does.
    fn quantified(&mut self, node: &AstNode, contexts: &AstNode, body: &AstNode, some: bool) -> Seen {
        let (AstNode::QuantifiedContexts(contexts), AstNode::Satisfies(body)) = (contexts, body) else {
            return self.whole(node);
        };
        let [AstNode::QuantifiedContext(name, list)] = contexts.as_slice() else { return self.whole(node) };
        let AstNode::Name(name) = name.as_ref() else { return self.whole(node) };
        let items = match self.at(list) {
            Seen::Known(Value::List(items)) => items,
            Seen::Known(single) => vec![single],
            Seen::Open(_) => return self.whole(node),
        };
        for item in items {
            match self.with(name, item, body) {
                Seen::Known(Value::Boolean(settled)) if settled == some => return Seen::Known(Value::Boolean(some)),
                Seen::Known(Value::Boolean(_)) => {}
                Seen::Known(_) => return Seen::Known(Value::Null(None)),
                Seen::Open(_) => return self.whole(node),
            }
        }
        Seen::Known(Value::Boolean(!some))
    }

    fn with(&mut self, name: &Name, value: Value, body: &AstNode) -> Seen {
        let mut context = FeelContext::default();
        context.set_entry(name, value);
        self.scope.push(context);
        self.bound.push(name.as_str().to_owned());
        let seen = self.at(body);
        self.bound.pop();
        self.scope.pop();
        seen
    }

    /// Comparing with `null` always answers yes or no.
    fn equality(&mut self, node: &AstNode, a: &AstNode, b: &AstNode) -> Seen {
        match self.operation(node) {
            Seen::Open(open) if matches!(a, AstNode::Null) || matches!(b, AstNode::Null) => Seen::Open(Open { may: May::NOT_NEITHER, ..open }),
            seen => seen,
        }
    }

    /// An operation waits for all its operands. What an operand does not need (`a and false`) it does not ask for; the
    /// engine then finds the same value with these answers empty.
    fn operation(&mut self, node: &AstNode) -> Seen {
        let parts: Vec<Seen> = tree::children(node).into_iter().map(|child| self.at(child)).collect();
        let names = union(parts);
        self.unless_missing(node, names)
    }

    /// A part that brings names of its own (items, entries) waits for all it mentions.
    fn whole(&mut self, node: &AstNode) -> Seen {
        let mut names = Vec::new();
        self.unknown(node, &mut names);
        self.unless_missing(node, names)
    }

    fn unless_missing(&self, node: &AstNode, names: Vec<String>) -> Seen {
        if names.is_empty() { Seen::Known(evaluate(self.scope, node)) } else { Seen::Open(Open { may: May::ALL, names }) }
    }

    fn unknown(&self, node: &AstNode, names: &mut Vec<String>) {
        match node {
            AstNode::Name(name) => {
                if self.is_missing(name.as_str()) {
                    add(names, name.as_str().to_owned());
                }
            }
            AstNode::Path(base, part) => match (base.as_ref(), part.as_ref()) {
                (AstNode::Name(root), AstNode::Name(part)) if self.facts.lacks_part(root.as_str(), part.as_str()) => {
                    add(names, format!("{root}.{part}"));
                }
                _ => self.unknown(base, names),
            },
            other => tree::children(other).into_iter().for_each(|child| self.unknown(child, names)),
        }
    }

    fn is_missing(&self, name: &str) -> bool {
        let local = self.bound.iter().any(|bound| bound == name) || !self.names.iter().any(|known| known == name);
        !local && self.facts.get(name).is_none()
    }
}

fn possible(seen: &Seen) -> May {
    match seen {
        Seen::Known(Value::Boolean(value)) => May { yes: *value, no: !*value, neither: false },
        Seen::Known(_) => May { yes: false, no: false, neither: true },
        Seen::Open(open) => open.may,
    }
}

fn settle<const N: usize>(may: May, parts: [Seen; N]) -> Seen {
    match may {
        May { yes: true, no: false, neither: false } => Seen::Known(Value::Boolean(true)),
        May { yes: false, no: true, neither: false } => Seen::Known(Value::Boolean(false)),
        May { yes: false, no: false, neither: true } => Seen::Known(Value::Null(None)),
        may => Seen::Open(Open { may, names: union(parts) }),
    }
}

fn union(parts: impl IntoIterator<Item = Seen>) -> Vec<String> {
    let mut names = Vec::new();
    for part in parts {
        if let Seen::Open(open) = part {
            open.names.into_iter().for_each(|name| add(&mut names, name));
        }
    }
    names
}

fn add(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

#[cfg(test)]
mod tests;

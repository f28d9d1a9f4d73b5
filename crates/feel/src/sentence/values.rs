//! The nouns of a sentence: names with their labels, written values, calls of functions, ranges and lists.

use super::{AstNode, Subject, Type, Wording, french, functions, json, quotes, tree, writing};
use dsntk_feel_parser::AstNode::{IntervalEnd, IntervalStart};

impl Wording<'_> {
    pub(super) fn between(&self, a: &AstNode, low: &AstNode, high: &AstNode) -> String {
        let subject = self.subject(a);
        format!("{} {} entre {} et {}", subject.text, subject.is(), self.bound(low), self.bound(high))
    }

    /// A bound of an interval, dates with their article.
    fn bound(&self, node: &AstNode) -> String {
        let article = if self.type_of(node) == Type::Date && !self.is_noun(node) { "le " } else { "" };
        format!("{article}{}", self.value(node, node))
    }

    pub(super) fn membership(&self, a: &AstNode, tests: &AstNode) -> String {
        let subject = self.subject(a);
        match tests {
            AstNode::Range(low, high) => self.range(a, low, high),
            AstNode::List(all) | AstNode::ExpressionList(all) => {
                let plain = all.iter().all(|test| !matches!(test, AstNode::Range(..)) && unary(test).is_none());
                if plain {
                    let values: Vec<_> = all.iter().map(|value| self.value(a, value)).collect();
                    return format!("{} {} {}", subject.text, subject.is(), french::list(&values, "ou"));
                }
                let said: Vec<_> = all.iter().map(|test| self.membership(a, test)).collect();
                french::list(&said, "ou")
            }
            AstNode::NegatedList(all) => {
                let values: Vec<_> = all.iter().map(|value| self.value(a, value)).collect();
                format!("{} {} {}", subject.text, subject.is_not(), french::list(&values, "ni"))
            }
            test => match unary(test) {
                Some(comparison) => self.say(&comparison(a)),
                None => {
                    let list = self.subject(test);
                    format!("{} {} parmi {}", subject.text, subject.is(), list.text)
                }
            },
        }
    }

    fn range(&self, a: &AstNode, low: &AstNode, high: &AstNode) -> String {
        let (IntervalStart(from, start), IntervalEnd(to, end)) = (low, high) else { return writing::write(a) };
        if start.closed() && end.closed() {
            return self.between(a, from, to);
        }
        let boxed = |node: &AstNode| Box::new(node.clone());
        let mut limits = Vec::new();
        if !start.undefined() {
            let (value, limit) = (boxed(a), from.clone());
            limits.push(self.say(&if start.closed() { AstNode::Ge(value, limit) } else { AstNode::Gt(value, limit) }));
        }
        if !end.undefined() {
            let (value, limit) = (boxed(a), to.clone());
            limits.push(self.say(&if end.closed() { AstNode::Le(value, limit) } else { AstNode::Lt(value, limit) }));
        }
        french::list(&limits, "et")
    }

    pub(super) fn quantified(&self, which: &str, contexts: &AstNode, body: &AstNode) -> String {
        let lists: Vec<_> = tree::children(contexts)
            .into_iter()
            .filter_map(|context| match context {
                AstNode::QuantifiedContext(_, list) => Some(self.subject(list).of()),
                _ => None,
            })
            .collect();
        let condition: Vec<_> = tree::children(body).into_iter().map(|condition| self.say(condition)).collect();
        format!("pour {which} {}, {}", french::list(&lists, "et"), condition.join(" "))
    }

    /// The calls that have a French of their own.
    pub(super) fn call(&self, node: &AstNode) -> Option<String> {
        let (name, arguments) = tree::call(node)?;
        let subject = |i: usize| arguments.get(i).map(|argument| self.subject(argument));
        let value = |i: usize| arguments.get(i).map(|argument| self.value(arguments[0], argument));
        Some(match name {
            "not" => self.negation(arguments.first()?),
            "contains" | "list contains" => format!("{} contient {}", subject(0)?.text, value(1)?),
            "starts with" => format!("{} commence par {}", subject(0)?.text, value(1)?),
            "ends with" => format!("{} finit par {}", subject(0)?.text, value(1)?),
            "matches" => format!("{} a la forme {}", subject(0)?.text, value(1)?),
            _ => return None,
        })
    }

    fn negation(&self, node: &AstNode) -> String {
        let opposite = match node {
            AstNode::Eq(a, b) => AstNode::Nq(a.clone(), b.clone()),
            AstNode::Nq(a, b) => AstNode::Eq(a.clone(), b.clone()),
            AstNode::Lt(a, b) => AstNode::Ge(a.clone(), b.clone()),
            AstNode::Ge(a, b) => AstNode::Lt(a.clone(), b.clone()),
            AstNode::Gt(a, b) => AstNode::Le(a.clone(), b.clone()),
            AstNode::Le(a, b) => AstNode::Gt(a.clone(), b.clone()),
            AstNode::Name(_) | AstNode::Path(..) => return self.yes(node, false),
            other => return format!("il n’est pas vrai que {}", self.say(other)),
        };
        self.say(&opposite)
    }

    /// What a clause is about.
    pub(super) fn subject(&self, node: &AstNode) -> Subject {
        match node {
            AstNode::Name(name) => self.named(name.as_str()),
            AstNode::Path(base, part) => self.part(base, &writing::write(part)),
            AstNode::Add(a, b) => self.calculation(a, "+", b),
            AstNode::Sub(a, b) => self.calculation(a, "−", b),
            AstNode::Mul(a, b) => self.calculation(a, "×", b),
            AstNode::Div(a, b) => self.calculation(a, "÷", b),
            _ => match tree::call(node) {
                Some((name, arguments)) => self.result_of(node, name, &arguments),
                None => Subject::masculine(self.value(node, node)),
            },
        }
    }

    fn named(&self, name: &str) -> Subject {
        match (self.labels)(name) {
            Some(label) => Subject::from_label(&label),
            None => Subject::masculine(quotes(&name.replace('_', " "))),
        }
    }

    fn part(&self, base: &AstNode, part: &str) -> Subject {
        if let (Some(("years and months duration", dates)), "years" | "months") = (tree::call(base), part)
            && let [from, to] = dates.as_slice()
        {
            let unit = if part == "years" { "d’années" } else { "de mois" };
            return Subject::masculine(format!("le nombre {unit} entre {} et {}", self.bound(from), self.bound(to)));
        }
        let dotted = format!("{}.{part}", writing::write(base));
        if let Some(label) = (self.labels)(&dotted) {
            return Subject::from_label(&label);
        }
        let owner = self.subject(base).of();
        match (self.type_of(base), part) {
            (Type::Date | Type::DateTime, "year") => Subject { feminine: true, ..Subject::masculine(format!("l’année {owner}")) },
            (Type::Date | Type::DateTime, "month") => Subject::masculine(format!("le mois {owner}")),
            (Type::Date | Type::DateTime, "day") => Subject::masculine(format!("le jour {owner}")),
            _ => Subject::masculine(format!("{} {owner}", quotes(&part.replace('_', " ")))),
        }
    }

    fn calculation(&self, a: &AstNode, sign: &str, b: &AstNode) -> Subject {
        Subject::masculine(format!("{} {sign} {}", self.value(a, a), self.value(b, b)))
    }

    fn result_of(&self, node: &AstNode, name: &str, arguments: &[&AstNode]) -> Subject {
        let [first, ..] = arguments else { return Subject::masculine(writing::write(node)) };
        let of = || self.subject(first).of();
        let all = || french::list(&arguments.iter().map(|argument| self.subject(argument).text).collect::<Vec<_>>(), "et");
        match name {
            "count" => Subject::masculine(format!("le nombre {}", of())),
            "sum" => Subject { feminine: true, ..Subject::masculine(format!("la somme {}", of())) },
            "mean" => Subject { feminine: true, ..Subject::masculine(format!("la moyenne {}", of())) },
            "min" => Subject::masculine(format!("le plus petit de {}", all())),
            "max" => Subject::masculine(format!("le plus grand de {}", all())),
            "string length" => Subject { feminine: true, ..Subject::masculine(format!("la longueur {}", of())) },
            "date" | "time" | "date and time" | "duration" => Subject::masculine(self.value(first, node)),
            _ => Subject::masculine(writing::write(node)),
        }
    }

    /// A value beside what it is compared with: a choice takes its label.
    pub(super) fn value(&self, beside: &AstNode, node: &AstNode) -> String {
        match node {
            AstNode::String(text) => {
                let label = (self.labels)(&format!("{}={text}", writing::write(beside)));
                quotes(label.as_deref().unwrap_or(text))
            }
            AstNode::Numeric(before, after, sign, exponent) => french::number(&writing::number(before, after, *sign, exponent)),
            AstNode::Neg(inner) => format!("−{}", self.value(beside, inner)),
            AstNode::Boolean(value) => quotes(if *value { "oui" } else { "non" }),
            AstNode::At(text) => temporal(text),
            AstNode::Null => "rien".into(),
            _ => match tree::call(node) {
                Some(("date" | "date and time" | "time" | "duration", arguments)) => match arguments.as_slice() {
                    [AstNode::String(text)] => temporal(text),
                    _ => writing::write(node),
                },
                Some(_) => self.subject(node).text,
                None if self.is_noun(node) => self.subject(node).text,
                None => writing::write(node),
            },
        }
    }

    /// Whether it is said with a noun (a question, a calculation), and not as a written value.
    pub(super) fn is_noun(&self, node: &AstNode) -> bool {
        match node {
            AstNode::Name(_) | AstNode::Path(..) => true,
            AstNode::Add(..) | AstNode::Sub(..) | AstNode::Mul(..) | AstNode::Div(..) => true,
            _ => tree::call(node).is_some_and(|(name, _)| !matches!(name, "date" | "time" | "date and time" | "duration")),
        }
    }

    pub(super) fn type_of(&self, node: &AstNode) -> Type {
        match node {
            AstNode::Name(_) => self.names.get(&writing::write(node)).unwrap_or(Type::Any),
            AstNode::Path(base, part) => {
                let declared = self.names.get(&writing::write(node));
                let property = || functions::property(&self.type_of(base), &writing::write(part));
                declared.or_else(property).unwrap_or(Type::Any)
            }
            AstNode::At(text) => json::temporal_type(text).unwrap_or(Type::Any),
            AstNode::Add(a, b) | AstNode::Sub(a, b) => match (self.type_of(a), self.type_of(b)) {
                (Type::Duration, when) => when,
                (when, Type::Duration) => when,
                _ => Type::Any,
            },
            _ => tree::call(node).map_or(Type::Any, |(name, _)| functions::function(name).gives),
        }
    }
}

fn temporal(text: &str) -> String {
    if text.starts_with('P') { french::duration(text) } else { french::date(text) }
}

/// `< 3` asked of a value is the comparison of that value.
fn unary(test: &AstNode) -> Option<impl Fn(&AstNode) -> AstNode + '_> {
    let (build, limit): (fn(Box<AstNode>, Box<AstNode>) -> AstNode, _) = match test {
        AstNode::UnaryEq(limit) => (AstNode::Eq, limit),
        AstNode::UnaryNe(limit) => (AstNode::Nq, limit),
        AstNode::UnaryLt(limit) => (AstNode::Lt, limit),
        AstNode::UnaryLe(limit) => (AstNode::Le, limit),
        AstNode::UnaryGt(limit) => (AstNode::Gt, limit),
        AstNode::UnaryGe(limit) => (AstNode::Ge, limit),
        _ => return None,
    };
    Some(move |value: &AstNode| build(Box::new(value.clone()), limit.clone()))
}

//! The budget of an evaluation: an upper bound of its work and of the size of what it builds, reckoned from the rule and
//! the facts before anything runs. The engine cannot be stopped half-way, so what could exceed is refused.
//! It is a bound, not a measure: it supposes that a filter keeps all and that a text function may copy its arguments.

use crate::check::written_integer;
use crate::{Facts, Flaw, tree};
use dsntk_feel::values::Value;
use dsntk_feel_parser::AstNode;

/// The most steps of an evaluation; some tenth of a second at worst.
const MAX_WORK: u64 = 3_000_000;
/// The largest value built, in bytes.
const MAX_SIZE: u64 = 4_000_000;
/// The size of a number, a date, a boolean; and of a number written out in full.
const SCALAR: u64 = 32;
const WRITTEN_NUMBER: u64 = 6_200;

/// Refuses the evaluation of this node with these facts if it could exceed the budget of a rule.
pub(crate) fn within(node: &AstNode, facts: &Facts) -> Result<(), Flaw> {
    limit(node, facts, 1, u64::from(u32::MAX))
}

/// The same for an expression tried by hand, alone on its line: a hundred times the budget of a rule. Its
/// time is limited elsewhere, so an interval between computed bounds is let through.
pub(crate) fn generous(node: &AstNode, facts: &Facts) -> Result<(), Flaw> {
    limit(node, facts, 100, 100)
}

fn limit(node: &AstNode, facts: &Facts, factor: u64, unwritten: u64) -> Result<(), Flaw> {
    let mut reckoning = Reckoning { facts, unwritten, locals: vec![], times: 1, work: 0, largest: 0 };
    reckoning.bound(node);
    if reckoning.work <= MAX_WORK * factor && reckoning.largest <= MAX_SIZE * factor {
        return Ok(());
    }
    Err(Flaw::new(1, "cette formule demanderait trop de calcul : coupez-la, ou parcourez des listes plus courtes"))
}

/// How long the longest list in a value may be, and how many bytes the value may take.
#[derive(Clone, Copy)]
struct Bound {
    items: u64,
    size: u64,
}

const ONE: Bound = Bound { items: 1, size: SCALAR };

struct Reckoning<'a> {
    facts: &'a Facts,
    /// How long an interval is supposed to be when its bounds are not written.
    unwritten: u64,
    locals: Vec<(String, Bound)>,
    /// How many times the current part runs.
    times: u64,
    work: u64,
    largest: u64,
}

impl Reckoning<'_> {
    fn bound(&mut self, node: &AstNode) -> Bound {
        let bound = self.shape(node);
        self.spend(1 + bound.size / 64);
        self.largest = self.largest.max(bound.size);
        bound
    }

    fn shape(&mut self, node: &AstNode) -> Bound {
        match node {
            AstNode::Name(name) => self.name(name.as_str()),
            AstNode::String(text) | AstNode::At(text) => Bound { items: 1, size: SCALAR + text.len() as u64 },
            AstNode::Path(base, _) => self.bound(base),
            AstNode::Filter(list, predicate) => {
                let list = self.bound(list);
                self.repeat(list.items.saturating_add(1), |me| me.bound_with("item", list, predicate));
                list
            }
            AstNode::For(contexts, body) => self.iteration(contexts, body),
            AstNode::Some(contexts, body) | AstNode::Every(contexts, body) => {
                let depth = self.locals.len();
                let times = self.bind_all(contexts);
                self.repeat(times, |me| me.bound(body));
                self.locals.truncate(depth);
                ONE
            }
            AstNode::Context(entries) => self.context(entries),
            AstNode::FunctionInvocation(..) => self.call(node),
            AstNode::And(..)
            | AstNode::Or(..)
            | AstNode::Eq(..)
            | AstNode::Nq(..)
            | AstNode::Lt(..)
            | AstNode::Le(..)
            | AstNode::Gt(..)
            | AstNode::Ge(..)
            | AstNode::Between(..)
            | AstNode::InstanceOf(..) => {
                self.all(node);
                ONE
            }
            AstNode::In(value, tests) => {
                let (value, tests) = (self.bound(value), self.bound(tests));
                self.spend(value.items.saturating_mul(tests.items));
                ONE
            }
            _ => self.all(node),
        }
    }

    fn name(&self, name: &str) -> Bound {
        match self.locals.iter().rev().find(|(local, _)| local == name) {
            Some((_, bound)) => *bound,
            None => self.facts.get(name).map_or(ONE, measure),
        }
    }

    /// The children together: what a list, a sum of texts or an unknown operation can hold.
    fn all(&mut self, node: &AstNode) -> Bound {
        let mut total = Bound { items: 1, size: SCALAR };
        for child in tree::children(node) {
            let child = self.bound(child);
            total.items = total.items.saturating_add(child.items);
            total.size = total.size.saturating_add(child.size);
        }
        total
    }

    fn call(&mut self, node: &AstNode) -> Bound {
        let Some((name, arguments)) = tree::call(node) else { return self.all(node) };
        let bounds: Vec<Bound> = arguments.iter().map(|argument| self.bound(argument)).collect();
        let items = bounds.iter().fold(1u64, |sum, bound| sum.saturating_add(bound.items));
        let size = bounds.iter().fold(SCALAR, |sum, bound| sum.saturating_add(bound.size));
        let last = bounds.last().map_or(SCALAR, |bound| bound.size);
        match name {
            "count" | "string length" | "contains" | "starts with" | "ends with" | "matches" => ONE,
            "sum" | "mean" | "median" | "number" | "date" | "time" | "duration" | "not" | "all" | "any" => ONE,
            "string" => Bound { items: 1, size: size.saturating_mul(2).saturating_add(items.saturating_mul(WRITTEN_NUMBER)) },
            "string join" => Bound { items: 1, size: size.saturating_add(items.saturating_mul(last)) },
            "replace" => Bound { items: 1, size: size.saturating_mul(last) },
            "split" => Bound { items: size, size: size.saturating_mul(SCALAR) },
            "distinct values" | "mode" | "union" | "list contains" | "remove" | "list replace" | "index of" => {
                self.spend(items.saturating_mul(items));
                Bound { items, size: size.saturating_mul(2) }
            }
            _ => Bound { items, size: size.saturating_mul(2) },
        }
    }

    fn iteration(&mut self, contexts: &AstNode, body: &AstNode) -> Bound {
        let depth = self.locals.len();
        let items = self.bind_all(contexts);
        let mut one = ONE;
        self.repeat(items, |me| one = me.bound(body));
        self.locals.truncate(depth);
        let size = items.saturating_mul(one.size);
        // The engine copies the results already found at each turn.
        self.spend(items.saturating_mul(1 + size / 64));
        Bound { items, size }
    }

    /// Binds the variables of an iteration and says how many times its body runs.
    fn bind_all(&mut self, contexts: &AstNode) -> u64 {
        let mut times = 1u64;
        for context in tree::children(contexts) {
            let (name, bound) = match context {
                AstNode::IterationContextInterval(name, low, high) => (name, self.interval(low, high)),
                AstNode::IterationContextSingle(name, list) | AstNode::QuantifiedContext(name, list) => {
                    let bound = match list.as_ref() {
                        AstNode::Range(low, high) => self.interval(low, high),
                        list => self.bound(list),
                    };
                    (name, bound)
                }
                _ => continue,
            };
            times = times.saturating_mul(bound.items.max(1));
            if let AstNode::Name(name) = name.as_ref() {
                self.locals.push((name.as_str().to_owned(), bound));
            }
        }
        times
    }

    fn interval(&mut self, low: &AstNode, high: &AstNode) -> Bound {
        let written = written_integer(low).zip(written_integer(high));
        let items = written.map_or(self.unwritten, |(low, high)| low.abs_diff(high).saturating_add(1));
        Bound { items, size: SCALAR }
    }

    fn context(&mut self, entries: &[AstNode]) -> Bound {
        let depth = self.locals.len();
        let mut total = Bound { items: 1, size: SCALAR };
        for entry in entries {
            let AstNode::ContextEntry(key, value) = entry else { continue };
            let value = self.bound(value);
            total.items = total.items.max(value.items);
            total.size = total.size.saturating_add(value.size).saturating_add(SCALAR);
            if let AstNode::ContextEntryKey(key) = key.as_ref() {
                self.locals.push((key.as_str().to_owned(), value));
            }
        }
        self.locals.truncate(depth);
        total
    }

    fn bound_with(&mut self, name: &str, bound: Bound, node: &AstNode) -> Bound {
        self.locals.push((name.to_owned(), bound));
        let found = self.bound(node);
        self.locals.pop();
        found
    }

    fn repeat<T>(&mut self, times: u64, run: impl FnOnce(&mut Self) -> T) {
        let before = self.times;
        self.times = before.saturating_mul(times);
        run(self);
        self.times = before;
    }

    fn spend(&mut self, work: u64) {
        self.work = self.work.saturating_add(work.saturating_mul(self.times));
    }
}

fn measure(value: &Value) -> Bound {
    match value {
        Value::String(text) => Bound { items: 1, size: SCALAR + text.len() as u64 },
        Value::List(items) => items.iter().map(measure).fold(Bound { items: items.len() as u64, size: SCALAR }, |total, item| Bound {
            items: total.items.max(item.items),
            size: total.size.saturating_add(item.size),
        }),
        Value::Context(context) => context.iter().fold(ONE, |total, (name, value)| {
            let value = measure(value);
            let size = total.size.saturating_add(value.size).saturating_add(name.as_str().len() as u64);
            Bound { items: total.items.max(value.items), size }
        }),
        _ => ONE,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Facts, Names, Rule, Type};
    use serde_json::json;
    use std::time::{Duration, Instant};

    fn names() -> Names {
        Names::new().with("l", Type::list(Type::Number)).with("t", Type::Text)
    }

    fn asked(rule: &str) -> Result<(), String> {
        let list: Vec<usize> = (0..400).collect();
        let facts = Facts::new().with("l", Type::list(Type::Number), &json!(list)).with("t", Type::Text, &json!("x".repeat(1_000)));
        let rule = Rule::parse(rule, &names()).map_err(|flaw| flaw.message)?;
        rule.eval(&facts).map(drop).map_err(|flaw| flaw.message)
    }

    #[test]
    fn a_plain_walk_of_a_list_is_within_the_budget() {
        assert_eq!(asked("some x in l satisfies x > 399"), Ok(()));
    }

    #[test]
    fn a_walk_in_a_walk_in_a_walk_is_refused() {
        assert!(asked("some x in l, y in l, z in l satisfies x + y + z = -1").unwrap_err().contains("trop de calcul"));
    }

    #[test]
    fn a_text_doubled_thirty_times_is_refused_at_once() {
        let mut rule = String::from("{a0: t");
        for i in 1..30 {
            rule += &format!(", a{i}: a{0} + a{0}", i - 1);
        }
        let started = Instant::now();
        assert!(asked(&(rule + "}.a29")).unwrap_err().contains("trop de calcul"));
        assert!(started.elapsed() < Duration::from_millis(500));
    }

    #[test]
    fn texts_that_replace_into_themselves_are_refused() {
        let rule = "replace(replace(replace(t, \"x\", t), \"x\", t), \"x\", t)";
        assert!(asked(rule).unwrap_err().contains("trop de calcul"));
    }

    #[test]
    fn written_intervals_in_one_another_are_refused_when_the_rule_is_parsed() {
        let rule = "for a in 1..1000, b in 1..1000, c in 1..1000 return a";
        assert!(Rule::parse(rule, &names()).is_err());
    }
}

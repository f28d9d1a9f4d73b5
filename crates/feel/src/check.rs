//! The check before publication: unknown names, types that cannot meet, what a rule may not do. It infers as far as it
//! can and stays silent where it cannot.

use dsntk_feel_parser::AstNode;

use crate::{Flaw, Names, Type, ast};

/// Longest iteration over an interval of numbers.
const ITERATIONS: i64 = 1_000;

/// The type of a rule, or the first flaw found.
pub(crate) fn check(node: &AstNode, text: &str, names: &Names) -> Result<Type, Flaw> {
    let checker = Checker { text, names };
    checker.forbidden(node)?;
    for name in ast::names(node) {
        checker.known(&name)?;
    }
    checker.type_of(node)
}

struct Checker<'a> {
    text: &'a str,
    names: &'a Names,
}

impl Checker<'_> {
    fn flaw(&self, message: impl Into<String>, near: &str) -> Flaw {
        Flaw { message: message.into(), column: column_of(self.text, near) }
    }

    fn forbidden(&self, node: &AstNode) -> Result<(), Flaw> {
        match node {
            AstNode::FunctionDefinition(..) | AstNode::FunctionBody(..) => {
                Err(self.flaw("une formule ne définit pas de fonction et n’appelle rien au dehors : écrivez le calcul lui-même", "function"))
            }
            AstNode::IterationContextInterval(_, from, to) if !is_bounded(from, to) => {
                Err(self.flaw("cette répétition n’a pas de borne sûre : répétez sur une liste, ou sur mille valeurs au plus", "for"))
            }
            AstNode::Exp(_, exponent) if number(exponent).is_none_or(|n| n.abs() > 1_000) => {
                Err(self.flaw("la puissance doit être un nombre écrit, de mille au plus : écrivez par exemple prix ** 2", "**"))
            }
            other => ast::children(other).into_iter().try_for_each(|child| self.forbidden(child)),
        }
    }

    fn known(&self, name: &str) -> Result<(), Flaw> {
        if self.names.get(name).is_some() {
            return Ok(());
        }
        let advice = match self.names.nearest(name) {
            Some(near) => format!("vouliez-vous dire « {near} » ?"),
            None => "une formule ne connaît que les questions et les valeurs calculées du téléservice".into(),
        };
        Err(self.flaw(format!("« {name} » n’est pas connu ici : {advice}"), name))
    }

    fn type_of(&self, node: &AstNode) -> Result<Type, Flaw> {
        use AstNode as N;
        Ok(match node {
            N::Boolean(_) => Type::Boolean,
            N::Numeric(..) => Type::Number,
            N::String(_) => Type::Text,
            N::Name(name) => self.names.get(&name.to_string()).cloned().unwrap_or(Type::Any),
            N::And(a, b) | N::Or(a, b) => {
                self.expect(a, Type::Boolean)?;
                self.expect(b, Type::Boolean)?;
                Type::Boolean
            }
            N::Eq(a, b) | N::Nq(a, b) | N::Lt(a, b) | N::Le(a, b) | N::Gt(a, b) | N::Ge(a, b) => self.compared(a, b)?,
            N::Between(a, b, c) => {
                self.compared(a, b)?;
                self.compared(a, c)?
            }
            N::In(a, tests) => {
                self.type_of(a)?;
                self.all(tests)?;
                Type::Boolean
            }
            N::Add(a, b) | N::Sub(a, b) => self.added(a, b)?,
            N::Mul(a, b) | N::Div(a, b) | N::Exp(a, b) => {
                let (a, b) = (self.type_of(a)?, self.type_of(b)?);
                if a == Type::Number && b == Type::Number { Type::Number } else { Type::Any }
            }
            N::Neg(a) => self.type_of(a)?,
            N::If(condition, yes, no) => {
                self.expect(condition, Type::Boolean)?;
                let (yes, no) = (self.type_of(yes)?, self.type_of(no)?);
                if yes == no { yes } else { Type::Any }
            }
            N::List(items) => {
                items.iter().try_for_each(|item| self.type_of(item).map(drop))?;
                let first = items.first().map(|item| self.type_of(item)).transpose()?;
                Type::List(Box::new(first.unwrap_or(Type::Any)))
            }
            N::Some(..) | N::Every(..) | N::InstanceOf(..) => Type::Boolean,
            N::Context(_) => Type::Context,
            N::FunctionInvocation(function, parameters) => {
                self.all(parameters)?;
                function_type(function)
            }
            _ => Type::Any,
        })
    }

    fn all(&self, node: &AstNode) -> Result<(), Flaw> {
        ast::children(node).into_iter().try_for_each(|child| self.type_of(child).map(drop))
    }

    fn expect(&self, node: &AstNode, wanted: Type) -> Result<(), Flaw> {
        let found = self.type_of(node)?;
        if found.meets(&wanted) {
            return Ok(());
        }
        let near = ast::names(node).into_iter().next().unwrap_or_default();
        Err(self.flaw(format!("il faut ici {}, et c’est {} : comparez-le à une valeur", wanted.label(), found.label()), &near))
    }

    fn compared(&self, a: &AstNode, b: &AstNode) -> Result<Type, Flaw> {
        let (left, right) = (self.type_of(a)?, self.type_of(b)?);
        let is_null = |node: &AstNode| matches!(node, AstNode::Null);
        if left.meets(&right) || is_null(a) || is_null(b) {
            return Ok(Type::Boolean);
        }
        let near = ast::names(a).into_iter().chain(ast::names(b)).next().unwrap_or_default();
        let remedy = if [&left, &right].contains(&&Type::Date) { ", par exemple date(\"2026-01-31\")" } else { "" };
        let message = format!("on ne compare pas {} à {} : écrivez deux valeurs de même genre{remedy}", left.label(), right.label());
        Err(self.flaw(message, &near))
    }

    fn added(&self, a: &AstNode, b: &AstNode) -> Result<Type, Flaw> {
        let (left, right) = (self.type_of(a)?, self.type_of(b)?);
        Ok(match (&left, &right) {
            (Type::Number, Type::Number) => Type::Number,
            (Type::Text, Type::Text) => Type::Text,
            (Type::Date, Type::Duration) => Type::Date,
            (Type::Date, Type::Date) => Type::Duration,
            (Type::Duration, Type::Duration) => Type::Duration,
            (Type::Any, _) | (_, Type::Any) | (Type::DateTime | Type::Time, _) | (Type::Duration, Type::Date) => Type::Any,
            _ => {
                let near = ast::names(a).into_iter().chain(ast::names(b)).next().unwrap_or_default();
                let message = format!("on n’ajoute pas {} à {} : convertissez l’un des deux", right.label(), left.label());
                return Err(self.flaw(message, &near));
            }
        })
    }
}

fn is_bounded(from: &AstNode, to: &AstNode) -> bool {
    matches!((number(from), number(to)), (Some(from), Some(to)) if from.abs_diff(to) <= ITERATIONS.unsigned_abs())
}

fn number(node: &AstNode) -> Option<i64> {
    match node {
        AstNode::Numeric(whole, decimals, _, exponent) if decimals.is_empty() && exponent.is_empty() => whole.parse().ok(),
        AstNode::Neg(inner) => number(inner).map(|n| -n),
        _ => None,
    }
}

fn function_type(function: &AstNode) -> Type {
    let AstNode::Name(name) = function else { return Type::Any };
    match name.to_string().as_str() {
        "not" | "contains" | "starts with" | "ends with" | "list contains" | "all" | "any" | "matches" | "is" | "before" | "after" => Type::Boolean,
        "count" | "sum" | "mean" | "floor" | "ceiling" | "abs" | "decimal" | "number" | "string length" | "modulo" | "round up"
        | "round down" | "round half up" | "round half down" | "day of year" | "week of year" => Type::Number,
        "string" | "upper case" | "lower case" | "substring" | "replace" | "string join" | "day of week" | "month of year" => Type::Text,
        "date" => Type::Date,
        "time" => Type::Time,
        "date and time" => Type::DateTime,
        "duration" | "years and months duration" => Type::Duration,
        _ => Type::Any,
    }
}

/// Column, from 1, of a word standing alone in the text; 1 when it is not found.
fn column_of(text: &str, word: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let stands_alone = |at: &usize| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    };
    let found = text.match_indices(word).map(|(at, _)| at).find(stands_alone);
    found.filter(|_| !word.is_empty()).map_or(1, |at| text[..at].chars().count() + 1)
}

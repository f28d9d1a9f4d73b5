//! The part of the check about operators: what may be compared, added, joined by `and`. Names and functions are not here.

use super::{Check, Typed, typed};
use crate::{Flaw, Type, tree};
use dsntk_feel_parser::AstNode;

impl Check<'_> {
    pub(super) fn comparison(&mut self, a: &AstNode, b: &AstNode) -> Result<Typed, Flaw> {
        let (left, right) = (self.visit(a)?, self.visit(b)?);
        comparable(&left, &right)?;
        Ok(typed(Type::Boolean, left.column))
    }

    pub(super) fn logic(&mut self, word: &str, a: &AstNode, b: &AstNode) -> Result<Typed, Flaw> {
        let left = self.visit(a)?;
        self.want_condition(&left, word)?;
        let right = self.visit(b)?;
        self.want_condition(&right, word)?;
        Ok(typed(Type::Boolean, left.column))
    }

    pub(super) fn want_condition(&self, found: &Typed, word: &str) -> Result<(), Flaw> {
        if found.type_.meets(&Type::Boolean) {
            return Ok(());
        }
        let message = format!("« {word} » attend un oui ou non, et trouve {} : comparez-le à une valeur", found.type_.in_french());
        Err(Flaw::new(found.column, message))
    }

    pub(super) fn choice(&mut self, condition: &AstNode, yes: &AstNode, no: &AstNode) -> Result<Typed, Flaw> {
        let column = self.find("if");
        let found = self.visit(condition)?;
        self.want_condition(&found, "if")?;
        let (yes, no) = (self.visit(yes)?, self.visit(no)?);
        Ok(typed(yes.type_.or(no.type_), column))
    }

    pub(super) fn membership(&mut self, value: &AstNode, tests: &AstNode) -> Result<Typed, Flaw> {
        let left = self.visit(value)?;
        self.test(&left, tests)?;
        Ok(typed(Type::Boolean, left.column))
    }

    /// One thing `in` may be asked against: a value, a list of them, an interval, or `< 3`.
    fn test(&mut self, left: &Typed, test: &AstNode) -> Result<(), Flaw> {
        use AstNode::*;
        match test {
            List(_) | ExpressionList(_) | CommaList(_) | NegatedList(_) | Range(..) | IntervalStart(..) | IntervalEnd(..) | UnaryEq(_)
            | UnaryNe(_) | UnaryLt(_) | UnaryLe(_) | UnaryGt(_) | UnaryGe(_) => {
                tree::children(test).into_iter().try_for_each(|child| self.test(left, child))
            }
            Irrelevant => Ok(()),
            value => {
                let right = self.visit(value)?;
                match right.type_.clone() {
                    Type::List(inner) if !matches!(left.type_, Type::List(_)) => comparable(left, &Typed { type_: *inner, ..right }),
                    _ => comparable(left, &right),
                }
            }
        }
    }

    pub(super) fn arithmetic(&mut self, node: &AstNode) -> Result<Typed, Flaw> {
        let mut operands = Vec::new();
        for child in tree::children(node) {
            operands.push(self.visit(child)?);
        }
        let column = operands.first().map_or(1, |first| first.column);
        let types: Vec<&Type> = operands.iter().map(|operand| &operand.type_).collect();
        match result(node, &types) {
            Some(type_) => Ok(typed(type_, column)),
            None => {
                let found: Vec<String> = types.iter().map(|type_| type_.in_french()).collect();
                Err(Flaw::new(column, format!("on ne calcule pas ainsi avec {} : convertissez l’un des deux", found.join(" et "))))
            }
        }
    }
}

/// What an operation gives; `None` if it has no meaning between these types.
fn result(node: &AstNode, types: &[&Type]) -> Option<Type> {
    use Type::{Any, Date, DateTime, Duration, Number, Text, Time};
    if types.contains(&&Any) {
        return Some(Any);
    }
    let moment = |type_: &Type| matches!(type_, Date | DateTime | Time);
    Some(match (node, types) {
        (AstNode::Neg(_), [Number]) => Number,
        (AstNode::Neg(_), [Duration]) => Duration,
        (AstNode::Add(..) | AstNode::Sub(..) | AstNode::Mul(..) | AstNode::Div(..) | AstNode::Exp(..), [Number, Number]) => Number,
        (AstNode::Add(..), [Text, Text]) => Text,
        (AstNode::Add(..) | AstNode::Sub(..), [Duration, Duration]) => Duration,
        (AstNode::Add(..) | AstNode::Sub(..), [when, Duration]) if moment(when) => (*when).clone(),
        (AstNode::Add(..), [Duration, when]) if moment(when) => (*when).clone(),
        (AstNode::Sub(..), [a, b]) if moment(a) && moment(b) && (**a == Time) == (**b == Time) => Duration,
        (AstNode::Mul(..) | AstNode::Div(..), [Duration, Number]) => Duration,
        (AstNode::Mul(..), [Number, Duration]) => Duration,
        (AstNode::Div(..), [Duration, Duration]) => Number,
        _ => return None,
    })
}

fn comparable(left: &Typed, right: &Typed) -> Result<(), Flaw> {
    if left.type_.meets(&right.type_) {
        return Ok(());
    }
    let (a, b) = (left.type_.in_french(), right.type_.in_french());
    let advice = match (&left.type_, &right.type_) {
        (Type::Date, _) | (_, Type::Date) => "une date s’écrit date(\"2000-01-31\")",
        (Type::Number, Type::Text) => "un nombre s’écrit sans guillemets",
        (Type::Boolean, Type::Text) => "oui s’écrit true, non s’écrit false",
        (Type::Text, Type::Number) => "un texte s’écrit entre guillemets",
        (Type::List(_), _) => "pour chercher dans une liste, écrivez list contains(liste, valeur)",
        _ => "écrivez deux valeurs de même genre",
    };
    Err(Flaw::new(right.column, format!("on ne compare pas {a} à {b} : {advice}")))
}

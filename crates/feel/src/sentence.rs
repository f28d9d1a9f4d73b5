//! A rule said in French, with the labels of its questions. It says what the rule asks, not what it answers.

use crate::french::{self, Subject, quotes};
use crate::trace::parts;
use crate::{Names, Rule, Type, functions, json, tree, writing};
use dsntk_feel_parser::AstNode;

impl Rule {
    /// The rule as a French sentence, without capital nor full stop. The label of a name is best given with its article
    /// (`l’âge`, `la commune`); one without article is quoted as a question. The label of a choice is asked as
    /// `question=valeur`.
    pub fn sentence(&self, labels: &dyn Fn(&str) -> Option<String>) -> String {
        Wording::new(self.declared(), labels).say(self.tree())
    }
}

pub(crate) struct Wording<'a> {
    names: &'a Names,
    labels: &'a dyn Fn(&str) -> Option<String>,
}

#[derive(Clone, Copy)]
enum Compared {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl<'a> Wording<'a> {
    pub(crate) fn new(names: &'a Names, labels: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { names, labels }
    }

    /// A condition as a clause; a value as a noun.
    pub(crate) fn say(&self, node: &AstNode) -> String {
        use AstNode::*;
        match node {
            And(..) => self.joined(node, "et"),
            Or(..) => self.joined(node, "ou"),
            Eq(a, b) => self.compare(a, Compared::Equal, b),
            Nq(a, b) => self.compare(a, Compared::Different, b),
            Lt(a, b) => self.compare(a, Compared::Less, b),
            Le(a, b) => self.compare(a, Compared::AtMost, b),
            Gt(a, b) => self.compare(a, Compared::More, b),
            Ge(a, b) => self.compare(a, Compared::AtLeast, b),
            Between(a, low, high) => self.between(a, low, high),
            In(a, tests) => self.membership(a, tests),
            If(condition, yes, no) => {
                format!("si {}, {}, sinon {}", self.say(condition), self.say(yes), self.say(no))
            }
            Some(contexts, body) => self.quantified("au moins un élément", contexts, body),
            Every(contexts, body) => self.quantified("chaque élément", contexts, body),
            Boolean(true) => "toujours".into(),
            Boolean(false) => "jamais".into(),
            _ => self.call(node).unwrap_or_else(|| match self.type_of(node) {
                Type::Boolean => self.yes(node, true),
                _ => self.subject(node).text,
            }),
        }
    }

    fn joined(&self, node: &AstNode, word: &str) -> String {
        let said: Vec<_> = parts(node)
            .into_iter()
            .map(|part| match part {
                AstNode::And(..) | AstNode::Or(..) | AstNode::If(..) => format!("({})", self.say(part)),
                other => self.say(other),
            })
            .collect();
        french::list(&said, word)
    }

    fn yes(&self, node: &AstNode, yes: bool) -> String {
        let answer = quotes(if yes { "oui" } else { "non" });
        let subject = self.subject(node);
        format!("{} {} {answer}", subject.text, subject.is())
    }

    fn compare(&self, a: &AstNode, how: Compared, b: &AstNode) -> String {
        let subject = self.subject(a);
        let is = subject.is();
        match (b, how) {
            (AstNode::Null, Compared::Equal) => {
                return format!("{} {} {}", subject.text, subject.is_not(), subject.agree("renseigné"));
            }
            (AstNode::Null, _) => return format!("{} {is} {}", subject.text, subject.agree("renseigné")),
            (AstNode::Boolean(value), Compared::Equal) => return self.yes(a, *value),
            (AstNode::Boolean(value), Compared::Different) => return self.yes(a, !*value),
            _ => {}
        }
        let moment = [a, b].into_iter().any(|side| matches!(self.type_of(side), Type::Date | Type::DateTime | Type::Time));
        if moment {
            return format!("{} {}", subject.text, self.moment(&subject, how, b));
        }
        format!("{} {}", subject.text, self.measure(&subject, how, a, b))
    }

    fn measure(&self, subject: &Subject, how: Compared, a: &AstNode, b: &AstNode) -> String {
        let is = subject.is();
        let other = self.value(a, b);
        if matches!(b, AstNode::String(_)) {
            let verb = if matches!(how, Compared::Different) { subject.is_not() } else { is };
            return format!("{verb} {other}");
        }
        let noun = self.is_noun(b).then(|| self.subject(b));
        let to = noun.as_ref().map_or_else(|| format!("à {other}"), Subject::to);
        let of = noun.as_ref().map_or_else(|| format!("de {other}"), Subject::of);
        match how {
            Compared::Equal => format!("{is} {} {to}", subject.equal()),
            Compared::Different => format!("{is} {} {of}", subject.agree("différent")),
            Compared::Less => format!("{is} {} {to}", subject.agree("inférieur")),
            Compared::More => format!("{is} {} {to}", subject.agree("supérieur")),
            Compared::AtMost => format!("{is} {} ou {} {to}", subject.agree("inférieur"), subject.equal()),
            Compared::AtLeast => format!("{is} {} ou {} {to}", subject.agree("supérieur"), subject.equal()),
        }
    }

    fn moment(&self, subject: &Subject, how: Compared, b: &AstNode) -> String {
        let other = self.value(b, b);
        let written = !self.is_noun(b);
        let the = if written { format!("le {other}") } else { other };
        match how {
            Compared::Equal => format!("{} {the}", subject.is()),
            Compared::Different => format!("{} {the}", subject.is_not()),
            Compared::Less => format!("{} avant {the}", subject.is()),
            Compared::More => format!("{} après {the}", subject.is()),
            Compared::AtMost if written => format!("{} au plus tard {the}", subject.is()),
            Compared::AtLeast if written => format!("{} au plus tôt {the}", subject.is()),
            Compared::AtMost => format!("{} après {the}", subject.is_not()),
            Compared::AtLeast => format!("{} avant {the}", subject.is_not()),
        }
    }
}

mod values;

#[cfg(test)]
mod tests;

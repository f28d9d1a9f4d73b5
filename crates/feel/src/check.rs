//! The check of a rule before it may serve: every name known, types that go together, nothing that could call out or
//! run without end. It evaluates nothing. What an expression gives is followed as far as [`Type`] can tell; where it
//! cannot, the rule is accepted and FEEL's own `null` answers at run time.

mod operators;

use crate::functions::{self, function, property};
use crate::names::nearest;
use crate::words::{Kind, Token};
use crate::{Flaw, Names, Type, json, tree};
use dsntk_feel::bif::is_built_in_function_name;
use dsntk_feel_parser::AstNode;

/// The most elements an interval written in a `for` may have.
const MAX_INTERVAL: i64 = 1_000;

/// What the check learns of a rule.
pub(crate) struct Checked {
    pub type_: Type,
    /// The names of the rule, in the order they are written.
    pub names: Vec<String>,
}

pub(crate) fn check(root: &AstNode, tokens: &[Token], names: &Names) -> Result<Checked, Flaw> {
    let mut check = Check { names, tokens, at: 0, used: vec![], locals: vec![], open: 0 };
    let typed = check.visit(root)?;
    Ok(Checked { type_: typed.type_, names: check.used })
}

/// The type of an expression, where it starts, and under which declared name its parts are found.
#[derive(Clone)]
struct Typed {
    type_: Type,
    column: usize,
    path: Option<String>,
}

struct Check<'a> {
    names: &'a Names,
    tokens: &'a [Token],
    /// The next word to be read: the tree is visited in the order of the text.
    at: usize,
    used: Vec<String>,
    locals: Vec<(String, Typed)>,
    /// Inside how many filters over items of unknown parts, where any name may be one.
    open: usize,
}

impl Check<'_> {
    fn visit(&mut self, node: &AstNode) -> Result<Typed, Flaw> {
        use AstNode::*;
        match node {
            Name(name) => self.name(name.as_str()),
            Path(base, part) => self.path(base, part),
            Numeric(..) => Ok(self.literal(Kind::Number, Type::Number)),
            String(_) => Ok(self.literal(Kind::Text, Type::Text)),
            Boolean(value) => Ok(self.word(&value.to_string(), Type::Boolean)),
            Null => Ok(self.word("null", Type::Any)),
            At(text) => self.temporal(text),
            Add(..) | Sub(..) | Mul(..) | Div(..) | Exp(..) | Neg(_) => self.arithmetic(node),
            Eq(a, b) | Nq(a, b) | Lt(a, b) | Le(a, b) | Gt(a, b) | Ge(a, b) => self.comparison(a, b),
            Between(value, low, high) => {
                let column = self.comparison(value, low)?.column;
                self.comparison(value, high)?;
                Ok(typed(Type::Boolean, column))
            }
            And(a, b) => self.logic("and", a, b),
            Or(a, b) => self.logic("or", a, b),
            In(value, tests) => self.membership(value, tests),
            If(condition, yes, no) => self.choice(condition, yes, no),
            InstanceOf(value, _) => Ok(typed(Type::Boolean, self.visit(value)?.column)),
            Filter(list, predicate) => self.filter(list, predicate),
            For(contexts, body) => self.iteration(contexts, body),
            Some(contexts, body) | Every(contexts, body) => self.quantified(contexts, body),
            Context(entries) => self.context(entries),
            List(items) => self.list(items),
            FunctionInvocation(..) => self.call(node),
            FunctionDefinition(..) | FunctionBody(..) => Err(self.refused_function(node)),
            _ => {
                let column = self.column();
                for child in tree::children(node) {
                    self.visit(child)?;
                }
                Ok(typed(Type::Any, column))
            }
        }
    }

    fn name(&mut self, name: &str) -> Result<Typed, Flaw> {
        let column = self.find(name);
        if let Some((_, local)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return Ok(Typed { column, ..local.clone() });
        }
        if let Some(type_) = self.names.get(name) {
            if !self.used.iter().any(|used| used == name) {
                self.used.push(name.to_owned());
            }
            return Ok(Typed { type_, column, path: Some(name.to_owned()) });
        }
        if self.open > 0 {
            return Ok(typed(Type::Any, column));
        }
        if name == "partial" {
            return Err(Flaw::new(column, "« partial » n’est pas admis : une répétition ne relit pas ses résultats"));
        }
        let known = self.names.roots().chain(self.locals.iter().map(|(local, _)| local.as_str()));
        Err(unknown(column, &format!("« {name} » n’est pas connu ici"), nearest(name, known), ONLY_KNOWN))
    }

    fn path(&mut self, base: &AstNode, part: &AstNode) -> Result<Typed, Flaw> {
        let owner = self.visit(base)?;
        let AstNode::Name(part) = part else { return Ok(typed(Type::Any, owner.column)) };
        let column = self.find(part.as_str());
        let (type_, in_list) = match owner.type_ {
            Type::List(inner) => (*inner, true),
            other => (other, false),
        };
        let wrap = |type_: Type| if in_list { Type::list(type_) } else { type_ };
        if matches!(type_, Type::Date | Type::Time | Type::DateTime | Type::Duration) {
            let found = property(&type_, part.as_str())
                .ok_or_else(|| Flaw::new(column, format!("{} n’a pas de partie « {part} » : {}", type_.in_french(), parts_of(&type_))))?;
            return Ok(typed(wrap(found), owner.column));
        }
        if matches!(type_, Type::Boolean | Type::Number | Type::Text) {
            return Err(Flaw::new(column, format!("{} n’a pas de partie « {part} » : {}", type_.in_french(), parts_of(&type_))));
        }
        let Some(path) = owner.path else { return Ok(typed(Type::Any, owner.column)) };
        let dotted = format!("{path}.{part}");
        match self.names.get(&dotted) {
            Some(type_) => Ok(Typed { type_: wrap(type_), column: owner.column, path: Some(dotted) }),
            None if self.names.parts(&path).next().is_none() => Ok(typed(Type::Any, owner.column)),
            None => {
                let near = nearest(part.as_str(), self.names.parts(&path));
                Err(unknown(column, &format!("« {path} » n’a pas de partie « {part} »"), near, ONLY_KNOWN))
            }
        }
    }

    fn temporal(&mut self, text: &str) -> Result<Typed, Flaw> {
        let column = self.literal(Kind::Text, Type::Text).column;
        match json::temporal_type(text) {
            Some(type_) => Ok(typed(type_, column)),
            None => Err(Flaw::new(column, format!("« {text} » n’est ni une date, ni une heure, ni une durée : une date s’écrit @\"2000-01-31\""))),
        }
    }

    fn filter(&mut self, list: &AstNode, predicate: &AstNode) -> Result<Typed, Flaw> {
        let owner = self.visit(list)?;
        let inner = match &owner.type_ {
            Type::List(inner) => inner.as_ref().clone(),
            other => other.clone(),
        };
        let depth = self.locals.len();
        let path = owner.path.clone();
        let parts: Vec<_> = path.iter().flat_map(|path| self.names.parts(path)).map(str::to_owned).collect();
        for part in &parts {
            let dotted = format!("{}.{part}", path.as_deref().unwrap_or_default());
            let type_ = self.names.get(&dotted).unwrap_or(Type::Any);
            self.locals.push((part.clone(), Typed { type_, column: 0, path: Option::Some(dotted) }));
        }
        self.locals.push(("item".into(), Typed { type_: inner.clone(), column: 0, path: path.clone() }));
        let opens = parts.is_empty() && matches!(inner, Type::Context | Type::Any);
        self.open += usize::from(opens);
        let chosen = self.visit(predicate);
        self.open -= usize::from(opens);
        self.locals.truncate(depth);
        let type_ = match chosen?.type_ {
            Type::Number => inner,
            Type::Boolean => Type::list(inner),
            _ => Type::Any,
        };
        Ok(Typed { type_, column: owner.column, path })
    }

    fn iteration(&mut self, contexts: &AstNode, body: &AstNode) -> Result<Typed, Flaw> {
        let column = self.find("for");
        let depth = self.locals.len();
        for context in tree::children(contexts) {
            match context {
                AstNode::IterationContextInterval(name, low, high) => self.interval(name, low, high)?,
                AstNode::IterationContextSingle(name, list) => match list.as_ref() {
                    AstNode::Range(low, high) => self.interval(name, low, high)?,
                    list => self.bind(name, list)?,
                },
                other => drop(self.visit(other)?),
            }
        }
        let result = match body {
            AstNode::EvaluatedExpression(body) => self.visit(body)?,
            other => self.visit(other)?,
        };
        self.locals.truncate(depth);
        Ok(typed(Type::list(result.type_), column))
    }

    /// An interval is walked only when its length is written in the rule: a bound taken from an answer has no limit.
    fn interval(&mut self, name: &AstNode, low: &AstNode, high: &AstNode) -> Result<(), Flaw> {
        let column = self.column();
        if let AstNode::Name(name) = name {
            self.find(name.as_str());
            self.locals.push((name.as_str().into(), typed(Type::Number, column)));
        }
        let (first, last) = (self.visit(low)?.column, self.visit(high)?.column);
        let small = written_integer(low).zip(written_integer(high)).is_some_and(|(a, b)| b.saturating_sub(a).saturating_abs() < MAX_INTERVAL);
        if small {
            return Ok(());
        }
        let message =
            format!("cette répétition n’a pas de borne sûre : répétez sur une liste, ou sur {MAX_INTERVAL} valeurs au plus, écrites en chiffres");
        Err(Flaw::new(if written_integer(low).is_none() { first } else { last }, message))
    }

    fn bind(&mut self, name: &AstNode, list: &AstNode) -> Result<(), Flaw> {
        if let AstNode::Name(name) = name {
            self.find(name.as_str());
        }
        let owner = self.visit(list)?;
        let type_ = match owner.type_ {
            Type::List(inner) => *inner,
            other => other,
        };
        if let AstNode::Name(name) = name {
            self.locals.push((name.as_str().into(), Typed { type_, ..owner }));
        }
        Ok(())
    }

    fn quantified(&mut self, contexts: &AstNode, body: &AstNode) -> Result<Typed, Flaw> {
        let column = self.column();
        let depth = self.locals.len();
        for context in tree::children(contexts) {
            if let AstNode::QuantifiedContext(name, list) = context {
                self.bind(name, list)?;
            }
        }
        for condition in tree::children(body) {
            let found = self.visit(condition)?;
            self.want_condition(&found, "satisfies")?;
        }
        self.locals.truncate(depth);
        Ok(typed(Type::Boolean, column))
    }

    fn context(&mut self, entries: &[AstNode]) -> Result<Typed, Flaw> {
        let column = self.column();
        let depth = self.locals.len();
        for entry in entries {
            let AstNode::ContextEntry(key, value) = entry else { continue };
            let value = self.visit(value)?;
            if let AstNode::ContextEntryKey(key) = key.as_ref() {
                self.locals.push((key.as_str().into(), value));
            }
        }
        self.locals.truncate(depth);
        Ok(typed(Type::Context, column))
    }

    fn list(&mut self, items: &[AstNode]) -> Result<Typed, Flaw> {
        let column = self.column();
        let mut common: Option<Type> = None;
        for item in items {
            let type_ = self.visit(item)?.type_;
            common = Option::Some(common.map_or(type_.clone(), |before| before.or(type_)));
        }
        Ok(typed(Type::list(common.unwrap_or(Type::Any)), column))
    }

    fn call(&mut self, node: &AstNode) -> Result<Typed, Flaw> {
        let Option::Some((name, arguments)) = tree::call(node) else {
            return Err(Flaw::new(self.column(), "seule une fonction du langage peut être appelée : écrivez le calcul lui-même"));
        };
        let column = self.find(name);
        if self.names.get(name).is_some() || self.locals.iter().any(|(local, _)| local == name) {
            return Err(Flaw::new(column, format!("« {name} » est ici le nom d’une question, pas une fonction : donnez un autre nom à la question")));
        }
        if matches!(name, "today" | "now") {
            return Err(Flaw::new(column, format!("« {name}() » n’est pas admis : nommez la date du jour, par exemple aujourdhui")));
        }
        if !is_built_in_function_name(name) {
            let near = nearest(name, functions::KNOWN.into_iter());
            return Err(unknown(column, &format!("la fonction « {name} » n’existe pas"), near, "une formule n’appelle que les fonctions de FEEL"));
        }
        let expected = function(name);
        if arguments.len() < expected.least || arguments.len() > expected.most {
            return Err(Flaw::new(
                column,
                format!("la fonction « {name} » n’attend pas {} valeur(s) : vérifiez les virgules et les parenthèses", arguments.len()),
            ));
        }
        let mut first = Option::None;
        for argument in &arguments {
            let found = self.visit(argument)?;
            first.get_or_insert(found);
        }
        if let Option::Some(first) = &first
            && !first.type_.meets(&expected.first)
        {
            let (wanted, found) = (expected.first.in_french(), first.type_.in_french());
            return Err(Flaw::new(first.column, format!("la fonction « {name} » attend {wanted}, et reçoit {found} : convertissez la valeur")));
        }
        self.written_date(name, &arguments, first.as_ref())?;
        let type_ = match (name, first) {
            ("abs", Option::Some(first)) => first.type_,
            ("min" | "max", Option::Some(Typed { type_: Type::List(inner), .. })) => *inner,
            ("min" | "max", Option::Some(first)) => first.type_,
            _ => expected.gives,
        };
        Ok(typed(type_, column))
    }

    /// A date written in the rule must exist.
    fn written_date(&self, function: &str, arguments: &[&AstNode], first: Option<&Typed>) -> Result<(), Flaw> {
        let [AstNode::String(text)] = arguments else { return Ok(()) };
        let (wanted, example) = match function {
            "date" => (Type::Date, "2000-01-31"),
            "time" => (Type::Time, "14:05:00"),
            "date and time" => (Type::DateTime, "2000-01-31T14:05:00"),
            "duration" => (Type::Duration, "P3Y"),
            _ => return Ok(()),
        };
        let found = json::temporal_type(text);
        if found.as_ref() == Option::Some(&wanted) || (wanted != Type::Duration && found == Option::Some(Type::DateTime)) {
            return Ok(());
        }
        let column = first.map_or(1, |first| first.column);
        let message = format!("« {text} » n’est pas {} : écrivez-la comme \"{example}\"", wanted.in_french());
        Err(Flaw::new(column, message))
    }

    fn refused_function(&self, node: &AstNode) -> Flaw {
        if tree::has_external(node) {
            return Flaw::new(self.column(), EXTERNAL_REFUSED);
        }
        Flaw::new(self.column(), "une formule ne définit pas de fonction : écrivez le calcul lui-même")
    }

    /// The column of the next word to be read.
    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(1, |token| token.column)
    }

    /// Moves past the next word of this text and says where it stands.
    fn find(&mut self, text: &str) -> usize {
        self.advance(|token| token.text == text)
    }

    fn word(&mut self, text: &str, type_: Type) -> Typed {
        typed(type_, self.find(text))
    }

    fn literal(&mut self, kind: Kind, type_: Type) -> Typed {
        typed(type_, self.advance(|token| token.kind == kind))
    }

    fn advance(&mut self, wanted: impl Fn(&Token) -> bool) -> usize {
        match self.tokens[self.at.min(self.tokens.len())..].iter().position(wanted) {
            Option::Some(offset) => {
                self.at += offset + 1;
                self.tokens[self.at - 1].column
            }
            None => self.column(),
        }
    }
}

/// Said of every function whose body would be Java or PMML: the engine would open a socket to run it.
pub(crate) const EXTERNAL_REFUSED: &str = "les fonctions externes (Java, PMML) sont toujours refusées : écrivez le calcul lui-même";

fn typed(type_: Type, column: usize) -> Typed {
    Typed { type_, column, path: None }
}

/// The parts that a type has, for advice.
fn parts_of(type_: &Type) -> &'static str {
    match type_ {
        Type::Date => "ses parties sont year, month, day et weekday",
        Type::Time => "ses parties sont hour, minute et second",
        Type::DateTime => "ses parties sont year, month, day, hour, minute et second",
        Type::Duration => "ses parties sont years, months, days, hours, minutes et seconds",
        _ => "écrivez son nom seul",
    }
}

const ONLY_KNOWN: &str = "une formule ne connaît que les questions et les valeurs calculées du téléservice";

fn unknown(column: usize, what: &str, near: Option<&str>, otherwise: &str) -> Flaw {
    let advice = near.map_or_else(|| otherwise.to_owned(), |near| format!("vouliez-vous dire « {near} » ?"));
    Flaw::new(column, format!("{what} : {advice}"))
}

/// The integer written by this node, sign included.
pub(crate) fn written_integer(node: &AstNode) -> Option<i64> {
    match node {
        AstNode::Numeric(before, after, _, exponent) if after.is_empty() && exponent.is_empty() => before.parse().ok(),
        AstNode::Neg(inner) => written_integer(inner).map(|value| -value),
        AstNode::IntervalStart(inner, _) | AstNode::IntervalEnd(inner, _) => written_integer(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

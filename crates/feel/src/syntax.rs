//! From the text of a rule to the engine's tree, with the place and a French sentence when it is not well formed.
//! It does not know what names mean: every plain word is a name here.

use crate::words::{Kind, Token, is_keyword, tokens};
use crate::{Flaw, Names, tree};
use dsntk_feel::{FeelScope, Name};
use dsntk_feel_parser::{AstNode, parse_expression};

/// The longest rule, in characters.
pub(crate) const MAX_LENGTH: usize = 4_000;
/// The most words in a rule.
const MAX_WORDS: usize = 1_500;
/// The deepest tree.
const MAX_DEPTH: usize = 200;

/// A text the engine's lexer always refuses, and refuses differently from its parser: see [`misplaced`].
const POISON: &str = " \"\\u!\"";

pub(crate) struct Parsed {
    pub tree: AstNode,
    pub tokens: Vec<Token>,
}

pub(crate) fn parse(text: &str, names: &Names) -> Result<Parsed, Flaw> {
    if text.chars().count() > MAX_LENGTH {
        return Err(Flaw::new(MAX_LENGTH, format!("cette formule dépasse {MAX_LENGTH} caractères : coupez-la en valeurs calculées")));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(Flaw::new(1, "cette formule est vide : écrivez une condition ou un calcul, ou retirez la clé"));
    }
    if let Some(excess) = tokens.get(MAX_WORDS) {
        return Err(Flaw::new(excess.column, format!("cette formule dépasse {MAX_WORDS} mots : coupez-la en valeurs calculées")));
    }
    let scope = scope(&tokens, names);
    let tree = parse_expression(&scope, &spaced(&tokens), false).map_err(|_| misplaced(&scope, &tokens))?;
    if tree::depth(&tree) > MAX_DEPTH {
        return Err(Flaw::new(1, "cette formule imbrique trop de parenthèses ou d’opérations : coupez-la en valeurs calculées"));
    }
    Ok(Parsed { tree, tokens })
}

/// The engine cuts names at spaces only when it knows them: all the plain words of the text are given to it,
/// and the functions of several words, so that `years` alone does not cut `years and months duration`.
fn scope(tokens: &[Token], names: &Names) -> FeelScope {
    let scope = FeelScope::default();
    for token in tokens {
        let known = names.roots().any(|root| root == token.text);
        let plain = token.kind == Kind::Word && !is_keyword(&token.text);
        let phrase = token.text.contains(' ');
        if plain && (known || phrase || !crate::is_reserved(&token.text)) {
            scope.set_name(Name::from(token.text.as_str()));
        }
    }
    scope
}

/// Words one space apart: the engine wants a space after `if` and `and`. A name before a keyword or a calculation is put
/// between parentheses, which change nothing but stop the engine: to it a name may hold spaces and `+`, and it tries
/// every length of what follows.
fn spaced(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut closed_at = None;
    for (at, token) in tokens.iter().enumerate() {
        if closed_at.is_none() {
            closed_at = isolated(tokens, at);
            text.push_str(if closed_at.is_some() { "( " } else { "" });
        }
        text.push_str(&token.text);
        text.push(' ');
        if closed_at == Some(at) {
            text.push_str(") ");
            closed_at = None;
        }
    }
    text
}

/// The end of the name, or of the dotted name, that starts here, if a keyword or a calculation follows it.
fn isolated(tokens: &[Token], at: usize) -> Option<usize> {
    let is_name = |i: usize| tokens.get(i).is_some_and(|token| token.kind == Kind::Word && !is_keyword(&token.text));
    let before = at.checked_sub(1).map_or("", |i| tokens[i].text.as_str());
    if !is_name(at) || matches!(before, "." | "in" | "for" | "some" | "every" | "of") {
        return None;
    }
    let mut end = at;
    while tokens.get(end + 1).is_some_and(|dot| dot.text == ".") && is_name(end + 2) {
        end += 2;
    }
    // `in` after a name may be the one of a loop (`for a in l, b in m`): left alone.
    let goes_on = |next: &&Token| match next.kind {
        Kind::Word => is_keyword(&next.text) && next.text != "in",
        _ => matches!(next.text.as_str(), "+" | "-" | "*" | "/" | "**"),
    };
    let next = tokens.get(end + 1).filter(goes_on);
    next.map(|_| end)
}

/// Finds the first word that cannot stand where it is. The parser says only that it failed; but it reads one word at a
/// time, so a poisoned word put after the first `n` is reached exactly when those `n` are well placed.
fn misplaced(scope: &FeelScope, tokens: &[Token]) -> Flaw {
    let accepted = |count: usize| {
        let poisoned = spaced(&tokens[..count]) + POISON;
        parse_expression(scope, &poisoned, false).is_err_and(|error| error.to_string().contains("LexerError"))
    };
    let (mut good, mut bad) = (0, tokens.len() + 1);
    while bad - good > 1 {
        let middle = (good + bad) / 2;
        if accepted(middle) { good = middle } else { bad = middle }
    }
    match tokens.get(good) {
        Some(token) => Flaw::new(token.column, format!("« {} » n’est pas attendu ici : {}", token.text, advice(&token.text))),
        None => {
            let last = &tokens[tokens.len() - 1];
            Flaw::new(last.column + last.text.chars().count(), "cette formule s’arrête trop tôt : écrivez la suite, ou retirez le dernier mot")
        }
    }
}

fn advice(word: &str) -> &'static str {
    match word {
        "et" => "« et » s’écrit « and »",
        "ou" => "« ou » s’écrit « or »",
        "non" => "« non » s’écrit « not(…) »",
        "si" => "« si » s’écrit « if … then … else … »",
        "vrai" | "oui" => "« oui » s’écrit « true »",
        "faux" => "« non » s’écrit « false »",
        "dans" | "parmi" => "« parmi » s’écrit « in »",
        "," => "la virgule des nombres s’écrit avec un point",
        _ => "vérifiez ce qui précède : parenthèses, guillemets et opérateurs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> Flaw {
        parse(text, &Names::new()).err().unwrap()
    }

    #[test]
    fn a_word_too_many_is_shown_at_its_column() {
        assert_eq!(flaw("age < 3 et nom = \"a\"").column, 9);
    }

    #[test]
    fn a_french_operator_is_answered_with_the_one_of_the_language() {
        assert!(flaw("age < 3 et nom = \"a\"").message.contains("« and »"));
    }

    #[test]
    fn a_rule_that_stops_too_early_is_shown_at_its_end() {
        assert_eq!(flaw("age <"), Flaw::new(6, "cette formule s’arrête trop tôt : écrivez la suite, ou retirez le dernier mot"));
    }

    #[test]
    fn a_parenthesis_never_opened_is_shown() {
        assert_eq!(flaw("(age < 3)) and true").column, 10);
    }

    #[test]
    fn an_empty_rule_is_refused() {
        assert_eq!(flaw("  // rien").message.split_once(" : ").unwrap().0, "cette formule est vide");
    }

    #[test]
    fn a_rule_too_long_is_refused() {
        assert!(flaw(&"a".repeat(MAX_LENGTH + 1)).message.contains("dépasse"));
    }

    #[test]
    fn a_rule_too_deep_is_refused() {
        let deep = format!("{}1{}", "[".repeat(250), "]".repeat(250));
        assert!(flaw(&deep).message.contains("imbrique"));
    }

    #[test]
    fn unknown_names_around_operators_are_cut_apart() {
        let parsed = parse("debut-fin + reste", &Names::new()).unwrap();
        assert!(matches!(parsed.tree, AstNode::Add(..)));
    }

    #[test]
    fn a_long_run_of_words_is_read_at_once() {
        let started = std::time::Instant::now();
        assert!(parse(&vec!["a.b"; 190].join(" or "), &Names::new()).is_ok());
        assert!(parse(&(vec!["a"; 600].join(" or ") + " et"), &Names::new()).is_err());
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
    }

    #[test]
    fn names_put_apart_keep_the_meaning() {
        for (rule, tree) in [("x in l and a", "And"), ("some a in l, b in m satisfies a and b", "Some"), ("l[a and b]", "Filter")] {
            let parsed = format!("{:?}", parse(rule, &Names::new()).unwrap().tree);
            assert!(parsed.starts_with(tree), "{parsed}");
            assert!(!parsed.contains("ExpressionList"), "{parsed}");
        }
    }

    #[test]
    fn a_condition_glued_to_its_parenthesis_is_read() {
        assert!(parse("if(a)then(b)else(c)", &Names::new()).is_ok());
    }
}

//! The words of a rule with their places: the engine's tree does not say where a thing was written, so this does.
//! It knows no grammar; it also refuses what a text editor slips in (curly quotes, `==`, `≥`) with the right spelling.

use crate::Flaw;
use dsntk_feel::bif::is_built_in_function_name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword, or the several words of one function of the language.
    Word,
    Number,
    Text,
    Sign,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: Kind,
    pub text: String,
    pub column: usize,
}

const KEYWORDS: [&str; 21] = [
    "and",
    "or",
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "between",
    "instance",
    "of",
    "true",
    "false",
    "null",
    "function",
    "external",
    "item",
    "partial",
];

const SIGNS: [&str; 26] =
    ["..", "**", "!=", "<=", ">=", "->", ".", ",", ":", "+", "-", "*", "/", "=", "<", ">", "(", ")", "[", "]", "{", "}", "@", "?", ";", "%"];

const MISTAKES: [(&str, &str); 8] = [
    ("==", "« == » n’est pas un opérateur : l’égalité s’écrit « = »"),
    ("&&", "« && » n’est pas un opérateur : « et » s’écrit « and »"),
    ("||", "« || » n’est pas un opérateur : « ou » s’écrit « or »"),
    ("≥", "« ≥ » n’est pas un opérateur : « supérieur ou égal » s’écrit « >= »"),
    ("≤", "« ≤ » n’est pas un opérateur : « inférieur ou égal » s’écrit « <= »"),
    ("≠", "« ≠ » n’est pas un opérateur : « différent » s’écrit « != »"),
    ("<>", "« <> » n’est pas un opérateur : « différent » s’écrit « != »"),
    ("'", "ces guillemets ne sont pas compris : les textes s’écrivent entre guillemets droits, comme \"extrait\""),
];

/// Whether a name may not be the id of a question, because the language already means something by it.
pub fn is_reserved(name: &str) -> bool {
    KEYWORDS.contains(&name) || is_built_in_function_name(name)
}

pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Cuts a rule into words, leaving out spaces and comments.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Flaw> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        if rest[0].is_whitespace() {
            at += 1;
            continue;
        }
        if let Some(length) = comment(rest) {
            at += length;
            continue;
        }
        let column = at + 1;
        let (kind, length) = token(rest, column)?;
        found.push(Token { kind, text: rest[..length].iter().collect(), column });
        at += length;
    }
    Ok(join_phrases(found))
}

fn comment(rest: &[char]) -> Option<usize> {
    if rest.starts_with(&['/', '/']) {
        return Some(rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with(&['/', '*']) {
        return None;
    }
    let end = rest.windows(2).skip(2).position(|pair| pair == ['*', '/']);
    Some(end.map_or(rest.len(), |position| position + 4))
}

fn token(rest: &[char], column: usize) -> Result<(Kind, usize), Flaw> {
    let first = rest[0];
    if first.is_alphabetic() || first == '_' {
        let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        return Ok((Kind::Word, length));
    }
    if first.is_ascii_digit() {
        return Ok((Kind::Number, number(rest)));
    }
    if first == '"' {
        return Ok((Kind::Text, quoted(rest, column)?));
    }
    let starts = |sign: &str| sign.chars().enumerate().all(|(i, c)| rest.get(i) == Some(&c));
    if let Some((_, advice)) = MISTAKES.iter().find(|(sign, _)| starts(sign)) {
        return Err(Flaw::new(column, *advice));
    }
    if matches!(first, '“' | '”' | '«' | '»' | '‘' | '’') {
        return Err(Flaw::new(column, MISTAKES[7].1));
    }
    SIGNS.iter().find(|sign| starts(sign)).map(|sign| (Kind::Sign, sign.len())).ok_or_else(|| {
        Flaw::new(
            column,
            format!("le caractère « {first} » n’est pas compris : une formule s’écrit avec des lettres, des chiffres et des opérateurs"),
        )
    })
}

fn number(rest: &[char]) -> usize {
    let digits = |from: usize| rest[from.min(rest.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
    let mut length = digits(0);
    if rest.get(length) == Some(&'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(rest.get(length), Some('e' | 'E')) {
        let sign = usize::from(matches!(rest.get(length + 1), Some('+' | '-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn quoted(rest: &[char], column: usize) -> Result<usize, Flaw> {
    let mut at = 1;
    while let Some(c) = rest.get(at) {
        match c {
            '"' => return Ok(at + 1),
            '\\' => at += 2,
            '\n' => break,
            _ => at += 1,
        }
    }
    Err(Flaw::new(column, "ce texte n’est pas refermé : ajoutez un guillemet droit"))
}

/// Makes one word of `string length` before its parenthesis, and of the names of types and properties with a space.
fn join_phrases(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let length = phrase_length(&tokens, at);
        let words: Vec<&str> = tokens[at..at + length].iter().map(|token| token.text.as_str()).collect();
        joined.push(Token { text: words.join(" "), ..tokens[at].clone() });
        at += length;
    }
    joined
}

fn phrase_length(tokens: &[Token], at: usize) -> usize {
    let words = tokens[at..].iter().take_while(|token| token.kind == Kind::Word).count().min(4);
    let before = at.checked_sub(1).map_or("", |i| tokens[i].text.as_str());
    for length in (2..=words).rev() {
        let phrase = tokens[at..at + length].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
        let called = tokens.get(at + length).is_some_and(|next| next.text == "(");
        let is_function = called && is_built_in_function_name(&phrase);
        let is_type = matches!(before, "of" | "<" | ":" | ",")
            && matches!(phrase.as_str(), "date and time" | "days and time duration" | "years and months duration");
        let is_property = before == "." && matches!(phrase.as_str(), "time offset" | "start included" | "end included");
        if is_function || is_type || is_property {
            return length;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rule: &str) -> Vec<String> {
        tokens(rule).unwrap().into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn a_function_of_several_words_is_one_word() {
        assert_eq!(texts("string length(nom) > 1"), ["string length", "(", "nom", ")", ">", "1"]);
    }

    #[test]
    fn the_dots_of_a_range_are_not_decimals() {
        assert_eq!(texts("age in [1..5.5]"), ["age", "in", "[", "1", "..", "5.5", "]"]);
    }

    #[test]
    fn columns_count_characters_and_not_bytes() {
        assert_eq!(tokens("\"é\" = nom").unwrap()[1].column, 5);
    }

    #[test]
    fn comments_are_left_out() {
        assert_eq!(texts("a /* et */ or b // fin"), ["a", "or", "b"]);
    }

    #[test]
    fn a_curly_quote_is_refused_with_the_right_spelling() {
        assert!(tokens("nom = “Dupont”").unwrap_err().message.contains("guillemets droits"));
    }

    #[test]
    fn a_text_left_open_is_shown_where_it_starts() {
        assert_eq!(tokens("nom = \"Dupont").unwrap_err().column, 7);
    }
}

//! Cleaning of typed text: one Unicode form, no invisible characters, no control characters.
//!
//! It keeps the words as they were written: case, accents and apostrophes are the person's.

use unicode_normalization::UnicodeNormalization;

use crate::kind::Refusal;

/// One line: inner blanks become one plain space, ends are trimmed.
pub(crate) fn line(text: &str) -> Result<String, Refusal> {
    let text = visible(text)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Several lines: line ends become `\n`, blanks at the end of lines go.
pub(crate) fn lines(text: &str) -> Result<String, Refusal> {
    let text = visible(&text.replace("\r\n", "\n").replace('\r', "\n"))?;
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    Ok(lines.join("\n").trim().to_owned())
}

/// Refuses a text longer than a limit, saying both lengths.
pub(crate) fn limit(text: &str, max: usize) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    Err(Refusal::new(format!("Raccourcissez votre texte : {max} caractères au plus, vous en avez écrit {length}.")))
}

/// Without spaces of any sort, nor the marks people put between groups.
pub(crate) fn compact(text: &str, marks: &[char]) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !marks.contains(c)).collect()
}

fn visible(text: &str) -> Result<String, Refusal> {
    let text: String = text.nfc().filter(|c| !is_invisible(*c)).collect();
    match text.chars().find(|c| is_forbidden(*c)) {
        Some(_) => Err(Refusal::new(
            "Ce texte contient un caractère invisible que nous ne pouvons pas enregistrer. Effacez-le et écrivez-le à nouveau au clavier.",
        )),
        None => Ok(text),
    }
}

/// Left behind by copy and paste, and without any meaning here.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Control characters, and the marks that make a text read in another order than it is stored.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_composed_and_without_invisible_characters() {
        assert_eq!(line("  Jose\u{301}phine\u{a0} \u{feff}du\tPré ").unwrap(), "Joséphine du Pré");
        assert_eq!(lines("a  \r\nb\rc\n\n").unwrap(), "a\nb\nc");
    }

    #[test]
    fn nul_and_reversed_text_are_refused() {
        assert!(line("a\0b").is_err());
        assert!(lines("a\u{202e}b").is_err());
        assert!(line("a\u{1b}[31m").is_err());
    }

    #[test]
    fn a_length_is_counted_in_characters() {
        assert!(limit("éèà", 3).is_ok());
        assert!(limit("éèàù", 3).unwrap_err().sentence.contains("3 caractères au plus, vous en avez écrit 4"));
    }
}

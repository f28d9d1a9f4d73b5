//! Text made fit to print: what the fonts can draw, French spaces, words that can break.
//!
//! It never changes the words themselves, save characters that no font of ours has.

use unicode_normalization::UnicodeNormalization;

/// Stands where our fonts have no drawing: a visible gap is better than a refused letter.
const UNKNOWN: char = '\u{25A1}';
/// A word longer than this gets places where it may break.
const LONG_WORD: usize = 32;
/// The distance between those places.
const BREAK_EVERY: usize = 12;

const MONTHS: [&str; 12] = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
/// Words that hold on to the next one.
const CLINGING: [&str; 14] = ["n°", "N°", "nos", "art.", "al.", "p.", "M.", "MM.", "Mme", "Mmes", "Me", "Dr", "L.", "R."];
/// Units that hold on to the number before.
const UNITS: [&str; 12] = ["h", "min", "€", "%", "km", "m", "m²", "kg", "°C", "euros", "jours", "mois"];

/// Keeps what the fonts draw: composed, without control characters, the rest shown as a square.
pub(crate) fn clean(text: &str, drawable: impl Fn(char) -> bool) -> String {
    text.nfc()
        .filter_map(|c| match c {
            '\n' => Some('\n'),
            '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some(' '),
            c if is_invisible(c) => None,
            c if drawable(c) => Some(c),
            _ => Some(UNKNOWN),
        })
        .collect()
}

/// Control characters, marks of direction and other signs without a drawing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Sets the spaces and apostrophes of French: no-break spaces before `; : ! ? » % €`, in numbers,
/// dates and after « n° » or « M. »; curved apostrophes. Adds no space where there is none.
pub fn french(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 16);
    for (i, &c) in chars.iter().enumerate() {
        match c {
            ' ' => out.push(space(word_before(&chars, i), word_after(&chars, i))),
            '\'' if between_letters(&chars, i) => out.push('’'),
            _ => out.push(c),
        }
    }
    out
}

/// The space that stands between two words.
fn space(before: &[char], after: &[char]) -> char {
    let (Some(last), Some(first)) = (before.last(), after.first()) else { return ' ' };
    let previous: String = before.iter().collect();
    let next: String = after.iter().collect();
    let next_word = next.trim_end_matches(['.', ',', ';', ')']);
    let is_number = before.iter().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '\u{202F}')) && last.is_ascii_digit();
    match first {
        ';' | '!' | '?' => return '\u{202F}',
        ':' | '»' | '%' | '€' => return '\u{A0}',
        _ => {}
    }
    if *last == '«' || CLINGING.contains(&previous.trim_start_matches(['(', '«'])) {
        return '\u{A0}';
    }
    if is_number && is_thousand(after) {
        return '\u{202F}';
    }
    let counted = is_number || previous == "1er";
    let clock = previous == "h" && first.is_ascii_digit();
    if clock || counted && (MONTHS.contains(&next_word) || UNITS.contains(&next_word)) {
        return '\u{A0}';
    }
    ' '
}

/// Three digits and no more: the next part of a number.
fn is_thousand(word: &[char]) -> bool {
    word.iter().take_while(|c| c.is_ascii_digit()).count() == 3
}

fn word_before(chars: &[char], at: usize) -> &[char] {
    let start = chars[..at].iter().rposition(|c| c.is_whitespace()).map_or(0, |p| p + 1);
    &chars[start..at]
}

fn word_after(chars: &[char], at: usize) -> &[char] {
    let rest = &chars[at + 1..];
    &rest[..rest.iter().position(|c| c.is_whitespace()).unwrap_or(rest.len())]
}

fn between_letters(chars: &[char], at: usize) -> bool {
    let letter = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    letter(at.checked_sub(1)) && letter(Some(at + 1))
}

/// Lets very long words break, so that no line runs out of the page.
pub(crate) fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        // The engine knows how to break an address, and then copies it whole.
        let is_address = piece.is_ascii() && (piece.starts_with("http://") || piece.starts_with("https://"));
        if is_address || piece.chars().count() <= LONG_WORD {
            out.push_str(piece);
            continue;
        }
        for (i, c) in piece.chars().enumerate() {
            if i > 0 && i % BREAK_EVERY == 0 {
                out.push('\u{200B}');
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_spaces_hold_the_signs() {
        assert_eq!(french("Objet : « acte » ; vraiment ?"), "Objet\u{A0}: «\u{A0}acte\u{A0}»\u{202F}; vraiment\u{202F}?");
    }

    #[test]
    fn numbers_and_dates_do_not_break() {
        assert_eq!(
            french("le 24 novembre 2026 à 14 h 05, 1 890,00 €, n° 12, M. Roy"),
            "le 24\u{A0}novembre 2026 à 14\u{A0}h\u{A0}05, 1\u{202F}890,00\u{A0}€, n°\u{A0}12, M.\u{A0}Roy"
        );
    }

    #[test]
    fn a_large_number_holds_together() {
        assert_eq!(french("1 234 567 habitants"), "1\u{202F}234\u{202F}567 habitants");
    }

    #[test]
    fn a_telephone_number_is_left_alone() {
        assert_eq!(french("01 23 45 67 89"), "01 23 45 67 89");
    }

    #[test]
    fn apostrophes_curve_between_letters_only() {
        assert_eq!(french("l'acte d'état 'civil'"), "l’acte d’état 'civil'");
    }

    #[test]
    fn control_and_direction_marks_go_and_unknown_signs_show() {
        assert_eq!(clean("a\0b\u{202E}c\u{1F600}e\u{301}\n", |c| (c as u32) < 0x1F000), "abc□é\n");
    }

    #[test]
    fn a_long_word_may_break_and_a_short_one_may_not() {
        assert!(breakable(&"x".repeat(100)).contains('\u{200B}'));
        assert_eq!(breakable("anticonstitutionnellement"), "anticonstitutionnellement");
    }
}

//! French on a page: no-break spaces and hyphens, dates, hours, amounts, sizes. Pure functions of text and values.
//! It does not translate (`words.rs`) and writes no HTML.

use jiff::civil::{Date, Time};

const NBSP: char = '\u{a0}';
const THIN: char = '\u{202f}';
const HYPHEN: char = '\u{2011}';

const MONTHS: [&str; 12] = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

/// What is never cut before: `rendez-vous`, `voulez-vous`, `a-t-il`.
const TIED: [&str; 10] = ["vous", "nous", "il", "ils", "elle", "elles", "on", "t-il", "t-elle", "t-on"];

/// Words that a number before them does not count.
const LINKS: [&str; 20] =
    ["a", "à", "au", "aux", "avec", "dans", "de", "des", "du", "en", "est", "et", "la", "le", "les", "ou", "par", "pour", "que", "sur"];

/// "24 novembre 2026", "1er mai 2026".
pub fn date(date: Date) -> String {
    let day = match date.day() {
        1 => "1er".to_string(),
        day => day.to_string(),
    };
    format!("{day}{NBSP}{} {}", MONTHS[usize::from(date.month().unsigned_abs()) - 1], date.year())
}

/// "24/11/2026".
pub fn date_short(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// "14 h 05", "9 h".
pub fn hour(time: Time) -> String {
    match time.minute() {
        0 => format!("{}{NBSP}h", time.hour()),
        minute => format!("{}{NBSP}h{NBSP}{minute:02}", time.hour()),
    }
}

/// "1 890,00 €", from cents.
pub fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}{NBSP}€", grouped(cents / 100), cents % 100)
}

/// "12 345".
pub fn number(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(value.unsigned_abs()))
}

/// "48 Ko", "2,1 Mo": thousands are of ten, as people count; a file is never smaller than one.
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("1{NBSP}Ko"),
        1_000..999_500 => (1_000, "Ko"),
        999_500..999_500_000 => (1_000_000, "Mo"),
        _ => (1_000_000_000, "Go"),
    };
    let tenths = (bytes * 10 + unit / 2) / unit;
    match (tenths / 10, tenths % 10) {
        (whole @ 0..10, tenth @ 1..) => format!("{whole},{tenth}{NBSP}{name}"),
        _ => format!("{}{NBSP}{name}", (bytes + unit / 2) / unit),
    }
}

fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(THIN);
        }
        out.push(digit);
    }
    out
}

/// Typography of a sentence: no-break spaces before `: ; ! ?` and `»`, after `«`, in numbers, hours and units;
/// no-break hyphens in `-vous`, `-nous`, `-il`; curly apostrophes. Addresses of the web and of mail are left alone.
/// Applying it twice changes nothing.
pub fn typography(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(' ').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if is_address(word) {
            out.push_str(word)
        } else {
            tie_word(word, &mut out)
        }
        rest = after;
        if let Some(next) = rest.strip_prefix(' ') {
            out.push(space(&out, next));
            rest = next;
        }
    }
    out
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.starts_with("www.") || word.starts_with('/')
}

/// Which space to write between what is written and what follows.
fn space(before: &str, after: &str) -> char {
    let mut next = after.chars();
    match next.next() {
        Some(';' | '!' | '?') => return THIN,
        Some(':' | '»' | '%' | '€') => return NBSP,
        _ => {}
    }
    let last = before.chars().next_back();
    if last == Some('«') {
        return NBSP;
    }
    let digits_after = after.bytes().take_while(u8::is_ascii_digit).count();
    let digits_before = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits_before.min(digits_after) > 0 && digits_before.max(digits_after) > 3 {
        // Groups longer than thousands are a number to copy, an IBAN: it may be cut.
        return ' ';
    }
    if digits_before > 0 && digits_after > 0 {
        return if digits_after == 3 && digits_before <= 3 { THIN } else { NBSP };
    }
    if before.ends_with("\u{a0}h") && digits_after > 0 {
        return NBSP;
    }
    let word = after.split([' ', ',', '.']).next().unwrap_or_default();
    let counted = (1..=3).contains(&digits_before) && word.starts_with(char::is_alphabetic) && !LINKS.contains(&word);
    if counted { NBSP } else { ' ' }
}

/// Hyphens and apostrophes inside a word.
fn tie_word(word: &str, out: &mut String) {
    let mut before: Option<char> = None;
    for (at, letter) in word.char_indices() {
        let after = &word[at + letter.len_utf8()..];
        let inside = before.is_some_and(char::is_alphabetic) && after.starts_with(char::is_alphabetic);
        out.push(match letter {
            '-' if inside && is_tied(&word[..at], after) => HYPHEN,
            '\'' if before.is_some_and(char::is_alphabetic) => '’',
            other => other,
        });
        before = Some(letter);
    }
}

fn is_tied(before: &str, after: &str) -> bool {
    let ends = |tail: &str| after.strip_prefix(tail).is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
    let verb = TIED.iter().any(|tail| ends(tail));
    let perhaps = before.to_lowercase().ends_with("peut") && ends("être");
    verb || perhaps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the invisible ones so that a failure can be read.
    fn seen(text: &str) -> String {
        text.replace(NBSP, "~").replace(THIN, "_").replace(HYPHEN, "=")
    }

    #[test]
    fn punctuation_is_tied_to_what_it_follows() {
        assert_eq!(seen(&typography("Qui a vendu ? Un vélo : neuf ; oui !")), "Qui a vendu_? Un vélo~: neuf_; oui_!");
        assert_eq!(seen(&typography("Le motif « absent » est dit.")), "Le motif «~absent~» est dit.");
    }

    #[test]
    fn numbers_hours_and_units_are_not_cut() {
        assert_eq!(seen(&typography("1 890 € et 20 % de 12 345 678")), "1_890~€ et 20~% de 12_345_678");
        assert_eq!(seen(&typography("de 8 h 30 à 17 h, 3 jours")), "de 8~h~30 à 17~h, 3~jours");
        assert_eq!(seen(&typography("FR76 3000 6000 0112 189")), "FR76 3000 6000 0112 189");
        assert_eq!(seen(&typography("Appelez le 02 37 55 10 20")), "Appelez le 02~37~55~10~20");
        assert_eq!(seen(&typography("en 2026 il faut 10 Mo")), "en 2026 il faut 10~Mo");
    }

    #[test]
    fn questions_and_apostrophes_are_tied() {
        assert_eq!(seen(&typography("Voulez-vous l'aide ? A-t-il peut-être un rendez-vous")), "Voulez=vous l’aide_? A=t=il peut=être un rendez=vous");
        assert_eq!(seen(&typography("Saint-Denis, vas-y, mi-voussoir")), "Saint-Denis, vas-y, mi-voussoir");
    }

    #[test]
    fn addresses_are_left_alone() {
        let text = "https://rendez-vous.fr/a-vous?b aide@rendez-vous.fr /mes-nous";
        assert_eq!(typography(text), text);
    }

    #[test]
    fn typography_is_stable() {
        let once = typography("Avez-vous « 1 890 € » à 14 h 05 ? L'été : 3 jours !");
        assert_eq!(typography(&once), once);
    }

    #[test]
    fn dates_and_hours_read_as_in_french() {
        let day = |d| jiff::civil::date(2026, 11, d);
        assert_eq!(seen(&date(day(24))), "24~novembre 2026");
        assert_eq!(seen(&date(day(1))), "1er~novembre 2026");
        assert_eq!(date_short(day(4)), "04/11/2026");
        assert_eq!(seen(&hour(jiff::civil::time(14, 5, 0, 0))), "14~h~05");
        assert_eq!(seen(&hour(jiff::civil::time(9, 0, 0, 0))), "9~h");
    }

    #[test]
    fn amounts_and_sizes_read_as_in_french() {
        assert_eq!(seen(&euros(189_000)), "1_890,00~€");
        assert_eq!(seen(&euros(-5)), "−0,05~€");
        assert_eq!(seen(&euros(123_456_789)), "1_234_567,89~€");
        assert_eq!(seen(&number(-1_234)), "−1_234");
        let sizes = [0, 2, 999, 1_000, 48_200, 999_400, 999_600, 2_100_000, 2_050_000, 10_000_000, 3_500_000_000];
        let read: Vec<String> = sizes.iter().map(|bytes| seen(&size(*bytes))).collect();
        let expected = ["1~Ko", "1~Ko", "1~Ko", "1~Ko", "48~Ko", "999~Ko", "1~Mo", "2,1~Mo", "2,1~Mo", "10~Mo", "3,5~Go"];
        assert_eq!(read, expected);
    }
}

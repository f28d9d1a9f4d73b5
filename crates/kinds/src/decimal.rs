//! Numbers as people write them in France: "1 890,50", "1.890,50", "-3", "12.5".
//!
//! Only the reading of digits and the grouping by three; what a number means belongs to its kind.

/// A number taken apart: sign, digits before and after the comma.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub negative: bool,
    pub whole: String,
    pub fraction: String,
}

impl Decimal {
    /// Reads a number without its unit; leading zeros and trailing zeros of the fraction go.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (negative, text) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (whole, fraction) = match (text.rfind(','), text.rfind('.')) {
            (Some(comma), Some(point)) if point < comma => (without_points(&text[..comma])?, &text[comma + 1..]),
            (Some(_), Some(_)) => return None,
            (Some(at), None) | (None, Some(at)) => (text[..at].to_owned(), &text[at + 1..]),
            (None, None) => (text.to_owned(), ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(&whole) || !digits(fraction) || text.ends_with([',', '.']) {
            return None;
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0".to_owned(),
            whole => whole.to_owned(),
        };
        Some(Self { negative, whole, fraction: fraction.trim_end_matches('0').to_owned() })
    }
}

/// `1.890` before a comma: points must stand between groups of three.
fn without_points(whole: &str) -> Option<String> {
    let mut groups = whole.split('.');
    let head = groups.next().filter(|head| (1..=3).contains(&head.len()))?;
    let rest: Vec<&str> = groups.collect();
    rest.iter().all(|group| group.len() == 3).then(|| format!("{head}{}", rest.concat()))
}

/// Digits by groups of three, kept together by narrow no-break spaces.
pub(crate) fn group(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() * 2);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(bool, String, String)> {
        Decimal::parse(text).map(|d| (d.negative, d.whole, d.fraction))
    }

    #[test]
    fn numbers_are_read_as_they_are_written_in_france() {
        let of = |n: bool, w: &str, f: &str| Some((n, w.to_owned(), f.to_owned()));
        assert_eq!(read("1 890,50"), of(false, "1890", "5"));
        assert_eq!(read("1\u{202f}890"), of(false, "1890", ""));
        assert_eq!(read("1.234.890,05"), of(false, "1234890", "05"));
        assert_eq!(read("-007.25"), of(true, "7", "25"));
        assert_eq!(read("0,00"), of(false, "0", ""));
        for bad in ["", "-", "1,", ",5", "1,890.50", "1.89,5", "12a", "1e5", "1,2,3"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(group("1234890"), "1\u{202f}234\u{202f}890");
        assert_eq!(group("890"), "890");
    }
}

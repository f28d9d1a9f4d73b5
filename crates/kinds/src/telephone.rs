//! A telephone number, French, overseas or foreign, kept in the international form: `+33237551020`.
//!
//! Short numbers (115, 3939) are not numbers at which a person can be reached.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;
use crate::texte::fill_text;

const EXAMPLE: &str = "Écrivez les dix chiffres, par exemple 02 37 55 10 20, ou +32 2 123 45 67 pour un numéro étranger.";

/// The first digits after the zero that belong overseas, and the code of their territory. 06 39 98 is kept for
/// fiction and is not in Mayotte as the rest of 06 39 is.
const TERRITORIES: [(&str, &str); 16] = [
    ("63998", "33"),
    ("262", "262"),
    ("263", "262"),
    ("269", "262"),
    ("639", "262"),
    ("692", "262"),
    ("693", "262"),
    ("590", "590"),
    ("690", "590"),
    ("691", "590"),
    ("594", "594"),
    ("694", "594"),
    ("596", "596"),
    ("696", "596"),
    ("697", "596"),
    ("508", "508"),
];

/// Country codes of two digits; `1` and `7` have one, all others three.
const TWO_DIGITS: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 \
                          64 65 66 81 82 84 86 90 91 92 93 94 95 98";

pub(crate) struct Telephone;

impl Kind for Telephone {
    fn name(&self) -> &'static str {
        "telephone"
    }

    fn parse(&self, input: &Input<'_>, _: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = read(&text).ok_or_else(|| Refusal::new(format!("Vérifiez le numéro. {EXAMPLE}")))?;
        Ok(Some(json!(number)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let mut controls = fill_text(value);
        for (_, text) in &mut controls {
            *text = pretty(text).replace('\u{a0}', " ");
        }
        controls
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        pretty(value.as_str().unwrap_or_default())
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn feel_type(&self) -> &'static str {
        "string"
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "tel", inputmode: Some("tel"), autocomplete: Some("tel"), size: Some(20) }
    }

    fn missing(&self) -> &'static str {
        "Écrivez un numéro de téléphone, par exemple 02 37 55 10 20."
    }

    fn expected(&self) -> &'static str {
        "un numéro international comme \"+33237551020\""
    }

    fn samples(&self) -> Vec<Sample> {
        let good = |text, number: &str, shown| Sample::good(text, json!(number), shown);
        vec![
            good("0237551020", "+33237551020", "02\u{a0}37\u{a0}55\u{a0}10\u{a0}20"),
            good("02.37-55 10/20", "+33237551020", "02\u{a0}37\u{a0}55\u{a0}10\u{a0}20"),
            good("+33 (0)6 39 98 12 34", "+33639981234", "06\u{a0}39\u{a0}98\u{a0}12\u{a0}34"),
            good("0033 2 37 55 10 20", "+33237551020", "02\u{a0}37\u{a0}55\u{a0}10\u{a0}20"),
            good("0692 12 34 56", "+262692123456", "06\u{a0}92\u{a0}12\u{a0}34\u{a0}56"),
            good("+590 590 12 34 56", "+590590123456", "05\u{a0}90\u{a0}12\u{a0}34\u{a0}56"),
            good("0508 41 12 34", "+508411234", "+508\u{a0}41\u{a0}12\u{a0}34"),
            good("+687 25 12 34", "+687251234", "+687\u{a0}25\u{a0}12\u{a0}34"),
            good("+32 2 123 45 67", "+3221234567", "+32\u{a0}21\u{a0}23\u{a0}45\u{a0}67"),
            good("+1 514 555 0123", "+15145550123", "+1\u{a0}51\u{a0}45\u{a0}55\u{a0}01\u{a0}23"),
            Sample::parts(&[("", "")], Expect::Blank),
            Sample::bad("02 37 55 10", "dix chiffres"),
            Sample::bad("02 37 55 10 20 1", "dix chiffres"),
            Sample::bad("+33 2 37 55 10", "dix chiffres"),
            Sample::bad("115", "dix chiffres"),
            Sample::bad("00 00 00 00 00", "dix chiffres"),
            Sample::bad("zéro deux", "dix chiffres"),
            Sample::bad("+0123456789", "dix chiffres"),
        ]
    }
}

fn read(text: &str) -> Option<String> {
    let text = text.replace("(0)", "");
    let bare = clean::compact(&text, &['.', '-', '/', '(', ')', '‑', '–']);
    let international = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
    let digits = international.unwrap_or(&bare);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match international {
        None => national(bare.strip_prefix('0')?),
        Some(digits) => match digits.strip_prefix("33") {
            // "+33 02…" is written so often that it is understood.
            Some(rest) => national(rest.strip_prefix('0').filter(|rest| rest.len() == 9).unwrap_or(rest)),
            None => foreign(digits),
        },
    }
}

/// The nine digits after the zero, to the territory they belong to.
fn national(digits: &str) -> Option<String> {
    if digits.len() != 9 || digits.starts_with('0') {
        return None;
    }
    let territory = TERRITORIES.iter().find(|(head, _)| digits.starts_with(head));
    Some(match territory {
        Some((_, "508")) => format!("+508{}", &digits[3..]),
        Some((_, code)) => format!("+{code}{digits}"),
        None => format!("+33{digits}"),
    })
}

fn foreign(digits: &str) -> Option<String> {
    let (code, rest) = split_code(digits)?;
    let length = match code {
        "262" | "590" | "594" | "596" => 9..=9,
        "508" | "687" | "681" => 6..=6,
        "689" => 8..=8,
        code => 4..=15 - code.len(),
    };
    (length.contains(&rest.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"))
}

fn split_code(digits: &str) -> Option<(&str, &str)> {
    let length = match digits.get(..2)? {
        head if head.starts_with(['1', '7']) => 1,
        head if TWO_DIGITS.split(' ').any(|code| code == head) => 2,
        _ => 3,
    };
    digits.split_at_checked(length)
}

fn pretty(number: &str) -> String {
    let Some((code, rest)) = number.strip_prefix('+').and_then(split_code) else {
        return number.to_owned();
    };
    match code {
        "33" | "262" | "590" | "594" | "596" if rest.len() == 9 => pairs(&format!("0{rest}")),
        code => format!("+{code}\u{a0}{}", pairs(rest)),
    }
}

/// By two, the first group by three when the count is odd.
fn pairs(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 1 && left.is_multiple_of(2) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

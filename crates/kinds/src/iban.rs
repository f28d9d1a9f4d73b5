//! An IBAN with real check digits, kept without spaces: `FR7630006000011234567890189`.
//!
//! It proves that the number is well copied, not that the account exists nor whose it is.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;
use crate::texte::fill_text;

const EXAMPLE: &str = "Recopiez-le depuis votre relevé d’identité bancaire (RIB) : en France, FR puis 25 chiffres ou lettres.";

/// Length of an IBAN by country, as the SWIFT register gives it.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 \
    DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 \
    KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 \
    PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 \
    VG24 XK20 YE30";

pub(crate) struct Iban;

impl Kind for Iban {
    fn name(&self) -> &'static str {
        "iban"
    }

    fn parse(&self, input: &Input<'_>, _: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        let bare = clean::compact(&text, &['-', '.']).to_uppercase();
        let bare = bare.strip_prefix("IBAN").unwrap_or(&bare).trim_start_matches(':');
        if text.is_empty() {
            return Ok(None);
        }
        match fault(bare) {
            None => Ok(Some(json!(bare))),
            Some(fault) => Err(Refusal::new(format!("{fault} {EXAMPLE}"))),
        }
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        let mut controls = fill_text(value);
        for (_, text) in &mut controls {
            *text = by_four(text, ' ');
        }
        controls
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        by_four(value.as_str().unwrap_or_default(), ' ')
    }

    fn export(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn feel_type(&self) -> &'static str {
        "string"
    }

    fn control(&self) -> Control {
        Control::Code
    }

    fn hints(&self) -> Hints {
        Hints { autocomplete: Some("off"), size: Some(34), ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez l’IBAN de votre compte, comme sur votre relevé d’identité bancaire (RIB) : en France, FR puis 25 chiffres ou lettres."
    }

    fn expected(&self) -> &'static str {
        "un IBAN sans espace, par exemple \"FR7630006000011234567890189\""
    }

    fn samples(&self) -> Vec<Sample> {
        let good = |text, iban: &str, shown| Sample::good(text, json!(iban), shown);
        vec![
            good("fr76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189"),
            good("IBAN : FR14-2004-1010-0505-0001-3M02-606", "FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"),
            good("BE68 5390 0754 7034", "BE68539007547034", "BE68 5390 0754 7034"),
            good("DE89370400440532013000", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
            Sample::parts(&[("", "")], Expect::Blank),
            Sample::bad("FR7630006000011234567890188", "Un caractère est faux"),
            Sample::bad("FR76 3000 6000 0112 3456 7890 18", "27 caractères, vous en avez écrit 26"),
            Sample::bad("ZZ76 3000 6000 0112 3456 7890 189", "deux lettres"),
            Sample::bad("3000 6000 0112 3456 7890 189", "deux lettres"),
            Sample::bad("FR76 3000 6000 0112 3456 789é 189", "lettres sans accent"),
            Sample::bad("IBAN", "deux lettres"),
        ]
    }
}

fn fault(iban: &str) -> Option<String> {
    if !iban.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return Some("Un IBAN ne contient que des chiffres et des lettres sans accent.".into());
    }
    let Some(expected) = iban.get(..2).and_then(length_in) else {
        return Some("Un IBAN commence par deux lettres, celles de son pays : FR pour la France.".into());
    };
    let length = iban.len();
    if length != expected {
        return Some(format!("Cet IBAN doit compter {expected} caractères, vous en avez écrit {length}."));
    }
    let digits = iban[2..4].bytes().all(|b| b.is_ascii_digit());
    let national = !matches!(&iban[..2], "FR" | "MC") || rib_key_holds(&iban[4..]);
    match digits && remainder(&format!("{}{}", &iban[4..], &iban[..4])) == 1 && national {
        true => None,
        false => Some("Un caractère est faux dans cet IBAN.".into()),
    }
}

fn length_in(country: &str) -> Option<usize> {
    let entry = LENGTHS.split_whitespace().find(|entry| entry.starts_with(country))?;
    entry[2..].parse().ok()
}

/// Modulo 97 of a text in which A is 10, B is 11… Z is 35.
fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| match digit {
        0..=9 => (rest * 10 + digit) % 97,
        _ => (rest * 100 + digit) % 97,
    })
}

/// The key that ends a French account number: bank, branch, account (letters count as 1 to 9) and key.
fn rib_key_holds(account: &str) -> bool {
    let digits = account.bytes().map(|b| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'I' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        _ => u32::from(b - b'S') + 2,
    });
    digits.fold(0, |rest, digit| (rest * 10 + digit) % 97) == 0
}

fn by_four(iban: &str, space: char) -> String {
    let mut out = String::with_capacity(iban.len() + 8);
    for (at, c) in iban.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(space);
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with_check_digits(country: &str, account: &str) -> String {
        let check = 98 - remainder(&format!("{account}{country}00"));
        format!("{country}{check:02}{account}")
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(account in "[0-9]{18}", at in 4usize..22, other in 1u8..10) {
            let iban = with_check_digits("DE", &account);
            prop_assert_eq!(fault(&iban), None);
            let mut wrong = iban.into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + other) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert!(fault(&wrong).is_some());
        }

        #[test]
        fn what_is_shown_is_read_back(account in "[0-9]{18}") {
            let iban = json!(with_check_digits("DE", &account));
            let shown = Iban.show(&iban, &Rule::default());
            prop_assert_eq!(Iban.parse(&Input::of(&shown), &Rule::default()), Ok(Some(iban)));
        }
    }
}

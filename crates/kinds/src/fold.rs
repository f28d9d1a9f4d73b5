//! Folding of text for searching: keys without case nor accents, French plurals, slips of one letter.
//!
//! Keys are stored and compared byte by byte, by both databases alike. Nothing here ranks results.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Shortest word in which one wrong letter is forgiven.
const SLIP_LENGTH: usize = 5;

/// Words that say nothing by themselves.
const EMPTY_WORDS: &str = "a au aux avec ce ces d dans de des du elle en et il j je l la le les leur ma mes mon n notre \
    nos ou par pour que qui qu s sa ses son sur ta tes ton un une vos votre";

/// The key of a text: lower case, no accents, ligatures opened, everything but letters and digits to one space.
///
/// ```
/// assert_eq!(kinds::fold::search_key("  L’Œuvre d’Été : n° 12 "), "l oeuvre d ete n 12");
/// ```
pub fn search_key(text: &str) -> String {
    let lower = text.nfkd().flat_map(char::to_lowercase).nfkd();
    let mut key = String::with_capacity(text.len());
    let mut between = false;
    for c in lower.filter(|c| !is_combining_mark(*c)) {
        if !c.is_alphanumeric() {
            between = true;
            continue;
        }
        if between && !key.is_empty() {
            key.push(' ');
        }
        between = false;
        match open(c) {
            Some(letters) => key.push_str(letters),
            None => key.push(c),
        }
    }
    key.nfc().collect()
}

/// The words of a text that mean something, folded.
pub fn words(text: &str) -> Vec<String> {
    let key = search_key(text);
    key.split(' ').filter(|word| !word.is_empty() && !is_empty_word(word)).map(str::to_owned).collect()
}

/// Whether a folded word says nothing by itself ("de", "la").
pub fn is_empty_word(word: &str) -> bool {
    EMPTY_WORDS.split_whitespace().any(|empty| empty == word)
}

/// Singular and masculine of a folded word, as far as its ending tells: "mariées" and "marié" have one stem.
///
/// A stem is for comparing, not for reading.
pub fn stem(word: &str) -> String {
    let singular = singular(word);
    // The order matters: the longest ending first.
    const FEMININE: [(&str, &str); 9] = [
        ("trice", "teur"),
        ("euse", "eur"),
        ("elle", "el"),
        ("enne", "en"),
        ("onne", "on"),
        ("ette", "et"),
        ("ive", "if"),
        ("ere", "er"),
        ("ail", "al"),
    ];
    for (ending, masculine) in FEMININE {
        if let Some(head) = singular.strip_suffix(ending).filter(|head| head.len() >= 2) {
            return format!("{head}{masculine}");
        }
    }
    match singular.trim_end_matches('e') {
        short if short.len() >= 3 => short.to_owned(),
        _ => singular,
    }
}

/// Whether one letter changed, added, dropped or swapped with its neighbour makes `b` of `a`, in words of five
/// letters or more.
pub fn is_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    a.len().min(b.len()) + 1 >= SLIP_LENGTH && a.len().max(b.len()) >= SLIP_LENGTH && within_one(&a, &b)
}

/// How well a text answers a search: `None` unless every word of the search is found. Greater is better.
pub fn score(search: &str, text: &str) -> Option<u32> {
    let (searched, found) = (words(search), words(text));
    if searched.is_empty() {
        return None;
    }
    searched.iter().map(|word| found.iter().map(|other| likeness(word, other)).max().filter(|best| *best > 0)).sum()
}

fn likeness(searched: &str, found: &str) -> u32 {
    match () {
        () if searched == found => 4,
        () if stem(searched) == stem(found) => 3,
        () if searched.len() >= 3 && found.starts_with(searched) => 2,
        () if is_slip(searched, found) => 1,
        () => 0,
    }
}

fn open(c: char) -> Option<&'static str> {
    Some(match c {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

fn singular(word: &str) -> String {
    let cut = |count: usize| word[..word.len() - count].to_owned();
    if word.len() < 4 || !word.is_ascii() {
        return word.to_owned();
    }
    if word.ends_with("eaux") || word.ends_with("eux") || word.ends_with("oux") {
        return cut(1);
    }
    if word.ends_with("aux") {
        return format!("{}al", cut(3));
    }
    match word.ends_with('s') && !word.ends_with("ss") {
        true => cut(1),
        false => word.to_owned(),
    }
}

fn within_one(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[same..], &long[same..]);
    if short.len() < long.len() {
        return *short == long[1..];
    }
    let changed = short.is_empty() || short[1..] == long[1..];
    let swapped = short.len() >= 2 && short[0] == long[1] && short[1] == long[0] && short[2..] == long[2..];
    changed || swapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_has_no_case_accent_ligature_nor_punctuation() {
        assert_eq!(search_key("Hélène D'ORNANO-Lebœuf"), "helene d ornano leboeuf");
        assert_eq!(search_key("He\u{301}le\u{300}ne"), search_key("hélène"));
        assert_eq!(search_key("Ægir Straße Łódź ﬁn"), "aegir strasse lodz fin");
        assert_eq!(search_key(" ’!? "), "");
    }

    #[test]
    fn plurals_and_feminines_have_one_stem() {
        for (a, b) in [
            ("actes", "acte"),
            ("locaux", "local"),
            ("travaux", "travail"),
            ("bateaux", "bateau"),
            ("jeux", "jeu"),
            ("mariees", "marie"),
            ("professionnelle", "professionnel"),
            ("electriques", "electrique"),
            ("active", "actif"),
            ("conductrice", "conducteur"),
            ("scolaires", "scolaire"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_ne!(stem("naissance"), stem("mariage"));
        assert_ne!(stem("deces"), stem("decret"));
        assert_eq!(stem("bus"), "bus");
    }

    #[test]
    fn one_slip_is_forgiven_in_a_long_word_only() {
        assert!(is_slip("naisance", "naissance"));
        assert!(is_slip("niassance", "naissance"));
        assert!(is_slip("maissance", "naissance"));
        assert!(!is_slip("naisanc", "naissance"));
        assert!(!is_slip("velo", "vela"));
        assert!(is_slip("marie", "maree"));
    }

    #[test]
    fn a_search_needs_all_its_words() {
        let text = "Demander un acte d’état civil : naissance, mariage, décès, extrait";
        assert!(score("extraits de naissances", text).is_some());
        assert!(score("naisance", text).is_some());
        assert!(score("acte de vente", text).is_none());
        assert!(score("de la", text).is_none());
        assert!(score("mariage", text) > score("mariaje", text));
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{0,40}") {
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key);
        }

        #[test]
        fn stem_and_slip_never_panic(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            stem(&search_key(&a));
            prop_assert_eq!(is_slip(&a, &b), is_slip(&b, &a));
        }
    }
}

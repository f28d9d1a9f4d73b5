//! French of values and of subjects: dates, numbers, lists, agreement with an article. It knows nothing of rules.

/// The no-break space of French punctuation.
pub(crate) const NBSP: char = '\u{a0}';

const MONTHS: [&str; 12] = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

/// « 1er janvier 2000 », or the text itself if it is not a date.
pub(crate) fn date(iso: &str) -> String {
    match iso.parse::<jiff::civil::Date>() {
        Ok(date) => {
            let first = if date.day() == 1 { "er" } else { "" };
            let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
            format!("{}{first} {month} {}", date.day(), date.year())
        }
        Err(_) => iso.to_owned(),
    }
}

/// « 12 345,5 » from `12345.5`.
pub(crate) fn number(text: &str) -> String {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if !whole.chars().all(|c| c.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && whole.len() > 3 {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if decimals.is_empty() { grouped } else { format!("{grouped},{decimals}") }
}

/// « 3 ans et 2 mois » from `P3Y2M`, or the text itself.
pub(crate) fn duration(iso: &str) -> String {
    let Some(body) = iso.strip_prefix('P') else { return iso.to_owned() };
    let mut parts = Vec::new();
    let (mut figures, mut in_time) = (String::new(), false);
    for c in body.chars() {
        let unit = match (c, in_time) {
            ('T', _) => {
                in_time = true;
                continue;
            }
            ('0'..='9', _) => {
                figures.push(c);
                continue;
            }
            ('Y', _) => "an",
            ('M', false) => "mois",
            ('D', _) => "jour",
            ('H', _) => "heure",
            ('M', true) => "minute",
            ('S', _) => "seconde",
            _ => return iso.to_owned(),
        };
        let plural = if figures != "1" && figures != "0" && unit != "mois" { "s" } else { "" };
        parts.push(format!("{figures}{NBSP}{unit}{plural}"));
        figures.clear();
    }
    list(&parts, "et")
}

/// « a, b et c ».
pub(crate) fn list(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} {word} {last}", firsts.join(", ")),
    }
}

/// « texte » between French quotes.
pub(crate) fn quotes(text: &str) -> String {
    format!("«{NBSP}{text}{NBSP}»")
}

/// What a sentence is about, with what agrees with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub text: String,
    pub feminine: bool,
    pub plural: bool,
}

impl Subject {
    pub(crate) fn masculine(text: impl Into<String>) -> Self {
        Self { text: text.into(), feminine: false, plural: false }
    }

    /// From a label: with an article it is used as it is, otherwise it is quoted as a question.
    pub(crate) fn from_label(label: &str) -> Self {
        let lower = label.to_lowercase();
        let starts = |articles: &[&str]| articles.iter().any(|article| lower.starts_with(article));
        let feminine = starts(&["la ", "une ", "cette ", "sa ", "ma "]);
        let plural = starts(&["les ", "des ", "ces ", "vos ", "ses "]);
        if feminine || plural || starts(&["le ", "un ", "l’", "l'", "ce ", "cet ", "votre ", "son ", "mon "]) {
            return Self { text: label.to_owned(), feminine, plural };
        }
        Self { text: format!("la réponse à {}", quotes(label)), feminine: true, plural: false }
    }

    /// « est » or « sont ».
    pub(crate) fn is(&self) -> &'static str {
        if self.plural { "sont" } else { "est" }
    }

    /// « n’est pas » or « ne sont pas ».
    pub(crate) fn is_not(&self) -> &'static str {
        if self.plural { "ne sont pas" } else { "n’est pas" }
    }

    /// The adjective with its agreement: `inférieur` → `inférieures`.
    pub(crate) fn agree(&self, adjective: &str) -> String {
        format!("{adjective}{}{}", if self.feminine { "e" } else { "" }, if self.plural { "s" } else { "" })
    }

    /// « égal » with its agreement.
    pub(crate) fn equal(&self) -> &'static str {
        match (self.feminine, self.plural) {
            (false, false) => "égal",
            (true, false) => "égale",
            (false, true) => "égaux",
            (true, true) => "égales",
        }
    }

    /// With « de » before: « de la commune », « du prix », « des enfants ».
    pub(crate) fn of(&self) -> String {
        match self.text.split_once(' ') {
            Some(("le", rest)) => format!("du {rest}"),
            Some(("les", rest)) => format!("des {rest}"),
            _ => format!("de {}", self.text),
        }
    }

    /// With « à » before: « à la commune », « au prix », « aux enfants ».
    pub(crate) fn to(&self) -> String {
        match self.text.split_once(' ') {
            Some(("le", rest)) => format!("au {rest}"),
            Some(("les", rest)) => format!("aux {rest}"),
            _ => format!("à {}", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_month_is_an_ordinal() {
        assert_eq!(date("2000-01-01"), "1er janvier 2000");
    }

    #[test]
    fn thousands_are_grouped_and_the_decimal_sign_is_a_comma() {
        assert_eq!(number("12345.50"), "12\u{202f}345,50");
    }

    #[test]
    fn a_duration_is_said_in_words() {
        assert_eq!(duration("P1Y2M"), "1\u{a0}an et 2\u{a0}mois");
    }

    #[test]
    fn the_adjective_agrees_with_the_article() {
        assert_eq!(Subject::from_label("la somme").agree("inférieur"), "inférieure");
        assert_eq!(Subject::from_label("les revenus").agree("inférieur"), "inférieurs");
    }

    #[test]
    fn a_question_becomes_its_answer() {
        assert_eq!(Subject::from_label("Quel âge ?").text, "la réponse à «\u{a0}Quel âge ?\u{a0}»");
    }

    #[test]
    fn the_article_contracts() {
        assert_eq!((Subject::from_label("le prix").of(), Subject::from_label("les prix").to()), ("du prix".into(), "aux prix".into()));
    }
}

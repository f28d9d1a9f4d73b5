//! What a package may know of the tenant and of the day: words to print, facts for the rules.
//! It holds nothing of a person.

use jiff::civil::Date;

/// The tenant's own words, put in the texts of a package when it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// « Exempleville ».
    pub collectivite: String,
    /// « de Montfleur », « d’Exempleville », « du Mans ».
    pub de_collectivite: String,
    /// « à Montfleur », « au Mans ».
    pub a_collectivite: String,
    /// « la mairie », « l’agglomération ».
    pub la_collectivite: String,
    /// « de la mairie », « de l’agglomération ».
    pub de_la_collectivite: String,
    pub telephone: String,
    pub courriel: String,
    pub adresse: String,
    pub horaires: String,
    /// « tribunal administratif d’Orléans, 28 rue… »: read after « le », « du » or « au ».
    pub tribunal_administratif: String,
    /// « tribunal judiciaire de Chartres », in the same way.
    pub tribunal_judiciaire: String,
}

impl Words {
    /// The names a text may use between `{{ }}`.
    pub const NAMES: [&str; 11] = [
        "collectivite",
        "de_collectivite",
        "a_collectivite",
        "la_collectivite",
        "de_la_collectivite",
        "telephone",
        "courriel",
        "adresse",
        "horaires",
        "tribunal_administratif",
        "tribunal_judiciaire",
    ];

    /// How the courts are called where the tenant does not name them: true everywhere.
    pub fn courts_of(collectivite: &str) -> (String, String) {
        let of = |court: &str| format!("tribunal {court} dont dépend {collectivite}");
        (of("administratif"), of("judiciaire"))
    }

    /// How a kind of tenant is called in a sentence.
    pub fn of_kind(kind: &str) -> (&'static str, &'static str) {
        match kind {
            "commune" => ("la mairie", "de la mairie"),
            "agglomeration" => ("l’agglomération", "de l’agglomération"),
            "metropole" => ("la métropole", "de la métropole"),
            "communaute" => ("la communauté de communes", "de la communauté de communes"),
            "departement" => ("le département", "du département"),
            "region" => ("la région", "de la région"),
            "ccas" => ("le CCAS", "du CCAS"),
            _ => ("la collectivité", "de la collectivité"),
        }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(match name {
            "collectivite" => &self.collectivite,
            "de_collectivite" => &self.de_collectivite,
            "a_collectivite" => &self.a_collectivite,
            "la_collectivite" => &self.la_collectivite,
            "de_la_collectivite" => &self.de_la_collectivite,
            "telephone" => &self.telephone,
            "courriel" => &self.courriel,
            "adresse" => &self.adresse,
            "horaires" => &self.horaires,
            "tribunal_administratif" => &self.tribunal_administratif,
            "tribunal_judiciaire" => &self.tribunal_judiciaire,
            _ => return None,
        })
    }

    /// Replaces each known `{{ name }}`; the others stay.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((start, end, name)) = placeholder(rest) {
            out.push_str(&rest[..start]);
            out.push_str(self.get(name).unwrap_or(&rest[start..end]));
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }

    /// The first `{{ name }}` still in a text.
    pub fn left(text: &str) -> Option<String> {
        placeholder(text).map(|(_, _, name)| name.to_owned())
    }
}

/// The words of no tenant in particular: to check and try a package away from any installation.
impl Default for Words {
    fn default() -> Self {
        let (la, de_la) = Words::of_kind("commune");
        let (tribunal_administratif, tribunal_judiciaire) = Words::courts_of("Exempleville");
        Words {
            collectivite: "Exempleville".to_owned(),
            de_collectivite: of("Exempleville"),
            a_collectivite: at("Exempleville"),
            la_collectivite: la.to_owned(),
            de_la_collectivite: de_la.to_owned(),
            telephone: "01 99 00 00 00".to_owned(),
            courriel: "mairie@exempleville.example".to_owned(),
            adresse: "1 place de la Mairie, 00000 Exempleville".to_owned(),
            horaires: "du lundi au vendredi de 9 h à 17 h".to_owned(),
            tribunal_administratif,
            tribunal_judiciaire,
        }
    }
}

/// « de » before a name: « de Dreux », « d’Évreux », « du Mans », « des Ulis », « de l’Agglomération de… ».
pub(crate) fn of(name: &str) -> String {
    match article(name) {
        Article::Masculine(rest) => format!("du {rest}"),
        Article::Plural(rest) => format!("des {rest}"),
        Article::Common(article) => format!("de {article}{name}"),
        Article::None if is_vowel(name) => format!("d’{name}"),
        Article::None => format!("de {name}"),
    }
}

/// « à » before a name: « à Dreux », « au Mans », « aux Ulis », « à l’Agglomération de… ».
pub(crate) fn at(name: &str) -> String {
    match article(name) {
        Article::Masculine(rest) => format!("au {rest}"),
        Article::Plural(rest) => format!("aux {rest}"),
        Article::Common(article) => format!("à {article}{name}"),
        Article::None => format!("à {name}"),
    }
}

enum Article<'a> {
    /// « Le Mans »: the rest of the name.
    Masculine(&'a str),
    /// « Les Ulis »: the rest of the name.
    Plural(&'a str),
    /// « Agglomération de… »: the article it needs.
    Common(&'static str),
    None,
}

fn article(name: &str) -> Article<'_> {
    const COMMON: [(&str, &str); 9] = [
        ("Agglomération", "l’"),
        ("Communauté", "la "),
        ("Métropole", "la "),
        ("Commune", "la "),
        ("Ville", "la "),
        ("Mairie", "la "),
        ("Région", "la "),
        ("Eurométropole", "l’"),
        ("Collectivité", "la "),
    ];
    let first = name.split(' ').next().unwrap_or_default();
    match (name.strip_prefix("Le "), name.strip_prefix("Les ")) {
        (Some(rest), _) => Article::Masculine(rest),
        (_, Some(rest)) => Article::Plural(rest),
        _ => COMMON.iter().find(|(noun, _)| *noun == first).map_or(Article::None, |(_, article)| Article::Common(article)),
    }
}

/// A name that elides: a vowel; an h is left alone, for nobody can tell.
fn is_vowel(name: &str) -> bool {
    let first = kinds::fold::search_key(name);
    first.starts_with(['a', 'e', 'i', 'o', 'u', 'y']) && !first.starts_with("y ")
}

fn placeholder(text: &str) -> Option<(usize, usize, &str)> {
    let start = text.find("{{")?;
    let end = start + text[start..].find("}}")? + 2;
    Some((start, end, text[start + 2..end - 2].trim()))
}

/// What rules may mention beside the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub today: Date,
    /// Name of the tenant, « Exempleville ».
    pub collectivite: String,
    pub code_insee: String,
    pub code_postal: String,
    /// Whether the commune's civil status is read by the passport offices themselves.
    pub comedec: bool,
    /// An agent enters the demand for somebody, who need not have a mail address. Rules do not see it.
    pub is_assisted: bool,
    /// The birth date of who asks, when he came by FranceConnect and his names stand as FranceConnect gave them.
    pub naissance_certifiee: Option<String>,
}

impl Setting {
    /// The names in rules, and their FEEL types.
    pub const NAMES: [(&str, &str); 6] = [
        ("aujourdhui", "date"),
        ("collectivite", "text"),
        ("code_insee", "text"),
        ("code_postal", "text"),
        ("comedec", "boolean"),
        ("naissance_certifiee", "date"),
    ];

    /// Away from any installation, on a given day.
    pub fn example(today: Date) -> Setting {
        Setting {
            today,
            collectivite: "Exempleville".to_owned(),
            code_insee: "00000".to_owned(),
            code_postal: "00000".to_owned(),
            comedec: false,
            is_assisted: false,
            naissance_certifiee: None,
        }
    }

    /// The value of each name, as JSON.
    pub fn values(&self) -> [(&'static str, serde_json::Value); 6] {
        [
            ("aujourdhui", self.today.to_string().into()),
            ("collectivite", self.collectivite.clone().into()),
            ("code_insee", self.code_insee.clone().into()),
            ("code_postal", self.code_postal.clone().into()),
            ("comedec", self.comedec.into()),
            ("naissance_certifiee", self.naissance_certifiee.clone().into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_preposition_they_need() {
        let both = |name| (of(name), at(name));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(both("Dreux"), pair("de Dreux", "à Dreux"));
        assert_eq!(both("Évreux"), pair("d’Évreux", "à Évreux"));
        assert_eq!(both("Le Mans"), pair("du Mans", "au Mans"));
        assert_eq!(both("Les Ulis"), pair("des Ulis", "aux Ulis"));
        assert_eq!(both("La Rochelle"), pair("de La Rochelle", "à La Rochelle"));
        assert_eq!(both("Agglomération du Val"), pair("de l’Agglomération du Val", "à l’Agglomération du Val"));
    }

    #[test]
    fn words_of_the_tenant_are_put_and_others_stay() {
        let words = Words::default();
        let text = words.fill("Contacter {{ la_collectivite }} ({{telephone}}), {{ numero }}");
        assert_eq!(text, "Contacter la mairie (01 99 00 00 00), {{ numero }}");
        assert_eq!(Words::left(&text).as_deref(), Some("numero"));
    }
}

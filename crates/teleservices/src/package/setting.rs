//! What a package may know of the tenant and of the day: words to print, facts for the rules.
//! It holds nothing of a person.

use jiff::civil::Date;

/// The tenant's own words, put in the texts of a package when it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// « Exempleville ».
    pub collectivite: String,
    /// « la mairie », « l’agglomération ».
    pub la_collectivite: String,
    /// « de la mairie », « de l’agglomération ».
    pub de_la_collectivite: String,
    pub telephone: String,
    pub courriel: String,
    pub adresse: String,
    pub horaires: String,
}

impl Words {
    /// The names a text may use between `{{ }}`.
    pub const NAMES: [&str; 7] =
        ["collectivite", "la_collectivite", "de_la_collectivite", "telephone", "courriel", "adresse", "horaires"];

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
            "la_collectivite" => &self.la_collectivite,
            "de_la_collectivite" => &self.de_la_collectivite,
            "telephone" => &self.telephone,
            "courriel" => &self.courriel,
            "adresse" => &self.adresse,
            "horaires" => &self.horaires,
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
        Words {
            collectivite: "Exempleville".to_owned(),
            la_collectivite: la.to_owned(),
            de_la_collectivite: de_la.to_owned(),
            telephone: "01 99 00 00 00".to_owned(),
            courriel: "mairie@exempleville.example".to_owned(),
            adresse: "1 place de la Mairie, 00000 Exempleville".to_owned(),
            horaires: "du lundi au vendredi de 9 h à 17 h".to_owned(),
        }
    }
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
}

impl Setting {
    /// The names in rules, and their FEEL types.
    pub const NAMES: [(&str, &str); 5] = [
        ("aujourdhui", "date"),
        ("collectivite", "text"),
        ("code_insee", "text"),
        ("code_postal", "text"),
        ("comedec", "boolean"),
    ];

    /// Away from any installation, on a given day.
    pub fn example(today: Date) -> Setting {
        Setting {
            today,
            collectivite: "Exempleville".to_owned(),
            code_insee: "00000".to_owned(),
            code_postal: "00000".to_owned(),
            comedec: false,
        }
    }

    /// The value of each name, as JSON.
    pub fn values(&self) -> [(&'static str, serde_json::Value); 5] {
        [
            ("aujourdhui", self.today.to_string().into()),
            ("collectivite", self.collectivite.clone().into()),
            ("code_insee", self.code_insee.clone().into()),
            ("code_postal", self.code_postal.clone().into()),
            ("comedec", self.comedec.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_tenant_are_put_and_others_stay() {
        let words = Words::default();
        let text = words.fill("Contacter {{ la_collectivite }} ({{telephone}}), {{ numero }}");
        assert_eq!(text, "Contacter la mairie (01 99 00 00 00), {{ numero }}");
        assert_eq!(Words::left(&text).as_deref(), Some("numero"));
    }
}

//! TOML in French: what a value is, what the parser reproaches, keys that come from elsewhere.

use serde_json::Value as Json;
use toml::de::DeValue;

/// Keys that authors bring from other tools.
pub(super) fn translated(key: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 10] = [
        ("label", "libelle"),
        ("hint", "aide"),
        ("type", "kind"),
        ("required", "obligatoire"),
        ("title", "titre"),
        ("if", "si"),
        ("choices", "choix"),
        ("options", "choix"),
        ("name", "nom"),
        ("value", "valeur"),
    ];
    KNOWN.iter().find(|(theirs, _)| *theirs == key).map(|(_, ours)| *ours)
}

pub(super) fn type_name(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "un texte",
        DeValue::Integer(_) | DeValue::Float(_) => "un nombre",
        DeValue::Boolean(_) => "true ou false",
        DeValue::Datetime(_) => "une date",
        DeValue::Array(_) => "une liste",
        DeValue::Table(_) => "un tableau",
    }
}

pub(super) fn json(value: &DeValue) -> Json {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).map_or(Json::Null, Json::from),
        DeValue::Float(n) => n.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(b) => (*b).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            Json::Object(pairs.collect())
        }
    }
}

/// The parser's English message in French, with the mend.
pub(super) fn syntax(message: &str) -> (String, &'static str) {
    const KNOWN: [(&str, &str, &str); 14] = [
        ("duplicate key", "cette clé est écrite deux fois", "gardez-en une ; une liste de tableaux s’écrit [[nom]]"),
        ("string values must be quoted", "un texte s’écrit entre guillemets droits", "écrivez \"…\""),
        ("missing assignment", "il manque le signe = après la clé", "écrivez clé = valeur"),
        ("key with no value", "il manque une valeur après la clé", "écrivez clé = valeur"),
        ("missing value", "il manque une valeur après le signe =", "écrivez une valeur, entre guillemets si c’est un texte"),
        ("extra assignment", "il y a deux signes =", "gardez-en un"),
        ("extra `=`", "il y a deux signes =", "gardez-en un"),
        ("missing comma between array", "il manque une virgule entre deux éléments de la liste", "ajoutez la virgule"),
        ("unclosed array table", "il manque ]] à la fin", "écrivez [[nom]]"),
        ("unclosed table", "il manque ] à la fin", "écrivez [nom]"),
        ("unclosed array", "la liste n’est pas fermée", "ajoutez ]"),
        ("unclosed inline table", "le tableau n’est pas fermé", "ajoutez }"),
        ("invalid unquoted key", "cette clé contient un caractère qui n’est pas permis", "une clé s’écrit en minuscules sans accent, avec _"),
        ("recurs", "il y a trop de listes ou de tableaux les uns dans les autres", "aplatissez-les"),
    ];
    if let Some((_, french, mend)) = KNOWN.iter().find(|(english, _, _)| message.contains(english)) {
        return ((*french).to_owned(), mend);
    }
    if message.contains("string") || message.contains("quote") || message.contains("escape") {
        return ("ce texte n’est pas bien écrit".to_owned(), "ouvrez et fermez-le par les mêmes guillemets droits ; \\ s’écrit \\\\");
    }
    ("cette ligne ne se lit pas comme du TOML".to_owned(), "une ligne s’écrit clé = valeur, [tableau] ou [[tableau]]")
}

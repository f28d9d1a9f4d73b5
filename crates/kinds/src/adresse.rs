//! A postal address by its parts. JSON object with `voie`, `complement`, `code_postal`, `commune`, `pays`.
//!
//! The form of a French postal code is checked; whether street and town exist is not: addresses are missing from
//! every base. An address is French unless its country says otherwise.

use serde_json::{Map, Value as Json, json};

use crate::clean;
use crate::fold::search_key;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;

const PARTS: &[&str] = &["voie", "complement", "code_postal", "commune", "pays"];
const EXAMPLE: &str = "par exemple 14 rue des Tanneurs, 28260 Montfleur-sur-Loir.";

pub(crate) struct Adresse;

impl Kind for Adresse {
    fn name(&self) -> &'static str {
        "adresse"
    }

    fn parts(&self) -> &'static [&'static str] {
        PARTS
    }

    fn part_label(&self, part: &str) -> &'static str {
        match part {
            "voie" => "Numéro et rue, ou lieu-dit",
            "complement" => "Bâtiment, étage, appartement (facultatif)",
            "code_postal" => "Code postal",
            "commune" => "Commune",
            _ => "Pays, si ce n’est pas la France (facultatif)",
        }
    }

    fn parse(&self, input: &Input<'_>, _: &Rule) -> Result<Option<Json>, Refusal> {
        let mut object = Map::new();
        for part in PARTS {
            let text = clean::line(input.first(part)).map_err(|refusal| refusal.on(part))?;
            clean::limit(&text, max_length(part)).map_err(|refusal| refusal.on(part))?;
            if !text.is_empty() {
                object.insert((*part).to_owned(), json!(text));
            }
        }
        if object.keys().all(|part| part == "pays") {
            return Ok(None);
        }
        let country = read_country(text(&object, "pays"));
        let french = country == FRANCE;
        object.insert("pays".to_owned(), json!(country));
        complete(&object, french)?;
        if french {
            let code = clean::compact(text(&object, "code_postal"), &[]);
            if !is_postal_code(&code) {
                return Err(Refusal::new("Écrivez un code postal français de cinq chiffres, par exemple 28260.").on("code_postal"));
            }
            object.insert("code_postal".to_owned(), json!(code));
        }
        Ok(Some(Json::Object(object)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        fill_parts(value, PARTS)
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        lines(value).join(", ")
    }

    fn export(&self, value: &Json, rule: &Rule) -> String {
        self.show(value, rule)
    }

    fn feel_type(&self) -> &'static str {
        "context"
    }

    fn control(&self) -> Control {
        Control::Stack
    }

    fn hints(&self) -> Hints {
        Hints::TEXT
    }

    fn part_hints(&self, part: &str) -> Hints {
        let (autocomplete, size) = match part {
            "voie" => ("address-line1", None),
            "complement" => ("address-line2", None),
            "code_postal" => ("postal-code", Some(8)),
            "commune" => ("address-level2", None),
            _ => ("country-name", None),
        };
        Hints { autocomplete: Some(autocomplete), size, ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez l’adresse, par exemple 14 rue des Tanneurs, 28260 Montfleur-sur-Loir."
    }

    fn expected(&self) -> &'static str {
        "un objet avec \"voie\", \"code_postal\", \"commune\", \"pays\" et, s’il y a lieu, \"complement\""
    }

    fn samples(&self) -> Vec<Sample> {
        let home = json!({"voie": "14 rue des Tanneurs", "code_postal": "28260", "commune": "Montfleur-sur-Loir", "pays": "France"});
        let abroad = json!({"voie": "Rue Haute 12", "complement": "bte 3", "code_postal": "1000", "commune": "Bruxelles", "pays": "Belgique"});
        let galway = json!({"voie": "4 Quay Street", "commune": "Galway", "pays": "Irlande"});
        let refused = |part, says| Expect::Refused { part: Some(part), says };
        vec![
            Sample::parts(
                &[("voie", "14 rue des Tanneurs"), ("complement", ""), ("code_postal", "28 260"), ("commune", "Montfleur-sur-Loir")],
                Expect::Value { json: home.clone(), shown: "14 rue des Tanneurs, 28260 Montfleur-sur-Loir" },
            ),
            Sample::parts(
                &[("voie", "14 rue des Tanneurs"), ("code_postal", "28260"), ("commune", "Montfleur-sur-Loir"), ("pays", "FRANCE")],
                Expect::Value { json: home, shown: "14 rue des Tanneurs, 28260 Montfleur-sur-Loir" },
            ),
            Sample::parts(
                &[("voie", "Rue Haute 12"), ("complement", "bte 3"), ("code_postal", "1000"), ("commune", "Bruxelles"), ("pays", "Belgique")],
                Expect::Value { json: abroad, shown: "Rue Haute 12, bte 3, 1000 Bruxelles, Belgique" },
            ),
            Sample::parts(
                &[("voie", "4 Quay Street"), ("commune", "Galway"), ("pays", "Irlande")],
                Expect::Value { json: galway, shown: "4 Quay Street, Galway, Irlande" },
            ),
            Sample::parts(&[("voie", " "), ("pays", "France")], Expect::Blank),
            Sample::parts(&[("voie", "14 rue des Tanneurs")], refused("code_postal", "le code postal et la commune")),
            Sample::parts(&[("code_postal", "28260"), ("commune", "Dreux")], refused("voie", "le numéro et la rue")),
            Sample::parts(&[("voie", "1 rue X"), ("code_postal", "2826"), ("commune", "Dreux")], refused("code_postal", "cinq chiffres")),
            Sample::parts(&[("voie", "1 rue X"), ("code_postal", "99100"), ("commune", "Dreux")], refused("code_postal", "cinq chiffres")),
            Sample::parts(&[("voie", "1 rue X"), ("pays", "Irlande")], refused("commune", "la commune")),
            Sample::parts(&[("voie", "a\0"), ("code_postal", "28260"), ("commune", "Dreux")], refused("voie", "invisible")),
        ]
    }
}

pub(crate) const FRANCE: &str = "France";

/// The lines of an address, as on an envelope.
pub fn lines(value: &Json) -> Vec<String> {
    let part = |name: &str| value.get(name).and_then(Json::as_str).unwrap_or_default();
    let town = format!("{} {}", part("code_postal"), part("commune")).trim().to_owned();
    let country = if part("pays") == FRANCE { "" } else { part("pays") };
    [part("voie"), part("complement"), &town, country].into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Blank and every way to write it give "France"; any other country stays as it was written.
pub(crate) fn read_country(text: &str) -> String {
    match search_key(text).as_str() {
        "" | "fr" | "france" | "france metropolitaine" | "republique francaise" => FRANCE.to_owned(),
        _ => text.to_owned(),
    }
}

/// Departments 01 to 95, overseas, Monaco and the armies.
pub(crate) fn is_postal_code(code: &str) -> bool {
    let digits = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
    digits
        && match &code[..2] {
            "00" => code != "00000",
            "97" => matches!(code.as_bytes()[2], b'1'..=b'8'),
            "96" | "99" => false,
            _ => true,
        }
}

/// The controls of a kind whose value is an object of texts; none if a key is unknown or no text.
pub(crate) fn fill_parts(value: &Json, parts: &[&str]) -> Vec<(String, String)> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    object
        .iter()
        .map(|(key, text)| Some((key.clone(), parts.contains(&key.as_str()).then_some(text.as_str()?)?.to_owned())))
        .collect::<Option<_>>()
        .unwrap_or_default()
}

pub(crate) fn text<'a>(object: &'a Map<String, Json>, part: &str) -> &'a str {
    object.get(part).and_then(Json::as_str).unwrap_or_default()
}

/// Names everything that is missing, and points at the first.
fn complete(object: &Map<String, Json>, french: bool) -> Result<(), Refusal> {
    let needed = [("voie", "le numéro et la rue (ou le lieu-dit)", true), ("code_postal", "le code postal", french), ("commune", "la commune", true)];
    let blank: Vec<_> = needed.iter().filter(|(part, _, needed)| *needed && text(object, part).is_empty()).collect();
    let Some((first, _, _)) = blank.first() else {
        return Ok(());
    };
    let names: Vec<&str> = blank.iter().map(|(_, name, _)| *name).collect();
    let names = match names.as_slice() {
        [a, b, c] => format!("{a}, {b} et {c}"),
        names => names.join(" et "),
    };
    Err(Refusal::new(format!("Complétez l’adresse : il manque {names}, {EXAMPLE}")).on(first))
}

fn max_length(part: &str) -> usize {
    match part {
        "voie" | "complement" => 120,
        "code_postal" => 12,
        _ => 80,
    }
}

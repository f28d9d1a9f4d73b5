//! A commune typed by hand: its name, better with a postal code or its INSEE code; or a town abroad with its country.
//!
//! No list of communes is kept here: only the forms are checked. FranceConnect gives an INSEE code without a name.

use serde_json::{Map, Value as Json, json};

use crate::adresse::{FRANCE, fill_parts, is_postal_code, read_country, text};
use crate::clean;
use crate::kind::{Control, Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;

const PARTS: &[&str] = &["nom", "code_postal", "code_insee", "pays"];

pub(crate) struct Commune;

impl Kind for Commune {
    fn name(&self) -> &'static str {
        "commune"
    }

    fn parts(&self) -> &'static [&'static str] {
        PARTS
    }

    fn part_label(&self, part: &str) -> &'static str {
        match part {
            "nom" => "Commune",
            "code_postal" => "Code postal (facultatif)",
            "code_insee" => "Code INSEE",
            _ => "Pays, si ce n’est pas la France (facultatif)",
        }
    }

    fn parse(&self, input: &Input<'_>, _: &Rule) -> Result<Option<Json>, Refusal> {
        let mut object = read_parts(input)?;
        if object.keys().all(|part| part == "pays") {
            return Ok(None);
        }
        let country = read_country(text(&object, "pays"));
        let french = country == FRANCE;
        match french {
            true => object.remove("pays"),
            false => object.insert("pays".to_owned(), json!(country)),
        };
        check_codes(&object, french)?;
        let (name, code) = (text(&object, "nom"), text(&object, "code_insee"));
        if name.is_empty() && code.is_empty() {
            return Err(Refusal::new("Écrivez le nom de la commune, par exemple Montfleur-sur-Loir.").on("nom"));
        }
        Ok(Some(Json::Object(object)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        fill_parts(value, PARTS)
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        let part = |name: &str| value.get(name).and_then(Json::as_str).unwrap_or_default();
        let beside = [part("pays"), part("code_postal"), part("code_insee")].into_iter().find(|text| !text.is_empty());
        match (part("nom"), beside) {
            ("", _) => format!("Commune de code INSEE {}", part("code_insee")),
            (name, Some(beside)) => format!("{name} ({beside})"),
            (name, None) => name.to_owned(),
        }
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
        match part {
            "code_postal" => Hints { size: Some(8), ..Hints::TEXT },
            "code_insee" => Hints { input_type: "hidden", ..Hints::TEXT },
            _ => Hints::TEXT,
        }
    }

    fn missing(&self) -> &'static str {
        "Écrivez le nom de la commune, par exemple Montfleur-sur-Loir."
    }

    fn expected(&self) -> &'static str {
        "un objet avec \"nom\", et si possible \"code_postal\", \"code_insee\" ou \"pays\""
    }

    fn samples(&self) -> Vec<Sample> {
        let good = |input: &[_], json, shown| Sample::parts(input, Expect::Value { json, shown });
        let refused = |part, says| Expect::Refused { part: Some(part), says };
        vec![
            good(
                &[("nom", "Montfleur-sur-Loir"), ("code_postal", "28 260")],
                json!({"nom": "Montfleur-sur-Loir", "code_postal": "28260"}),
                "Montfleur-sur-Loir (28260)",
            ),
            good(&[("nom", "Ajaccio"), ("code_postal", "2a004")], json!({"nom": "Ajaccio", "code_insee": "2A004"}), "Ajaccio (2A004)"),
            good(&[("code_insee", "75107"), ("pays", "France")], json!({"code_insee": "75107"}), "Commune de code INSEE 75107"),
            good(&[("nom", "Alger"), ("pays", "Algérie")], json!({"nom": "Alger", "pays": "Algérie"}), "Alger (Algérie)"),
            good(
                &[("nom", "Porto"), ("code_insee", "99139"), ("pays", "Portugal")],
                json!({"nom": "Porto", "code_insee": "99139", "pays": "Portugal"}),
                "Porto (Portugal)",
            ),
            Sample::parts(&[("nom", ""), ("pays", "France")], Expect::Blank),
            good(&[("nom", "Dreux")], json!({"nom": "Dreux"}), "Dreux"),
            Sample::parts(&[("code_postal", "28100")], refused("nom", "le nom de la commune")),
            Sample::parts(&[("nom", "Dreux"), ("code_postal", "281")], refused("code_postal", "cinq chiffres")),
            Sample::parts(&[("nom", "Dreux"), ("code_insee", "20134")], refused("code_insee", "Vérifiez le code INSEE")),
            Sample::parts(&[("nom", "Porto"), ("code_insee", "99139")], refused("pays", "le pays")),
        ]
    }
}

/// The parts, cleaned; a code typed in the wrong box goes to its own when it leaves no doubt.
fn read_parts(input: &Input<'_>) -> Result<Map<String, Json>, Refusal> {
    let mut object = Map::new();
    for part in PARTS {
        let text = clean::line(input.first(part)).map_err(|refusal| refusal.on(part))?;
        clean::limit(&text, 80).map_err(|refusal| refusal.on(part))?;
        let text = match part.starts_with("code") {
            true => clean::compact(&text, &[]).to_uppercase(),
            false => text,
        };
        let part = match *part == "code_postal" && is_corsican(&text) {
            true => "code_insee",
            false => part,
        };
        if !text.is_empty() {
            object.insert(part.to_owned(), json!(text));
        }
    }
    Ok(object)
}

fn check_codes(object: &Map<String, Json>, french: bool) -> Result<(), Refusal> {
    let (postal, insee) = (text(object, "code_postal"), text(object, "code_insee"));
    if french && !postal.is_empty() && !is_postal_code(postal) {
        return Err(Refusal::new("Écrivez un code postal de cinq chiffres, par exemple 28260.").on("code_postal"));
    }
    if insee.is_empty() {
        return Ok(());
    }
    if !is_insee_code(insee) {
        return Err(Refusal::new("Vérifiez le code INSEE : cinq caractères, par exemple 28085 ou 2A004.").on("code_insee"));
    }
    match (insee.starts_with("99"), french) {
        (true, true) => Err(Refusal::new("Ce code est celui d’un pays étranger. Écrivez aussi le pays, par exemple Portugal.").on("pays")),
        (false, false) => Err(Refusal::new("Ce code INSEE est celui d’une commune de France. Effacez-le, ou effacez le pays.").on("code_insee")),
        _ => Ok(()),
    }
}

fn is_corsican(code: &str) -> bool {
    code.starts_with(['2']) && matches!(code.as_bytes().get(1), Some(b'A' | b'B')) && is_insee_code(code)
}

/// A code of the official geographic code: commune, arrondissement, or country (99…).
fn is_insee_code(code: &str) -> bool {
    let Some((department, rest)) = code.split_at_checked(2) else {
        return false;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if rest.len() != 3 || !digits(rest) {
        return false;
    }
    match department {
        "2A" | "2B" => true,
        "00" | "20" | "96" => false,
        "97" => matches!(rest.as_bytes()[0], b'1'..=b'8'),
        department => digits(department),
    }
}

//! A mail address, in lower case, its domain in ASCII.
//!
//! It judges the form; whether somebody reads the box, only a mailed link can tell.

use serde_json::{Value as Json, json};

use crate::clean;
use crate::kind::{Expect, Hints, Input, Kind, Refusal, Sample};
use crate::rule::Rule;
use crate::texte::fill_text;

const MAX: usize = 254;
const EXAMPLE: &str = "par exemple camille.durand@exemple.fr.";

/// Ends of domain that do not exist, and what was meant.
const SLIPS: [(&str, &str); 6] = [("con", "com"), ("cmo", "com"), ("comm", "com"), ("ocm", "com"), ("frr", "fr"), ("fe", "fr")];

pub(crate) struct Courriel;

impl Kind for Courriel {
    fn name(&self) -> &'static str {
        "courriel"
    }

    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
        let text = clean::line(input.first(""))?;
        let text = text.strip_prefix("mailto:").unwrap_or(&text);
        if text.is_empty() {
            return Ok(None);
        }
        let mail = read(text).map_err(Refusal::new)?;
        rule.follow_pattern(&mail)?;
        Ok(Some(json!(mail)))
    }

    fn fill(&self, value: &Json) -> Vec<(String, String)> {
        fill_text(value)
    }

    fn show(&self, value: &Json, _: &Rule) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn export(&self, value: &Json, rule: &Rule) -> String {
        self.show(value, rule)
    }

    fn feel_type(&self) -> &'static str {
        "string"
    }

    fn hints(&self) -> Hints {
        Hints { input_type: "email", inputmode: Some("email"), autocomplete: Some("email"), ..Hints::TEXT }
    }

    fn missing(&self) -> &'static str {
        "Écrivez une adresse électronique, par exemple camille.durand@exemple.fr."
    }

    fn expected(&self) -> &'static str {
        "une adresse électronique en minuscules, par exemple \"camille.durand@exemple.fr\""
    }

    fn samples(&self) -> Vec<Sample> {
        let good = |text, mail: &'static str| Sample::good(text, json!(mail), mail);
        vec![
            good(" Camille.Durand@Exemple.FR ", "camille.durand@exemple.fr"),
            good("o'neil+velo@mail.exemple.fr", "o'neil+velo@mail.exemple.fr"),
            good("accueil@évry.exemple.fr", "accueil@xn--vry-9la.exemple.fr"),
            Sample::parts(&[("", " ")], Expect::Blank),
            Sample::bad("camille.durand", "arobase"),
            Sample::bad("a@b@exemple.fr", "une seule adresse"),
            Sample::bad("a@exemple.fr, b@exemple.fr", "une seule adresse"),
            Sample::bad("camille durand@exemple.fr", "sans espace"),
            Sample::bad("camille@exemple,fr", "virgule"),
            Sample::bad("camille@exemple", "exemple.fr"),
            Sample::bad("camille@exemple.con", "camille@exemple.com"),
            Sample::bad("@exemple.fr", "avant l’arobase"),
            Sample::bad("hélène@exemple.fr", "« é »"),
            Sample::bad("camille.@exemple.fr", "point"),
            Sample::bad("camille@-exemple.fr", "après l’arobase"),
            Sample::bad("camille@exemple..fr", "après l’arobase"),
            Sample::bad("camille@127.0.0.1", "après l’arobase"),
            Sample::bad("Camille <camille@exemple.fr>", "sans espace"),
        ]
    }
}

/// The normalised address, or the sentence that refuses it.
fn read(text: &str) -> Result<String, String> {
    if text.matches('@').count() > 1 {
        return Err(format!("Écrivez une seule adresse, avec une seule arobase (@), {EXAMPLE}"));
    }
    if text.contains(' ') {
        return Err(format!("Écrivez l’adresse sans espace, {EXAMPLE}"));
    }
    let Some((local, domain)) = text.split_once('@') else {
        return Err(format!("Il manque l’arobase (@). Écrivez l’adresse entière, {EXAMPLE}"));
    };
    let mail = format!("{}@{}", read_local(local)?, read_domain(local, domain)?);
    match mail.len() <= MAX {
        true => Ok(mail),
        false => Err(format!("Cette adresse est trop longue : {MAX} caractères au plus, {EXAMPLE}")),
    }
}

fn read_local(local: &str) -> Result<String, String> {
    if local.is_empty() || local.len() > 64 {
        return Err(format!("Vérifiez ce qui est écrit avant l’arobase (@), {EXAMPLE}"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if let Some(other) = local.chars().find(|c| !allowed(*c)) {
        return Err(format!("Une adresse électronique ne peut pas contenir « {other} ». Écrivez-la sans, {EXAMPLE}"));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(format!("Vérifiez la place des points avant l’arobase (@), {EXAMPLE}"));
    }
    Ok(local.to_ascii_lowercase())
}

fn read_domain(local: &str, domain: &str) -> Result<String, String> {
    if domain.contains(',') {
        return Err(format!("Remplacez la virgule par un point, {EXAMPLE}"));
    }
    let fault = || format!("Vérifiez ce qui est écrit après l’arobase (@), {EXAMPLE}");
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| fault())?;
    let (name, end) = ascii.rsplit_once('.').ok_or_else(fault)?;
    let sound = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !name.split('.').all(sound) || !sound(end) || end.len() < 2 || end.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    match SLIPS.iter().find(|(slip, _)| *slip == end) {
        Some((_, meant)) => Err(format!("Vérifiez l’adresse : vouliez-vous écrire {local}@{name}.{meant} ?")),
        None => Ok(ascii),
    }
}

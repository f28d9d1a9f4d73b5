//! `liaisons.toml`.

use super::{formula, formula_needed, id, question, slug};
use crate::package::formula::Formula;
use crate::package::model::{Arrival, ArrivalField, ArrivalFrom, FORMATS, Liaison, LiaisonAnswer, LiaisonEvent, LiaisonField};
use crate::package::reader::{Located, Table};
use echanges::Format;

/// What leaves, and what arrives.
pub(super) fn liaisons(root: &Table) -> (Vec<Liaison>, Vec<Arrival>) {
    let liaisons = root.tables("liaison").into_iter().map(liaison).collect();
    (liaisons, root.tables("arrivee").into_iter().map(arrival).collect())
}

fn liaison(t: Table) -> Liaison {
    let format = t.one_of_needed("format", &FORMATS).unwrap_or(Format::Json);
    let liaison = Liaison {
        id: id(&t, "id"),
        label: t.words_needed("libelle"),
        event: event(&t),
        application: slug(&t, "application").text,
        purpose: slug(&t, "finalite").text,
        condition: formula(&t, "si"),
        format,
        root: root_element(&t, format),
        fields: t.tables("champ").into_iter().map(|f| field(f, format)).collect(),
        answers: t.tables("reponse").into_iter().map(answer).collect(),
        place: t.place_of("id"),
    };
    t.end();
    liaison
}

/// `depot`, or `transition:<id>`.
fn event(t: &Table) -> LiaisonEvent {
    let located = t.raw_needed("evenement");
    match located.text.strip_prefix("transition:") {
        Some(id) => LiaisonEvent::Transition(id.trim().to_owned()),
        None => {
            if located.text != "depot" && t.has("evenement") {
                t.error(
                    &located.place,
                    format!("« {} » n’est pas un événement", located.text),
                    "écrivez \"depot\", ou \"transition:\" suivi du nom d’une transition",
                );
            }
            LiaisonEvent::Deposit
        }
    }
}

fn root_element(t: &Table, format: Format) -> String {
    let root = t.raw("racine");
    match (format, root) {
        (Format::Xml, Some(root)) if is_name(&root.text) => root.text,
        (Format::Xml, Some(root)) => {
            t.error(&root.place, format!("« {} » n’est pas un nom d’élément XML", root.text), "des lettres, des chiffres, - et _, sans accent");
            "demande".to_owned()
        }
        (Format::Xml, None) => "demande".to_owned(),
        (_, Some(root)) => {
            t.error(&root.place, "« racine » ne sert qu’au format xml", "retirez cette ligne");
            String::new()
        }
        (_, None) => String::new(),
    }
}

fn field(t: Table, format: Format) -> LiaisonField {
    let name = t.raw_needed("nom");
    if format != Format::Csv && t.has("nom") && !is_path(&name.text) {
        t.error(
            &name.place,
            format!("« {} » n’est pas un chemin", name.text),
            "écrivez Parent/Enfant, Parent[2]/Enfant ou Parent/@attribut, sans accent",
        );
    }
    let field = LiaisonField { path: name.text, formula: formula_needed(&t, "valeur"), place: name.place };
    t.end();
    field
}

fn answer(t: Table) -> LiaisonAnswer {
    let pairs = t.pairs("champs");
    let answer = LiaisonAnswer {
        word: id(&t, "mot"),
        received: t.tables("recu").into_iter().map(question::question).collect(),
        condition: formula(&t, "si"),
        transition: t.raw_needed("transition"),
        fields: pairs.into_iter().map(|(name, text): (Located, Located)| (name, Formula::new(text))).collect(),
        motif: formula(&t, "motif"),
        place: t.place_of("mot"),
    };
    t.end();
    answer
}

fn arrival(t: Table) -> Arrival {
    let format = t.one_of_needed("format", &[("xml", Format::Xml), ("json", Format::Json)]).unwrap_or(Format::Json);
    let arrival = Arrival {
        id: id(&t, "id"),
        label: t.words_needed("libelle"),
        application: slug(&t, "application").text,
        format,
        root: root_element(&t, format),
        channel: slug(&t, "canal").text,
        identifier: t.raw("identifiant").map(|located| located.text),
        fields: t.tables("champ").into_iter().filter_map(arrival_field).collect(),
        place: t.place_of("id"),
    };
    t.end();
    arrival
}

fn arrival_field(t: Table) -> Option<ArrivalField> {
    let (path, always) = (t.raw("chemin"), t.raw("toujours"));
    if path.as_ref().is_some_and(|path| !is_path(&path.text)) {
        t.error(&t.place_of("chemin"), "ce chemin ne se lit pas", "écrivez Parent/Enfant, Parent[2]/Enfant ou Parent/@attribut, sans accent");
    }
    let from = match (path, always) {
        (Some(path), None) => Some(ArrivalFrom::Path(path.text)),
        (None, Some(always)) => Some(ArrivalFrom::Always(always.text)),
        _ => {
            t.error(&t.place(), "[[arrivee.champ]] dit d’où vient la valeur", "écrivez chemin = \"…\", ou toujours = \"…\"");
            None
        }
    };
    let field = ArrivalField {
        question: t.raw_needed("question"),
        part: t.raw("partie").map(|located| located.text).unwrap_or_default(),
        from: from.unwrap_or_else(|| ArrivalFrom::Always(String::new())),
        values: t.pairs("valeurs").into_iter().map(|(code, value)| (code.text, value.text)).collect(),
    };
    t.end();
    Some(field)
}

fn is_path(path: &str) -> bool {
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let name = match part.strip_prefix('@') {
            Some(name) if parts.peek().is_none() => name,
            Some(_) => return false,
            None => match part.split_once('[') {
                Some((name, index)) => {
                    if index.strip_suffix(']').and_then(|n| n.parse::<u8>().ok()).is_none_or(|n| n == 0) {
                        return false;
                    }
                    name
                }
                None => part,
            },
        };
        if !is_name(name) {
            return false;
        }
    }
    true
}

fn is_name(name: &str) -> bool {
    name.len() <= 80
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

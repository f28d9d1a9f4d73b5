//! `courriers/*.md` (a TOML heading between `+++`, then Markdown) and `textes/*.md`.

use super::{Reading, is_id, stem};
use crate::package::flaw::{Place, suggest};
use crate::package::model::Courrier;
use crate::package::reader::Located;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts a package may add to its pages.
pub(crate) const TEXTS: [&str; 4] = ["presentation", "suite", "confirmation", "avant"];

pub(super) fn courriers(from: &Reading) -> BTreeMap<String, Courrier> {
    let mut found = BTreeMap::new();
    for (path, text) in from.files.under("courriers") {
        if let Some(courrier) = courrier(from, path, text) {
            found.insert(courrier.id.clone(), courrier);
        }
    }
    found
}

fn courrier(from: &Reading, path: &str, text: &str) -> Option<Courrier> {
    let place = Place::file(path);
    let id = stem(path).replace('-', "_");
    if !is_id(&id) {
        from.report.borrow_mut().error(&place, "ce fichier n’a pas un nom de courrier", "nommez-le par exemple courriers/refus.md");
    }
    let heading = text.strip_prefix("+++\n").and_then(|rest| rest.find("\n+++\n").map(|end| end + 1));
    let Some(heading) = heading else {
        from.report.borrow_mut().error(
            &place,
            "ce courrier ne commence pas par son en-tête",
            "commencez par trois lignes : +++ puis titre = \"…\" et objet = \"…\" puis +++",
        );
        return None;
    };
    // The heading is parsed in place, so that its flaws have the right line: the rest is blanked.
    let shaped = format!("   \n{}", &text[4..4 + heading]);
    let (title, subject) = from.open(path, &shaped, |root| (root.words_needed("titre"), root.raw_needed("objet")))?;
    let start = 4 + heading + 4;
    let body = Located { text: text[start..].trim().to_owned(), place: Place { file: Arc::from(path), start, end: start + 1 } };
    if body.text.is_empty() {
        from.report.borrow_mut().error(&body.place, "ce courrier est vide", "écrivez son texte sous l’en-tête");
    }
    Some(Courrier { id, title, subject, body, place })
}

pub(super) fn texts(from: &Reading) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, text) in from.files.under("textes") {
        let name = stem(path);
        if !TEXTS.contains(&name) {
            from.report.borrow_mut().error(&Place::file(path), format!("aucune page ne montre un texte nommé « {name} »"), suggest(name, TEXTS));
        }
        let filled = from.words.fill(text);
        if let Some(left) = crate::package::setting::Words::left(&filled) {
            let start = text.find(&left).unwrap_or(0);
            let place = Place { file: Arc::from(path), start, end: start + left.len() };
            from.report.borrow_mut().error(
                &place,
                format!("« {{{{ {left} }}}} » n’est pas connu ici"),
                suggest(&left, crate::package::setting::Words::NAMES),
            );
        }
        found.insert(name.to_owned(), filled);
    }
    found
}

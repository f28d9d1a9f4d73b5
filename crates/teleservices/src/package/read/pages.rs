//! `pages/NN-nom.toml`.

use super::{formula, formula_needed, id, is_id, question, stem, top};
use crate::package::model::{Note, Page};
use crate::package::reader::Table;

pub(super) fn page(root: &Table, path: &str) -> Page {
    let id = stem(path);
    let numbered = path.strip_prefix("pages/").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()));
    if !numbered || !is_id(&id.replace('-', "_")) {
        root.error(&top(path), "le nom de ce fichier ne dit pas la place de la page", "nommez-le par exemple pages/01-identite.toml");
    }
    let mut page = Page {
        id: id.to_owned(),
        title: String::new(),
        intro: None,
        condition: None,
        questions: root.tables("question").into_iter().map(question::question).collect(),
        notes: root.tables("note").into_iter().map(note).collect(),
        place: top(path),
    };
    match root.table("page") {
        Some(head) => {
            page.title = head.words_needed("titre");
            page.intro = head.words("intro");
            page.condition = formula(&head, "si");
            head.end();
        }
        None if !root.has("page") => {
            root.error(&top(path), "il manque le tableau [page] dans ce fichier", "commencez par [page] puis titre = \"…\"");
        }
        None => {}
    }
    page
}

fn note(t: Table) -> Note {
    let note = Note { id: id(&t, "id"), condition: formula_needed(&t, "si"), text: t.words_needed("texte"), place: t.place_of("id") };
    t.end();
    note
}

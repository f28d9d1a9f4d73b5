//! `pieces.toml`.

use super::{formula, id};
use crate::package::model::{Piece, PieceModel, PieceWhen};
use crate::package::reader::Table;

const FORMATS: [(&str, &str); 5] = [("pdf", "pdf"), ("jpeg", "jpeg"), ("png", "png"), ("webp", "webp"), ("heic", "heic")];
const MEGABYTE: u64 = 1_000_000;
const LARGEST: u64 = 50;

pub(super) fn pieces(root: &Table) -> Vec<Piece> {
    root.tables("piece").into_iter().map(piece).collect()
}

fn piece(t: Table) -> Piece {
    let mut formats = t.some_of("formats", &FORMATS);
    if formats.is_empty() {
        formats = FORMATS.iter().map(|(_, format)| *format).collect();
    }
    let piece = Piece {
        id: id(&t, "id"),
        label: t.words_needed("libelle"),
        hint: t.words("aide"),
        condition: formula(&t, "si"),
        legal_text: t.words_needed("texte"),
        indispensable: t.bool("indispensable", false),
        when: t.one_of("quand", &PieceWhen::WORDS).unwrap_or(PieceWhen::Depot),
        formats,
        max_size: size(&t),
        max_files: t.int("nombre_max", 1).and_then(|n| u16::try_from(n.min(20)).ok()).unwrap_or(1),
        erase_after_check: t.bool("effacer_apres_controle", false),
        models: t.tables("modele").into_iter().map(model).collect(),
        place: t.place_of("id"),
    };
    t.end();
    piece
}

fn model(t: Table) -> PieceModel {
    let model = PieceModel { label: t.words_needed("libelle"), text: t.words_needed("texte") };
    t.end();
    model
}

/// « 10 Mo », in bytes.
fn size(t: &Table) -> u64 {
    let default = 10 * MEGABYTE;
    let Some(located) = t.raw("taille_max") else { return default };
    let megabytes = located.text.strip_suffix(" Mo").and_then(|n| n.trim().parse::<u64>().ok());
    match megabytes {
        Some(n) if (1..=LARGEST).contains(&n) => n * MEGABYTE,
        _ => {
            t.error(
                &located.place,
                format!("« {} » n’est pas une taille", located.text),
                format!("écrivez par exemple \"10 Mo\", {LARGEST} Mo au plus"),
            );
            default
        }
    }
}

//! A folder on our own disk, shared with the application: one file per message, written whole then renamed. Folders
//! stand below `data/echanges/<tenant>/`, nowhere else.

use std::path::PathBuf;

use kernel::FieldErrors;
use serde_json::{Map, Value};

use super::{
    Call, Connector, Folder, Message, OptionField, Target,
    folder::{self, Local, below},
    option,
};
use crate::{application::Secrets, model::Failure};

pub(super) struct Fichier;

const WHERE: &str = "Un dossier à l’intérieur de celui des échanges, par exemple « etat-civil/demandes ».";

impl Connector for Fichier {
    fn kind(&self) -> &'static str {
        "fichier"
    }

    fn label(&self) -> &'static str {
        "Fichiers dans un dossier"
    }

    fn options(&self) -> &'static [OptionField] {
        const fn field(name: &'static str, label: &'static str, hint: &'static str, is_optional: bool) -> OptionField {
            OptionField { name, label, hint, is_secret: false, is_optional }
        }
        const FIELDS: &[OptionField] = &[
            field("dossier", "Dossier où écrire", WHERE, false),
            field("arrivees", "Dossier où elle dépose", "Vide si elle ne dépose rien.", true),
            field("traitement", "Ce que sont ces dépôts", "Le nom d’un lecteur de fichiers.", true),
        ];
        FIELDS
    }

    fn check(&self, options: &Map<String, Value>, _: &Secrets, errors: &mut FieldErrors) {
        for name in ["dossier", "arrivees"] {
            if option(options, name).is_some_and(|text| below(text).is_none()) {
                errors.push(name, WHERE);
            }
        }
    }

    fn deliver<'a>(&'a self, target: &'a Target<'a>, message: &'a Message<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let folder = place(target, target.option("dossier")?)?;
            let (name, bytes) = (message.file_name(), message.ready.content.clone());
            folder::blocking(move || folder::write_whole(&folder, &name, &bytes)).await
        })
    }

    fn arrivals<'a>(&'a self, target: &'a Target<'a>) -> Option<Call<'a, Box<dyn Folder>>> {
        let text = target.maybe("arrivees")?;
        Some(Box::pin(async move { Ok(Box::new(Local(place(target, text)?)) as Box<dyn Folder>) }))
    }
}

fn place(target: &Target<'_>, text: &str) -> Result<PathBuf, Failure> {
    let inside = below(text).ok_or_else(|| Failure::Blocked { reason: "dossier non valable".into() })?;
    Ok(target.app.config.data.join("echanges").join(&target.tenant.slug).join(inside))
}

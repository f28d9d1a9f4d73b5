//! What a liaison sends: values by path. It knows no format, channel, address nor secret: `echanges` does.

use super::Answers;
use super::walk::View;
use crate::package::{Known, Liaison, LiaisonEvent, Package, Setting};
use echanges::Document;
use jiff::civil::Date;
use serde_json::Value as Json;

/// What a liaison may read of a dossier.
pub struct Dossier<'a> {
    pub answers: &'a Answers,
    /// Fields of the transition that sets the liaison off; empty at deposit.
    pub fields: &'a Answers,
    pub numero: &'a str,
    pub depose_le: Date,
    pub canal: &'a str,
}

impl Package {
    /// The liaisons that an event of a dossier sets off.
    pub fn liaisons_on(&self, event: &LiaisonEvent, dossier: &Dossier, setting: &Setting) -> Vec<&Liaison> {
        let concerned: Vec<&Liaison> = self.liaisons.iter().filter(|liaison| liaison.event == *event).collect();
        if concerned.is_empty() {
            return concerned;
        }
        let known = self.known(dossier, setting);
        concerned.into_iter().filter(|liaison| liaison.condition.as_ref().is_none_or(|condition| condition.holds(&known))).collect()
    }

    /// What leaves, before any format: `echanges` writes it and sends it.
    pub fn document(&self, liaison: &Liaison, dossier: &Dossier, setting: &Setting) -> Document {
        let known = self.known(dossier, setting);
        liaison
            .fields
            .iter()
            .fold(Document::new(&liaison.root), |document, field| document.with(&field.path, field.formula.value(&known).unwrap_or(Json::Null)))
    }

    /// Paths and texts, in the order of the package; what is empty is left out.
    pub(crate) fn sent_texts(&self, liaison: &Liaison, dossier: &Dossier, setting: &Setting) -> Vec<(String, String)> {
        let text = |value: Json| match value {
            Json::Null => None,
            Json::String(text) => Some(text),
            other => Some(other.to_string()),
        };
        let fields = self.document(liaison, dossier, setting).fields.into_iter();
        fields.filter_map(|field| Some((field.path, text(field.value)?))).collect()
    }

    fn known(&self, dossier: &Dossier, setting: &Setting) -> Known {
        let View { mut known, .. } = self.view(dossier.answers, setting);
        for field in self.fields() {
            field.know(dossier.fields.get(&field.id).unwrap_or(&Json::Null), &mut known);
        }
        known.add("numero", "string", &dossier.numero.into());
        known.add("depose_le", "date", &dossier.depose_le.to_string().into());
        known.add("canal", "string", &dossier.canal.into());
        known
    }
}

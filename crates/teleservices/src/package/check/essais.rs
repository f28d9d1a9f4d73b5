//! Essais mention only what exists; whether they succeed is `engine::essais`'s affair.

use crate::package::flaw::{Place, Report, suggest};
use crate::package::model::Essai;
use crate::package::read::Raw;
use crate::package::reader::Located;
use crate::package::setting::Setting;
use std::cell::RefCell;

pub(super) fn check(raw: &Raw, report: &RefCell<Report>) {
    let form: Vec<&str> = raw.pages.iter().flat_map(|p| &p.questions).map(|q| q.id.as_str()).collect();
    let eligibility = raw.rules.eligibility.as_ref();
    let asked: Vec<&str> = eligibility.iter().flat_map(|e| &e.questions).map(|q| q.id.as_str()).collect();
    let rules: Vec<&str> = eligibility.iter().flat_map(|e| &e.rules).map(|r| r.id.as_str()).collect();
    let pages: Vec<&str> = raw.pages.iter().map(|p| p.id.as_str()).collect();
    let notes: Vec<&str> = raw.pages.iter().flat_map(|p| &p.notes).map(|n| n.id.as_str()).collect();
    let pieces: Vec<&str> = raw.pieces.iter().map(|p| p.id.as_str()).collect();
    let computed: Vec<&str> = raw.rules.computed.iter().map(|c| c.id.as_str()).collect();
    let sent: Vec<String> = raw.liaisons.iter().flat_map(|l| l.fields.iter().map(|f| format!("{}:{}", l.id, f.path))).collect();
    let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
    let setting: Vec<&str> = Setting::NAMES.iter().map(|(name, _)| *name).filter(|name| *name != "aujourdhui").collect();
    for essai in &raw.essais {
        let Essai { expected, .. } = essai;
        let keys = |pairs: &[(Located, serde_json::Value)]| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let list = |list: &Option<Vec<Located>>| list.clone().unwrap_or_default();
        let one = |one: &Option<Located>| one.iter().cloned().collect::<Vec<_>>();
        for (what, names, known) in [
            ("l’information", keys(&essai.setting), &setting),
            ("la question d’éligibilité", keys(&essai.eligibility), &asked),
            ("la question", keys(&essai.answers), &form),
            ("la règle", one(&expected.rule), &rules),
            ("la question d’éligibilité", one(&expected.next), &asked),
            ("la page", list(&expected.pages), &pages),
            ("la note", list(&expected.notes), &notes),
            ("la pièce", list(&expected.pieces), &pieces),
            ("la question", list(&expected.refused), &form),
            ("le calcul", keys(&expected.computed), &computed),
            ("l’envoi", keys(&expected.sent), &sent),
        ] {
            for name in names.iter().filter(|name| !known.contains(&name.text.as_str())) {
                report.borrow_mut().error(&name.place, format!("{what} « {} » n’existe pas", name.text), suggest(&name.text, known.iter().copied()));
            }
        }
    }
    if raw.essais.is_empty() && !raw.pages.is_empty() {
        report.borrow_mut().remark(
            &Place::file("teleservice.toml"),
            "ce téléservice n’a pas d’essai",
            "un essai dit en quelques lignes ce que la démarche doit répondre : essais/….toml",
        );
    }
}

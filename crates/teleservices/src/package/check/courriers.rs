//! Merge fields: every template of the package reads, and mentions only what it can be given.

use super::names::AROUND;
use crate::engine::merge;
use crate::package::files::Files;
use crate::package::flaw::{Place, Report, suggest};
use crate::package::read::Raw;
use crate::package::reader::Located;
use crate::package::setting::Words;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub(super) fn check(raw: &Raw, files: &Files, report: &RefCell<Report>) {
    let fields: BTreeSet<&str> = raw.circuit.iter().flat_map(|c| &c.transitions).flat_map(|t| &t.fields).map(|f| f.id.as_str()).collect();
    let mut state_names: BTreeSet<&str> = fields.clone();
    state_names.extend(Words::NAMES);
    let mut names = state_names.clone();
    names.extend(raw.pages.iter().flat_map(|p| &p.questions).map(|q| q.id.as_str()));
    names.extend(raw.rules.computed.iter().map(|c| c.id.as_str()));
    names.extend(AROUND);
    names.insert("valeurs");
    for courrier in raw.courriers.values() {
        template(&courrier.subject, &names, files, report);
        template(&courrier.body, &names, files, report);
    }
    for motif in &raw.motifs {
        template(&motif.text, &names, files, report);
    }
    for state in raw.circuit.iter().flat_map(|c| &c.states) {
        for words in [Some(&state.name), Some(&state.agent), state.text.as_ref()].into_iter().flatten() {
            template(words, &state_names, files, report);
        }
    }
    unused(raw, report);
}

fn template(located: &Located, names: &BTreeSet<&str>, files: &Files, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    let used = match merge::names(&located.text) {
        Ok(used) => used,
        Err((line, _)) => {
            let place = nth_line(located, line, files);
            report.error(&place, "ce champ de fusion ne se lit pas", "un champ s’écrit {{ nom }}, une condition {% if nom %} … {% endif %}");
            return;
        }
    };
    for name in used {
        let (root, rest) = name.split_once('.').map_or((name.as_str(), None), |(root, rest)| (root, Some(rest)));
        let place = mention(located, &name, files);
        if !names.contains(root) {
            report.error(&place, format!("« {{{{ {name} }}}} » n’est pas connu ici"), suggest(root, names.iter().copied()));
        } else if let (Some(rest), Some(known)) = (rest, merge::parts(root))
            && !known.contains(&rest)
        {
            report.error(&place, format!("« {root} » n’a pas de « {rest} »"), suggest(rest, known.iter().copied()));
        }
    }
}

/// Where a template mentions a name: found again in the file, from the beginning of the text.
fn mention(located: &Located, name: &str, files: &Files) -> Place {
    let file = files.get(&located.place.file).unwrap_or_default();
    let rest = file.get(located.place.start..).unwrap_or_default();
    match rest.find(name) {
        Some(at) => Place { file: located.place.file.clone(), start: located.place.start + at, end: located.place.start + at + name.len() },
        None => located.place.clone(),
    }
}

fn nth_line(located: &Located, line: usize, files: &Files) -> Place {
    let file = files.get(&located.place.file).unwrap_or_default();
    let rest = file.get(located.place.start..).unwrap_or_default();
    let skip: usize = rest.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = rest[skip..].lines().next().map_or(1, |l| l.chars().count());
    Place { file: located.place.file.clone(), start: located.place.start + skip, end: located.place.start + skip + length }
}

fn unused(raw: &Raw, report: &RefCell<Report>) {
    let transitions = || raw.circuit.iter().flat_map(|c| &c.transitions);
    let used: BTreeSet<&str> = transitions().flat_map(|t| [&t.courrier, &t.mail]).flatten().map(|l| l.text.as_str()).collect();
    for courrier in raw.courriers.values().filter(|c| !used.contains(c.id.as_str())) {
        report.borrow_mut().remark(
            &courrier.place,
            format!("le courrier « {} » ne part jamais", courrier.id),
            "nommez-le dans une transition (courrier ou mail), ou retirez-le",
        );
    }
}

//! Ids: each once, none reserved, in an order where every formula speaks of what is already known.

use super::Order;
use crate::package::Step;
use crate::package::flaw::{Place, Report};
use crate::package::formula::Formula;
use crate::package::model::Question;
use crate::package::read::Raw;
use crate::package::setting::{Setting, Words};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// At most this many questions in a form.
const MAX_QUESTIONS: usize = 500;
/// At most this many pages.
const MAX_PAGES: usize = 60;

/// Names that liaisons and letters get from the dossier.
pub(crate) const DOSSIER: [(&str, &str); 3] = [("numero", "string"), ("depose_le", "date"), ("canal", "string")];

/// Roots of what letters get beside the answers.
pub(crate) const AROUND: [&str; 13] =
    ["agent", "aujourdhui", "canal", "demandeur", "depose_le", "lien", "motif", "numero", "pieces", "recours", "service", "silence", "titre"];

pub(super) fn unique(raw: &Raw, report: &RefCell<Report>) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    let reserved: BTreeSet<&str> = Setting::NAMES.iter().map(|(name, _)| *name).chain(Words::NAMES).chain(AROUND).chain(["valeurs"]).collect();
    let mut take = |id: &'_ str, place: &Place, known: Option<&Place>| {
        let mut report = report.borrow_mut();
        if reserved.contains(id) {
            report.error(place, format!("« {id} » est un nom réservé"), "choisissez un nom plus précis");
        }
        if let Some(first) = known {
            let message = format!("le nom « {id} » sert déjà dans {}", first.file);
            report.error(place, message, "chaque question, chaque calcul a son propre nom");
        }
    };
    let questions = raw.pages.iter().flat_map(|page| &page.questions).map(|q| (q.id.as_str(), &q.place));
    let computed = raw.rules.computed.iter().map(|c| (c.id.as_str(), &c.place));
    for (id, place) in questions.chain(computed) {
        take(id, place, seen.get(id).copied());
        seen.entry(id).or_insert(place);
    }
    fields(raw, &seen, &mut take);
    pages(raw, report);
    let lists: [(&str, Vec<(&str, &Place)>); 5] = [
        ("la note", raw.pages.iter().flat_map(|page| &page.notes).map(|n| (n.id.as_str(), &n.place)).collect()),
        ("la pièce", raw.pieces.iter().map(|p| (p.id.as_str(), &p.place)).collect()),
        ("le motif", raw.motifs.iter().map(|m| (m.id.as_str(), &m.place)).collect()),
        ("la liaison", raw.liaisons.iter().map(|l| (l.id.as_str(), &l.place)).collect()),
        ("la règle", raw.rules.eligibility.iter().flat_map(|e| &e.rules).map(|r| (r.id.as_str(), &r.place)).collect()),
    ];
    for (what, ids) in lists {
        twice(what, ids, report);
    }
}

/// The same id twice in one list.
pub(super) fn twice<'a>(what: &str, ids: impl IntoIterator<Item = (&'a str, &'a Place)>, report: &RefCell<Report>) {
    let mut seen = BTreeSet::new();
    for (id, place) in ids {
        if !seen.insert(id) {
            report.borrow_mut().error(
                place,
                format!("{what} « {id} » est déclarée deux fois").replace("le motif", "le motif"),
                "donnez-lui un autre nom, ou retirez-en une",
            );
        }
    }
}

/// Fields of transitions may share a name when they share a kind, never with a question.
fn fields<'a>(raw: &'a Raw, seen: &BTreeMap<&'a str, &'a Place>, take: &mut impl FnMut(&str, &Place, Option<&Place>)) {
    let mut kinds: BTreeMap<&str, &Question> = BTreeMap::new();
    for transition in raw.circuit.iter().flat_map(|circuit| &circuit.transitions) {
        for field in &transition.fields {
            let id = field.id.as_str();
            let other = kinds.get(id).filter(|known| known.kind.name() != field.kind.name());
            take(id, &field.place, seen.get(id).copied().or(other.map(|known| &known.place)));
            kinds.entry(id).or_insert(field);
        }
    }
}

fn pages(raw: &Raw, report: &RefCell<Report>) {
    twice("la page", raw.pages.iter().map(|page| (page.id.as_str(), &page.place)), report);
    let mut report = report.borrow_mut();
    let questions: usize = raw.pages.iter().map(|page| page.questions.len()).sum();
    if let Some(last) = raw.pages.last()
        && (questions > MAX_QUESTIONS || raw.pages.len() > MAX_PAGES)
    {
        let message = format!("ce téléservice a {questions} questions sur {} pages", raw.pages.len());
        report.error(&last.place, message, format!("au plus {MAX_QUESTIONS} questions sur {MAX_PAGES} pages : faites-en deux démarches"));
    }
    for page in raw.pages.iter().filter(|page| page.questions.is_empty()) {
        report.error(&page.place, "cette page ne pose aucune question", "ajoutez une [[question]], ou retirez la page");
    }
}

/// An eligibility question written with its id alone takes the one of the form; with its own kind, it must be the same.
pub(super) fn inherit(raw: &mut Raw, report: &RefCell<Report>) {
    let Some(eligibility) = &mut raw.rules.eligibility else { return };
    let form: BTreeMap<&str, &Question> = raw.pages.iter().flat_map(|p| &p.questions).map(|q| (q.id.as_str(), q)).collect();
    let mut seen = BTreeSet::new();
    for question in &mut eligibility.questions {
        let place = question.place.clone();
        if !seen.insert(question.id.clone()) {
            report.borrow_mut().error(&place, format!("la question « {} » est posée deux fois", question.id), "gardez-en une");
        }
        if question.condition.is_some() {
            report.borrow_mut().error(
                &place,
                "une question d’éligibilité n’a pas de condition",
                "retirez « si » : elle n’est posée que si elle peut encore changer la réponse",
            );
        }
        match form.get(question.id.as_str()) {
            Some(of_form) if question.inherits => {
                *question = Question { inherits: true, condition: None, required: true, place, ..(*of_form).clone() };
            }
            None if question.inherits => report.borrow_mut().error(
                &place,
                format!("aucune page ne pose la question « {} »", question.id),
                "donnez-lui kind et libelle, ou reprenez le nom d’une question du formulaire",
            ),
            Some(of_form) if of_form.kind.name() != question.kind.name() => report.borrow_mut().error(
                &place,
                format!("« {} » est de genre « {} » ici et « {} » dans le formulaire", question.id, question.kind.name(), of_form.kind.name()),
                "donnez-leur le même genre, ou un autre nom à l’une des deux",
            ),
            _ => {}
        }
    }
}

/// The order of the walk; a formula that speaks of what comes later is reported.
pub(super) fn order(raw: &Raw, computed_order: &[usize], report: &RefCell<Report>) -> Order {
    let mut rank: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, question) in raw.pages.iter().flat_map(|page| &page.questions).enumerate() {
        rank.insert(&question.id, n + 1);
    }
    let rank_of = |rank: &BTreeMap<&str, usize>, formula: &Formula| {
        formula.names().iter().filter_map(|name| rank.get(name.as_str()).copied()).max().unwrap_or(0)
    };
    let mut computed_at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &index in computed_order {
        let computed = &raw.rules.computed[index];
        let at = rank_of(&rank, &computed.formula);
        rank.insert(&computed.id, at);
        computed_at.entry(at).or_default().push(index);
    }
    let later = |formula: Option<&Formula>, now: usize| {
        let Some(formula) = formula else { return };
        let late = |name: &&String| rank.get(name.as_str()).is_some_and(|at| *at > now);
        if let Some(name) = formula.names().iter().find(late) {
            let message = format!("« {name} » n’est pas encore connu à cet endroit du formulaire");
            report.borrow_mut().error(&formula.place, message, "posez cette question avant, ou placez la condition plus loin");
        }
    };
    let mut order: Order = computed_at.get(&0).into_iter().flatten().map(|c| Step::Computed(*c)).collect();
    let mut now = 0;
    for (p, page) in raw.pages.iter().enumerate() {
        later(page.condition.as_ref(), now);
        order.push(Step::Page(p));
        for (q, question) in page.questions.iter().enumerate() {
            later(question.condition.as_ref(), now);
            later(question.proposed.as_ref(), now);
            question.choice_conditions.iter().for_each(|(_, formula)| later(Some(formula), now));
            now += 1;
            order.push(Step::Question(p, q));
            order.extend(computed_at.get(&now).into_iter().flatten().map(|c| Step::Computed(*c)));
        }
        page.notes.iter().for_each(|note| later(Some(&note.condition), now));
    }
    order
}

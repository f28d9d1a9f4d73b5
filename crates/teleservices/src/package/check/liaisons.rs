//! Liaisons against the circuit: the event exists, answers lead to transitions that an application may take.

use super::names::twice;
use crate::package::flaw::{Report, suggest};
use crate::package::model::{Arrival, ArrivalFrom, Liaison, LiaisonAnswer, LiaisonEvent, Question, Transition, Who};
use crate::package::read::Raw;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub(super) fn check(raw: &Raw, report: &RefCell<Report>) {
    let transitions: Vec<&Transition> = raw.circuit.iter().flat_map(|c| &c.transitions).collect();
    for liaison in &raw.liaisons {
        event(liaison, &transitions, report);
        paths(liaison, report);
        for answer in &liaison.answers {
            self::answer(answer, &transitions, report);
        }
        words(liaison, report);
    }
    twice("l’arrivée", raw.arrivals.iter().map(|a| (a.id.as_str(), &a.place)), report);
    raw.arrivals.iter().for_each(|arrival| arrives(arrival, raw, report));
}

/// What arrives goes to questions that exist, to their parts, to choices that they offer.
fn arrives(arrival: &Arrival, raw: &Raw, report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    let questions: Vec<&Question> = raw.pages.iter().flat_map(|page| &page.questions).collect();
    for field in &arrival.fields {
        let place = &field.question.place;
        let Some(question) = questions.iter().find(|question| question.id == field.question.text) else {
            let known = questions.iter().map(|question| question.id.as_str());
            report.error(place, format!("la question « {} » n’existe pas", field.question.text), suggest(&field.question.text, known));
            continue;
        };
        let parts = question.kind.parts();
        let is_whole = field.part.is_empty() && question.kind.feel_type() != "context";
        if !is_whole && !parts.contains(&field.part.as_str()) {
            let named: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
            let mend = if named.is_empty() { "retirez « partie »".to_owned() } else { format!("partie = une de : {}", named.join(", ")) };
            report.error(place, format!("« {} » ne se remplit pas ainsi", question.id), mend);
        }
        if question.rule.choices.is_empty() {
            continue;
        }
        let always = match &field.from {
            ArrivalFrom::Always(value) => Some(value),
            ArrivalFrom::Path(_) => None,
        };
        let values = field.values.iter().map(|(_, value)| value).chain(always);
        for value in values.filter(|value| question.rule.label(value).is_none()) {
            let known = question.rule.choices.iter().map(|choice| choice.value.as_str());
            report.error(place, format!("« {value} » n’est pas un choix de « {} »", question.id), suggest(value, known));
        }
    }
}

fn event(liaison: &Liaison, transitions: &[&Transition], report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    if let LiaisonEvent::Transition(id) = &liaison.event
        && !transitions.iter().any(|t| t.id == *id)
    {
        report.error(&liaison.place, format!("la transition « {id} » n’existe pas"), suggest(id, transitions.iter().map(|t| t.id.as_str())));
    }
    if liaison.fields.is_empty() {
        report.error(
            &liaison.place,
            format!("la liaison « {} » n’envoie rien", liaison.id),
            "ajoutez des [[liaison.champ]] : nom = \"…\" et valeur = \"…\"",
        );
    }
}

fn paths(liaison: &Liaison, report: &RefCell<Report>) {
    let mut seen = BTreeSet::new();
    for field in &liaison.fields {
        if !seen.insert(field.path.as_str()) {
            report.borrow_mut().error(
                &field.place,
                format!("« {} » est rempli deux fois", field.path),
                "gardez-en un ; un élément répété s’écrit Nom[2]",
            );
        }
    }
}

fn answer(answer: &LiaisonAnswer, transitions: &[&Transition], report: &RefCell<Report>) {
    let mut report = report.borrow_mut();
    let Some(transition) = transitions.iter().find(|t| t.id == answer.transition.text) else {
        let message = format!("la transition « {} » n’existe pas", answer.transition.text);
        report.error(&answer.transition.place, message, suggest(&answer.transition.text, transitions.iter().map(|t| t.id.as_str())));
        return;
    };
    if !transition.who.contains(&Who::Application) {
        report.error(
            &answer.transition.place,
            format!("une application ne peut pas prendre la transition « {} »", transition.id),
            "ajoutez \"application\" à qui dans circuit.toml",
        );
    }
    let names: Vec<&str> = transition.fields.iter().map(|f| f.id.as_str()).collect();
    for (name, _) in &answer.fields {
        if !names.contains(&name.text.as_str()) {
            report.error(
                &name.place,
                format!("la transition « {} » n’a pas de champ « {} »", transition.id, name.text),
                suggest(&name.text, names.iter().copied()),
            );
        }
    }
    let given = |id: &str| answer.fields.iter().any(|(name, _)| name.text == id);
    for field in transition.fields.iter().filter(|f| f.required && f.condition.is_none() && !given(&f.id)) {
        report.error(
            &answer.place,
            format!("la réponse « {} » ne remplit pas le champ « {} » de la transition", answer.word, field.id),
            format!("ajoutez {} = \"…\" dans champs", field.id),
        );
    }
    if !transition.motifs.is_empty() && answer.motif.is_none() {
        report.error(
            &answer.place,
            format!("la transition « {} » veut un motif, la réponse « {} » n’en donne pas", transition.id, answer.word),
            "ajoutez motif = \"…\"",
        );
    }
}

/// The same word twice is for two conditions.
fn words(liaison: &Liaison, report: &RefCell<Report>) {
    let mut settled = BTreeSet::new();
    for answer in &liaison.answers {
        if !settled.insert(answer.word.as_str()) && answer.condition.is_none() {
            let earlier = liaison.answers.iter().find(|a| a.word == answer.word);
            if earlier.is_some_and(|earlier| earlier.condition.is_none()) {
                report.borrow_mut().error(
                    &answer.place,
                    format!("la réponse « {} » est déclarée deux fois", answer.word),
                    "ajoutez un « si » qui les distingue",
                );
            }
        }
    }
}

//! Compiles every formula with the names it may mention, and orders the computed values.

use super::names::DOSSIER;
use crate::package::files::Files;
use crate::package::flaw::Report;
use crate::package::formula::{Formula, Names, Want};
use crate::package::model::{Computed, LiaisonEvent, Question, Transition};
use crate::package::read::Raw;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Compiles all; returns the computed values in an order where each comes after those it needs.
pub(super) fn compile(raw: &mut Raw, files: &Files, report: &RefCell<Report>) -> Vec<usize> {
    let with = Compiler { files, report };
    let mut form = Names::of_setting();
    add(&mut form, raw.pages.iter().flat_map(|page| &page.questions));
    for computed in &raw.rules.computed {
        form.add(&computed.id, computed.kind.feel_type());
    }
    for page in &mut raw.pages {
        with.condition(page.condition.as_mut(), &form);
        page.questions.iter_mut().for_each(|question| with.question(question, &form));
        page.notes.iter_mut().for_each(|note| with.condition(Some(&mut note.condition), &form));
    }
    for computed in &mut raw.rules.computed {
        computed.formula.compile(&form, Want::Value, files, report);
    }
    for piece in &mut raw.pieces {
        with.condition(piece.condition.as_mut(), &form);
    }
    eligibility(raw, &with);
    transitions(raw, &with, &form);
    liaisons(raw, &with, &form);
    computed_order(&raw.rules.computed, report)
}

struct Compiler<'a> {
    files: &'a Files,
    report: &'a RefCell<Report>,
}

impl Compiler<'_> {
    fn condition(&self, formula: Option<&mut Formula>, names: &Names) {
        if let Some(formula) = formula {
            formula.compile(names, Want::Condition, self.files, self.report);
        }
    }

    fn value(&self, formula: &mut Formula, names: &Names) {
        formula.compile(names, Want::Value, self.files, self.report);
    }

    fn question(&self, question: &mut Question, names: &Names) {
        self.condition(question.condition.as_mut(), names);
        question.proposed.iter_mut().for_each(|formula| self.value(formula, names));
        question.choice_conditions.iter_mut().for_each(|(_, formula)| self.condition(Some(formula), names));
    }

    /// Fields of a transition: each may mention those before it.
    fn fields(&self, fields: &mut [Question], names: &Names) {
        let mut names = names.clone();
        for field in fields {
            self.question(field, &names);
            names.add(&field.id, field.kind.feel_type());
        }
    }
}

fn add<'a>(names: &mut Names, questions: impl IntoIterator<Item = &'a Question>) {
    for question in questions {
        names.add(&question.id, question.kind.feel_type());
    }
}

fn eligibility(raw: &mut Raw, with: &Compiler) {
    let Some(eligibility) = &mut raw.rules.eligibility else { return };
    let mut names = Names::of_setting();
    add(&mut names, &eligibility.questions);
    eligibility.questions.iter_mut().for_each(|question| with.question(question, &names));
    eligibility.rules.iter_mut().for_each(|rule| with.condition(Some(&mut rule.condition), &names));
}

fn transitions(raw: &mut Raw, with: &Compiler, form: &Names) {
    for transition in raw.circuit.iter_mut().flat_map(|circuit| &mut circuit.transitions) {
        with.condition(transition.condition.as_mut(), form);
        with.fields(&mut transition.fields, form);
    }
}

fn liaisons(raw: &mut Raw, with: &Compiler, form: &Names) {
    let fields: BTreeMap<String, Vec<Question>> = raw
        .circuit
        .iter()
        .flat_map(|circuit| &circuit.transitions)
        .map(|transition: &Transition| (transition.id.clone(), transition.fields.clone()))
        .collect();
    for liaison in &mut raw.liaisons {
        let mut names = form.clone();
        DOSSIER.iter().for_each(|(name, type_)| names.add(name, type_));
        if let LiaisonEvent::Transition(id) = &liaison.event {
            add(&mut names, fields.get(id).into_iter().flatten());
        }
        with.condition(liaison.condition.as_mut(), &names);
        liaison.fields.iter_mut().for_each(|field| with.value(&mut field.formula, &names));
        for answer in &mut liaison.answers {
            let mut received = Names::of_setting();
            with.fields(&mut answer.received, &received);
            add(&mut received, &answer.received);
            with.condition(answer.condition.as_mut(), &received);
            answer.fields.iter_mut().for_each(|(_, formula)| with.value(formula, &received));
            answer.motif.iter_mut().for_each(|formula| with.value(formula, &received));
        }
    }
}

/// Depth first; a computed value that needs itself is reported.
fn computed_order(computed: &[Computed], report: &RefCell<Report>) -> Vec<usize> {
    let index: BTreeMap<&str, usize> = computed.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let mut marks = vec![Mark::New; computed.len()];
    let mut order = Vec::new();
    for start in 0..computed.len() {
        visit(start, computed, &index, &mut marks, &mut order, report);
    }
    order
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    Open,
    Done,
}

fn visit(at: usize, computed: &[Computed], index: &BTreeMap<&str, usize>, marks: &mut [Mark], order: &mut Vec<usize>, report: &RefCell<Report>) {
    match marks[at] {
        Mark::Done => return,
        Mark::Open => {
            let message = format!("le calcul « {} » a besoin de lui-même", computed[at].id);
            report.borrow_mut().error(
                &computed[at].formula.place,
                message,
                "un calcul ne peut reprendre que des réponses et des calculs faits avant lui",
            );
            return;
        }
        Mark::New => marks[at] = Mark::Open,
    }
    for name in computed[at].formula.names() {
        if let Some(&needed) = index.get(name.as_str()) {
            visit(needed, computed, index, marks, order, report);
        }
    }
    marks[at] = Mark::Done;
    order.push(at);
}

//! The walk through the form: which pages and questions the answers given so far make visible, what is computed.

use super::Answers;
use crate::package::{Computed, Known, Note, Package, Page, Piece, PieceWhen, Question, Setting, Step, Truth};
use kinds::{Choice, Rule};
use serde_json::Value as Json;

/// What the form is for these answers.
pub struct View<'p> {
    pub pages: Vec<VisiblePage<'p>>,
    /// Computed values, in order; none while something is missing.
    pub computed: Vec<(&'p Computed, Option<Json>)>,
    /// Every fact known at the end of the walk.
    pub known: Known,
    /// Answers still to come may show pages that are not in this list.
    pub may_grow: bool,
}

/// A page shown, with the questions it shows.
pub struct VisiblePage<'p> {
    pub page: &'p Page,
    pub questions: Vec<&'p Question>,
}

impl<'p> View<'p> {
    /// Whether a question is asked.
    pub fn shows(&self, question: &str) -> bool {
        self.pages.iter().flat_map(|page| &page.questions).any(|q| q.id == question)
    }

    /// The page before and the page after one.
    pub fn around(&self, page: &str) -> (Option<&'p Page>, Option<&'p Page>) {
        let at = self.pages.iter().position(|visible| visible.page.id == page);
        let near = |n: Option<usize>| n.and_then(|n| self.pages.get(n)).map(|visible| visible.page);
        (near(at.and_then(|n| n.checked_sub(1))), near(at.map(|n| n + 1)))
    }

    /// The value of a computed id.
    pub fn computed(&self, id: &str) -> Option<&Json> {
        self.computed.iter().find(|(computed, _)| computed.id == id)?.1.as_ref()
    }
}

impl Package {
    /// Walks the form with these answers.
    pub fn view(&self, answers: &Answers, setting: &Setting) -> View<'_> {
        let mut walk = Walk::new(self, setting);
        for step in &self.order {
            walk.step(*step, |question, _| answers.get(&question.id).cloned());
        }
        walk.end()
    }

    /// What a page has to say of these answers.
    pub fn notes(&self, page: &str, known: &Known) -> Vec<&Note> {
        let notes = self.page(page).into_iter().flat_map(|page| &page.notes);
        notes.filter(|note| note.condition.holds(known)).collect()
    }

    /// The pieces asked before sending, for these answers.
    pub fn pieces_at_deposit(&self, view: &View) -> Vec<&Piece> {
        let asked = |piece: &&Piece| piece.when == PieceWhen::Depot && piece.condition.as_ref().is_none_or(|c| c.holds(&view.known));
        self.pieces.iter().filter(asked).collect()
    }

    /// The pieces an agent may ask, for these answers: those of the deposit and those of a written doubt.
    pub fn pieces_an_agent_may_ask(&self, view: &View) -> Vec<&Piece> {
        self.pieces.iter().filter(|piece| piece.condition.as_ref().is_none_or(|c| c.holds(&view.known))).collect()
    }
}

impl Question {
    /// The choices offered, once their conditions are looked at.
    pub fn offered(&self, known: &Known) -> Vec<&Choice> {
        let hidden = |choice: &Choice| self.choice_conditions.iter().any(|(value, condition)| *value == choice.value && !condition.holds(known));
        self.rule.choices.iter().filter(|choice| !hidden(choice)).collect()
    }

    /// Must it be answered? Nobody is made to have a mail address by asking at the counter.
    pub fn is_required(&self, setting: &Setting) -> bool {
        self.required && !(setting.is_assisted && self.own && self.kind.name() == "courriel")
    }

    /// The rule as it stands: on this day, with the choices offered.
    pub fn rule_now(&self, known: &Known, setting: &Setting) -> Rule {
        let mut rule = self.rule.clone().on_day(setting.today);
        rule.required = self.is_required(setting);
        if !self.choice_conditions.is_empty() {
            rule.choices = self.offered(known).into_iter().cloned().collect();
        }
        rule
    }
}

impl Question {
    /// What the package proposes for this question, when it can be computed and the kind accepts it.
    pub fn proposal(&self, known: &Known) -> Option<Json> {
        let value = self.proposed.as_ref()?.value(known)?;
        from_feel(self.kind, &self.rule, value).filter(|value| !value.is_null())
    }
}

/// The walk itself, one step at a time, so that a page being read goes through the same door.
pub(super) struct Walk<'p> {
    package: &'p Package,
    view: View<'p>,
    /// What the condition of the current page says.
    page: Truth,
    /// Pages of which something cannot be known yet.
    unsure: Vec<usize>,
}

impl<'p> Walk<'p> {
    pub fn new(package: &'p Package, setting: &Setting) -> Self {
        let view = View { pages: Vec::new(), computed: Vec::new(), known: Known::of(setting), may_grow: false };
        Walk { package, view, page: Truth::Yes, unsure: Vec::new() }
    }

    /// `answer` gives the answer to a visible question: none, `null` when left blank, or a value.
    pub fn step(&mut self, step: Step, answer: impl FnOnce(&'p Question, &Known) -> Option<Json>) {
        match step {
            Step::Page(p) => {
                let page = &self.package.pages[p];
                self.page = page.condition.as_ref().map_or(Truth::Yes, |condition| condition.truth(&self.view.known));
                if matches!(self.page, Truth::Yes) {
                    self.view.pages.push(VisiblePage { page, questions: Vec::new() });
                }
            }
            Step::Question(p, q) => self.question(p, &self.package.pages[p].questions[q], answer),
            Step::Computed(c) => {
                let computed = &self.package.rules.computed[c];
                let value = computed.formula.value(&self.view.known);
                if let Some(value) = &value {
                    self.view.known.add(&computed.id, computed.kind.feel_type(), value);
                }
                let value = value.and_then(|value| from_feel(computed.kind, &computed.rule, value));
                self.view.computed.push((computed, value));
            }
        }
    }

    fn question(&mut self, page: usize, question: &'p Question, answer: impl FnOnce(&'p Question, &Known) -> Option<Json>) {
        let here = match (&self.page, &question.condition) {
            (Truth::No, _) => Truth::No,
            (_, Some(condition)) => condition.truth(&self.view.known),
            (_, None) => Truth::Yes,
        };
        let value = match (&self.page, here) {
            // What cannot be asked is known to be nothing.
            (_, Truth::No) => Some(Json::Null),
            (Truth::Yes, Truth::Yes) => {
                if let Some(page) = self.view.pages.last_mut() {
                    page.questions.push(question);
                }
                answer(question, &self.view.known)
            }
            _ => {
                self.unsure.push(page);
                None
            }
        };
        if let Some(value) = value {
            question.know(&value, &mut self.view.known);
        }
    }

    pub fn end(mut self) -> View<'p> {
        let is_shown = |page: &Page| self.view.pages.iter().any(|shown| shown.page.id == page.id && !shown.questions.is_empty());
        self.view.may_grow = self.unsure.iter().any(|page| !is_shown(&self.package.pages[*page]));
        self.view
    }
}

impl Question {
    /// Adds an answer to what is known, as the rules see it.
    pub(crate) fn know(&self, value: &Json, known: &mut Known) {
        match value {
            Json::Null => known.add(&self.id, self.kind.feel_type(), &Json::Null),
            value => {
                let feel = self.kind.feel(value);
                known.add(&self.id, feel.type_, &feel.json);
            }
        }
    }
}

/// The result of a formula as a value of a kind: euros become cents, text and dates go through the kind's own reading.
/// `null` stays; what the kind refuses is nothing.
pub(super) fn from_feel(kind: &dyn kinds::Kind, rule: &Rule, value: Json) -> Option<Json> {
    if value.is_null() {
        return Some(value);
    }
    // Bounds belong to what a person gives, on the day he gives it.
    let rule = &Rule { min: None, max: None, ..rule.clone() };
    if kind.name() == "montant" {
        let euros = value.as_f64()?;
        return (euros.abs() < 1e12).then(|| Json::from((euros * 100.0).round() as i64));
    }
    let text = match &value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string().replace('.', ",")),
        _ => None,
    };
    match text.map(|text| kind.parse(&kinds::Input::of(&text), rule)) {
        Some(Ok(Some(read))) => Some(read),
        _ => kind.normalize(&value, rule).ok(),
    }
}

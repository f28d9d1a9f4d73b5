//! Instant eligibility: asks only what may still change the answer, keeps nothing, says why and where to go.

use super::input::error;
use super::{Answers, Form};
use crate::package::{Eligibility, EligibilityRule, Known, Package, Question, Setting, Truth};
use kernel::FieldErrors;
use kinds::{gather, read_answer};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Name of the hidden control that says which question was shown: a blank answer is then an error, not a beginning.
pub const SHOWN: &str = "_question";

/// Where a visitor stands.
pub struct Eligible<'p> {
    pub eligibility: &'p Eligibility,
    /// Questions answered, in the order asked; answers that no longer matter are not there.
    pub asked: Vec<Asked<'p>>,
    pub outcome: Outcome<'p>,
    pub errors: FieldErrors,
    /// The answers, to hand over to the form.
    pub answers: Answers,
    /// The greatest number of questions a path may ask.
    pub longest: usize,
}

/// One question answered.
pub struct Asked<'p> {
    pub question: &'p Question,
    pub value: Json,
    pub shown: String,
    /// What to put in the query string to keep this answer: names and texts of the controls.
    pub controls: Vec<(String, String)>,
}

/// What comes now.
#[expect(clippy::large_enum_variant, reason = "made once per page, never kept")]
pub enum Outcome<'p> {
    /// This question, with the rule as it stands (the choices offered).
    Ask(&'p Question, kinds::Rule),
    /// This rule answers: its verdict, reason, article, guidance.
    Answer(&'p EligibilityRule),
}

impl Package {
    /// Replays the answers of a query string and says what comes next. `None` when there is no eligibility.
    pub fn eligible<'p>(&'p self, form: Form, setting: &Setting) -> Option<Eligible<'p>> {
        let mut errors = FieldErrors::new();
        let shown = form(SHOWN);
        let mut eligible = self.replay(setting, |question, known| {
            let rule = question.rule_now(known, setting);
            let input = gather(question.kind, &question.id, form);
            if input.is_blank() && !shown.contains(&question.id.as_str()) {
                return None;
            }
            match read_answer(question.kind, &input, &rule) {
                Ok(value) => value,
                Err(refusal) => {
                    errors.0.push(error(question, refusal));
                    None
                }
            }
        })?;
        eligible.errors = errors;
        Some(eligible)
    }

    /// The same for answers already read: the API, an essai, or a form being filled.
    pub fn eligible_with<'p>(&'p self, answers: &Answers, setting: &Setting) -> Option<Eligible<'p>> {
        self.replay(setting, |question, known| {
            let value = answers.get(&question.id)?;
            question.kind.check(value, &question.rule_now(known, setting)).is_ok().then(|| value.clone())
        })
    }

    /// The answers of the eligibility that the form would accept as they are.
    pub fn carry(&self, eligible: &Eligible, setting: &Setting) -> Answers {
        let known = Known::of(setting);
        let fits = |(id, value): &(&String, &Json)| {
            self.question(id).is_some_and(|question| question.kind.check(value, &question.rule_now(&known, setting)).is_ok())
        };
        eligible.answers.iter().filter(fits).map(|(id, value)| (id.clone(), value.clone())).collect()
    }

    fn replay<'p>(&'p self, setting: &Setting, mut answer: impl FnMut(&'p Question, &Known) -> Option<Json>) -> Option<Eligible<'p>> {
        let eligibility = self.rules.eligibility.as_ref()?;
        let mut known = Known::of(setting);
        let mut asked: Vec<Asked> = Vec::new();
        let outcome = loop {
            let done: BTreeSet<&str> = asked.iter().map(|a| a.question.id.as_str()).collect();
            match next(eligibility, &known, &done) {
                Next::Answer(rule) => break Outcome::Answer(rule),
                // `check` refuses a package whose rules leave a gap.
                Next::Nothing => break Outcome::Answer(eligibility.rules.last()?),
                Next::Ask(question) => match answer(question, &known) {
                    None => break Outcome::Ask(question, question.rule_now(&known, setting)),
                    Some(value) => {
                        let entry = question.asked(value, &known, setting);
                        question.know(&entry.value, &mut known);
                        asked.push(entry);
                    }
                },
            }
        };
        let answers = asked.iter().map(|a| (a.question.id.clone(), a.value.clone())).collect();
        Some(Eligible { eligibility, asked, outcome, errors: FieldErrors::new(), answers, longest: self.eligibility_longest })
    }
}

impl Question {
    fn asked(&self, value: Json, known: &Known, setting: &Setting) -> Asked<'_> {
        let shown = self.kind.show(&value, &self.rule_now(known, setting));
        let controls = self.kind.fill(&value).into_iter().map(|(part, text)| (kinds::control_name(&self.id, &part), text)).collect();
        Asked { question: self, value, shown, controls }
    }
}

/// What the rules say of what is known.
pub(crate) enum Next<'p> {
    Ask(&'p Question),
    Answer(&'p EligibilityRule),
    Nothing,
}

/// The first rule that holds answers; one that may still hold asks for what it lacks, first asked first.
pub(crate) fn next<'p>(eligibility: &'p Eligibility, known: &Known, asked: &BTreeSet<&str>) -> Next<'p> {
    for rule in &eligibility.rules {
        match rule.condition.truth(known) {
            Truth::Yes => return Next::Answer(rule),
            Truth::No => {}
            Truth::Missing(names) => {
                let missing = |question: &&Question| names.contains(&question.id) && !asked.contains(question.id.as_str());
                if let Some(question) = eligibility.questions.iter().find(missing) {
                    return Next::Ask(question);
                }
            }
        }
    }
    Next::Nothing
}

//! Walks every path of the eligibility: none without an answer, none longer than four questions, no rule in vain.

use crate::engine::eligibility::{Next, next};
use crate::package::Package;
use crate::package::flaw::{Place, Report};
use crate::package::formula::Known;
use crate::package::model::{Eligibility, Question};
use crate::package::setting::Setting;
use jiff::civil::{Date, date};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// At most this many questions before the answer.
pub(crate) const MAX_ASKED: usize = 4;
/// Beyond this many paths the walk stops: four questions of ten choices.
const MAX_PATHS: usize = 20_000;
/// The day of the walk; any day will do, paths are about choices.
const TODAY: Date = date(2026, 11, 24);

/// Returns the length of the longest path.
pub(super) fn explore(package: &Package, report: &RefCell<Report>) -> usize {
    let Some(eligibility) = &package.rules.eligibility else { return 0 };
    if eligibility.questions.is_empty() || eligibility.rules.is_empty() {
        report.borrow_mut().error(
            &eligibility.place,
            "l’éligibilité n’a pas de question ou pas de règle",
            "ajoutez [[eligibilite.question]] et [[eligibilite.regle]], ou retirez [eligibilite]",
        );
        return 0;
    }
    let mut walk = Walk { eligibility, reached: BTreeSet::new(), asked: BTreeSet::new(), longest: Vec::new(), paths: 0, gap: None };
    for comedec in [false, true] {
        let setting = Setting { comedec, ..Setting::example(TODAY) };
        walk.from(&mut Vec::new(), &setting);
    }
    walk.say(report);
    walk.longest.len()
}

struct Walk<'a> {
    eligibility: &'a Eligibility,
    reached: BTreeSet<&'a str>,
    asked: BTreeSet<&'a str>,
    longest: Vec<(String, Json)>,
    paths: usize,
    gap: Option<(Vec<(String, Json)>, Place)>,
}

impl<'a> Walk<'a> {
    fn from(&mut self, path: &mut Vec<(String, Json)>, setting: &Setting) {
        if self.paths >= MAX_PATHS || path.len() > MAX_ASKED + 2 {
            return;
        }
        if path.len() > self.longest.len() {
            self.longest = path.clone();
        }
        let mut known = Known::of(setting);
        for (id, value) in path.iter() {
            let question = self.eligibility.questions.iter().find(|q| q.id == *id);
            known.add(id, question.map_or("any", |q| q.kind.feel_type()), value);
        }
        let asked: BTreeSet<&str> = path.iter().map(|(id, _)| id.as_str()).collect();
        match next(self.eligibility, &known, &asked) {
            Next::Answer(rule) => {
                self.paths += 1;
                self.reached.insert(&rule.id);
            }
            Next::Nothing => {
                self.paths += 1;
                self.gap.get_or_insert_with(|| (path.clone(), self.eligibility.place.clone()));
            }
            Next::Ask(question) => {
                self.asked.insert(&question.id);
                for value in examples(question, &known) {
                    path.push((question.id.clone(), value));
                    self.from(path, setting);
                    path.pop();
                }
            }
        }
    }

    fn say(&self, report: &RefCell<Report>) {
        let mut report = report.borrow_mut();
        let place = &self.eligibility.place;
        if self.longest.len() > MAX_ASKED {
            let message = format!("l’éligibilité pose jusqu’à {} questions ({})", self.longest.len(), self.told(&self.longest));
            report.error(place, message, format!("{MAX_ASKED} au plus : réunissez des questions, ou mettez plus tôt la règle qui tranche"));
        }
        if let Some((path, place)) = &self.gap {
            let when = if path.is_empty() { "aucune question n’est posée".to_owned() } else { format!("quand {}", self.told(path)) };
            report.error(place, format!("aucune règle ne répond {when}"), "ajoutez une dernière règle avec si = \"true\"");
        }
        let vain = |rule: &&crate::package::model::EligibilityRule| !self.reached.contains(rule.id.as_str());
        for question in self.eligibility.questions.iter().filter(|q| self.paths < MAX_PATHS && !self.asked.contains(q.id.as_str())) {
            report.remark(
                &question.place,
                format!("la question « {} » n’est jamais posée", question.id),
                "aucune règle n’en a besoin : retirez-la, ou nommez-la dans une règle",
            );
        }
        if self.paths < MAX_PATHS && self.eligibility.questions.iter().all(is_finite) {
            for rule in self.eligibility.rules.iter().filter(vain) {
                report.remark(
                    &rule.place,
                    format!("la règle « {} » ne répond jamais", rule.id),
                    "les règles d’avant répondent toujours à sa place : vérifiez leur ordre et leurs conditions",
                );
            }
        }
    }

    fn told(&self, path: &[(String, Json)]) -> String {
        path.iter().map(|(id, value)| format!("{id} = {value}")).collect::<Vec<_>>().join(", ")
    }
}

fn is_finite(question: &Question) -> bool {
    matches!(question.kind.name(), "oui_non" | "choix")
}

/// The values to try: all of a choice, the good samples of another kind.
fn examples(question: &Question, known: &Known) -> Vec<Json> {
    match question.kind.name() {
        "oui_non" => vec![Json::Bool(true), Json::Bool(false)],
        "choix" => question.offered(known).into_iter().map(|choice| choice.value.clone().into()).collect(),
        _ => {
            let value = |sample: kinds::Sample| match sample.expect {
                kinds::Expect::Value { json, .. } => Some(json),
                _ => None,
            };
            let values: Vec<Json> = question
                .kind
                .samples()
                .into_iter()
                .filter_map(value)
                .filter(|v| question.kind.check(v, &question.rule.clone().on_day(TODAY)).is_ok())
                .take(3)
                .collect();
            if values.is_empty() { vec![Json::Null] } else { values }
        }
    }
}

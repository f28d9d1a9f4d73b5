//! Runs the essais of a package: recorded answers, and what they must give.

use super::{Answers, Dossier, Outcome};
use crate::package::{Essai, Files, Located, Package, Place, Question, Setting, Verdict};
use jiff::civil::Date;
use serde_json::Value as Json;
use std::fmt::Write;

/// What one essai gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EssaiResult {
    pub name: String,
    pub place: Place,
    /// What is not as expected, one sentence each; empty when the essai succeeds.
    pub failures: Vec<String>,
}

impl Package {
    /// Runs all essais; those without a date run on this day.
    pub fn run_essais(&self, today: Date) -> Vec<EssaiResult> {
        self.essais.iter().map(|essai| self.run_essai(essai, today)).collect()
    }

    fn run_essai(&self, essai: &Essai, today: Date) -> EssaiResult {
        let setting = setting(essai, today);
        let mut run = Run { package: self, setting, failures: Vec::new() };
        run.eligibility(essai);
        run.form(essai);
        EssaiResult { name: essai.name.clone(), place: essai.place.clone(), failures: run.failures }
    }
}

/// The report of a run, as the terminal shows it.
pub fn report(results: &[EssaiResult], files: &Files) -> String {
    let mut out = String::new();
    for result in results {
        let mark = if result.failures.is_empty() { "réussi" } else { "échoué" };
        let line = files.get(&result.place.file).map_or(1, |text| text[..result.place.start.min(text.len())].matches('\n').count() + 1);
        let _ = writeln!(out, "{mark} : {} ({}:{line})", result.name, result.place.file);
        result.failures.iter().for_each(|failure| {
            let _ = writeln!(out, "   {failure}");
        });
    }
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let plural = |n: usize| if n > 1 { "s" } else { "" };
    let _ = match failed {
        0 => writeln!(out, "{n} essai{s} réussi{s}.", n = results.len(), s = plural(results.len())),
        n => writeln!(out, "{n} essai{s} sur {} échoué{s}.", results.len(), s = plural(n)),
    };
    out
}

struct Run<'p> {
    package: &'p Package,
    setting: Setting,
    failures: Vec<String>,
}

impl Run<'_> {
    fn eligibility(&mut self, essai: &Essai) {
        let expected = &essai.expected;
        if expected.verdict.is_none() && expected.rule.is_none() && expected.next.is_none() {
            return;
        }
        let questions: Vec<&Question> = self.package.rules.eligibility.iter().flat_map(|e| &e.questions).collect();
        let answers = self.canonical(&essai.eligibility, &questions);
        let Some(eligible) = self.package.eligible_with(&answers, &self.setting) else {
            self.fail("ce téléservice n’a pas d’éligibilité");
            return;
        };
        let (verdict, rule, next) = match &eligible.outcome {
            Outcome::Answer(rule) => (Some(rule.verdict), Some(rule.id.as_str()), None),
            Outcome::Ask(question, _) => (None, None, Some(question.id.as_str())),
        };
        if let Some(wanted) = expected.verdict
            && verdict != Some(wanted)
        {
            let found = verdict.map_or_else(|| format!("la question « {} »", next.unwrap_or_default()), |v| format!("« {} »", word(v)));
            self.fail(format!("verdict attendu « {} », trouvé {found}", word(wanted)));
        }
        self.same("règle", expected.rule.as_ref(), rule);
        self.same("question suivante", expected.next.as_ref(), next);
    }

    fn form(&mut self, essai: &Essai) {
        let expected = &essai.expected;
        let questions: Vec<&Question> = self.package.questions().collect();
        let answers = self.canonical(&essai.answers, &questions);
        let checked = self.package.check_all(&answers, &self.setting);
        let view = self.package.view(&checked.answers, &self.setting);
        self.same_list("pages", expected.pages.as_ref(), view.pages.iter().map(|visible| visible.page.id.as_str()).collect());
        let notes = view.pages.iter().flat_map(|visible| self.package.notes(&visible.page.id, &view.known));
        self.same_list("notes", expected.notes.as_ref(), notes.map(|note| note.id.as_str()).collect());
        let pieces = self.package.pieces_at_deposit(&view);
        self.same_list("pièces", expected.pieces.as_ref(), pieces.iter().map(|piece| piece.id.as_str()).collect());
        self.same_list("questions refusées", expected.refused.as_ref(), checked.refused.iter().map(String::as_str).collect());
        for (name, wanted) in &expected.computed {
            let (computed, value) = match view.computed.iter().find(|(computed, _)| computed.id == name.text) {
                Some((computed, Some(value))) => (computed, value),
                _ => {
                    self.fail(format!("« {} » devait valoir {wanted}, il manque une réponse pour le calculer", name.text));
                    continue;
                }
            };
            let shown = computed.kind.show(value, &computed.rule);
            if !means(wanted, value, &shown, computed) {
                self.fail(format!("« {} » devait valoir {wanted}, il vaut {shown}", name.text));
            }
        }
        self.sent(essai, &checked.answers);
    }

    fn sent(&mut self, essai: &Essai, answers: &Answers) {
        let fields = Answers::new();
        let dossier = Dossier { answers, fields: &fields, numero: "ESSAI-1", depose_le: self.setting.today, canal: "internet" };
        for (name, wanted) in &essai.expected.sent {
            let Some((liaison, path)) = name.text.split_once(':') else { continue };
            let Some(liaison) = self.package.liaison(liaison) else { continue };
            let values = self.package.sent_texts(liaison, &dossier, &self.setting);
            let found = values.iter().find(|(p, _)| p == path).map(|(_, text)| text.as_str()).unwrap_or_default();
            let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
            if found != wanted {
                self.fail(format!("« {} » devait envoyer « {wanted} », il envoie « {found} »", name.text));
            }
        }
    }

    /// Answers as the author wrote them (« 1 890 », a date, a choice), in the form in which they are kept.
    fn canonical(&mut self, given: &[(Located, Json)], questions: &[&Question]) -> Answers {
        let mut answers = Answers::new();
        for (name, value) in given {
            let Some(question) = questions.iter().find(|q| q.id == name.text) else { continue };
            answers.insert(name.text.clone(), canonical(question, value, &self.setting));
        }
        answers
    }

    fn same(&mut self, what: &str, wanted: Option<&Located>, found: Option<&str>) {
        if let Some(wanted) = wanted
            && found != Some(wanted.text.as_str())
        {
            self.fail(format!("{what} attendue « {} », trouvée « {} »", wanted.text, found.unwrap_or("aucune")));
        }
    }

    fn same_list(&mut self, what: &str, wanted: Option<&Vec<Located>>, found: Vec<&str>) {
        let Some(wanted) = wanted else { return };
        let wanted: Vec<&str> = wanted.iter().map(|located| located.text.as_str()).collect();
        if wanted != found {
            self.fail(format!("{what} attendues : {} ; trouvées : {}", told(&wanted), told(&found)));
        }
    }

    fn fail(&mut self, sentence: impl Into<String>) {
        self.failures.push(sentence.into());
    }
}

fn setting(essai: &Essai, today: Date) -> Setting {
    let mut setting = Setting::example(essai.today.unwrap_or(today));
    for (name, value) in &essai.setting {
        let text = value.as_str().unwrap_or_default().to_owned();
        match name.text.as_str() {
            "comedec" => setting.comedec = value.as_bool().unwrap_or(false),
            "naissance_certifiee" => setting.naissance_certifiee = Some(text),
            "collectivite" => setting.collectivite = text,
            "code_insee" => setting.code_insee = text,
            "code_postal" => setting.code_postal = text,
            _ => {}
        }
    }
    setting
}

/// Reads a value as if it had been typed, or as JSON when it is of the shape that is kept.
fn canonical(question: &Question, value: &Json, setting: &Setting) -> Json {
    if value.as_str() == Some("") {
        return Json::Null;
    }
    let rule = question.rule.clone().on_day(setting.today);
    let typed = match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string().replace('.', ",")),
        _ => None,
    };
    let read = typed.and_then(|text| question.kind.parse(&kinds::Input::of(&text), &rule).ok().flatten());
    read.or_else(|| question.kind.normalize(value, &rule).ok()).unwrap_or_else(|| value.clone())
}

fn means(wanted: &Json, value: &Json, shown: &str, computed: &crate::package::Computed) -> bool {
    let plain = |text: &str| text.replace(['\u{a0}', '\u{202f}', ' '], "");
    let feel = computed.kind.feel(value).json;
    match wanted {
        Json::String(text) => plain(text) == plain(shown) || *wanted == *value,
        Json::Number(number) => feel.as_f64().zip(number.as_f64()).is_some_and(|(a, b)| (a - b).abs() < 1e-9),
        _ => *wanted == feel,
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Oui => "oui",
        Verdict::Non => "non",
        Verdict::IlManque => "il manque",
    }
}

fn told(names: &[&str]) -> String {
    if names.is_empty() { "aucune".to_owned() } else { names.join(", ") }
}

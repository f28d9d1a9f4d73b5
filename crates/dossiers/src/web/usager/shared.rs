//! What the pages of a demand share: questions as the templates want them, steps, the privacy notice, sentences.

use jiff::civil::Date;
use kernel::templates::Sample;
use kernel::web::Form;
use kernel::{DossierId, Tenant};
use serde::Serialize;
use teleservices::Version;
use teleservices::package::{Package, Setting};

use crate::filling::{Filling, Step};
use crate::model::{Dossier, Origin};
use crate::privacy::Privacy;
use crate::save_page::Texts;
use crate::version;
use crate::words::long_moment;

/// The examples of every page of this folder.
pub(crate) fn samples() -> Vec<Sample> {
    use kernel::templates::samples as of;
    let mut all = of::<super::form::FormPage>();
    all.extend(of::<super::pieces::PiecesPage>());
    all.extend(of::<super::check::CheckPage>());
    all.extend(of::<super::check::SentPage>());
    all.extend(of::<super::follow::FollowPage>());
    all.extend(of::<super::withdraw::WithdrawPage>());
    all.extend(of::<super::resume::LaterPage>());
    all.extend(of::<super::resume::TakeUpPage>());
    all.extend(of::<super::resume::AskPage>());
    all.extend(of::<super::resume::DeadLinkPage>());
    all.extend(of::<super::account::AccountPage>());
    all
}

/// A package as one dossier sees it, on one day of one tenant.
pub(crate) struct Reader<'a> {
    pub tenant: &'a Tenant,
    pub package: &'a Package,
    pub setting: Setting,
}

impl<'a> Reader<'a> {
    pub fn new(tenant: &'a Tenant, version: &'a Version, dossier: &Dossier, today: Date) -> Self {
        Self { tenant, package: &version.package, setting: version::setting(version, dossier, today) }
    }

    pub fn filling(&'a self, dossier: &'a Dossier) -> Filling<'a> {
        Filling::new(self.package, &self.setting, &dossier.answers)
    }

    /// "Brouillon enregistré à 14 h 05. Il est gardé jusqu’au 24 décembre 2026."
    pub fn saved(&self, dossier: &Dossier) -> String {
        let zone = self.tenant.zone();
        let hour = kernel::templates::french::hour(zone.to_datetime(dossier.saved_at).time());
        let until = dossier.expires_at.map(|at| kernel::templates::french::date(zone.to_datetime(at).date()));
        until.map_or_else(
            || format!("Brouillon enregistré à {hour}."),
            |until| format!("Brouillon enregistré à {hour}. Il est gardé jusqu’au {until}."),
        )
    }
}

/// The texts a form sent, by name of control.
pub(crate) fn sent(form: &Form) -> Texts {
    let mut texts = Texts::new();
    for (name, text) in form.pairs() {
        texts.entry(name.to_owned()).or_default().push(text.to_owned());
    }
    texts
}

/// Where a step of a draft is.
pub(crate) fn step_path(id: DossierId, step: &Step) -> String {
    match step {
        Step::Page(page) => format!("/dossiers/{id}/pages/{page}"),
        Step::Pieces => format!("/dossiers/{id}/pieces"),
        Step::Check => format!("/dossiers/{id}/verification"),
    }
}

/// Where a proposed answer comes from, in a sentence.
pub(crate) fn source(origin: &Origin) -> String {
    let on = origin.on.map(|on| format!(", le {}", kernel::templates::french::date(on))).unwrap_or_default();
    format!("{}{on}. Vous pouvez changer ou effacer cette réponse.", origin.label)
}

/// One step in the list beside the form.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StepView {
    pub label: String,
    pub href: Option<String>,
    pub done: bool,
    pub current: bool,
}

/// The steps of a draft, `current` being where it stands.
pub(crate) fn steps(filling: &Filling<'_>, dossier: &Dossier, current: &Step) -> Vec<StepView> {
    let mut steps: Vec<(String, Step)> = filling.pages().into_iter().map(|page| (page.title.clone(), Step::Page(page.id.clone()))).collect();
    if !filling.pieces().is_empty() {
        steps.push(("Vos documents".into(), Step::Pieces));
    }
    steps.push(("Vérifier et envoyer".into(), Step::Check));
    let here = steps.iter().position(|(_, step)| step == current).unwrap_or(0);
    let view = |(at, (label, step)): (usize, (String, Step))| StepView {
        label,
        href: (at < here).then(|| step_path(dossier.id, &step)),
        done: at < here,
        current: at == here,
    };
    steps.into_iter().enumerate().map(view).collect()
}

/// The step before, for "Retour".
pub(crate) fn back(steps: &[StepView], slug: &str) -> String {
    let before = steps.iter().rev().find_map(|step| step.href.clone());
    before.unwrap_or_else(|| format!("/demarches/{slug}"))
}

/// "24 novembre 2026 à 14 h 21", and the machine's form.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Moment {
    pub at: String,
    pub words: String,
}

impl Moment {
    pub fn new(at: jiff::Timestamp, tenant: &Tenant) -> Self {
        Self { at: at.to_string(), words: long_moment(at, &tenant.zone()) }
    }
}

/// Examples used by the samples of several pages.
pub(crate) mod examples {
    use super::*;
    use kernel::web::question::{Choice, Question};

    pub(crate) fn steps() -> Vec<StepView> {
        let labels = ["Vous", "Votre vélo", "Vos documents", "Vérifier et envoyer"];
        let view = |(at, label): (usize, &&str)| StepView {
            label: (*label).to_owned(),
            href: (at < 1).then(|| "/dossiers/dos_1/pages/vous".to_owned()),
            done: at < 1,
            current: at == 1,
        };
        labels.iter().enumerate().map(view).collect()
    }

    pub(crate) fn privacy() -> Privacy {
        Privacy {
            controller: "Exempleville".into(),
            purpose: "instruire votre demande".into(),
            basis: "mission d’intérêt public (RGPD, article 6, 1, e)".into(),
            retention: "5 ans après la fin du dossier".into(),
            recipients: vec!["le service Mobilités".into(), "la trésorerie".into()],
            rights: "Vous pouvez demander à lire, corriger ou effacer vos données.".into(),
            dpo: String::new(),
        }
    }

    pub(crate) fn question(kind: &str, error: Option<&str>) -> Question {
        let mut question = Question::example(kind, format!("q_{kind}"), "Quand l’avez-vous acheté ?");
        question.hint = Some("La date de la facture.".into());
        question.why = Some("L’aide vaut pour un achat de moins de six mois.".into());
        question.choices =
            vec![Choice::new("neuf", "Neuf", true), Choice { hint: Some("Chez un vendeur".into()), ..Choice::new("occasion", "D’occasion", false) }];
        question.source = Some("Déclaré : vous, dans la demande VSA-2026-004011".into());
        question.max_length = Some(500);
        question.error = error.map(str::to_owned);
        for part in &mut question.parts {
            part.error = error.map(str::to_owned);
        }
        question
    }
}

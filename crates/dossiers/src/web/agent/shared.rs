//! What several pages of agents show: dates near and far, states, clocks, lines of answers. Values in, views out.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Tenant;
use kernel::templates::french;
use serde::Serialize;
use teleservices::package::{Package, Silence};

use crate::delai::{Clocks, Delai, DelaiKind, days_between};
use crate::model::Dossier;
use crate::phase::{self, Phase};
use crate::web::usager::ClockView;
use crate::words::{long_date, lower_first, upper_first};

/// A date in a list, as `parts.due` wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DueView {
    pub percent: i64,
    pub tone: &'static str,
    pub stopped: bool,
    pub label: String,
    /// Which date it is: « légal » or « engagement », and the day.
    pub sub: String,
    /// What silence means, once the law's date is near or over: it may hide behind a nearer commitment.
    pub law: Option<String>,
}

/// A state, as `parts.tag` wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct TagView {
    pub text: String,
    pub tone: &'static str,
    pub fill: &'static str,
}

/// A clock and its reasoning.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DelaiView {
    pub clock: ClockView,
    /// What comes if nothing is decided.
    pub then: String,
}

/// Within that many days, a list says what silence will mean.
const LAW_IS_NEAR: i64 = 7;

/// The date that sorts a dossier; `silence` is what it means there, if a text says so.
pub(crate) fn due(tenant: &Tenant, dossier: &Dossier, silence: Option<Silence>, today: Date) -> DueView {
    let is_stopped = dossier.phase == Phase::AttenteUsager;
    let end = silence.zip(dossier.legal_on).filter(|_| phase::is_open(dossier.phase));
    let law = end.and_then(|(silence, due)| law(silence, due, is_stopped, today));
    let Some((date, kind)) = dossier.due else {
        let label = if phase::is_open(dossier.phase) { "Sans échéance" } else { "Terminé" };
        return DueView { percent: 0, tone: "", stopped: false, label: label.into(), sub: String::new(), law };
    };
    let received = dossier.submitted_at.map_or(date, |at| tenant.zone().to_datetime(at).date());
    let whole = days_between(received, date).max(1);
    let left = days_between(today, date);
    DueView {
        percent: (days_between(received, today) * 100 / whole).clamp(2, 100),
        tone: if is_stopped { "" } else { tone(kind, left) },
        stopped: is_stopped,
        label: if is_stopped { "Suspendu".into() } else { left_words(left) },
        sub: format!("{}, {}", kind_word(kind), near_date(date, today)),
        law,
    }
}

/// What silence means soon, or has meant already: "Rejet tacite dans 3 jours". Nothing while the clock is stopped.
fn law(silence: Silence, due: Date, is_stopped: bool, today: Date) -> Option<String> {
    let noun = upper_first(silence.words()?.0);
    match days_between(today, due) {
        0.. if is_stopped => None,
        ..0 => Some(format!("{noun} tacite depuis la fin du {}", near_date(due, today))),
        0 => Some(format!("{noun} tacite ce soir")),
        1 => Some(format!("{noun} tacite demain soir")),
        left if left <= LAW_IS_NEAR => Some(format!("{noun} tacite dans {left} jours")),
        _ => None,
    }
}

/// Nearer than that, it is urgent; nearer than the second, it is soon. A commitment is in days, the law in months.
fn tone(kind: DelaiKind, left: i64) -> &'static str {
    let (urgent, soon) = match kind {
        DelaiKind::Legal => (3, 21),
        DelaiKind::Engagement => (0, 2),
    };
    match left {
        left if left <= urgent => "bad",
        left if left <= soon => "warn",
        _ => "",
    }
}

/// « légal » or « engagement »: never one for the other.
pub(crate) fn kind_word(kind: DelaiKind) -> &'static str {
    match kind {
        DelaiKind::Legal => "légal",
        DelaiKind::Engagement => "engagement",
    }
}

/// "Demain", "12 jours", "En retard de 2 jours".
pub(crate) fn left_words(left: i64) -> String {
    match left {
        ..=-2 => format!("En retard de {} jours", -left),
        -1 => "En retard d’un jour".into(),
        0 => "Aujourd’hui".into(),
        1 => "Demain".into(),
        _ => format!("{left} jours"),
    }
}

/// "6 déc. 2026", for clocks.
pub(crate) fn short_date(date: Date) -> String {
    format!("{} {}", short_day(date), date.year())
}

/// "6 déc.", with its year when it is another than this one: for lists.
pub(crate) fn near_date(date: Date, today: Date) -> String {
    if date.year() == today.year() { short_day(date) } else { short_date(date) }
}

fn short_day(date: Date) -> String {
    let months = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
    let month = usize::try_from(date.month() - 1).ok().and_then(|at| months.get(at)).copied().unwrap_or_default();
    let day = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    format!("{day} {month}")
}

/// "9 h 48" today, "3 décembre 2026, 9 h 48" another day.
pub(crate) fn moment(at: Timestamp, tenant: &Tenant) -> String {
    let local = tenant.zone().to_datetime(at);
    format!("{}, {}", french::date(local.date()), french::hour(local.time()))
}

/// The state, in the words that the package gives to agents.
pub(crate) fn state(package: Option<&Package>, dossier: &Dossier) -> TagView {
    let (tone, fill) = match dossier.phase {
        Phase::AttenteUsager => ("warn", "half"),
        Phase::Depose => ("", ""),
        Phase::EnInstruction | Phase::Brouillon => ("", "half"),
        Phase::Accepte => ("good", "full"),
        Phase::Refuse => ("bad", "cross"),
        Phase::SansSuite | Phase::Retire => ("", "cross"),
    };
    let words = package.and_then(|package| Some(package.state_agent(package.state(&dossier.state)?, &dossier.details)));
    TagView { text: words.unwrap_or_else(|| phase::label(dossier.phase).to_owned()), tone, fill }
}

/// The legal clock first, then the commitment, each under its own name; none once the dossier is ended.
pub(crate) fn clocks(dossier: &Dossier, clocks: &Clocks, today: Date) -> Vec<DelaiView> {
    if !phase::is_open(dossier.phase) {
        return Vec::new();
    }
    clocks.legal.iter().chain(&clocks.engagement).map(|delai| clock(delai, today)).collect()
}

fn clock(delai: &Delai, today: Date) -> DelaiView {
    let left = delai.days_left(today).unwrap_or(i64::MAX);
    let spent = delai.percent_spent(today);
    let stopped = delai.stopped_since.is_some();
    let clock = ClockView {
        title: title(delai, left),
        label: delai.reasons.join(" "),
        spent,
        stopped: if stopped { (100 - spent).min(22) } else { 0 },
        tone: match tone(delai.kind, left) {
            _ if stopped => "",
            "bad" => "late",
            "warn" => "soon",
            _ => "",
        },
        mark: if stopped { "arrêté".into() } else { "aujourd’hui".into() },
        start: short_date(delai.start),
        end: delai.due.map(short_date).unwrap_or_default(),
        reasons: delai.reasons.clone(),
    };
    DelaiView { clock, then: then(delai, today) }
}

fn title(delai: &Delai, left: i64) -> String {
    let is_legal = delai.kind == DelaiKind::Legal;
    match (delai.due, delai.stopped_since) {
        (None, _) => "Le délai légal ne court pas".into(),
        (_, Some(_)) if is_legal => "Délai légal suspendu".into(),
        (_, Some(_)) => "Engagement : en attente de la personne".into(),
        _ if !is_legal => format!("Engagement du service : {}", lower_first(&left_words(left))),
        _ if left < 0 => format!("Délai légal dépassé : {}", lower_first(&left_words(left))),
        _ if left == 0 => "Dernier jour pour décider".into(),
        _ if left == 1 => "1 jour pour décider".into(),
        _ => format!("{left} jours pour décider"),
    }
}

fn then(delai: &Delai, today: Date) -> String {
    let (Some((noun, _)), Some(due)) = (delai.silence.and_then(Silence::words), delai.due) else { return String::new() };
    match delai.is_over(today) {
        false => format!("Sans décision à la fin du {}, {} tacite.", long_date(due), noun),
        true => format!("{} tacite depuis la fin du {}.", upper_first(noun), long_date(due)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_left_are_said_as_people_say_them() {
        let said: Vec<String> = [-3, -1, 0, 1, 12].into_iter().map(left_words).collect();
        assert_eq!(said, ["En retard de 3 jours", "En retard d’un jour", "Aujourd’hui", "Demain", "12 jours"]);
    }

    #[test]
    fn a_commitment_is_never_called_legal() {
        let delai = |kind| Delai {
            kind,
            silence: (kind == DelaiKind::Legal).then_some(Silence::Rejet),
            start: date(2026, 11, 1),
            due: Some(date(2026, 12, 6)),
            stopped_since: None,
            article: None,
            reasons: vec!["Demande reçue.".into()],
        };
        let today = date(2026, 12, 3);
        let (legal, promised) = (clock(&delai(DelaiKind::Legal), today), clock(&delai(DelaiKind::Engagement), today));
        assert_eq!((legal.clock.title.as_str(), legal.clock.tone), ("3 jours pour décider", "late"));
        assert!(legal.then.contains("rejet tacite"), "{}", legal.then);
        assert_eq!(promised.clock.title, "Engagement du service : 3 jours");
        assert_eq!(promised.then, "");
    }

    #[test]
    fn the_law_is_said_when_its_date_is_near_or_over() {
        let today = date(2026, 12, 3);
        let said = |day| law(Silence::Rejet, date(2026, 12, day), false, today);
        assert_eq!(said(11), None);
        assert_eq!(said(10).as_deref(), Some("Rejet tacite dans 7 jours"));
        assert_eq!(said(3).as_deref(), Some("Rejet tacite ce soir"));
        assert_eq!(said(1).as_deref(), Some("Rejet tacite depuis la fin du 1er déc."));
        assert_eq!(law(Silence::Rejet, date(2026, 12, 5), true, today), None, "the person is waited for");
    }

    #[test]
    fn a_short_date_fits_a_column() {
        assert_eq!(short_date(date(2027, 1, 1)), "1er janv. 2027");
        assert_eq!(short_date(date(2026, 8, 26)), "26 août 2026");
    }
}

//! The clocks of a dossier: the legal one (what silence means, and when: L231-1, L231-4, L114-5) and the
//! commitment of the service, in working days. Each says its reasoning, line by line.
//! It knows no package and no database: the rule, the dates and the requests are given, "today" too.

use jiff::civil::Date;
use kernel::calendar::{HolidayZone, add_working_days, working_days_between};
use serde::{Deserialize, Serialize};
use teleservices::package::{Delai as Span, DelaiUnit, Silence};

use crate::words::long_date;

/// What the package says of the time a service has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayRule {
    /// The meaning of silence.
    pub silence: Silence,
    /// After how long silence gets its meaning.
    pub delay: Option<Span>,
    /// The text that says so ("L231-4, 3°").
    pub article: Option<String>,
    /// The service's own commitment; never legal.
    pub commitment: Option<Span>,
}

/// When the demand reached an administration, and when the competent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seizure {
    /// Reception by the first body seized: starts the clock of a rejection.
    pub first: Date,
    /// Reception by the competent body: starts the clock of an acceptance.
    pub competent: Date,
}

impl Seizure {
    /// The usual case: the first body seized is the competent one.
    pub fn on(date: Date) -> Seizure {
        Seizure { first: date, competent: date }
    }
}

/// One request for missing pieces or information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it was asked.
    pub asked: Date,
    /// The time given to answer.
    pub reply_before: Date,
    /// When everything was there, or the service stopped waiting for it.
    pub satisfied: Option<Date>,
    /// Did the service stop waiting without having everything?
    pub waived: bool,
    /// Is the piece required by law or regulation, or indispensable? Otherwise the clock ignores the request.
    pub required: bool,
}

/// Which of the two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelaiKind {
    /// The law's.
    Legal,
    /// The service's commitment.
    Engagement,
}

impl DelaiKind {
    /// The word kept in the database.
    pub fn code(self) -> &'static str {
        match self {
            DelaiKind::Legal => "legal",
            DelaiKind::Engagement => "engagement",
        }
    }

    /// Reads back [`DelaiKind::code`].
    pub fn from_code(code: &str) -> Option<DelaiKind> {
        [DelaiKind::Legal, DelaiKind::Engagement].into_iter().find(|kind| kind.code() == code)
    }
}

/// A clock, and how it was reckoned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delai {
    /// Legal or commitment.
    pub kind: DelaiKind,
    /// What silence means at the end (for the legal clock).
    pub silence: Option<Silence>,
    /// The day it starts from (after a restart, the new one).
    pub start: Date,
    /// The day at whose end it runs out; none while an acceptance waits for its pieces.
    pub due: Option<Date>,
    /// Stopped since that day.
    pub stopped_since: Option<Date>,
    /// The text it comes from.
    pub article: Option<String>,
    /// The reasoning, one French sentence a line.
    pub reasons: Vec<String>,
}

impl Delai {
    /// Days left on that day; negative when late, none while nothing is due.
    pub fn days_left(&self, today: Date) -> Option<i64> {
        self.due.map(|due| days_between(today, due))
    }

    /// What the end of the clock means to the person: "Sans réponse, rejet tacite à la fin du 24 janvier 2027", or what
    /// silence has already made of the demand (L231-1, L231-4). The end of a commitment is only a promise.
    pub fn meaning(&self, today: Date) -> Option<String> {
        let due = self.due?;
        let Some((noun, participle)) = self.silence.and_then(Silence::words) else {
            return Some(format!("Engagement du service : le {}", long_date(due)));
        };
        Some(match today > due {
            false => format!("Sans réponse, {noun} tacite à la fin du {}", long_date(due)),
            true => format!("Sans réponse dans le délai, votre demande est considérée comme {participle} depuis la fin du {}", long_date(due)),
        })
    }

    /// Has silence already given its meaning?
    pub fn is_over(&self, today: Date) -> bool {
        self.silence.is_some() && self.due.is_some_and(|due| today > due)
    }

    /// Days spent since the start, in hundredths of the whole, for the drawing of the clock.
    pub fn percent_spent(&self, today: Date) -> i64 {
        let Some(due) = self.due else { return 0 };
        let whole = days_between(self.start, due).max(1);
        let until = self.stopped_since.unwrap_or(today);
        (days_between(self.start, until) * 100 / whole).clamp(0, 100)
    }
}

/// Both clocks of a dossier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Clocks {
    /// The law's; none where no text gives a meaning to silence.
    pub legal: Option<Delai>,
    /// The commitment of the service.
    pub engagement: Option<Delai>,
}

impl Clocks {
    /// Reckons both.
    pub fn reckon(rule: &DelayRule, seizure: Seizure, requests: &[Request], zone: HolidayZone, today: Date) -> Clocks {
        Clocks { legal: legal(rule, seizure, requests, zone, today), engagement: engagement(rule, seizure, requests, zone, today) }
    }

    /// The day at whose end silence gets its meaning.
    pub fn legal_on(&self) -> Option<Date> {
        self.legal.as_ref()?.due
    }

    /// The nearest of the two dates, and whose it is: what the inbox is sorted by.
    pub fn nearest(&self) -> Option<(Date, DelaiKind)> {
        [&self.legal, &self.engagement].into_iter().flatten().filter_map(|delai| delai.due.map(|due| (due, delai.kind))).min_by_key(|(due, _)| *due)
    }
}

/// The legal clock, or none where silence has no meaning.
pub fn legal(rule: &DelayRule, seizure: Seizure, requests: &[Request], zone: HolidayZone, today: Date) -> Option<Delai> {
    let delay = rule.delay?;
    let clock = LegalClock { rule, delay, zone, today, requests: requests.iter().filter(|r| r.required).copied().collect() };
    match rule.silence {
        Silence::Acceptation => Some(clock.acceptance(seizure.competent)),
        Silence::Rejet => Some(clock.rejection(seizure.first)),
        Silence::SansObjet => None,
    }
}

/// The service's commitment; the days when the usager is waited for do not count.
pub fn engagement(rule: &DelayRule, seizure: Seizure, requests: &[Request], zone: HolidayZone, today: Date) -> Option<Delai> {
    let promised = rule.commitment?;
    let start = seizure.competent;
    let works = promised.unit == DelaiUnit::WorkingDays;
    let waited: i64 = spans(requests, today, |request| request.satisfied.unwrap_or(today.max(request.asked)))
        .into_iter()
        .map(|(from, to)| if works { working_days_between(from, to, zone).into() } else { days_between(from, to) })
        .sum();
    let stopped_since = requests.iter().filter(|r| r.satisfied.is_none()).map(|r| r.asked).min();
    let due = match u32::try_from(waited).unwrap_or_default() {
        days if works => add_working_days(start, u32::from(promised.count) + days, zone),
        _ => add_days(promised.after(start, zone), waited),
    };
    let mut reasons = vec![format!("Le service s’engage à répondre en {promised} : demande reçue le {}.", long_date(start))];
    if waited > 0 {
        let days = if works { plural(waited, "jour ouvré", "jours ouvrés") } else { plural(waited, "jour", "jours") };
        reasons.push(format!("Attente d’un complément, non comptée : {days}."));
    }
    reasons.push(format!("Réponse prévue le {} au plus tard. Ce n’est pas un délai légal.", long_date(due)));
    Some(Delai { kind: DelaiKind::Engagement, silence: None, start, due: Some(due), stopped_since, article: None, reasons })
}

struct LegalClock<'a> {
    rule: &'a DelayRule,
    delay: Span,
    zone: HolidayZone,
    today: Date,
    requests: Vec<Request>,
}

impl LegalClock<'_> {
    /// Silence is worth acceptance: the clock runs from the reception of the required pieces, so it starts anew.
    fn acceptance(&self, received: Date) -> Delai {
        let mut reasons = vec![self.received(received)];
        let satisfied = self.requests.iter().filter_map(|r| r.satisfied).max();
        let start = satisfied.map_or(received, |date| date.max(received));
        if start != received {
            let is_waived = self.requests.iter().all(|r| r.satisfied != Some(start) || r.waived);
            let what = if is_waived { "Pièces manquantes plus attendues depuis le" } else { "Pièces manquantes reçues le" };
            reasons.push(format!("{what} {} : le délai repart de cette date (L114-5).", long_date(start)));
        }
        let waiting = self.requests.iter().filter(|r| r.satisfied.is_none()).map(|r| r.asked).min();
        if let Some(asked) = waiting {
            reasons.push(format!(
                "Pièces demandées le {} et pas encore reçues : le délai ne court pas ; il repartira de leur réception (L114-5).",
                long_date(asked)
            ));
            return self.delai(start, None, waiting, reasons);
        }
        let due = self.delay.after(start, self.zone);
        reasons.push(self.conclusion(due));
        self.delai(start, Some(due), None, reasons)
    }

    /// Silence is worth rejection: the clock is suspended during the time given to supply the pieces.
    fn rejection(&self, received: Date) -> Delai {
        let mut reasons = vec![self.received(received)];
        let mut suspended = 0;
        let until = |r: &Request| r.satisfied.unwrap_or(self.today.max(r.asked)).min(r.reply_before);
        for (from, to) in spans(&self.requests, self.today, until) {
            let days = days_between(from, to);
            suspended += days;
            reasons.push(format!(
                "Pièces demandées le {}, délai suspendu jusqu’au {} : {} (L114-5).",
                long_date(from),
                long_date(to),
                plural(days, "jour", "jours")
            ));
        }
        let open = self.requests.iter().filter(|r| r.satisfied.is_none() && self.today < r.reply_before);
        let stopped = open.map(|r| r.asked).min();
        let due = add_days(self.delay.after(received, self.zone), suspended);
        reasons.push(self.conclusion(due));
        if stopped.is_some() {
            reasons.push("Le délai est suspendu : cette date recule chaque jour tant que les pièces manquent, jusqu’à la date limite donnée.".into());
        }
        self.delai(received, Some(due), stopped, reasons)
    }

    fn received(&self, date: Date) -> String {
        let article = self.rule.article.as_deref().map(|article| format!(" ({article})")).unwrap_or_default();
        format!("Demande reçue le {}, délai de {}{article}.", long_date(date), self.delay)
    }

    fn conclusion(&self, due: Date) -> String {
        let (_, meaning) = self.rule.silence.words().unwrap_or_default();
        format!("Sans réponse à la fin du {}, la demande est considérée comme {meaning}.", long_date(due))
    }

    fn delai(&self, start: Date, due: Option<Date>, stopped_since: Option<Date>, reasons: Vec<String>) -> Delai {
        Delai { kind: DelaiKind::Legal, silence: Some(self.rule.silence), start, due, stopped_since, article: self.rule.article.clone(), reasons }
    }
}

/// The stretches of time during which the usager was waited for; two requests open together count once.
fn spans(requests: &[Request], today: Date, until: impl Fn(&Request) -> Date) -> Vec<(Date, Date)> {
    let mut all: Vec<(Date, Date)> = requests.iter().filter(|r| r.asked <= today).map(|r| (r.asked, until(r).max(r.asked))).collect();
    all.sort();
    let mut merged: Vec<(Date, Date)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Days from one date to the other.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn add_days(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

fn plural(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n.abs() < 2 { one } else { many })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::words::plain;

    const METRO: HolidayZone = HolidayZone::Metropole;

    fn rule(silence: Silence) -> DelayRule {
        DelayRule { silence, delay: Span::parse("2 mois"), article: Some("L231-4, 3°".into()), commitment: None }
    }

    fn asked(asked: Date, reply_before: Date, satisfied: Option<Date>) -> Request {
        Request { asked, reply_before, satisfied, waived: false, required: true }
    }

    fn march(day: i8) -> Date {
        date(2026, 3, day)
    }

    #[test]
    fn an_acceptance_starts_anew_when_the_pieces_arrive() {
        let request = asked(march(10), march(31), Some(march(20)));
        let delai = legal(&rule(Silence::Acceptation), Seizure::on(march(2)), &[request], METRO, march(21)).unwrap();
        assert_eq!(delai.due, Some(date(2026, 5, 20)));
    }

    #[test]
    fn a_rejection_is_suspended_while_the_pieces_are_awaited() {
        let request = asked(march(10), march(31), Some(march(20)));
        let delai = legal(&rule(Silence::Rejet), Seizure::on(march(2)), &[request], METRO, march(21)).unwrap();
        assert_eq!(delai.due, Some(date(2026, 5, 12)));
    }

    #[test]
    fn a_suspension_ends_at_the_date_given_even_if_nothing_comes() {
        let request = asked(march(10), march(31), None);
        let during = legal(&rule(Silence::Rejet), Seizure::on(march(2)), &[request], METRO, march(15)).unwrap();
        assert_eq!((during.due, during.stopped_since), (Some(date(2026, 5, 7)), Some(march(10))));
        let after = legal(&rule(Silence::Rejet), Seizure::on(march(2)), &[request], METRO, date(2026, 4, 15)).unwrap();
        assert_eq!((after.due, after.stopped_since), (Some(date(2026, 5, 23)), None));
    }

    #[test]
    fn an_acceptance_has_no_date_while_a_piece_is_missing() {
        let request = asked(march(10), march(31), None);
        let delai = legal(&rule(Silence::Acceptation), Seizure::on(march(2)), &[request], METRO, date(2026, 9, 1)).unwrap();
        assert_eq!((delai.due, delai.stopped_since), (None, Some(march(10))));
    }

    #[test]
    fn two_requests_open_together_suspend_once() {
        let requests = [asked(march(10), march(31), Some(march(20))), asked(march(15), march(31), Some(march(25)))];
        let delai = legal(&rule(Silence::Rejet), Seizure::on(march(2)), &requests, METRO, march(26)).unwrap();
        assert_eq!(delai.due, Some(date(2026, 5, 17)));
    }

    #[test]
    fn a_piece_that_no_text_requires_leaves_the_clock_alone() {
        let request = Request { required: false, ..asked(march(10), march(31), None) };
        for silence in [Silence::Acceptation, Silence::Rejet] {
            let delai = legal(&rule(silence), Seizure::on(march(2)), &[request], METRO, march(15)).unwrap();
            assert_eq!(delai.due, Some(date(2026, 5, 2)), "{silence:?}");
        }
    }

    #[test]
    fn the_last_day_of_a_short_month_stands_for_the_missing_one() {
        for (year, last) in [(2025, 28), (2027, 29)] {
            let seizure = Seizure::on(date(year, 12, 31));
            let delai = legal(&rule(Silence::Rejet), seizure, &[], METRO, date(year, 12, 31)).unwrap();
            assert_eq!(delai.due, Some(date(year + 1, 2, last)));
        }
    }

    #[test]
    fn an_acceptance_counts_from_the_competent_body_and_a_rejection_from_the_first() {
        let seizure = Seizure { first: march(2), competent: march(9) };
        let due = |silence| legal(&rule(silence), seizure, &[], METRO, march(10)).unwrap().due;
        assert_eq!(due(Silence::Acceptation), Some(date(2026, 5, 9)));
        assert_eq!(due(Silence::Rejet), Some(date(2026, 5, 2)));
    }

    #[test]
    fn no_text_no_clock() {
        assert_eq!(legal(&rule(Silence::SansObjet), Seizure::on(march(2)), &[], METRO, march(3)), None);
    }

    #[test]
    fn the_commitment_does_not_count_the_days_of_the_usager() {
        let rule = DelayRule { commitment: Span::parse("10 jours ouvrés"), ..rule(Silence::SansObjet) };
        let due = |requests: &[Request]| engagement(&rule, Seizure::on(march(2)), requests, METRO, march(12)).unwrap().due;
        assert_eq!(due(&[]), Some(march(16)));
        assert_eq!(due(&[asked(march(4), march(31), Some(march(6)))]), Some(march(18)));
    }

    #[test]
    fn the_nearest_date_says_whose_it_is() {
        let rule = DelayRule { commitment: Span::parse("10 jours ouvrés"), ..rule(Silence::Rejet) };
        let clocks = Clocks::reckon(&rule, Seizure::on(march(2)), &[], METRO, march(3));
        assert_eq!(clocks.nearest(), Some((march(16), DelaiKind::Engagement)));
    }

    #[test]
    fn pieces_that_the_service_waits_for_no_more_are_not_said_to_be_received() {
        let waived = Request { waived: true, ..asked(march(10), march(31), Some(march(20))) };
        let said = |request| legal(&rule(Silence::Acceptation), Seizure::on(march(2)), &[request], METRO, march(21)).unwrap().reasons;
        assert!(plain(&said(waived)[1]).starts_with("Pièces manquantes plus attendues depuis le 20 mars 2026"));
        assert!(plain(&said(Request { waived: false, ..waived })[1]).starts_with("Pièces manquantes reçues le 20 mars 2026"));
    }

    #[test]
    fn the_reasoning_is_told_line_by_line() {
        let request = asked(march(10), march(31), Some(march(20)));
        let delai = legal(&rule(Silence::Rejet), Seizure::on(march(2)), &[request], METRO, march(21)).unwrap();
        let reasons: Vec<String> = delai.reasons.iter().map(|reason| plain(reason)).collect();
        assert_eq!(
            reasons,
            [
                "Demande reçue le 2 mars 2026, délai de 2 mois (L231-4, 3°).",
                "Pièces demandées le 10 mars 2026, délai suspendu jusqu’au 20 mars 2026 : 10 jours (L114-5).",
                "Sans réponse à la fin du 12 mai 2026, la demande est considérée comme rejetée.",
            ]
        );
    }
}

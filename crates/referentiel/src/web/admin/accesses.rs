//! `/admin/acces`: who opened the record of a person, and what is unusual in it. Looking is itself a line.

use axum::response::Response;
use jiff::{Timestamp, tz::TimeZone};
use kernel::{
    Error, Event, EventId, Result, Subject, Tx, UsagerId,
    calendar::{self, HolidayZone},
    journal::Recorded,
    templates::Page,
    web::{AdminCx, Form},
};
use rgpd::{AUDIT, Actors};
use serde::Serialize;

use crate::{
    Card, cards, read,
    readings::{self, Words},
    search,
    web::agent::AccessView,
};

const PAGE: u32 = 50;
/// Outside these hours, an agent who reads is worth a question.
const OFFICE_HOURS: std::ops::Range<i8> = 7..20;

/// The accesses to a person's record were read.
#[derive(Serialize)]
pub struct AccessesConsulted {
    usager: UsagerId,
}

impl Event for AccessesConsulted {
    const KIND: &'static str = "AccessesConsulted";
    fn subject(&self) -> Subject {
        Subject::Usager(self.usager)
    }
}

/// Persons found, or the accesses to one of them.
#[derive(Clone, Serialize)]
pub(super) struct AccessesPage {
    q: String,
    people: Vec<PersonView>,
    person: Option<PersonView>,
    lines: Vec<LineView>,
    next: Option<String>,
}

#[derive(Clone, Serialize)]
struct PersonView {
    name: String,
    birth: String,
    href: String,
}

#[derive(Clone, Serialize)]
struct LineView {
    access: AccessView,
    /// Why it is unusual; empty when it is not.
    unusual: String,
}

impl Page for AccessesPage {
    const TEMPLATE: &'static str = "referentiel/admin/acces.html";
    fn samples() -> Vec<Self> {
        let person = PersonView { name: "Inès Marchetti".into(), birth: "12 mai 1984".into(), href: "/admin/acces?usager=usa_1".into() };
        let access = AccessView {
            at: Timestamp::UNIX_EPOCH,
            who: "Nadia Roussel (Mobilités)".into(),
            what: "a ouvert votre fiche usager".into(),
            why: "Pour vous répondre".into(),
        };
        let lines = vec![LineView { access: access.clone(), unusual: String::new() }, LineView { access, unusual: "Un dimanche".into() }];
        let empty = Self { q: String::new(), people: vec![], person: None, lines: vec![], next: None };
        vec![
            empty.clone(),
            Self { q: "personne".into(), ..empty.clone() },
            Self { q: "mar".into(), people: vec![person.clone()], ..empty.clone() },
            Self { person: Some(person.clone()), ..empty.clone() },
            Self { person: Some(person), lines, next: Some("/admin/acces?usager=usa_1&avant=evt_1".into()), ..empty },
        ]
    }
}

/// `GET /admin/acces?q=…` or `?usager=…&avant=…`
pub(super) async fn show(cx: AdminCx, query: Form) -> Result<Response> {
    if !cx.actor().may(AUDIT, None) {
        return Err(Error::Forbidden(AUDIT.0));
    }
    let q = query.typed("q", 200);
    let before = query.filled("avant").map(str::parse::<EventId>).transpose()?;
    let page = match query.filled("usager") {
        Some(usager) => {
            let usager: UsagerId = usager.parse()?;
            let days = Days { zone: cx.tenant.zone(), holidays: cx.tenant.settings.holidays.parse().unwrap_or(HolidayZone::Metropole) };
            cx.write(async |tx| of_person(tx, usager, before, &days).await).await?
        }
        None => cx.write(async |tx| found(tx, q).await).await?,
    };
    cx.page(&page)
}

async fn found(tx: &mut Tx, q: String) -> Result<AccessesPage> {
    let found = search(tx, &q, None, crate::PAGE).await?;
    let ids: Vec<UsagerId> = found.iter().map(|found| found.usager).collect();
    let people = cards(tx, &ids).await?.into_iter().map(person).collect();
    Ok(AccessesPage { q, people, person: None, lines: vec![], next: None })
}

async fn of_person(tx: &mut Tx, usager: UsagerId, before: Option<EventId>, days: &Days) -> Result<AccessesPage> {
    let ids = read::aliases(tx, usager).await?;
    let known = *ids.first().ok_or(Error::NotFound)?;
    let card = cards(tx, &[known]).await?.pop().ok_or(Error::NotFound)?;
    let (lines, next) = readings::lines(tx, &ids, PAGE, before).await?;
    let (words, actors) = (Words::load(tx, &lines).await?, Actors::load(tx).await?);
    tx.emit(&AccessesConsulted { usager: known }).await?;
    let line = |line: &Recorded| LineView { access: crate::web::agent::access(line, &words, &actors), unusual: days.unusual(line) };
    Ok(AccessesPage {
        q: String::new(),
        people: vec![],
        person: Some(person(card)),
        lines: lines.iter().map(line).collect(),
        next: next.map(|last| format!("/admin/acces?usager={known}&avant={last}")),
    })
}

fn person(card: Card) -> PersonView {
    PersonView { name: card.name, birth: card.birth_year.unwrap_or_default(), href: format!("/admin/acces?usager={}", card.usager) }
}

/// The days and hours of the collectivité.
struct Days {
    zone: TimeZone,
    holidays: HolidayZone,
}

impl Days {
    /// What is unusual in the hour of an agent's reading.
    fn unusual(&self, line: &Recorded) -> String {
        if !readings::is_agent(&line.actor) {
            return String::new();
        }
        let at = line.at.to_zoned(self.zone.clone());
        match (calendar::is_working_day(at.date(), self.holidays), OFFICE_HOURS.contains(&at.hour())) {
            (false, _) => "Un jour non travaillé".into(),
            (true, false) => "Hors des heures de bureau".into(),
            (true, true) => String::new(),
        }
    }
}

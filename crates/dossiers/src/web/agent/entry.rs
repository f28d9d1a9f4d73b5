//! Entering a demand for somebody at the counter, on the phone, from a letter: the person is searched first, known or
//! not; then which démarche and by which door. The form that follows is the usager's own; no mail address is required.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form};
use kernel::{Error, FieldError, FieldErrors, Result, Tx, UsagerId};
use referentiel::{Card, Identity};
use serde::Serialize;

use super::staff::Choice;
use crate::channel::Channel;
use crate::enter_for::{Person, enter_for};
use crate::rights::ENTER;

/// Persons shown for a search: beyond, the words are to be made more precise.
const SHOWN: usize = 10;

/// Searching the person.
#[derive(Debug, Serialize)]
pub(crate) struct SearchPage {
    pub typed: String,
    pub is_searched: bool,
    pub persons: Vec<PersonView>,
    pub has_more: bool,
    /// Where to go on without a known person.
    pub unknown: String,
}

/// A person found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PersonView {
    pub name: String,
    /// What tells her from another of the same name.
    pub about: String,
    pub href: String,
}

/// Which démarche, by which door, for whom.
#[derive(Debug, Serialize)]
pub(crate) struct EntryPage {
    /// The known person; none when she is not in the registry.
    pub person: Option<PersonView>,
    pub person_id: String,
    pub demarches: Vec<Choice>,
    pub channels: Vec<ChannelChoice>,
    pub name: String,
    pub given_names: String,
    pub mail: String,
    pub errors: Vec<FieldError>,
}

/// A door, as `parts.choices` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChannelChoice {
    pub value: &'static str,
    pub label: &'static str,
    pub checked: bool,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "dossiers/agent/saisie.html";

    fn samples() -> Vec<Self> {
        let person = PersonView {
            name: "Inès Marchetti".into(),
            about: "né(e) en 1984, Villebourg".into(),
            href: "/agent/saisie/demande?personne=usa_1".into(),
        };
        let page = |is_searched: bool, persons: Vec<PersonView>| Self {
            typed: if is_searched { "marchetti".into() } else { String::new() },
            is_searched,
            has_more: persons.len() > 1,
            persons,
            unknown: "/agent/saisie/demande".into(),
        };
        vec![page(false, vec![]), page(true, vec![]), page(true, vec![person.clone(), PersonView { name: "Nom ".repeat(40), ..person }])]
    }
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "dossiers/agent/saisie-demande.html";

    fn samples() -> Vec<Self> {
        let page = |person: Option<PersonView>, errors: Vec<FieldError>| Self {
            person_id: if person.is_some() { "usa_1".into() } else { String::new() },
            person,
            demarches: vec![Choice::new("aide-velo", "Aide à l’achat d’un vélo", true)],
            channels: channels(Some("guichet")),
            name: "Marchetti".into(),
            given_names: String::new(),
            mail: String::new(),
            errors,
        };
        let person = PersonView { name: "Inès Marchetti".into(), about: "né(e) en 1984".into(), href: "/agent/saisie".into() };
        let fault = |field: &str| FieldError { field: field.into(), sentence: "Choisissez : au guichet, par téléphone ou par courrier.".into() };
        vec![page(Some(person), vec![]), page(None, vec![fault("canal"), fault("nom"), fault("demarche")])]
    }
}

/// The search, and what it found.
pub(crate) async fn search(cx: AgentCx, form: Form) -> Result<Response> {
    let typed = form.typed("q", 200);
    let mut persons = cx
        .write(async |tx| {
            tx.allow_any(ENTER)?;
            persons(tx, &typed, "/agent/saisie/demande?personne=").await
        })
        .await?;
    let has_more = persons.len() > SHOWN;
    persons.truncate(SHOWN);
    cx.page(&SearchPage { is_searched: !typed.is_empty(), typed, persons, has_more, unknown: "/agent/saisie/demande".into() })
}

/// The choice of a démarche and a door.
pub(crate) async fn choose(cx: AgentCx, form: Form) -> Result<Response> {
    cx.page(&page(&cx, &form, FieldErrors::new()).await?)
}

/// Begins the demand, and leads to its form.
pub(crate) async fn begin(cx: AgentCx, form: Form) -> Result<Response> {
    let (person, channel) = match read(&form) {
        Ok(read) => read,
        Err(faults) => return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &form, faults).await?),
    };
    let (app, slug) = (cx.app.clone(), form.get("demarche").unwrap_or_default());
    let done = cx
        .once(&form, async |tx| {
            let version = match teleservices::published(tx, slug).await {
                Err(Error::NotFound) => return Err(Error::invalid("demarche", "Choisissez une démarche dans la liste.")),
                found => found?,
            };
            let dossier = enter_for(tx, &app.keys, &version, channel, person).await?;
            Ok(format!("/dossiers/{}", dossier.id))
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page(&cx, &form, faults).await?),
        done => done,
    }
}

fn read(form: &Form) -> Result<(Person, Channel), FieldErrors> {
    let mut faults = FieldErrors::new();
    let channel = form.get("canal").and_then(Channel::from_code).filter(|channel| channel.is_entered_by_agent());
    if form.filled("demarche").is_none() {
        faults.push("demarche", "Choisissez une démarche dans la liste.");
    }
    if channel.is_none() {
        faults.push("canal", "Choisissez : au guichet, par téléphone ou par courrier.");
    }
    let person = match form.filled("personne").map(str::parse::<UsagerId>) {
        Some(Ok(usager)) => Person::Known(usager),
        _ => Person::New(Identity {
            name: form.filled("nom").unwrap_or_default().to_owned(),
            given_names: form.filled("prenoms").unwrap_or_default().to_owned(),
            mail: form.filled("courriel").map(str::to_lowercase),
        }),
    };
    if let Person::New(identity) = &person {
        if identity.name.is_empty() {
            faults.push("nom", "Écrivez au moins le nom de la personne.");
        }
        if identity.mail.as_ref().is_some_and(|mail| !mail.contains('@')) {
            faults.push("courriel", "Vérifiez l’adresse, par exemple nom@exemple.fr, ou laissez vide.");
        }
    }
    match channel.filter(|_| faults.is_empty()) {
        Some(channel) => Ok((person, channel)),
        None => Err(faults),
    }
}

async fn page(cx: &AgentCx, form: &Form, faults: FieldErrors) -> Result<EntryPage> {
    let known = form.filled("personne").and_then(|id| id.parse::<UsagerId>().ok());
    let (person, catalogue) = cx
        .write(async |tx| {
            tx.allow_any(ENTER)?;
            let person = match known {
                Some(usager) => Some(person(referentiel::shown(tx, usager).await?, "/agent/saisie")),
                None => None,
            };
            Ok((person, teleservices::catalogue(tx).await?))
        })
        .await?;
    let chosen = form.get("demarche").unwrap_or_default();
    let here = catalogue.entries.iter().filter(|entry| entry.elsewhere.is_none());
    Ok(EntryPage {
        person,
        person_id: known.map(|usager| usager.to_string()).unwrap_or_default(),
        demarches: here.map(|entry| Choice::new(entry.slug.clone(), entry.title.clone(), entry.slug == chosen)).collect(),
        channels: channels(form.get("canal")),
        name: form.get("nom").unwrap_or_default().to_owned(),
        given_names: form.get("prenoms").unwrap_or_default().to_owned(),
        mail: form.get("courriel").unwrap_or_default().to_owned(),
        errors: faults.0,
    })
}

fn channels(chosen: Option<&str>) -> Vec<ChannelChoice> {
    let label = |channel: Channel| match channel {
        Channel::Guichet => "Au guichet",
        Channel::Telephone => "Par téléphone",
        _ => "D’après un courrier",
    };
    let entered = Channel::ALL.into_iter().filter(|channel| channel.is_entered_by_agent());
    entered.map(|channel| ChannelChoice { value: channel.code(), label: label(channel), checked: chosen == Some(channel.code()) }).collect()
}

/// The persons that these words find, one more than is shown.
pub(crate) async fn persons(tx: &mut Tx, typed: &str, href: &str) -> Result<Vec<PersonView>> {
    if typed.trim().chars().count() < 2 {
        return Ok(Vec::new());
    }
    let found = referentiel::search(tx, typed, None, SHOWN as u32 + 1).await?;
    let ids: Vec<UsagerId> = found.iter().map(|found| found.usager).collect();
    Ok(referentiel::cards(tx, &ids).await?.into_iter().map(|card| person(card, href)).collect())
}

/// A person, by what tells her from another of her name, and no more.
fn person(card: Card, href: &str) -> PersonView {
    let birth = card.birth_year.map(|year| format!("né(e) en {year}"));
    let about = birth.into_iter().chain(card.commune).collect::<Vec<_>>().join(", ");
    let href = if href.ends_with(['=', '/']) { format!("{href}{}", card.usager) } else { href.to_owned() };
    PersonView { name: card.name, about, href }
}

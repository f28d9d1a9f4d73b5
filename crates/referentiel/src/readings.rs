//! Who read what of a person, when and why: the same lines of the journal for the person (services and partners, no
//! agent's name) and for who watches over data (names too).

use std::collections::{BTreeSet, HashMap};

use comptes::{OrgUnit, Partenaire};
use jiff::Timestamp;
use kernel::{
    AgentId, EventId, Result, Subject, Tx, UsagerId,
    ids::Id,
    journal::{self, Filter, Recorded},
    t,
};
use rgpd::{Basis, Habilitation};
use serde::Serialize;
use serde_json::Value as Json;

/// The kinds of events that are readings. Those of dossiers mention their usager.
pub const KINDS: &[&str] = &["Disclosed", "UsagerConsulted", "DossierRead"];

/// One reading, for the person.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// When.
    pub at: Timestamp,
    /// The partner or the service.
    pub who: String,
    /// "a lu", "a ouvert".
    pub verb: String,
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// On what basis, when it left the service.
    pub basis: String,
}

/// A page of readings: the lines, and the key of the next page if there is one.
pub async fn lines(tx: &mut Tx, ids: &[UsagerId], limit: u32, before: Option<EventId>) -> Result<(Vec<Recorded>, Option<EventId>)> {
    let filter = Filter {
        kinds: KINDS.iter().map(|kind| (*kind).to_owned()).collect(),
        subjects: ids.iter().map(|id| Subject::Usager(*id).to_string()).collect(),
    };
    let mut lines = journal::find(tx, &filter, limit + 1, before).await?;
    let has_more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().map(|line| line.id).filter(|_| has_more);
    Ok((lines, next))
}

/// The words of readings: what names ids.
pub struct Words {
    partenaires: Vec<Partenaire>,
    units: Vec<OrgUnit>,
    habilitations: Vec<Habilitation>,
    teams: HashMap<String, Vec<String>>,
}

impl Words {
    /// Reads the names that these lines need.
    pub async fn load(tx: &mut Tx, lines: &[Recorded]) -> Result<Self> {
        let mut words = Self {
            partenaires: comptes::partenaires(tx).await?,
            units: comptes::org_units(tx).await?,
            habilitations: rgpd::every_habilitation(tx).await?,
            teams: HashMap::new(),
        };
        let readers: BTreeSet<AgentId> = lines.iter().filter(|line| line.kind == "DossierRead").filter_map(|line| line.actor.parse().ok()).collect();
        for (agent, unit) in comptes::store::teams_of(tx, &Vec::from_iter(readers)).await? {
            words.teams.entry(agent.to_string()).or_default().push(unit.to_string());
        }
        Ok(words)
    }

    /// A line as the person reads it.
    pub fn reading(&self, line: &Recorded) -> Reading {
        match line.kind.as_str() {
            "Disclosed" => self.disclosed(line),
            "UsagerConsulted" => self.consulted(line),
            _ => self.dossier_read(line),
        }
    }

    /// The partner of an id.
    pub fn partenaire(&self, id: &str) -> String {
        let found = self.partenaires.iter().find(|partenaire| partenaire.id.to_string() == id);
        found.map_or_else(|| t!("Un ancien partenaire"), |partenaire| partenaire.name.clone())
    }

    /// What and why, said of the person: for agents and who watches over data.
    pub fn neutral(&self, line: &Recorded) -> (String, String) {
        let has_dossier = line.payload.get("dossier").is_some_and(Json::is_string);
        match line.kind.as_str() {
            "Disclosed" => {
                let reading = self.disclosed(line);
                let labels = codes(&line.payload).map(label).collect::<Vec<_>>().join(", ");
                let is_consent = line.payload.get("basis").and_then(Json::as_str) == Some(Basis::Consent.code());
                let basis = if is_consent { t!("Avec l’accord de la personne") } else { reading.basis };
                (t!("a lu : {what}", what = labels), format!("{}. {basis}", reading.why))
            }
            "UsagerConsulted" if has_dossier => (t!("a ouvert la fiche"), t!("Pour instruire une demande")),
            "UsagerConsulted" => (t!("a ouvert la fiche"), t!("Sans dossier")),
            _ => (t!("a ouvert une demande"), t!("Pour l’instruire")),
        }
    }

    fn disclosed(&self, line: &Recorded) -> Reading {
        let text = |name: &str| line.payload.get(name).and_then(Json::as_str).unwrap_or_default();
        let habilitation = self.habilitations.iter().find(|h| h.id.to_string() == text("habilitation"));
        let purpose = habilitation.map_or_else(|| text("purpose").to_owned(), |h| h.title.clone());
        let basis = match Basis::of_code(text("basis")) {
            Some(Basis::Consent) => t!("Avec votre accord"),
            Some(basis) => t!("Fondement : {basis}", basis = basis.label()),
            None => String::new(),
        };
        Reading {
            at: line.at,
            who: self.partenaire(text("partenaire")),
            verb: t!("a lu"),
            what: attributes(&line.payload),
            why: t!("Pour : {purpose}", purpose = purpose),
            basis,
        }
    }

    fn consulted(&self, line: &Recorded) -> Reading {
        let has_dossier = line.payload.get("dossier").is_some_and(Json::is_string);
        let why = if has_dossier { t!("Pour instruire votre demande") } else { t!("Pour vous répondre ou tenir votre fiche à jour") };
        let units = line.payload.get("units").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        Reading { at: line.at, who: self.service(units), verb: t!("a ouvert"), what: t!("votre fiche usager"), why, basis: String::new() }
    }

    fn dossier_read(&self, line: &Recorded) -> Reading {
        let part = line.payload.get("part").and_then(Json::as_str).unwrap_or("dossier");
        let what = if part == "dossier" { t!("votre demande") } else { t!("une pièce de votre demande") };
        let units = self.teams.get(&line.actor).into_iter().flatten().map(String::as_str);
        Reading { at: line.at, who: self.service(units), verb: t!("a ouvert"), what, why: t!("Pour instruire votre demande"), basis: String::new() }
    }

    /// The names of teams; several are said one after the other, none is "the collectivité".
    fn service<'a>(&self, ids: impl Iterator<Item = &'a str>) -> String {
        let name = |id: &str| self.units.iter().find(|unit| unit.id.to_string() == id).map(|unit| unit.name.clone());
        let names: Vec<String> = ids.filter_map(name).collect();
        if names.is_empty() { t!("Un service de la collectivité") } else { names.join(", ") }
    }
}

/// "votre quotient familial, vos prénoms".
fn attributes(payload: &Json) -> String {
    codes(payload).map(yours).collect::<Vec<_>>().join(", ")
}

fn codes(payload: &Json) -> impl Iterator<Item = &str> {
    payload.get("attributes").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn label(code: &str) -> &str {
    crate::attribute(code).map_or(code, |attribute| attribute.label)
}

/// An attribute, said to the person it is about.
pub fn yours(code: &str) -> String {
    let mut letters = label(code).chars();
    let lower: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    let owner = if code == "prenoms" { "vos" } else { "votre" };
    format!("{owner} {lower}")
}

/// Whether somebody is an agent, from the label of an actor.
pub fn is_agent(actor: &str) -> bool {
    actor.starts_with(kernel::AgentId::PREFIX)
}

//! `/agent/usagers/{id}`: who the person is and how surely, how to reach him, who lives with him, what the other
//! domains have of him, who opened this record. Opening it is a line of the journal.

use axum::{extract::Path, response::Response};
use jiff::Timestamp;
use kernel::{
    DossierId, Result, Tx, UsagerId,
    journal::Recorded,
    templates::Page,
    web::{AgentCx, Form},
};
use rgpd::Actors;
use serde::Serialize;

use crate::{
    Consultation, FoyerRole, Golden, Level, Panel, PanelAct, PanelLine, Record, Registry, attributes, consult, display_name,
    readings::{self, Words},
};

/// Accesses shown.
const ACCESSES: u32 = 10;

/// The record of a person.
#[derive(Clone, Serialize)]
pub(super) struct RecordPage {
    name: String,
    /// How sure the identity is, in words.
    level: String,
    is_sure: bool,
    identity: Vec<FactView>,
    contacts: Vec<FactView>,
    others: Vec<FactView>,
    foyer: Vec<MemberView>,
    panels: Vec<Panel>,
    accesses: Vec<AccessView>,
}

#[derive(Clone, Serialize)]
struct FactView {
    label: String,
    lines: Vec<String>,
    source: String,
    verified: bool,
    /// How many other values were proposed.
    others: usize,
}

#[derive(Clone, Serialize)]
struct MemberView {
    label: String,
    sub: String,
    href: String,
}

/// Who opened or read, for agents: with names.
#[derive(Clone, Serialize)]
pub(in crate::web) struct AccessView {
    pub at: Timestamp,
    pub who: String,
    pub what: String,
    pub why: String,
}

impl Page for RecordPage {
    const TEMPLATE: &'static str = "referentiel/agent/usager.html";
    fn samples() -> Vec<Self> {
        let fact = FactView {
            label: "Nom de naissance".into(),
            lines: vec!["MARCHETTI".into()],
            source: "FranceConnect, certifié par FranceConnect, le 24 novembre 2026".into(),
            verified: true,
            others: 0,
        };
        let empty = Self {
            name: "Personne sans nom connu".into(),
            level: String::new(),
            is_sure: false,
            identity: vec![],
            contacts: vec![],
            others: vec![],
            foyer: vec![],
            panels: vec![],
            accesses: vec![],
        };
        let line = PanelLine {
            icon: "file",
            label: "Aide au vélo".into(),
            sub: "VSA-2026-004011".into(),
            href: "/agent/dossiers/dos_1".into(),
            note: "En instruction".into(),
        };
        let panel = Panel {
            title: "Dossiers".into(),
            empty: "Aucun dossier.".into(),
            lines: vec![line],
            more: None,
            act: Some(PanelAct { label: "Saisir une demande pour cette personne".into(), href: "/agent/saisie/demande?personne=usa_1".into() }),
        };
        let full = Self {
            name: "Inès Marchetti".into(),
            level: "certifié par FranceConnect".into(),
            is_sure: true,
            identity: vec![fact.clone()],
            contacts: vec![FactView {
                others: 2,
                verified: false,
                lines: vec!["14 rue des Tanneurs".into(), "28260 Villebourg".into()],
                ..fact.clone()
            }],
            others: vec![fact],
            foyer: vec![MemberView {
                label: "Léo Marchetti".into(),
                sub: "Enfant, depuis le 1er septembre 2026".into(),
                href: "/agent/usagers/usa_2".into(),
            }],
            panels: vec![panel.clone(), Panel { lines: vec![], ..panel }],
            accesses: vec![AccessView {
                at: Timestamp::UNIX_EPOCH,
                who: "Nadia Roussel".into(),
                what: "a ouvert la fiche".into(),
                why: String::new(),
            }],
        };
        vec![empty, full]
    }
}

/// `GET /agent/usagers/{id}?dossier=…`
pub(super) async fn show(cx: AgentCx, Path(id): Path<String>, query: Form, registry: Registry) -> Result<Response> {
    let usager: UsagerId = id.parse()?;
    let dossier = query.filled("dossier").map(str::parse::<DossierId>).transpose()?;
    let zone = cx.tenant.zone();
    let page = cx
        .write(async |tx| {
            let opened = consult(tx, usager, dossier).await?;
            let panels = panels(tx, &registry, &opened.ids).await?;
            let (lines, _) = readings::lines(tx, &opened.ids, ACCESSES, None).await?;
            let (words, actors) = (Words::load(tx, &lines).await?, Actors::load(tx).await?);
            let accesses = lines.iter().map(|line| access(line, &words, &actors)).collect();
            Ok(page(&opened, panels, accesses, &|at| kernel::templates::french::date(at.to_zoned(zone.clone()).date())))
        })
        .await?;
    cx.page(&page)
}

async fn panels(tx: &mut Tx, registry: &Registry, ids: &[UsagerId]) -> Result<Vec<Panel>> {
    let mut panels = vec![];
    for domain in registry.panels {
        panels.extend(domain.panel(tx, ids).await?);
    }
    Ok(panels)
}

fn page(opened: &Consultation, panels: Vec<Panel>, accesses: Vec<AccessView>, day: &dyn Fn(Timestamp) -> String) -> RecordPage {
    let is_contact = |code: &str| matches!(code, "courriel" | "telephone" | "adresse");
    let is_identity = |code: &str| code == "nom_usage" || crate::attribute(code).is_some_and(|attribute| attribute.is_pivot);
    let facts = |keep: &dyn Fn(&str) -> bool| facts(&opened.record, keep, day);
    let member = |(member, card): &(crate::Member, crate::Card)| {
        let role = if member.role == FoyerRole::Adulte { "Adulte" } else { "Enfant" };
        MemberView {
            label: card.name.clone(),
            sub: format!("{role}, depuis le {}", kernel::templates::french::date(member.since)),
            href: format!("/agent/usagers/{}", member.usager),
        }
    };
    RecordPage {
        name: display_name(&opened.record),
        level: opened.level().map(|level| level.label().to_owned()).unwrap_or_default(),
        is_sure: opened.level().is_some_and(|level| level > Level::Confirmed),
        identity: facts(&is_identity),
        contacts: facts(&is_contact),
        others: facts(&|code| !is_identity(code) && !is_contact(code)),
        foyer: opened.foyer.iter().map(member).collect(),
        panels,
        accesses,
    }
}

fn facts(record: &Record, keep: &dyn Fn(&str) -> bool, day: &dyn Fn(Timestamp) -> String) -> Vec<FactView> {
    let kept = attributes::ALL.iter().filter(|attribute| keep(attribute.code));
    kept.filter_map(|attribute| record.get(attribute.code).map(|golden| view(attribute, golden, day))).collect()
}

fn view(attribute: &crate::Attribute, golden: &Golden, day: &dyn Fn(Timestamp) -> String) -> FactView {
    let fact = &golden.fact;
    FactView {
        label: attribute.label.into(),
        lines: match attribute.kind {
            "adresse" => kinds::adresse::lines(&fact.value),
            _ => vec![crate::show(attribute.code, &fact.value)],
        },
        source: format!("{}, {} le {}", of_person(&fact.source_label), fact.level.label(), day(fact.recorded_at)),
        verified: fact.level > Level::Declared,
        others: golden.others,
    }
}

/// A provenance was written to the person; agents read it of him.
fn of_person(label: &str) -> String {
    match label.strip_prefix("vous") {
        Some(rest) => format!("l’usager{rest}"),
        None => label.to_owned(),
    }
}

/// A reading, with the name of who read, said of the person and not to him.
pub(in crate::web) fn access(line: &Recorded, words: &Words, actors: &Actors) -> AccessView {
    let reading = words.reading(line);
    let who = match readings::is_agent(&line.actor) {
        true => format!("{} ({})", actors.name(&line.actor), reading.who),
        false => reading.who,
    };
    let (what, why) = words.neutral(line);
    AccessView { at: line.at, who, what, why }
}

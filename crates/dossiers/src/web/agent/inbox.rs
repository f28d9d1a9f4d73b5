//! "Dossiers à traiter": the dossiers of the teams of the agent, nearest date first, saying whose date it is. Filters
//! are in the address, counters are kept and not counted, pages go by key: the cost does not grow with the number.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::response::Response;
use jiff::civil::Date;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form, initials};
use kernel::{AgentId, Result, Tenant, Tx, VersionId};
use serde::Serialize;
use teleservices::Version;

use super::filters::{self, Chip, Chosen, INBOX, Menu, MenuOption};
use super::shared::{DueView, TagView, due, state};
use super::staff::{Choice, Staff, staff};
use crate::list::{self, Counts, Listed};
use crate::model::Dossier;
use crate::rights::INSTRUCT;

/// One page of the inbox.
#[derive(Debug, Serialize)]
pub(crate) struct InboxPage {
    /// "37 dossiers, les plus urgents d’abord".
    pub count: String,
    pub is_ended: bool,
    pub menus: Vec<Menu>,
    pub chips: Vec<Chip>,
    pub rows: Vec<RowView>,
    pub pages: String,
    pub next: Option<String>,
    /// The beginning of the list, past the first page.
    pub first: Option<String>,
    /// The same list without filters.
    pub clear: String,
    /// The other list: ended dossiers, or open ones.
    pub other: String,
    /// To whom the chosen dossiers may be given; empty for an agent who may only read.
    pub assignees: Vec<Choice>,
    /// This very list, to come back to.
    pub here: String,
}

/// One dossier.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RowView {
    pub id: String,
    pub href: String,
    pub preview: String,
    pub name: String,
    /// The téléservice.
    pub title: String,
    pub number: String,
    pub due: DueView,
    pub state: TagView,
    pub agent: Option<AgentView>,
}

/// Who is in charge.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AgentView {
    pub name: String,
    pub initials: String,
}

impl Page for InboxPage {
    const TEMPLATE: &'static str = "dossiers/agent/boite.html";

    fn samples() -> Vec<Self> {
        let page = |rows: Vec<RowView>, chips: Vec<Chip>, assignees: Vec<Choice>| Self {
            count: "37 dossiers, les plus urgents d’abord".into(),
            is_ended: assignees.is_empty(),
            menus: vec![
                Menu {
                    name: "demarche",
                    label: "Téléservice",
                    kind: "checkbox",
                    options: vec![MenuOption {
                        value: "aide-velo".into(), label: "Aide à l’achat d’un vélo".into(), count: Some(14), checked: true
                    }],
                },
                Chosen::default().dates(),
            ],
            pages: format!("{} dossiers sur cette page", rows.len()),
            next: chips.first().map(|_| format!("{INBOX}?apres=2026-12-06_dos_1")),
            first: chips.first().map(|_| INBOX.to_owned()),
            rows,
            chips,
            clear: INBOX.into(),
            other: format!("{INBOX}?termines=oui"),
            assignees,
            here: INBOX.into(),
        };
        let chip = Chip { label: "Moi".into(), href: INBOX.into() };
        let nobody = vec![Choice::new("personne", "Personne", true)];
        let rows = vec![sample_row("Garnier Paul", "bad", true), sample_row(&"Rousseau-Delacroix ".repeat(6), "", false)];
        vec![
            page(vec![], vec![], nobody.clone()),
            page(vec![], vec![chip.clone()], nobody.clone()),
            page(rows.clone(), vec![chip], nobody),
            page(rows, vec![], vec![]),
        ]
    }
}

/// An example of a dossier in a list.
pub(crate) fn sample_row(name: &str, tone: &'static str, is_taken: bool) -> RowView {
    RowView {
        id: "dos_1".into(),
        href: "/agent/dossiers/dos_1".into(),
        preview: "/agent/dossiers/dos_1/apercu".into(),
        name: name.into(),
        title: "Aide à l’achat d’un vélo".into(),
        number: "VSA-2026-003870".into(),
        due: DueView {
            percent: 98,
            tone,
            stopped: tone.is_empty(),
            label: "Demain".into(),
            sub: "engagement, 4 déc.".into(),
            law: is_taken.then(|| "Rejet tacite dans 3 jours".into()),
        },
        state: TagView { text: "En instruction".into(), tone: "", fill: "half" },
        agent: is_taken.then(|| AgentView { name: "Nadia Roussel".into(), initials: "NR".into() }),
    }
}

/// The list, as its address wants it.
pub(crate) async fn show(cx: AgentCx, form: Form) -> Result<Response> {
    let chosen = Chosen::read(&form);
    let (tenant, me) = (cx.tenant.clone(), cx.agent.id);
    let staff = staff(&cx).await?;
    let read = cx.read(async |tx| {
        let today = tx.today();
        let inbox = chosen.inbox(me, today);
        let (listed, counts) = (list::inbox(tx, &inbox).await?, list::counts(tx).await?);
        let versions = Versions::around(tx, listed.dossiers.iter()).await?;
        Ok(Loaded { today, total: counts.left_by(&inbox.filters), listed, counts, versions })
    });
    let loaded = read.await?;
    let can_assign = cx.actor().may(INSTRUCT, None);
    cx.page(&loaded.page(&tenant, &staff, &chosen, me, can_assign))
}

/// What a page of the list is drawn from.
struct Loaded {
    today: Date,
    listed: Listed,
    counts: Counts,
    total: Option<i64>,
    versions: Versions,
}

/// What a list needs around its dossiers: the versions of their téléservices, by id and by name.
pub(crate) struct Versions(HashMap<VersionId, Arc<Version>>, BTreeMap<String, Arc<Version>>);

impl Versions {
    /// Reads it. The newest version of a name is the one that gives its title.
    pub async fn around(tx: &mut Tx, dossiers: impl Iterator<Item = &Dossier>) -> Result<Self> {
        let used: BTreeSet<VersionId> = dossiers.map(|dossier| dossier.version).collect();
        let versions = teleservices::online_and(tx, &used.into_iter().collect::<Vec<_>>()).await?;
        let by_slug = versions.iter().map(|version| (version.slug.clone(), version.clone())).collect();
        Ok(Self(versions.into_iter().map(|version| (version.id, version)).collect(), by_slug))
    }

    /// What a téléservice is called.
    pub fn title<'a>(&'a self, slug: &'a str) -> &'a str {
        self.1.get(slug).map_or(slug, |version| version.package.card.title.as_str())
    }

    /// A dossier as a line of a list.
    pub fn row(&self, tenant: &Tenant, staff: &Staff, dossier: &Dossier, today: Date) -> RowView {
        let package = self.0.get(&dossier.version).map(|version| &version.package);
        let name = dossier.agent.and_then(|agent| staff.name(agent));
        let silence = package.and_then(|package| package.card.request.as_ref()).map(|request| request.silence);
        RowView {
            id: dossier.id.to_string(),
            href: format!("{INBOX}/{}", dossier.id),
            preview: format!("{INBOX}/{}/apercu", dossier.id),
            name: shown_name(dossier),
            title: self.title(&dossier.slug).to_owned(),
            number: dossier.number_text(),
            due: due(tenant, dossier, silence, today),
            state: state(package, dossier),
            agent: name.map(|name| AgentView { name: name.to_owned(), initials: initials(name) }),
        }
    }
}

/// How a dossier is called where no name is known.
pub(crate) fn shown_name(dossier: &Dossier) -> String {
    if dossier.contact_name.is_empty() { "Personne sans nom".into() } else { dossier.contact_name.clone() }
}

impl Loaded {
    fn page(&self, tenant: &Tenant, staff: &Staff, chosen: &Chosen, me: AgentId, can_assign: bool) -> InboxPage {
        let states = self.states();
        let word = |name: &str, value: &str| {
            let of_state = || states.iter().find(|(_, codes, _)| codes == value).map(|(label, _, _)| label.clone());
            match name {
                "demarche" => self.versions.title(value).to_owned(),
                "etat" => of_state().unwrap_or_else(|| value.to_owned()),
                _ => filters::label(staff, name, value).unwrap_or_else(|| value.to_owned()),
            }
        };
        let is_ended = chosen.is_ended();
        let rows: Vec<RowView> = self.listed.dossiers.iter().map(|dossier| self.versions.row(tenant, staff, dossier, self.today)).collect();
        InboxPage {
            count: self.count(chosen, rows.len()),
            menus: self.menus(staff, chosen, me, &states),
            chips: chosen.chips(word),
            pages: if rows.len() == 1 { "1 dossier sur cette page".into() } else { format!("{} dossiers sur cette page", rows.len()) },
            rows,
            next: self.listed.next.map(|place| chosen.next(place)),
            first: chosen.is_further().then(|| chosen.href()),
            clear: if is_ended { format!("{INBOX}?termines=oui") } else { INBOX.into() },
            other: if is_ended { INBOX.into() } else { format!("{INBOX}?termines=oui") },
            assignees: if can_assign && !is_ended { staff.assignees(me, None) } else { Vec::new() },
            is_ended,
            here: chosen.href(),
        }
    }

    /// What the filters leave, when it is counted; what the page shows otherwise.
    fn count(&self, chosen: &Chosen, shown: usize) -> String {
        let total = self.total.filter(|_| !chosen.is_ended());
        match (total, shown) {
            (Some(1), _) => "1 dossier".into(),
            (Some(n), _) => format!("{n} dossiers, les plus urgents d’abord"),
            (None, _) if self.listed.next.is_some() || chosen.is_further() => "Les plus urgents d’abord".into(),
            (None, 1) => "1 dossier".into(),
            (None, n) => format!("{n} dossiers, les plus urgents d’abord"),
        }
    }

    fn menus(&self, staff: &Staff, chosen: &Chosen, me: AgentId, states: &[(String, String, i64)]) -> Vec<Menu> {
        let slugs: BTreeSet<&str> = self.versions.1.keys().map(String::as_str).chain(self.counts.slugs.keys().map(String::as_str)).collect();
        let demarches = slugs.into_iter().map(|slug| MenuOption {
            value: slug.to_owned(),
            label: self.versions.title(slug).to_owned(),
            count: Some(self.counts.slugs.get(slug).copied().unwrap_or(0)),
            checked: chosen.has("demarche", slug),
        });
        let states = states.iter().map(|(label, codes, n)| MenuOption {
            value: codes.clone(),
            label: label.clone(),
            count: Some(*n),
            checked: chosen.has("etat", codes),
        });
        let units = staff.units.iter().filter(|unit| self.counts.units.contains_key(&unit.id)).map(|unit| MenuOption {
            value: unit.id.to_string(),
            label: unit.name.clone(),
            count: self.counts.units.get(&unit.id).copied(),
            checked: chosen.has("service", &unit.id.to_string()),
        });
        let menu = |name, label, options: Vec<MenuOption>| Menu { name, label, kind: "checkbox", options };
        let mut menus = vec![menu("demarche", "Téléservice", demarches.collect()), menu("etat", "État", states.collect()), chosen.dates()];
        menus.extend([chosen.agents(staff, me), menu("service", "Service", units.collect()), chosen.channels()]);
        menus.retain(|menu| menu.options.len() > 1 || menu.options.iter().any(|option| option.checked));
        menus
    }

    /// The states that may be filtered by, those of the same words together: words, codes joined by a dot, how many.
    fn states(&self) -> Vec<(String, String, i64)> {
        let mut by_label: BTreeMap<String, (BTreeSet<&str>, i64)> = BTreeMap::new();
        for version in self.versions.0.values() {
            let circuit = version.package.circuit.iter().flat_map(|circuit| &circuit.states);
            for state in circuit.filter(|state| crate::phase::is_open(state.phase)) {
                let label = version.package.state_agent(state, &teleservices::engine::Answers::new());
                by_label.entry(label).or_default().0.insert(state.id.as_str());
            }
        }
        for (codes, n) in by_label.values_mut() {
            *n = codes.iter().filter_map(|code| self.counts.states.get(*code)).sum();
        }
        // Two démarches may name one state differently: it is one choice, under both names.
        let mut by_codes: BTreeMap<String, (Vec<String>, i64)> = BTreeMap::new();
        for (label, (codes, n)) in by_label {
            let choice = by_codes.entry(codes.into_iter().collect::<Vec<_>>().join(".")).or_default();
            choice.0.push(label);
            choice.1 = n;
        }
        let mut choices: Vec<_> = by_codes.into_iter().map(|(codes, (labels, n))| (labels.join(", "), codes, n)).collect();
        choices.sort();
        choices
    }
}

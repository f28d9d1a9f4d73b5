//! "Ma journée": what is late, what is due this week, what waits for the agent, messages nobody has read, flows that are
//! stuck. It says so when nothing is. Dossiers of the agent, and those of the teams that nobody has taken.

use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use kernel::templates::{Page, french};
use kernel::web::AgentCx;
use kernel::{AgentId, Result, Tenant, Tx};
use serde::Serialize;

use super::filters::INBOX;
use super::inbox::{RowView, Versions, sample_row};
use super::staff::{Staff, staff};
use super::watching::{self, AlertView};
use crate::list::{self, Filters, Inbox};
use crate::model::Dossier;
use crate::phase::Phase;
use crate::rights::{ENTER, READ};

/// Dossiers shown of each list; the rest is one link away.
const SHOWN: usize = 8;

/// The home of an agent.
#[derive(Debug, Serialize)]
pub(crate) struct HomePage {
    pub name: String,
    pub today: String,
    /// What cannot wait, in a sentence.
    pub sentence: String,
    pub figures: Vec<Figure>,
    pub late: Vec<RowView>,
    pub week: Vec<RowView>,
    pub waiting: Vec<RowView>,
    pub unread: Vec<RowView>,
    pub alerts: Vec<AlertView>,
    /// How many open dossiers the teams of the agent have.
    pub total: i64,
    /// The agent has no right on any dossier.
    pub is_outside: bool,
    pub may_enter: bool,
}

/// A figure and the list behind it, as `parts.figs` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub label: &'static str,
    pub value: String,
    pub sub: &'static str,
    pub tone: &'static str,
    pub href: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "dossiers/agent/accueil.html";

    fn samples() -> Vec<Self> {
        let page = |rows: Vec<RowView>, is_outside: bool| Self {
            name: "Nadia".into(),
            today: "Jeudi 3 décembre 2026".into(),
            sentence: if rows.is_empty() {
                "Rien n’est en retard, rien n’arrive à échéance cette semaine.".into()
            } else {
                "Deux dossiers sont en retard.".into()
            },
            figures: if is_outside { vec![] } else { figures([rows.len(), 30, 0, 1]) },
            late: rows.clone(),
            week: rows.clone(),
            waiting: rows.clone(),
            unread: rows.clone(),
            alerts: rows
                .first()
                .map(|_| AlertView {
                    what: "Logiciel d’état civil".into(),
                    say: "3 envois attendent depuis 8 h 50. Rien n’est perdu : ils repartent seuls.".into(),
                    href: None,
                })
                .into_iter()
                .collect(),
            total: 37,
            is_outside,
            may_enter: !is_outside,
        };
        vec![
            page(vec![], false),
            page(vec![sample_row("Garnier Paul", "bad", true), sample_row("Diallo Aminata", "", false)], false),
            page(vec![], true),
        ]
    }
}

/// The day of whoever asks.
pub(crate) async fn show(cx: AgentCx) -> Result<Response> {
    let (tenant, me) = (cx.tenant.clone(), cx.agent.id);
    let staff = staff(&cx).await?;
    let today = tenant.zone().to_datetime(cx.app.clock.now()).date();
    let may_read = cx.actor().may(READ, None);
    let day = match may_read {
        true => cx.read(async |tx| Day::read(tx, &tenant, &staff, me).await).await?,
        false => Day::default(),
    };
    let alerts = if may_read { watching::alerts(&cx).await? } else { Vec::new() };
    cx.page(&HomePage {
        name: cx.agent.name.split(' ').next().unwrap_or_default().to_owned(),
        today: format!("{} {}", weekday(today), french::date(today)),
        sentence: sentence(day.late.len(), day.week.len()),
        figures: if may_read { figures([day.late.len(), day.week.len(), day.waiting.len(), day.unread.len()]) } else { Vec::new() },
        late: first(day.late),
        week: first(day.week),
        waiting: first(day.waiting),
        unread: first(day.unread),
        alerts,
        total: day.total,
        is_outside: !may_read,
        may_enter: cx.actor().may(ENTER, None),
    })
}

/// The lists of a day.
#[derive(Default)]
struct Day {
    late: Vec<RowView>,
    week: Vec<RowView>,
    waiting: Vec<RowView>,
    unread: Vec<RowView>,
    total: i64,
}

impl Day {
    async fn read(tx: &mut Tx, tenant: &Tenant, staff: &Staff, me: AgentId) -> Result<Self> {
        let today = tx.today();
        let ask = |unassigned, phases, due_before| Inbox {
            is_open: true,
            filters: Filters { agents: vec![me], unassigned, phases, due_before, ..Filters::default() },
            after: None,
        };
        let due = list::inbox(tx, &ask(true, vec![], Some(today.saturating_add(7.days())))).await?.dossiers;
        let mine = list::inbox(tx, &ask(false, vec![Phase::Depose, Phase::EnInstruction], None)).await?.dossiers;
        let unread = list::unread(tx, me).await?;
        let total = list::counts(tx).await?.total;
        let versions = Versions::around(tx, due.iter().chain(&mine).chain(&unread)).await?;
        let row = |dossier: &Dossier| versions.row(tenant, staff, dossier, today);
        let is_late = |dossier: &&Dossier| dossier.due.is_some_and(|(date, _)| date < today);
        let is_shown = |dossier: &&Dossier| due.iter().any(|shown| shown.id == dossier.id);
        Ok(Self {
            late: due.iter().filter(is_late).map(row).collect(),
            week: due.iter().filter(|dossier| !is_late(dossier)).map(row).collect(),
            waiting: mine.iter().filter(|dossier| !is_shown(dossier)).map(row).collect(),
            unread: unread.iter().map(row).collect(),
            total,
        })
    }
}

fn first(mut rows: Vec<RowView>) -> Vec<RowView> {
    rows.truncate(SHOWN);
    rows
}

/// The four figures; a list is read up to a page, so a full one says "25 ou plus".
fn figures([late, week, waiting, unread]: [usize; 4]) -> Vec<Figure> {
    let most = usize::try_from(list::PAGE).unwrap_or(usize::MAX);
    let figure = |label, n: usize, sub, tone, filters: &str| Figure {
        label,
        value: if n >= most { format!("{most} ou plus") } else { n.to_string() },
        sub,
        tone: if n == 0 { "" } else { tone },
        href: format!("{INBOX}?agent=moi{filters}"),
    };
    vec![
        figure("En retard", late, "à vous ou à personne", "bad", "&agent=personne&echeance=retard"),
        figure("À décider cette semaine", week, "à vous ou à personne", "warn", "&agent=personne&echeance=semaine"),
        figure("Autres dossiers à vous", waiting, "plus tard que cette semaine", "", ""),
        figure("Messages non lus", unread, "de personnes qui attendent", "warn", ""),
    ]
}

fn sentence(late: usize, week: usize) -> String {
    match (late, week) {
        (0, 0) => "Rien n’est en retard, rien n’arrive à échéance cette semaine.".into(),
        (0, 1) => "Rien n’est en retard. Un dossier arrive à échéance cette semaine.".into(),
        (0, n) => format!("Rien n’est en retard. {n} dossiers arrivent à échéance cette semaine."),
        (1, _) => "Un dossier est en retard.".into(),
        (n, _) => format!("{n} dossiers sont en retard."),
    }
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Lundi",
        Weekday::Tuesday => "Mardi",
        Weekday::Wednesday => "Mercredi",
        Weekday::Thursday => "Jeudi",
        Weekday::Friday => "Vendredi",
        Weekday::Saturday => "Samedi",
        Weekday::Sunday => "Dimanche",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_with_nothing_due_says_so() {
        assert!(sentence(0, 0).starts_with("Rien n’est en retard, rien"));
        assert_eq!(sentence(0, 2), "Rien n’est en retard. 2 dossiers arrivent à échéance cette semaine.");
        assert_eq!(sentence(1, 9), "Un dossier est en retard.");
    }

    #[test]
    fn a_figure_of_a_full_page_is_not_taken_for_a_total() {
        let values: Vec<String> = figures([0, 25, 3, 26]).into_iter().map(|figure| figure.value).collect();
        assert_eq!(values, ["0", "25 ou plus", "3", "25 ou plus"]);
    }
}

//! The filters of the inbox, as they stand in its address: several values each, chips to take one off, menus to add
//! some. What is not understood is left out. It asks nothing of the database.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use kernel::web::Form;
use kernel::{AgentId, DossierId};
use serde::Serialize;

use super::staff::Staff;
use crate::channel::Channel;
use crate::list::{Filters, Inbox};
use crate::words::upper_first;

/// Where the inbox is.
pub(crate) const INBOX: &str = "/agent/dossiers";

/// The filters that take several values, by their name in the address.
const SEVERAL: [&str; 5] = ["demarche", "etat", "service", "agent", "canal"];

/// The dates that may be filtered by: value, words.
const DATES: [(&str, &str); 4] =
    [("retard", "En retard"), ("jour", "Aujourd’hui ou avant"), ("semaine", "Dans les 7 jours"), ("mois", "Dans les 30 jours")];

/// What the agent chose, in the order of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    pairs: Vec<(&'static str, String)>,
    /// Where the page begins.
    after: Option<(Date, DossierId)>,
}

/// A filter in force, and the list without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Chip {
    pub label: String,
    pub href: String,
}

/// A menu of values.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Menu {
    pub name: &'static str,
    pub label: &'static str,
    /// `checkbox` or `radio`.
    pub kind: &'static str,
    pub options: Vec<MenuOption>,
}

/// One value of a menu, as `parts.filter_menu` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MenuOption {
    pub value: String,
    pub label: String,
    pub count: Option<i64>,
    pub checked: bool,
}

impl Chosen {
    /// Reads an address.
    pub fn read(form: &Form) -> Self {
        let mut pairs: Vec<(&'static str, String)> = Vec::new();
        for (name, text) in form.pairs() {
            let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let Some(name) = SEVERAL.iter().find(|known| **known == name).filter(|_| is_word) else { continue };
            if pairs.len() < 100 && !pairs.iter().any(|(of, value)| of == name && value == text) {
                pairs.push((name, text.to_owned()));
            }
        }
        let date = form.get("echeance").filter(|date| DATES.iter().any(|(value, _)| value == date));
        pairs.extend(date.map(|date| ("echeance", date.to_owned())));
        pairs.extend(form.has("termines").then(|| ("termines", "oui".to_owned())));
        let after = form.get("apres").and_then(|place| {
            let (date, id) = place.split_once('_')?;
            Some((date.parse().ok()?, id.parse().ok()?))
        });
        Self { pairs, after }
    }

    /// The values of a filter.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(of, _)| *of == name).map(|(_, value)| value.as_str())
    }

    /// Is that value chosen?
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.pairs.iter().any(|(of, known)| *of == name && known == value)
    }

    /// The ended dossiers.
    pub fn is_ended(&self) -> bool {
        self.has("termines", "oui")
    }

    /// Past the first page.
    pub fn is_further(&self) -> bool {
        self.after.is_some()
    }

    /// What is asked of the list.
    pub fn inbox(&self, me: AgentId, today: Date) -> Inbox {
        let agents = self.values("agent").filter_map(|value| if value == "moi" { Some(me) } else { value.parse().ok() });
        let words = |name| self.values(name).map(str::to_owned).collect();
        Inbox {
            is_open: !self.is_ended(),
            filters: Filters {
                slugs: words("demarche"),
                states: self.values("etat").flat_map(|states| states.split('.')).map(str::to_owned).collect(),
                phases: Vec::new(),
                channels: self.values("canal").filter_map(Channel::from_code).collect(),
                units: self.values("service").filter_map(|value| value.parse().ok()).collect(),
                agents: agents.collect(),
                unassigned: self.has("agent", "personne"),
                due_before: self.values("echeance").next().map(|date| last_day(date, today)),
            },
            after: self.after,
        }
    }

    /// The address of the list without its page.
    pub fn href(&self) -> String {
        address(self.pairs.iter())
    }

    /// The address of the page that begins after a dossier.
    pub fn next(&self, (date, id): (Date, DossierId)) -> String {
        let href = self.href();
        let joined = if href.contains('?') { '&' } else { '?' };
        format!("{href}{joined}apres={date}_{id}")
    }

    /// The filters in force, each with the list without it. `label` says a value in words.
    pub fn chips(&self, label: impl Fn(&str, &str) -> String) -> Vec<Chip> {
        let chip = |(at, (name, value)): (usize, &(&'static str, String))| Chip {
            label: label(name, value),
            href: address(self.pairs.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, pair)| pair)),
        };
        self.pairs.iter().enumerate().filter(|(_, (name, _))| *name != "termines").map(chip).collect()
    }

    /// The menu of dates.
    pub fn dates(&self) -> Menu {
        let option = |(value, label): &(&str, &str)| MenuOption {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            count: None,
            checked: self.has("echeance", value),
        };
        Menu { name: "echeance", label: "Échéance", kind: "radio", options: DATES.iter().map(option).collect() }
    }

    /// The menu of agents.
    pub fn agents(&self, staff: &Staff, me: AgentId) -> Menu {
        let option = |value: String, label: &str| MenuOption { checked: self.has("agent", &value), value, label: label.to_owned(), count: None };
        let mut options = vec![option("moi".into(), "Moi"), option("personne".into(), "Sans affectation")];
        let others = staff.agents.iter().filter(|agent| agent.id != me);
        options.extend(others.map(|agent| option(agent.id.to_string(), &agent.name)));
        Menu { name: "agent", label: "Agent", kind: "checkbox", options }
    }

    /// The menu of doors.
    pub fn channels(&self) -> Menu {
        let option = |channel: &Channel| MenuOption {
            value: channel.code().to_owned(),
            label: upper_first(channel.label()),
            count: None,
            checked: self.has("canal", channel.code()),
        };
        Menu { name: "canal", label: "Arrivée", kind: "checkbox", options: Channel::ALL.iter().map(option).collect() }
    }
}

/// The words of a date, a door or an agent, for its chip.
pub(crate) fn label(staff: &Staff, name: &str, value: &str) -> Option<String> {
    match name {
        "echeance" => DATES.iter().find(|(of, _)| *of == value).map(|(_, words)| (*words).to_owned()),
        "canal" => Channel::from_code(value).map(|channel| format!("Arrivée {}", channel.label())),
        "agent" if value == "moi" => Some("Moi".into()),
        "agent" if value == "personne" => Some("Sans affectation".into()),
        "agent" => staff.name(value.parse().ok()?).map(str::to_owned),
        "service" => staff.unit(value.parse().ok()?).map(str::to_owned),
        _ => None,
    }
}

fn last_day(date: &str, today: Date) -> Date {
    let span: Span = match date {
        "retard" => (-1).days(),
        "jour" => 0.days(),
        "semaine" => 7.days(),
        _ => 30.days(),
    };
    today.saturating_add(span)
}

fn address<'a>(pairs: impl Iterator<Item = &'a (&'static str, String)>) -> String {
    let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { INBOX.to_owned() } else { format!("{INBOX}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn me() -> AgentId {
        AgentId::from(uuid::Uuid::from_u128(7))
    }

    fn read(query: &str) -> Chosen {
        Chosen::read(&Form::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn several_values_of_several_filters_stand_in_the_address_and_come_back() {
        let query = "demarche=aide-velo&demarche=contact&etat=envoyee.transmise&agent=moi&agent=personne&echeance=semaine";
        let chosen = read(query);
        assert_eq!(chosen.href(), format!("{INBOX}?{query}"));
        let inbox = chosen.inbox(me(), date(2026, 12, 3));
        assert_eq!(inbox.filters.slugs, ["aide-velo", "contact"]);
        assert_eq!(inbox.filters.states, ["envoyee", "transmise"]);
        assert_eq!((inbox.filters.agents, inbox.filters.unassigned), (vec![me()], true));
        assert_eq!(inbox.filters.due_before, Some(date(2026, 12, 10)));
        assert!(inbox.is_open);
    }

    #[test]
    fn a_chip_leads_to_the_list_without_its_value_alone() {
        let chips = read("demarche=aide-velo&demarche=contact").chips(|_, value| value.to_owned());
        let expected = [("aide-velo", "demarche=contact"), ("contact", "demarche=aide-velo")];
        for (chip, (label, rest)) in chips.iter().zip(expected) {
            assert_eq!((chip.label.as_str(), chip.href.clone()), (label, format!("{INBOX}?{rest}")));
        }
    }

    #[test]
    fn what_is_not_a_filter_is_left_out() {
        let chosen = read("demarche=%3Cscript%3E&inconnu=x&echeance=jamais&agent=&canal=ligne&canal=ligne");
        assert_eq!(chosen.href(), format!("{INBOX}?canal=ligne"));
    }

    #[test]
    fn the_next_page_keeps_the_filters() {
        let id = DossierId::from(uuid::Uuid::from_u128(1));
        let next = read("agent=moi").next((date(2026, 12, 3), id));
        let again = read(next.split_once('?').unwrap().1);
        assert_eq!(again.inbox(me(), date(2026, 12, 3)).after, Some((date(2026, 12, 3), id)));
        assert!(again.has("agent", "moi"));
    }
}

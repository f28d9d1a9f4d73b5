//! The agents and the teams of a tenant, by name: lists and forms show them on every page. Read once a minute at most
//! and kept in memory, so that a list costs no statement for them; what is decided with them is checked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use comptes::OrgUnit;
use jiff::{SignedDuration, Timestamp};
use kernel::actor::Profile;
use kernel::web::Ctx;
use kernel::{Actor, AgentId, OrgUnitId, Result, TenantId};
use serde::Serialize;

use crate::rights::DECIDE;

/// How long the names are kept.
const KEPT: SignedDuration = SignedDuration::from_mins(1);

/// One agent in activity.
#[derive(Clone, Debug)]
pub(crate) struct Colleague {
    pub id: AgentId,
    pub name: String,
    pub job_title: String,
}

/// The agents and teams of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Staff {
    pub agents: Vec<Colleague>,
    pub units: Vec<OrgUnit>,
    /// Who may decide, and for which team; none: for all.
    deciders: Vec<(AgentId, Option<OrgUnitId>)>,
    /// Names of those who left, for what they did.
    gone: Vec<(AgentId, String)>,
}

/// One choice of a list, as `parts.select` and `parts.choices` want it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self { value: value.into(), label: label.into(), selected }
    }
}

impl Staff {
    /// First name and name, whether the agent is still there or not.
    pub fn name(&self, id: AgentId) -> Option<&str> {
        let gone = || self.gone.iter().find(|(gone, _)| *gone == id).map(|(_, name)| name.as_str());
        self.colleague(id).map(|agent| agent.name.as_str()).or_else(gone)
    }

    /// An agent in activity.
    pub fn colleague(&self, id: AgentId) -> Option<&Colleague> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    /// A team, by name.
    pub fn unit(&self, id: OrgUnitId) -> Option<&str> {
        self.units.iter().find(|unit| unit.id == id).map(|unit| unit.name.as_str())
    }

    /// Who did something, from the word that the journal keeps.
    pub fn who(&self, label: &str) -> String {
        if let Ok(agent) = label.parse::<AgentId>() {
            return self.name(agent).unwrap_or("Un agent").to_owned();
        }
        let who = match label.split(['_', ':']).next().unwrap_or_default() {
            "systeme" => "Parvis",
            "app" => "Une application",
            "par" => "Un partenaire",
            _ => "La personne",
        };
        who.to_owned()
    }

    /// The agents who may decide for a team, so sign.
    pub fn deciders(&self, unit: Option<OrgUnitId>) -> impl Iterator<Item = &Colleague> {
        let decides = move |agent: &&Colleague| self.deciders.iter().any(|(id, of)| *id == agent.id && (of.is_none() || *of == unit));
        self.agents.iter().filter(decides)
    }

    /// Whom a dossier may be given to: nobody, oneself, then the others.
    pub fn assignees(&self, me: AgentId, selected: Option<AgentId>) -> Vec<Choice> {
        let mine = self.agents.iter().filter(|agent| agent.id == me).map(|agent| (agent, "Moi".to_owned()));
        let others = self.agents.iter().filter(|agent| agent.id != me).map(|agent| (agent, agent.name.clone()));
        let nobody = Choice::new("personne", "Personne", selected.is_none());
        let choice = |(agent, label): (&Colleague, String)| Choice::new(agent.id.to_string(), label, selected == Some(agent.id));
        std::iter::once(nobody).chain(mine.chain(others).map(choice)).collect()
    }
}

/// What is kept, by tenant.
#[derive(Default)]
struct Kept(Mutex<HashMap<TenantId, (Timestamp, Arc<Staff>)>>);

/// The staff of the tenant of this request.
pub(crate) async fn staff(cx: &Ctx) -> Result<Arc<Staff>> {
    let (kept, key, now) = (cx.app.db.kept::<Kept>(), cx.tenant.id, cx.app.clock.now());
    if let Some((at, staff)) = kept.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
        && now.duration_since(*at).abs() < KEPT
    {
        return Ok(staff.clone());
    }
    let scope = cx.tenant.scope(Actor::system("agents"));
    let decides = |profile: &&Profile| profile.rights.contains(&DECIDE);
    let profiles: Vec<&Profile> = cx.app.profiles.iter().filter(decides).collect();
    let codes: Vec<&str> = profiles.iter().map(|profile| profile.code).collect();
    let read = cx.app.db.read(&scope, async |tx| {
        let deciders = if codes.is_empty() { Vec::new() } else { comptes::store::holders(tx, &codes).await? };
        Ok((comptes::store::agents(tx).await?, comptes::org_units(tx).await?, deciders))
    });
    let (agents, units, mut deciders) = read.await?;
    let by_role = |agent: &&comptes::Agent| profiles.iter().any(|profile| profile.role == Some(agent.role));
    deciders.extend(agents.iter().filter(by_role).map(|agent| (agent.id, None)));
    let (here, gone): (Vec<_>, Vec<_>) = agents.into_iter().partition(|agent| agent.closed_at.is_none());
    let staff = Arc::new(Staff {
        agents: here.iter().map(|agent| Colleague { id: agent.id, name: agent.name(), job_title: agent.job_title.clone() }).collect(),
        gone: gone.iter().map(|agent| (agent.id, agent.name())).collect(),
        units,
        deciders,
    });
    kept.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (now, staff.clone()));
    Ok(staff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff() -> Staff {
        let agent = |n: u128, name: &str| Colleague { id: AgentId::from(uuid::Uuid::from_u128(n)), name: name.into(), job_title: String::new() };
        Staff { agents: vec![agent(1, "Nadia Roussel"), agent(2, "Paul Guérin")], ..Staff::default() }
    }

    #[test]
    fn nobody_then_oneself_come_first_in_the_list_of_assignees() {
        let me = AgentId::from(uuid::Uuid::from_u128(2));
        let labels: Vec<String> = staff().assignees(me, None).into_iter().map(|choice| choice.label).collect();
        assert_eq!(labels, ["Personne", "Moi", "Nadia Roussel"]);
    }

    #[test]
    fn only_those_who_may_decide_for_the_team_may_sign() {
        let unit = |n: u128| OrgUnitId::from(uuid::Uuid::from_u128(n));
        let ids: Vec<AgentId> = staff().agents.iter().map(|agent| agent.id).collect();
        let staff = Staff { deciders: vec![(ids[0], Some(unit(1))), (ids[1], None)], ..staff() };
        let names = |of| staff.deciders(of).map(|agent| agent.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(Some(unit(1))), ["Nadia Roussel", "Paul Guérin"]);
        assert_eq!(names(Some(unit(2))), ["Paul Guérin"]);
    }

    #[test]
    fn the_journal_names_agents_and_never_the_person() {
        let staff = staff();
        assert_eq!(staff.who(&staff.agents[0].id.to_string()), "Nadia Roussel");
        assert_eq!(staff.who("systeme:jobs"), "Parvis");
        assert_eq!(staff.who("visiteur"), "La personne");
        assert_eq!(staff.who("app_00000000000000000000000000000001"), "Une application");
    }
}

//! S17: agents, their profiles per team, invitations, closing.

use axum::{extract::Path, http::StatusCode, response::Response};
use jiff::Timestamp;
use kernel::{
    AgentId, Error, FieldError, OrgUnitId, Result, Role,
    actor::Profile,
    templates::{Page, Sample, samples},
    web::{AdminCx, Form, Pages},
};
use serde::Serialize;

use crate::{
    Agent, MANAGE_AGENTS, MAX_MAIL, Membership, NewAgent, OrgUnit, store,
    web::{faults, reveal},
};

/// One agent in the list.
#[derive(Debug, Serialize)]
pub struct AgentLine {
    /// Where his page is.
    pub href: String,
    /// First name and name.
    pub name: String,
    /// Login.
    pub mail: String,
    /// Printed under a signature.
    pub job_title: String,
    /// In words.
    pub role: &'static str,
    /// How he signs in, in words.
    pub means: &'static str,
    /// Last sign-in.
    pub seen_at: Option<Timestamp>,
    /// Whether he left.
    pub is_closed: bool,
}

/// The list.
#[derive(Debug, Serialize)]
pub struct AgentsPage {
    /// Those who work here.
    pub agents: Vec<AgentLine>,
    /// Those who left.
    pub closed: Vec<AgentLine>,
}

/// A choice of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// In words.
    pub label: String,
    /// Explained.
    pub hint: String,
    /// Whether it is chosen.
    pub checked: bool,
}

/// The profiles of one team, or of all of them.
#[derive(Debug, Serialize)]
pub struct UnitProfiles {
    /// Name of the controls.
    pub name: String,
    /// The team.
    pub label: String,
    /// Profiles.
    pub choices: Vec<Choice>,
}

/// One agent, new or not.
#[derive(Debug, Default, Serialize)]
pub struct AgentPage {
    /// Empty for a new one.
    pub id: String,
    /// Typed or known.
    pub given_name: String,
    /// Typed or known.
    pub family_name: String,
    /// Typed or known.
    pub mail: String,
    /// Typed or known.
    pub job_title: String,
    /// Roles.
    pub roles: Vec<Choice>,
    /// Profiles per team.
    pub units: Vec<UnitProfiles>,
    /// Whose profiles a directory decides.
    pub is_of_directory: bool,
    /// Whether a telephone is enrolled.
    pub has_second_factor: bool,
    /// Whether he left.
    pub is_closed: bool,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for AgentsPage {
    const TEMPLATE: &'static str = "comptes/admin/agents.html";
    fn samples() -> Vec<Self> {
        let line = |name: &str, is_closed: bool| AgentLine {
            href: "/admin/agents/age_1".into(),
            name: name.into(),
            mail: "nadia@exemple.fr".into(),
            job_title: "Officière d’état civil".into(),
            role: "Agent",
            means: "Mot de passe",
            seen_at: (!is_closed).then_some(Timestamp::UNIX_EPOCH),
            is_closed,
        };
        vec![Self { agents: vec![line("Nadia Rahmani", false)], closed: vec![line("Paul Vidal", true)] }, Self { agents: vec![], closed: vec![] }]
    }
}

impl Page for AgentPage {
    const TEMPLATE: &'static str = "comptes/admin/agent.html";
    fn samples() -> Vec<Self> {
        let choice = Choice { value: "instructeur".into(), label: "Instructeur".into(), hint: String::new(), checked: true };
        let unit = || UnitProfiles { name: "profils.tous".into(), label: "Tous les services".into(), choices: vec![choice.clone()] };
        let fault = FieldError { field: "mail".into(), sentence: "Un agent a déjà cette adresse.".into() };
        vec![
            Self { units: vec![unit()], roles: roles(Role::Agent), ..Self::default() },
            Self { id: "age_1".into(), given_name: "Nadia".into(), has_second_factor: true, is_of_directory: true, ..Self::default() },
            Self { id: "age_2".into(), is_closed: true, ..Self::default() },
            Self { errors: vec![fault], ..Self::default() },
        ]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/admin/agents", list)
        .get("/admin/agents/nouveau", new)
        .post("/admin/agents/nouveau", create)
        .get("/admin/agents/{id}", show)
        .post("/admin/agents/{id}/profils", save_profiles)
        .post("/admin/agents/{id}/invitation", invite_again)
        .post("/admin/agents/{id}/second-facteur", reset_second_factor)
        .post("/admin/agents/{id}/fermer", close)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<AgentsPage>(), samples::<AgentPage>()].into_iter().flatten().collect()
}

fn role_label(role: Role) -> &'static str {
    match role {
        Role::Agent => "Agent",
        Role::Admin => "Administrateur",
        Role::Dpo => "Délégué à la protection des données",
    }
}

fn roles(current: Role) -> Vec<Choice> {
    let choice = |role: Role, value: &str, hint: &str| Choice {
        value: value.into(),
        label: role_label(role).into(),
        hint: hint.into(),
        checked: role == current,
    };
    vec![
        choice(Role::Agent, "agent", "Traite les dossiers de ses services."),
        choice(Role::Admin, "admin", "Règle l’espace : agents, services, partenaires. Second facteur obligatoire."),
        choice(Role::Dpo, "dpo", "Lit le journal et le registre. Second facteur obligatoire."),
    ]
}

fn role_of(form: &Form) -> Role {
    match form.get("role") {
        Some("admin") => Role::Admin,
        Some("dpo") => Role::Dpo,
        _ => Role::Agent,
    }
}

/// A line per team, and one for all of them, of the profiles that are given by hand.
fn units(units: &[OrgUnit], profiles: &[Profile], held: &[Membership]) -> Vec<UnitProfiles> {
    let choices = |unit: Option<OrgUnitId>| -> Vec<Choice> {
        let by_hand = profiles.iter().filter(|profile| profile.role.is_none());
        let choice = |profile: &Profile| Choice {
            value: profile.code.into(),
            label: profile.label.into(),
            hint: String::new(),
            checked: held.iter().any(|m| m.org_unit == unit && m.profile == profile.code),
        };
        by_hand.map(choice).collect()
    };
    let all = UnitProfiles { name: "profils.tous".into(), label: "Tous les services".into(), choices: choices(None) };
    let one = |unit: &OrgUnit| UnitProfiles { name: format!("profils.{}", unit.id), label: unit.name.clone(), choices: choices(Some(unit.id)) };
    std::iter::once(all).chain(units.iter().map(one)).filter(|unit| !unit.choices.is_empty()).collect()
}

/// What was ticked: a profile or a team that does not exist is left out.
fn memberships(form: &Form, units: &[OrgUnit], profiles: &[Profile]) -> Vec<Membership> {
    let by_hand: Vec<&Profile> = profiles.iter().filter(|profile| profile.role.is_none()).collect();
    let targets = std::iter::once((None, "profils.tous".to_owned())).chain(units.iter().map(|unit| (Some(unit.id), format!("profils.{}", unit.id))));
    let mut held = vec![];
    for (org_unit, name) in targets {
        let ticked = form.all(&name).filter(|code| by_hand.iter().any(|profile| profile.code == *code));
        held.extend(ticked.map(|code| Membership { org_unit, profile: code.to_owned(), source: "manuel".into() }));
    }
    held
}

async fn list(cx: AdminCx) -> Result<Response> {
    let agents = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_AGENTS)?;
            store::agents(tx).await
        })
        .await?;
    let line = |agent: Agent| AgentLine {
        href: format!("/admin/agents/{}", agent.id),
        name: agent.name(),
        role: role_label(agent.role),
        means: match (&agent.source, &agent.password_hash) {
            (source, _) if source != "manuel" => "Annuaire",
            (_, Some(_)) => "Mot de passe",
            _ => "Invité, ou ProConnect",
        },
        mail: agent.mail,
        job_title: agent.job_title,
        seen_at: agent.seen_at,
        is_closed: agent.closed_at.is_some(),
    };
    let (closed, agents) = agents.into_iter().map(line).partition(|line: &AgentLine| line.is_closed);
    cx.page(&AgentsPage { agents, closed })
}

async fn new(cx: AdminCx) -> Result<Response> {
    let units = cx.read(async |tx| store::org_units(tx).await).await?;
    let page = AgentPage { roles: roles(Role::Agent), units: self::units(&units, cx.app.profiles, &[]), ..AgentPage::default() };
    cx.page(&page)
}

async fn create(cx: AdminCx, form: Form) -> Result<Response> {
    let units = cx.read(async |tx| store::org_units(tx).await).await?;
    let text = |name: &str| form.typed(name, MAX_MAIL);
    let new = NewAgent {
        mail: text("mail"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        job_title: text("job_title"),
        role: role_of(&form),
        memberships: memberships(&form, &units, cx.app.profiles),
    };
    let wanted = new.clone();
    let done = cx
        .once(&form, async |tx| {
            let agent = crate::invite(tx, wanted).await?;
            let link = crate::invitation_link(tx, &cx.tenant, &agent).await?;
            invited(&cx, tx, &agent, link).await
        })
        .await;
    match done {
        Err(error) => {
            let page = AgentPage {
                units: self::units(&units, cx.app.profiles, &new.memberships),
                roles: roles(new.role),
                given_name: new.given_name,
                family_name: new.family_name,
                mail: new.mail,
                job_title: new.job_title,
                errors: faults(error)?,
                ..AgentPage::default()
            };
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

/// Shows a link to hand over once, when there is one: mail may be late, or the agent at the next desk.
async fn invited(cx: &AdminCx, tx: &mut kernel::Tx, agent: &Agent, link: Option<String>) -> Result<String> {
    let Some(link) = link else {
        cx.flash(tx, "L’invitation repart par mail, à l’adresse de l’agent et à elle seule : il est déjà venu.").await?;
        return Ok(format!("/admin/agents/{}", agent.id));
    };
    let about = "L’invitation part par mail. Vous pouvez aussi remettre ce lien en main propre : il sert une fois, pendant 7 jours.";
    reveal::keep(cx, tx, &format!("Invitation de {}", agent.name()), about, &link, "/admin/agents").await?;
    Ok(reveal::PATH.to_owned())
}

async fn show(cx: AdminCx, Path(id): Path<AgentId>) -> Result<Response> {
    page(&cx, id, StatusCode::OK, vec![]).await
}

async fn page(cx: &AdminCx, id: AgentId, status: StatusCode, errors: Vec<FieldError>) -> Result<Response> {
    let profiles = cx.app.profiles;
    let page = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_AGENTS)?;
            let agent = store::agent(tx, id).await?.ok_or(Error::NotFound)?;
            let held = store::memberships(tx, id).await?;
            let units = store::org_units(tx).await?;
            Ok(AgentPage {
                id: agent.id.to_string(),
                roles: roles(agent.role),
                units: self::units(&units, profiles, &held),
                is_of_directory: agent.source != "manuel",
                has_second_factor: agent.totp_sealed.is_some(),
                is_closed: agent.closed_at.is_some(),
                given_name: agent.given_name,
                family_name: agent.family_name,
                mail: agent.mail,
                job_title: agent.job_title,
                errors,
            })
        })
        .await?;
    cx.page_status(status, &page)
}

async fn save_profiles(cx: AdminCx, Path(id): Path<AgentId>, form: Form) -> Result<Response> {
    let units = cx.read(async |tx| store::org_units(tx).await).await?;
    let held = memberships(&form, &units, cx.app.profiles);
    let role = role_of(&form);
    cx.once(&form, async |tx| {
        crate::change_membership(tx, id, role, &held).await?;
        // One's own rights: the session ended with the others, and starts again with the new ones.
        if cx.agent.id == id {
            let agent = store::agent(tx, id).await?.ok_or(Error::NotFound)?;
            let actor = crate::actor_of(tx, &agent, cx.app.profiles).await?;
            cx.sign_in(tx, actor, cx.session.level.clone()).await?;
        }
        cx.flash(tx, "Les profils sont enregistrés. L’agent se reconnectera pour les avoir.").await?;
        Ok(format!("/admin/agents/{id}"))
    })
    .await
}

async fn invite_again(cx: AdminCx, Path(id): Path<AgentId>, form: Form) -> Result<Response> {
    cx.once(&form, async |tx| {
        let (agent, link) = crate::invite_again(tx, &cx.tenant, id).await?;
        invited(&cx, tx, &agent, link).await
    })
    .await
}

async fn reset_second_factor(cx: AdminCx, Path(id): Path<AgentId>, form: Form) -> Result<Response> {
    cx.once(&form, async |tx| {
        crate::reset_second_factor(tx, id).await?;
        cx.flash(tx, "Le second facteur est remis à zéro. L’agent enregistrera un téléphone à sa prochaine connexion.").await?;
        Ok(format!("/admin/agents/{id}"))
    })
    .await
}

async fn close(cx: AdminCx, Path(id): Path<AgentId>, form: Form) -> Result<Response> {
    cx.once(&form, async |tx| {
        crate::close_agent(tx, id).await?;
        cx.flash(tx, "L’accès est fermé. Ses sessions sont terminées.").await?;
        Ok("/admin/agents".to_owned())
    })
    .await
}

//! Giving dossiers to somebody: one from its own page, or several chosen in the list. What was done and what was not,
//! with the reason, stands on a page of its own, where the whole can be taken back.

use axum::extract::Path;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::{AgentCx, Form, local, see_other};
use kernel::{AgentId, DossierId, Error, OrgUnitId, Result, Tenant, Tx};
use serde::{Deserialize, Serialize};

use super::filters::INBOX;
use super::inbox::shown_name;
use super::staff::staff;
use crate::assign::assign;
use crate::store;

/// Where the browser keeps what its last assignment did.
const DONE: &str = "affectation";

/// Dossiers given at once; a page of the list has fewer.
const MOST: usize = 100;

/// What an assignment of several dossiers did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Done {
    to: Option<AgentId>,
    given: Vec<Given>,
    left: Vec<Left>,
    back: String,
}

/// One dossier given, and who had it before.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Given {
    id: DossierId,
    before: Option<AgentId>,
}

/// One dossier left as it was, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Left {
    pub what: String,
    pub why: String,
}

/// The result of an assignment of several dossiers.
#[derive(Debug, Serialize)]
pub(crate) struct AssignedPage {
    /// To whom; none when they were taken from everybody.
    pub to: Option<String>,
    pub given: usize,
    pub left: Vec<Left>,
    pub back: String,
}

impl Page for AssignedPage {
    const TEMPLATE: &'static str = "dossiers/agent/affectation.html";

    fn samples() -> Vec<Self> {
        let left = Left { what: "Garnier Paul, VSA-2026-003870".into(), why: "Ce dossier est d’un service où vous n’instruisez pas.".into() };
        let page = |to: Option<&str>, given, left| Self { to: to.map(str::to_owned), given, left, back: INBOX.into() };
        vec![page(Some("Nadia Roussel"), 12, vec![left]), page(None, 1, vec![]), page(Some("Paul Guérin"), 0, vec![])]
    }
}

/// The chosen dossiers, to the chosen agent.
pub(crate) async fn give_chosen(cx: AgentCx, form: Form) -> Result<Response> {
    let back = local(form.get("retour").unwrap_or(INBOX)).to_owned();
    let ids: Vec<DossierId> = form.all("d").filter_map(|id| id.parse().ok()).take(MOST).collect();
    if ids.is_empty() {
        cx.write(async |tx| cx.flash(tx, "Choisissez d’abord un dossier dans la liste, puis affectez-le.").await).await?;
        return Ok(see_other(&back));
    }
    let (tenant, to) = (cx.tenant.clone(), assignee(&cx, form.get("a")).await?);
    cx.once(&form, async |tx| {
        let mut done = Done { to, back, ..Done::default() };
        for id in ids {
            give(tx, &tenant, id, to, &mut done).await?;
        }
        cx.remember(tx, DONE, &done).await?;
        Ok(format!("{INBOX}/affectation"))
    })
    .await
}

/// Gives one of several; what the rules refuse is told and does not keep the others from being given.
async fn give(tx: &mut Tx, tenant: &Tenant, id: DossierId, to: Option<AgentId>, done: &mut Done) -> Result<()> {
    let (what, before) = match store::dossier::load(tx, id).await {
        Ok(dossier) => (format!("{}, {}", shown_name(&dossier), dossier.number_text()), (dossier.unit, dossier.agent)),
        Err(Error::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    match assign(tx, tenant, id, before.0, to).await {
        Ok(_) => done.given.push(Given { id, before: before.1 }),
        // A name is not shown to who may not read the dossier.
        Err(Error::Forbidden(_)) => {
            done.left.push(Left { what: id.to_string(), why: "Ce dossier est d’un service où vous n’instruisez pas.".into() })
        }
        Err(Error::Conflict(problem)) => done.left.push(Left { what, why: problem.sentence }),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What the last assignment of this browser did.
pub(crate) async fn done(cx: AgentCx) -> Result<Response> {
    let Some(done) = cx.session.get::<Done>(DONE) else { return Ok(see_other(INBOX)) };
    let staff = staff(&cx).await?;
    let to = done.to.map(|agent| staff.name(agent).unwrap_or("Un agent").to_owned());
    cx.page(&AssignedPage { to, given: done.given.len(), left: done.left, back: done.back })
}

/// Takes the last assignment back: each dossier returns to who had it.
pub(crate) async fn take_back(cx: AgentCx, form: Form) -> Result<Response> {
    let (tenant, done) = (cx.tenant.clone(), cx.session.get::<Done>(DONE).unwrap_or_default());
    let back = if done.back.is_empty() { INBOX.to_owned() } else { done.back.clone() };
    cx.once(&form, async |tx| {
        for given in &done.given {
            let dossier = store::dossier::load(tx, given.id).await?;
            // Somebody gave it to another meanwhile: that stands.
            if dossier.agent == done.to {
                assign(tx, &tenant, given.id, dossier.unit, given.before).await?;
            }
        }
        cx.forget(tx, DONE).await?;
        cx.flash(tx, "L’affectation est annulée.").await?;
        Ok(back)
    })
    .await
}

/// One dossier, to an agent or to another team.
pub(crate) async fn give_one(cx: AgentCx, Path(id): Path<String>, form: Form) -> Result<Response> {
    let (tenant, id): (_, DossierId) = (cx.tenant.clone(), id.parse()?);
    let to = assignee(&cx, form.get("a")).await?;
    let unit = match form.filled("service") {
        Some(unit) => Some(team(&cx, unit).await?),
        None => None,
    };
    cx.once(&form, async |tx| {
        let dossier = store::dossier::load(tx, id).await?;
        // To another team, the dossier leaves without an agent: that team chooses.
        let moves = unit.is_some_and(|unit| dossier.unit != Some(unit));
        let dossier = assign(tx, &tenant, id, unit.or(dossier.unit), if moves { None } else { to }).await?;
        let may_still = crate::rights::allow(tx, crate::rights::READ, &dossier).is_ok();
        cx.flash(tx, if moves { "Le dossier est transmis à l’autre service." } else { "L’affectation est enregistrée." }).await?;
        Ok(if may_still { format!("{INBOX}/{id}") } else { INBOX.to_owned() })
    })
    .await
}

/// The agent a form names: `moi`, an identifier, or nobody.
async fn assignee(cx: &AgentCx, typed: Option<&str>) -> Result<Option<AgentId>> {
    let agent = match typed {
        None | Some("" | "personne") => return Ok(None),
        Some("moi") => cx.agent.id,
        Some(id) => id.parse()?,
    };
    let staff = staff(cx).await?;
    staff.colleague(agent).map(|agent| Some(agent.id)).ok_or_else(|| Error::invalid("a", "Cet agent n’est plus là. Choisissez-en un autre."))
}

async fn team(cx: &AgentCx, typed: &str) -> Result<OrgUnitId> {
    let unit: OrgUnitId = typed.parse()?;
    let staff = staff(cx).await?;
    staff.unit(unit).map(|_| unit).ok_or_else(|| Error::invalid("service", "Ce service n’existe plus. Choisissez-en un autre."))
}

//! The SQL of accounts, agents, teams, links, identity providers and partners.

use jiff::Timestamp;
use kernel::{Actor, AgentId, CompteId, Error, OrgUnitId, PartenaireId, Result, Role, Row, Tx, Value, params};

use crate::{
    Agent, Compte, Link, LinkedIdentity, Membership, OrgUnit, Partenaire, PartnerKey, Purpose,
    oidc::{Kind, Provider},
};

// --- teams

const UNIT: &str = "id, slug, name, mail, phone, address";

pub(crate) async fn org_units(tx: &mut Tx) -> Result<Vec<OrgUnit>> {
    let sql = format!("select {UNIT} from org_unit where tenant_id = $1 and closed_at is null order by name, id limit 500");
    tx.all(&sql, &[]).await?.iter().map(read_unit).collect()
}

pub(crate) async fn org_unit(tx: &mut Tx, id: OrgUnitId) -> Result<Option<OrgUnit>> {
    let sql = format!("select {UNIT} from org_unit where tenant_id = $1 and id = $2");
    tx.opt(&sql, params![id]).await?.as_ref().map(read_unit).transpose()
}

pub(crate) async fn org_unit_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<OrgUnit>> {
    let sql = format!("select {UNIT} from org_unit where tenant_id = $1 and slug = $2 and closed_at is null");
    tx.opt(&sql, params![slug]).await?.as_ref().map(read_unit).transpose()
}

pub(crate) async fn save_org_unit(tx: &mut Tx, unit: &OrgUnit) -> Result<()> {
    let sql = "insert into org_unit (tenant_id, id, slug, name, mail, phone, address) values ($1, $2, $3, $4, $5, $6, $7) \
               on conflict (tenant_id, id) do update set slug = $3, name = $4, mail = $5, phone = $6, address = $7";
    tx.run_soon(sql, params![unit.id, &unit.slug, &unit.name, &unit.mail, &unit.phone, &unit.address]).await
}

fn read_unit(row: &Row) -> Result<OrgUnit> {
    Ok(OrgUnit {
        id: row.get("id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        mail: row.get("mail")?,
        phone: row.get("phone")?,
        address: row.get("address")?,
    })
}

// --- agents

const AGENT: &str = "id, mail, given_name, family_name, job_title, role, password_hash, totp_sealed, totp_step, source, theme, \
                     density, seen_at, closed_at";

/// An agent, closed or not.
pub async fn agent(tx: &mut Tx, id: AgentId) -> Result<Option<Agent>> {
    let sql = format!("select {AGENT} from agent where tenant_id = $1 and id = $2");
    tx.opt(&sql, params![id]).await?.as_ref().map(read_agent).transpose()
}

/// The agent of a login, if he has not left.
pub async fn agent_by_mail(tx: &mut Tx, mail: &str) -> Result<Option<Agent>> {
    let sql = format!("select {AGENT} from agent where tenant_id = $1 and mail = $2 and closed_at is null");
    tx.opt(&sql, params![mail]).await?.as_ref().map(read_agent).transpose()
}

/// The agent of an address, closed or not.
pub(crate) async fn any_agent_by_mail(tx: &mut Tx, mail: &str) -> Result<Option<Agent>> {
    let sql = format!("select {AGENT} from agent where tenant_id = $1 and mail = $2");
    tx.opt(&sql, params![mail]).await?.as_ref().map(read_agent).transpose()
}

/// The agents, those who left last, by name; at most 1 000.
pub async fn agents(tx: &mut Tx) -> Result<Vec<Agent>> {
    let sql = format!("select {AGENT} from agent where tenant_id = $1 order by closed_at nulls first, family_name, given_name, id limit 1000");
    tx.all(&sql, &[]).await?.iter().map(read_agent).collect()
}

pub(crate) async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<bool> {
    let now = tx.now();
    let sql = "insert into agent (tenant_id, id, mail, given_name, family_name, job_title, role, totp_step, source, theme, density, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11) on conflict do nothing";
    let role = role_code(agent.role);
    let values = params![
        agent.id,
        &agent.mail,
        &agent.given_name,
        &agent.family_name,
        &agent.job_title,
        role,
        &agent.source,
        &agent.theme,
        &agent.density,
        now
    ];
    tx.insert_unique(sql, values).await
}

/// Keeps a new password of an agent, hashed off the unit.
pub async fn set_agent_password(tx: &mut Tx, id: AgentId, hash: &str) -> Result<()> {
    tx.run_soon("update agent set password_hash = $3 where tenant_id = $1 and id = $2", params![id, hash]).await
}

/// Keeps the second factor of an agent, sealed.
pub async fn set_agent_totp(tx: &mut Tx, id: AgentId, sealed: Option<Vec<u8>>) -> Result<()> {
    let sql = "update agent set totp_sealed = $3, totp_step = 0 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, sealed]).await
}

/// Marks a TOTP step as used; `false` when it was, by another request: the code has served.
pub async fn use_totp_step(tx: &mut Tx, id: AgentId, step: i64) -> Result<bool> {
    let sql = "update agent set totp_step = $3 where tenant_id = $1 and id = $2 and totp_step < $3";
    Ok(tx.run(sql, params![id, step]).await? > 0)
}

/// Changes what an agent says of himself and prefers.
pub(crate) async fn set_agent_preferences(tx: &mut Tx, id: AgentId, job_title: &str, theme: &str, density: &str) -> Result<()> {
    let sql = "update agent set job_title = $3, theme = $4, density = $5 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, job_title, theme, density]).await
}

/// What a directory says of an agent replaces what was known.
pub(crate) async fn set_agent_names(tx: &mut Tx, id: AgentId, given_name: &str, family_name: &str, source: &str) -> Result<()> {
    let sql = "update agent set given_name = $3, family_name = $4, source = $5 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, given_name, family_name, source]).await
}

pub(crate) async fn agent_seen(tx: &mut Tx, id: AgentId) -> Result<()> {
    let now = tx.now();
    tx.run_soon("update agent set seen_at = $3 where tenant_id = $1 and id = $2", params![id, now]).await
}

/// Agents of a directory whom nobody has seen since then.
pub(crate) async fn silent_agents(tx: &mut Tx, source: &str, before: Timestamp) -> Result<Vec<Agent>> {
    let sql = format!("select {AGENT} from agent where tenant_id = $1 and source = $2 and closed_at is null and seen_at < $3 order by id limit 200");
    tx.all(&sql, params![source, before]).await?.iter().map(read_agent).collect()
}

/// Gives back an account to an agent who had left.
pub(crate) async fn reopen_agent(tx: &mut Tx, id: AgentId) -> Result<()> {
    tx.run_soon("update agent set closed_at = null where tenant_id = $1 and id = $2", params![id]).await
}

pub(crate) async fn set_role(tx: &mut Tx, id: AgentId, role: Role) -> Result<()> {
    tx.run_soon("update agent set role = $3 where tenant_id = $1 and id = $2", params![id, role_code(role)]).await
}

pub(crate) async fn close_agent(tx: &mut Tx, id: AgentId) -> Result<()> {
    let now = tx.now();
    tx.run_soon("update agent set closed_at = $3 where tenant_id = $1 and id = $2", params![id, now]).await
}

pub(crate) async fn count_admins(tx: &mut Tx) -> Result<i64> {
    let sql = "select cast(count(*) as bigint) as n from agent where tenant_id = $1 and role = 'admin' and closed_at is null";
    tx.one(sql, &[]).await?.get("n")
}

/// The profiles of an agent, per team.
pub async fn memberships(tx: &mut Tx, id: AgentId) -> Result<Vec<Membership>> {
    let sql = "select org_unit_id, profile, source from agent_membership where tenant_id = $1 and agent_id = $2 order by id limit 200";
    let rows = tx.all(sql, params![id]).await?;
    let read = |row: &Row| -> Result<Membership> {
        Ok(Membership { org_unit: row.get("org_unit_id")?, profile: row.get("profile")?, source: row.get("source")? })
    };
    rows.iter().map(read).collect()
}

/// The teams in which agents hold a profile.
pub async fn teams_of(tx: &mut Tx, agents: &[AgentId]) -> Result<Vec<(AgentId, OrgUnitId)>> {
    if agents.is_empty() {
        return Ok(vec![]);
    }
    let sql = "select agent_id, org_unit_id from agent_membership where tenant_id = $1 and agent_id in ($2...) \
               and org_unit_id is not null order by agent_id, id limit 2000";
    let rows = tx.all(sql, params![Value::list(agents.iter().copied())]).await?;
    rows.iter().map(|row| Ok((row.get("agent_id")?, row.get("org_unit_id")?))).collect()
}

/// Who holds one of these profiles, and for which team; none: for all.
pub async fn holders(tx: &mut Tx, profiles: &[&str]) -> Result<Vec<(AgentId, Option<OrgUnitId>)>> {
    let sql = "select agent_id, org_unit_id from agent_membership where tenant_id = $1 and profile in ($2...) order by id limit 5000";
    let rows = tx.all(sql, params![Value::list(profiles.iter().copied())]).await?;
    rows.iter().map(|row| Ok((row.get("agent_id")?, row.get("org_unit_id")?))).collect()
}

/// Replaces the profiles of an agent.
pub async fn set_memberships(tx: &mut Tx, id: AgentId, memberships: &[Membership]) -> Result<()> {
    tx.run("delete from agent_membership where tenant_id = $1 and agent_id = $2", params![id]).await?;
    if memberships.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = vec![id.into()];
    let mut others = String::new();
    for membership in memberships {
        let at = values.len() + 2;
        if at > 3 {
            others.push_str(&format!(", ($1, ${at}, $2, ${}, ${}, ${})", at + 1, at + 2, at + 3));
        }
        let line: kernel::EventId = tx.new_id();
        values.extend([line.into(), membership.org_unit.into(), membership.profile.as_str().into(), membership.source.as_str().into()]);
    }
    let sql = format!("insert into agent_membership (tenant_id, id, agent_id, org_unit_id, profile, source) values ($1, $3, $2, $4, $5, $6){others}");
    tx.run_soon(&sql, &values).await
}

fn role_code(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::Admin => "admin",
        Role::Dpo => "dpo",
    }
}

fn read_agent(row: &Row) -> Result<Agent> {
    let role: String = row.get("role")?;
    let role = [Role::Agent, Role::Admin, Role::Dpo].into_iter().find(|r| role_code(*r) == role);
    Ok(Agent {
        id: row.get("id")?,
        mail: row.get("mail")?,
        given_name: row.get("given_name")?,
        family_name: row.get("family_name")?,
        job_title: row.get("job_title")?,
        role: role.ok_or_else(|| Error::internal("unknown role"))?,
        password_hash: row.get("password_hash")?,
        totp_sealed: row.get("totp_sealed")?,
        totp_step: row.get("totp_step")?,
        source: row.get("source")?,
        theme: row.get("theme")?,
        density: row.get("density")?,
        seen_at: row.get("seen_at")?,
        closed_at: row.get("closed_at")?,
    })
}

// --- accounts of usagers

const COMPTE: &str = "id, mail, is_mail_confirmed, password_hash, theme, electronic_reply_refused";

/// An account.
pub async fn compte(tx: &mut Tx, id: CompteId) -> Result<Option<Compte>> {
    let sql = format!("select {COMPTE} from compte where tenant_id = $1 and id = $2");
    tx.opt(&sql, params![id]).await?.as_ref().map(read_compte).transpose()
}

/// The account of an address, normalised.
pub async fn compte_by_mail(tx: &mut Tx, mail: &str) -> Result<Option<Compte>> {
    let sql = format!("select {COMPTE} from compte where tenant_id = $1 and mail = $2");
    tx.opt(&sql, params![mail]).await?.as_ref().map(read_compte).transpose()
}

pub(crate) async fn insert_compte(tx: &mut Tx, compte: &Compte) -> Result<()> {
    let now = tx.now();
    let sql = "insert into compte (tenant_id, id, mail, is_mail_confirmed, password_hash, theme, electronic_reply_refused, created_at, last_seen_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    let values = params![
        compte.id,
        compte.mail.clone(),
        compte.is_mail_confirmed,
        compte.password_hash.clone(),
        &compte.theme,
        compte.electronic_reply_refused,
        now
    ];
    tx.run_soon(sql, values).await
}

pub(crate) async fn confirm_mail(tx: &mut Tx, id: CompteId) -> Result<()> {
    tx.run_soon("update compte set is_mail_confirmed = $3 where tenant_id = $1 and id = $2", params![id, true]).await
}

pub(crate) async fn set_password(tx: &mut Tx, id: CompteId, hash: &str) -> Result<()> {
    tx.run_soon("update compte set password_hash = $3 where tenant_id = $1 and id = $2", params![id, hash]).await
}

/// Changes what a person chooses for himself: theme, electronic answers.
pub async fn set_preferences(tx: &mut Tx, id: CompteId, theme: &str, electronic_reply_refused: bool) -> Result<()> {
    let sql = "update compte set theme = $3, electronic_reply_refused = $4 where tenant_id = $1 and id = $2";
    tx.run_soon(sql, params![id, theme, electronic_reply_refused]).await
}

pub(crate) async fn seen(tx: &mut Tx, id: CompteId) -> Result<()> {
    let now = tx.now();
    tx.run_soon("update compte set last_seen_at = $3 where tenant_id = $1 and id = $2", params![id, now]).await
}

fn read_compte(row: &Row) -> Result<Compte> {
    Ok(Compte {
        id: row.get("id")?,
        mail: row.get("mail")?,
        is_mail_confirmed: row.get("is_mail_confirmed")?,
        password_hash: row.get("password_hash")?,
        theme: row.get("theme")?,
        electronic_reply_refused: row.get("electronic_reply_refused")?,
    })
}

// --- identities of providers

/// Whose identity (issuer, subject) this is: an account of an usager or an agent.
pub async fn identity(tx: &mut Tx, issuer: &str, sub: &str) -> Result<Option<(Option<CompteId>, Option<AgentId>)>> {
    let sql = "select compte_id, agent_id from identity where tenant_id = $1 and issuer = $2 and sub = $3";
    let row = tx.opt(sql, params![issuer, sub]).await?;
    row.map(|row| Ok((row.get("compte_id")?, row.get("agent_id")?))).transpose()
}

/// The identities of an account, the oldest first.
pub async fn identities_of(tx: &mut Tx, compte: CompteId) -> Result<Vec<LinkedIdentity>> {
    let sql = "select issuer, sub, created_at from identity where tenant_id = $1 and compte_id = $2 order by created_at, issuer, sub limit 20";
    let rows = tx.all(sql, params![compte]).await?;
    let read = |row: &Row| -> Result<LinkedIdentity> {
        Ok(LinkedIdentity { issuer: row.get("issuer")?, sub: row.get("sub")?, created_at: row.get("created_at")? })
    };
    rows.iter().map(read).collect()
}

pub(crate) async fn unlink_identity(tx: &mut Tx, compte: CompteId, issuer: &str) -> Result<bool> {
    let sql = "delete from identity where tenant_id = $1 and compte_id = $2 and issuer = $3";
    Ok(tx.run(sql, params![compte, issuer]).await? > 0)
}

/// Links an identity to an account; linking twice changes nothing.
pub async fn link_identity(tx: &mut Tx, issuer: &str, sub: &str, compte: Option<CompteId>, agent: Option<AgentId>) -> Result<()> {
    let now = tx.now();
    let sql = "insert into identity (tenant_id, issuer, sub, compte_id, agent_id, created_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
    tx.run_soon(sql, params![issuer, sub, compte, agent, now]).await
}

// --- identity providers

const PROVIDER: &str = "slug, kind, title, issuer, client_id, secret_sealed, cast(settings as text) as settings, is_active";

pub(crate) async fn providers(tx: &mut Tx) -> Result<Vec<Provider>> {
    let sql = format!("select {PROVIDER} from identity_provider where tenant_id = $1 order by kind, slug limit 50");
    tx.all(&sql, &[]).await?.iter().map(read_provider).collect()
}

pub(crate) async fn provider(tx: &mut Tx, slug: &str) -> Result<Option<Provider>> {
    let sql = format!("select {PROVIDER} from identity_provider where tenant_id = $1 and slug = $2");
    tx.opt(&sql, params![slug]).await?.as_ref().map(read_provider).transpose()
}

pub(crate) async fn save_provider(tx: &mut Tx, p: &Provider) -> Result<()> {
    let sql = "insert into identity_provider (tenant_id, slug, kind, title, issuer, client_id, secret_sealed, settings, is_active) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant_id, slug) do update \
               set kind = $3, title = $4, issuer = $5, client_id = $6, secret_sealed = $7, settings = $8, is_active = $9";
    let settings = serde_json::to_value(&p.settings)?;
    let values = params![&p.slug, p.kind.code(), &p.title, &p.issuer, &p.client_id, p.secret_sealed.clone(), settings, p.is_active];
    tx.run_soon(sql, values).await
}

pub(crate) async fn delete_provider(tx: &mut Tx, slug: &str) -> Result<bool> {
    Ok(tx.run("delete from identity_provider where tenant_id = $1 and slug = $2", params![slug]).await? > 0)
}

fn read_provider(row: &Row) -> Result<Provider> {
    let kind: String = row.get("kind")?;
    Ok(Provider {
        slug: row.get("slug")?,
        kind: Kind::of_code(&kind).ok_or_else(|| Error::internal("unknown kind of provider"))?,
        title: row.get("title")?,
        issuer: row.get("issuer")?,
        client_id: row.get("client_id")?,
        secret_sealed: row.get("secret_sealed")?,
        settings: serde_json::from_str(&row.get::<String>("settings")?)?,
        is_active: row.get("is_active")?,
    })
}

// --- mailed links

pub(crate) async fn insert_link(
    tx: &mut Tx,
    hash: &str,
    purpose: Purpose,
    mail: &str,
    payload: serde_json::Value,
    expires_at: Timestamp,
) -> Result<()> {
    let now = tx.now();
    let sql = "insert into mailed_link (tenant_id, token_hash, purpose, mail, payload, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
    tx.run_soon(sql, params![hash, purpose.code(), mail, payload, now, expires_at]).await
}

/// The link, if it lives and has not served, locked.
pub(crate) async fn lock_link(tx: &mut Tx, hash: &str, purpose: Purpose) -> Result<Option<Link>> {
    let now = tx.now();
    let sql = "select mail, cast(payload as text) as payload, expires_at from mailed_link \
               where tenant_id = $1 and token_hash = $2 and purpose = $3 and expires_at > $4 and used_at is null";
    let row = tx.lock_one(sql, params![hash, purpose.code(), now]).await?;
    row.map(|row| {
        Ok(Link { mail: row.get("mail")?, payload: serde_json::from_str(&row.get::<String>("payload")?)?, expires_at: row.get("expires_at")? })
    })
    .transpose()
}

/// Whether the link lives and has not served: for the page that opens it, which must not use it.
pub(crate) async fn live_link(tx: &mut Tx, hash: &str, purpose: Purpose) -> Result<bool> {
    let now = tx.now();
    let sql = "select mail from mailed_link \
               where tenant_id = $1 and token_hash = $2 and purpose = $3 and expires_at > $4 and used_at is null";
    Ok(tx.opt(sql, params![hash, purpose.code(), now]).await?.is_some())
}

/// Removes the links that are past their time, and says how many.
pub(crate) async fn purge_links(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    tx.run("delete from mailed_link where tenant_id = $1 and expires_at < $2", params![now]).await
}

pub(crate) async fn use_link(tx: &mut Tx, hash: &str) -> Result<bool> {
    let now = tx.now();
    let sql = "update mailed_link set used_at = $3 where tenant_id = $1 and token_hash = $2 and used_at is null";
    Ok(tx.run(sql, params![hash, now]).await? > 0)
}

/// Uses up all links of a purpose that were sent to an address, and says how many.
pub(crate) async fn use_links_of(tx: &mut Tx, purpose: Purpose, mail: &str) -> Result<u64> {
    let now = tx.now();
    let sql = "update mailed_link set used_at = $4 where tenant_id = $1 and purpose = $2 and mail = $3 and used_at is null";
    tx.run(sql, params![purpose.code(), mail, now]).await
}

// --- partners

pub(crate) async fn insert_partenaire(tx: &mut Tx, p: &Partenaire) -> Result<()> {
    let sql = "insert into partenaire (tenant_id, id, name, siret, contact, created_at) values ($1, $2, $3, $4, $5, $6)";
    tx.run_soon(sql, params![p.id, &p.name, &p.siret, &p.contact, p.created_at]).await
}

pub(crate) async fn partenaires(tx: &mut Tx) -> Result<Vec<Partenaire>> {
    let sql = "select id, name, siret, contact, created_at from partenaire where tenant_id = $1 and closed_at is null order by name, id limit 500";
    tx.all(sql, &[]).await?.iter().map(read_partenaire).collect()
}

pub(crate) async fn insert_key(tx: &mut Tx, hash: &str, partenaire: PartenaireId) -> Result<()> {
    let now = tx.now();
    let sql = "insert into partner_key (tenant_id, token_hash, partenaire_id, created_at) values ($1, $2, $3, $4)";
    tx.run_soon(sql, params![hash, partenaire, now]).await
}

/// The keys of a partner, the newest first; their hashes alone are known, and only their first signs are shown.
pub(crate) async fn keys_of(tx: &mut Tx, partenaire: PartenaireId) -> Result<Vec<PartnerKey>> {
    let sql = "select token_hash, created_at, closed_at from partner_key where tenant_id = $1 and partenaire_id = $2 \
               order by created_at desc, token_hash limit 50";
    let rows = tx.all(sql, params![partenaire]).await?;
    let read = |row: &Row| -> Result<PartnerKey> {
        let hash: String = row.get("token_hash")?;
        Ok(PartnerKey { mark: hash.chars().take(8).collect(), created_at: row.get("created_at")?, closed_at: row.get("closed_at")? })
    };
    rows.iter().map(read).collect()
}

/// Closes the key whose hash starts with this mark of hexadecimal signs.
pub(crate) async fn close_key(tx: &mut Tx, partenaire: PartenaireId, mark: &str) -> Result<()> {
    let now = tx.now();
    let sql = "update partner_key set closed_at = $3 where tenant_id = $1 and partenaire_id = $2 and closed_at is null \
               and token_hash >= $4 and token_hash < $5";
    tx.run_soon(sql, params![partenaire, now, mark, format!("{mark}g")]).await
}

/// A partner, closed or not.
pub(crate) async fn partenaire(tx: &mut Tx, id: PartenaireId) -> Result<Option<Partenaire>> {
    let sql = "select id, name, siret, contact, created_at from partenaire where tenant_id = $1 and id = $2";
    tx.opt(sql, params![id]).await?.as_ref().map(read_partenaire).transpose()
}

fn read_partenaire(row: &Row) -> Result<Partenaire> {
    Ok(Partenaire {
        id: row.get("id")?,
        name: row.get("name")?,
        siret: row.get("siret")?,
        contact: row.get("contact")?,
        created_at: row.get("created_at")?,
    })
}

pub(crate) async fn partner_of_key(tx: &mut Tx, hash: &str) -> Result<Option<Actor>> {
    let now = tx.now();
    let sql = "select p.id as id, p.name as name from partner_key k join partenaire p on p.tenant_id = $1 and p.id = k.partenaire_id \
               where k.tenant_id = $1 and k.token_hash = $2 and k.closed_at is null and (k.expires_at is null or k.expires_at > $3) \
               and p.closed_at is null";
    let row = tx.opt(sql, params![hash, now]).await?;
    row.map(|row| Ok(Actor::Partenaire { id: row.get("id")?, name: row.get("name")? })).transpose()
}

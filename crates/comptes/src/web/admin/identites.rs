//! The identity providers of the tenant: FranceConnect, ProConnect, its directory. Saving reads the provider's own
//! description, so that a wrong address is told at once and our forms may lead there.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    FieldError, Result, Role,
    templates::{Page, Sample, samples},
    tenant,
    web::{AdminCx, Form, Pages, see_other},
};
use serde::Serialize;

use super::agents::Choice;
use crate::{
    MANAGE_TENANT,
    oidc::{GroupRule, Kind, Provider, ProviderSettings, check_provider, origins_of, provider, remove_provider, save_provider},
    store,
    web::faults,
};

/// One provider in the list.
#[derive(Debug, Serialize)]
pub struct ProviderLine {
    /// Where it is set.
    pub href: String,
    /// On the button.
    pub title: String,
    /// In words.
    pub kind: &'static str,
    /// Its issuer.
    pub issuer: String,
    /// Whether its button is shown.
    pub is_active: bool,
}

/// The list.
#[derive(Debug, Serialize)]
pub struct ProvidersPage {
    /// All of them.
    pub providers: Vec<ProviderLine>,
}

/// One provider, new or not.
#[derive(Debug, Default, Serialize)]
pub struct ProviderPage {
    /// Whether it exists already.
    pub is_known: bool,
    /// In our addresses.
    pub slug: String,
    /// Kinds.
    pub kinds: Vec<Choice>,
    /// On the button.
    pub title: String,
    /// Its issuer.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Other scopes.
    pub scopes: String,
    /// Least level.
    pub acr: String,
    /// One a line.
    pub sirets: String,
    /// The claim of groups.
    pub groups_claim: String,
    /// One a line: group, profile, team, role.
    pub groups: String,
    /// It asks for a second factor itself.
    pub is_strong: bool,
    /// Days without coming.
    pub leaver_days: String,
    /// Whether its button is shown.
    pub is_active: bool,
    /// To declare there.
    pub redirect_uri: String,
    /// To declare there.
    pub logout_uri: String,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for ProvidersPage {
    const TEMPLATE: &'static str = "comptes/admin/identites.html";
    fn samples() -> Vec<Self> {
        let line = ProviderLine {
            href: "/admin/identites/franceconnect".into(),
            title: "FranceConnect".into(),
            kind: label(Kind::FranceConnect),
            issuer: "https://oidc.franceconnect.gouv.fr/api/v2".into(),
            is_active: true,
        };
        vec![Self { providers: vec![line] }, Self { providers: vec![] }]
    }
}

impl Page for ProviderPage {
    const TEMPLATE: &'static str = "comptes/admin/identite.html";
    fn samples() -> Vec<Self> {
        let fault = FieldError { field: "issuer".into(), sentence: "Ce fournisseur ne peut pas être utilisé : il ne répond pas.".into() };
        vec![
            Self { kinds: kinds(Kind::FranceConnect), ..Self::default() },
            Self { is_known: true, slug: "annuaire".into(), kinds: kinds(Kind::Generic), errors: vec![fault], ..Self::default() },
        ]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/admin/identites", list)
        .get("/admin/identites/nouveau", new)
        .post("/admin/identites/nouveau", create)
        .get("/admin/identites/{slug}", show)
        .post("/admin/identites/{slug}", save)
        .post("/admin/identites/{slug}/supprimer", remove)
}

pub(super) fn samples_of() -> Vec<Sample> {
    [samples::<ProvidersPage>(), samples::<ProviderPage>()].into_iter().flatten().collect()
}

fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::FranceConnect => "FranceConnect (usagers)",
        Kind::ProConnect => "ProConnect (agents invités)",
        Kind::Generic => "Annuaire de la collectivité (agents, par leurs groupes)",
    }
}

fn kinds(current: Kind) -> Vec<Choice> {
    let choice = |kind: Kind| Choice { value: kind.code().into(), label: label(kind).into(), hint: String::new(), checked: kind == current };
    Kind::ALL.into_iter().map(choice).collect()
}

async fn list(cx: AdminCx) -> Result<Response> {
    let providers = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_TENANT)?;
            store::providers(tx).await
        })
        .await?;
    let line = |p: Provider| ProviderLine {
        href: format!("/admin/identites/{}", p.slug),
        title: p.title,
        kind: label(p.kind),
        issuer: p.issuer,
        is_active: p.is_active,
    };
    cx.page(&ProvidersPage { providers: providers.into_iter().map(line).collect() })
}

async fn new(cx: AdminCx) -> Result<Response> {
    let settings = ProviderSettings::default();
    let page = ProviderPage {
        kinds: kinds(Kind::FranceConnect),
        groups_claim: settings.groups_claim,
        leaver_days: settings.leaver_days.to_string(),
        is_active: true,
        ..ProviderPage::default()
    };
    cx.page(&page)
}

async fn show(cx: AdminCx, Path(slug): Path<String>) -> Result<Response> {
    let p = cx
        .read(async |tx| {
            tx.allow_any(MANAGE_TENANT)?;
            provider(tx, &slug).await
        })
        .await?;
    cx.page(&page_of(&p, &cx.tenant.base_url, vec![], true))
}

fn page_of(p: &Provider, base_url: &str, errors: Vec<FieldError>, is_known: bool) -> ProviderPage {
    let settings = p.settings.clone();
    ProviderPage {
        is_known,
        slug: p.slug.clone(),
        kinds: kinds(p.kind),
        title: p.title.clone(),
        issuer: p.issuer.clone(),
        client_id: p.client_id.clone(),
        sirets: settings.sirets.join("\n"),
        groups: settings.groups.iter().map(line_of).collect::<Vec<_>>().join("\n"),
        scopes: settings.scopes,
        acr: settings.acr,
        groups_claim: settings.groups_claim,
        is_strong: settings.is_strong,
        leaver_days: settings.leaver_days.to_string(),
        is_active: p.is_active,
        redirect_uri: p.redirect_uri(base_url),
        logout_uri: p.logout_uri(base_url),
        errors,
    }
}

/// `groupe ; profil ; service ; rôle`.
fn line_of(rule: &GroupRule) -> String {
    let role = match rule.role {
        Role::Agent => "agent",
        Role::Admin => "admin",
        Role::Dpo => "dpo",
    };
    format!("{} ; {} ; {} ; {role}", rule.group, rule.profile, rule.org_unit.as_deref().unwrap_or("tous"))
}

fn rule_of(line: &str) -> Option<GroupRule> {
    let mut parts = line.split(';').map(str::trim);
    let group = parts.next().filter(|group| !group.is_empty())?.to_owned();
    let profile = parts.next().unwrap_or_default().to_owned();
    let org_unit = parts.next().filter(|unit| !unit.is_empty() && *unit != "tous").map(ToOwned::to_owned);
    let role = match parts.next().unwrap_or("agent") {
        "admin" => Role::Admin,
        "dpo" => Role::Dpo,
        _ => Role::Agent,
    };
    Some(GroupRule { group, profile, org_unit, role })
}

fn typed(form: &Form, slug: Option<String>) -> Provider {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let lines = |name: &str| text(name).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    let digits = |line: String| line.chars().filter(char::is_ascii_digit).collect::<String>();
    let settings = ProviderSettings {
        scopes: text("scopes"),
        acr: text("acr"),
        sirets: lines("sirets").into_iter().map(digits).filter(|siret| siret.len() == 14).collect(),
        groups_claim: Some(text("groups_claim")).filter(|claim| !claim.is_empty()).unwrap_or_else(|| "groups".into()),
        groups: lines("groups").iter().filter_map(|line| rule_of(line)).collect(),
        is_strong: form.has("is_strong"),
        leaver_days: text("leaver_days").parse().unwrap_or(60),
        origins: vec![],
    };
    Provider {
        slug: slug.unwrap_or_else(|| text("slug")),
        kind: Kind::of_code(&text("kind")).unwrap_or(Kind::FranceConnect),
        title: text("title"),
        issuer: text("issuer").trim_end_matches('/').to_owned(),
        client_id: text("client_id"),
        secret_sealed: vec![],
        settings,
        is_active: form.has("is_active"),
    }
}

async fn create(cx: AdminCx, form: Form) -> Result<Response> {
    keep(cx, None, form).await
}

async fn save(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    keep(cx, Some(slug), form).await
}

async fn keep(cx: AdminCx, slug: Option<String>, form: Form) -> Result<Response> {
    let is_known = slug.is_some();
    let new = typed(&form, slug);
    match set(&cx, new.clone(), form.get("secret").unwrap_or_default()).await {
        Ok(()) => Ok(see_other("/admin/identites")),
        Err(error) => {
            let page = page_of(&new, &cx.tenant.base_url, faults(error)?, is_known);
            cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// The provider is asked before the unit opens; one that is switched off need not answer.
async fn set(cx: &AdminCx, mut new: Provider, secret: &str) -> Result<()> {
    if new.is_active {
        new.settings.origins = check_provider(&cx.app, &new).await?;
    }
    let all = cx
        .write(async |tx| {
            save_provider(tx, &cx.app.keys, new, secret).await?;
            cx.flash(tx, "La connexion est enregistrée.").await?;
            store::providers(tx).await
        })
        .await?;
    let mut tenant = tenant::by_id(&cx.app.db, cx.tenant.id).await?;
    tenant.settings.form_hosts = origins_of(&all);
    tenant::save(&cx.app.db, &tenant).await?;
    cx.tenants_changed();
    Ok(())
}

async fn remove(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    cx.once(&form, async |tx| {
        remove_provider(tx, &slug).await?;
        cx.flash(tx, "La connexion est supprimée. Les comptes restent.").await?;
        Ok("/admin/identites".to_owned())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_groups_is_read_as_it_is_written() {
        let rule = rule_of("etat-civil ; instructeur ; etat-civil ; admin").expect("a rule");
        assert_eq!((rule.profile.as_str(), rule.org_unit.as_deref(), rule.role), ("instructeur", Some("etat-civil"), Role::Admin));
        assert_eq!(rule_of(&line_of(&rule)), Some(rule));
        assert_eq!(
            rule_of("tous ; lecteur ; tous"),
            Some(GroupRule { group: "tous".into(), profile: "lecteur".into(), org_unit: None, role: Role::Agent })
        );
        assert_eq!(rule_of(" ; x"), None);
    }
}

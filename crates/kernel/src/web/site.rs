//! What surrounds a page: the tenant, its look, who is signed in, where one may go. Built from the context at each
//! rendering; the parts that do not change with the request are computed once per tenant and kept a few seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use minijinja::value::{Serde, Value};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    Web,
    assets::{Asset, Assets},
    ctx::{Audience, Ctx, RequestInfo},
    headers, look, paving, session,
};
use crate::{Actor, Result, Role, Tenant, TenantSettings, tenant};

/// A tenant's change is seen by every node within this.
const FRESH: Duration = Duration::from_secs(3);
/// Unknown hosts are remembered too, so that they cost nothing; not without bound.
const MAX_HOSTS: usize = 2_000;

/// A tenant, and what is computed from it alone.
pub(super) struct TenantView {
    pub tenant: Arc<Tenant>,
    pub look: Arc<Look>,
    pub csp: HeaderValue,
    /// A `SiteTenant`, as templates see it.
    shown: Value,
}

/// The look of a tenant, computed from its name and colour.
pub(super) struct Look {
    name: String,
    brand: String,
    radius: u8,
    pub sheet: Asset,
    pub sheet_url: String,
    strip: Value,
    tiles: Value,
    logo: Value,
}

/// Tenants by host, for a few seconds.
#[derive(Default)]
pub(super) struct TenantCache(Mutex<HashMap<String, (Instant, Option<Arc<TenantView>>)>>);

impl TenantCache {
    /// Forgets all.
    pub(super) fn clear(&self) {
        self.with(HashMap::clear);
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, (Instant, Option<Arc<TenantView>>)>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// The tenant of the host name of a request.
pub(super) async fn tenant_of(web: &Web, parts: &Parts) -> Result<Option<Arc<TenantView>>> {
    let Some(host) = host(parts) else { return Ok(None) };
    let known = web.tenants.with(|hosts| hosts.get(&host).cloned());
    if let Some((at, view)) = &known
        && at.elapsed() < FRESH
    {
        return Ok(view.clone());
    }
    let before = known.and_then(|(_, view)| view);
    let view = tenant::by_host(&web.app.db, &host).await?.map(|tenant| Arc::new(TenantView::new(tenant, before.as_deref())));
    web.tenants.with(|hosts| {
        if hosts.len() >= MAX_HOSTS {
            hosts.clear();
        }
        hosts.insert(host, (Instant::now(), view.clone()));
    });
    Ok(view)
}

/// The host name that was asked for, without its port, in lower case.
fn host(parts: &Parts) -> Option<String> {
    let said = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(header::HOST)?.to_str().ok()?,
    };
    let (name, port) = said.rsplit_once(':').unwrap_or((said, ""));
    let name = if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { said };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (!name.is_empty() && name.len() <= 253).then_some(name)
}

/// A bare answer where no tenant lives; the demonstration lists its tenants there.
pub(super) async fn unknown_host(web: &Web, _: &Parts) -> Response {
    if !web.app.config.demo {
        return headers::bare(StatusCode::NOT_FOUND, "Aucun service ne répond sous ce nom d’hôte.\n");
    }
    let tenants = tenant::all(&web.app.db).await.unwrap_or_default();
    let line = |tenant: &Tenant| format!("<li><a href=\"{}\">{}</a></li>", headers::escape(&tenant.base_url), headers::escape(&tenant.name));
    let list: String = tenants.iter().map(line).collect();
    let html = format!(
        "<!DOCTYPE html><html lang=\"fr\"><meta charset=\"utf-8\"><title>Démonstration de Parvis</title>\
         <h1>Démonstration de Parvis</h1><p>Choisissez une collectivité :</p><ul>{list}</ul></html>"
    );
    headers::html(StatusCode::NOT_FOUND, html)
}

impl TenantView {
    fn new(tenant: Tenant, before: Option<&Self>) -> Self {
        let kept = before.map(|view| &view.look);
        let look = kept.filter(|look| look.name == tenant.name && look.brand == tenant.settings.brand && look.radius == tenant.settings.radius);
        Self {
            look: look.cloned().unwrap_or_else(|| Arc::new(Look::new(&tenant))),
            csp: headers::csp(&tenant),
            shown: Value::from(Serde(&SiteTenant::of(&tenant))),
            tenant: Arc::new(tenant),
        }
    }
}

impl Look {
    fn new(tenant: &Tenant) -> Self {
        let sheet = Asset::new("text/css; charset=utf-8", look::tenant_css(&tenant.settings.brand, tenant.settings.radius).into_bytes());
        Self {
            name: tenant.name.clone(),
            brand: tenant.settings.brand.clone(),
            radius: tenant.settings.radius,
            sheet_url: format!("/t/{}.css", sheet.hash),
            sheet,
            strip: Value::from_safe_string(paving::strip(&tenant.name)),
            tiles: Value::from_safe_string(paving::tiles(&tenant.name)),
            logo: Value::from_safe_string(paving::logo(&tenant.name)),
        }
    }
}

/// A place one may go to, given by the domains.
#[derive(Debug, Clone, Serialize)]
pub struct NavItem {
    /// Where.
    pub href: String,
    /// In words.
    pub label: String,
    /// Name of an icon; empty for none.
    pub icon: String,
    /// Whether it is this page.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<i64>,
    /// Whether it stands after the places of every other domain.
    #[serde(skip)]
    pub is_last: bool,
}

impl NavItem {
    /// A place, without icon nor count.
    pub fn new(href: &str, label: &str) -> Self {
        Self { href: href.into(), label: label.into(), icon: String::new(), current: false, count: None, is_last: false }
    }

    /// After the places of every other domain: one's own account.
    pub fn last(mut self) -> Self {
        self.is_last = true;
        self
    }

    /// With an icon.
    pub fn icon(mut self, icon: &str) -> Self {
        self.icon = icon.into();
        self
    }

    /// With the number of things that wait there.
    pub fn count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }
}

/// The surroundings of a page, as templates see them.
#[derive(Debug, Clone, Serialize)]
pub struct Site {
    /// Language of the page.
    pub lang: &'static str,
    /// Zone in which instants are shown, IANA.
    pub zone: String,
    /// The tenant, a `SiteTenant`.
    pub tenant: Value,
    /// Address of the common sheet.
    pub css: String,
    /// Address of the tenant's sheet.
    pub tenant_css: String,
    /// Address of the base script.
    pub js: String,
    /// Address of the agents' script.
    pub agent_js: String,
    /// The strip of paving, SVG.
    pub pave: Value,
    /// The field of paving, SVG.
    pub tiles: Value,
    /// The logo, SVG.
    pub logo: Value,
    /// Whom the page is for.
    pub audience: Audience,
    /// Who is signed in.
    pub who: Option<Who>,
    /// Where one may go.
    pub nav: Vec<NavItem>,
    /// Fresh at each rendering: makes a form safe to send twice.
    pub form_key: String,
    /// Path of the page.
    pub path: String,
    /// Sentence left by the page before.
    pub flash: Option<String>,
    /// `auto`, `light`, `dark`: the person's choice, else the tenant's.
    pub theme: String,
    /// `compact`, `comfort`: the agent's choice.
    pub density: String,
}

/// What templates may know of a tenant: as in `Tenant` and `TenantSettings`.
#[derive(Serialize)]
struct SiteTenant {
    name: String,
    baseline: String,
    kind: String,
    phone: String,
    mail: String,
    address: String,
    hours: String,
    accessibility: String,
    theme: String,
    radius: u8,
    /// First letter of the name.
    initial: String,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct Who {
    /// First name and name.
    pub name: String,
    /// Two letters.
    pub initials: String,
    /// `usager`, `agent`, `admin`, `dpo`.
    pub role: &'static str,
}

impl Site {
    /// Believable surroundings, to draw the samples of pages.
    pub fn sample(audience: Audience) -> Self {
        let tenant = Tenant {
            id: crate::TenantId::from(uuid::Uuid::nil()),
            slug: "exemple".into(),
            host: "exemple.localhost".into(),
            base_url: "http://exemple.localhost".into(),
            name: "Commune d’Exemple".into(),
            settings: TenantSettings { phone: "02 37 00 00 00".into(), ..TenantSettings::default() },
        };
        let view = TenantView::new(tenant, None);
        let mut site = Self::around(&Assets::load(), "/exemple", audience, &view);
        site.nav = vec![NavItem::new("/", "Accueil"), NavItem::new("/exemple", "Exemple").icon("list").count(3)];
        let role = if audience == Audience::Public { "usager" } else { "agent" };
        site.who = Some(Who { name: "Inès Marchetti".into(), initials: "IM".into(), role });
        mark_current(&mut site.nav, "/exemple");
        site
    }

    /// The surroundings of a page of this context.
    pub(super) fn of(ctx: &Ctx) -> Self {
        let mut site = Self::around(&ctx.web.assets, ctx.path(), ctx.request().audience, &ctx.view);
        site.who = who(ctx.actor());
        site.nav = ctx.web.nav.iter().flat_map(|nav| nav(ctx)).collect();
        site.nav.sort_by_key(|item| item.is_last);
        site.flash = ctx.session.flash().map(ToOwned::to_owned);
        // Whoever chose nothing sees what the tenant chose.
        let own = ctx.session.get(session::THEME).filter(|theme: &String| theme != "auto");
        site.theme = own.unwrap_or(site.theme);
        site.density = ctx.session.get(session::DENSITY).unwrap_or(site.density);
        mark_current(&mut site.nav, ctx.path());
        site
    }

    /// The surroundings of a page that no handler saw.
    pub(super) fn plain(web: &Web, info: &RequestInfo, view: &TenantView) -> Self {
        Self::around(&web.assets, &info.path, info.audience, view)
    }

    fn around(assets: &Assets, path: &str, audience: Audience, view: &TenantView) -> Self {
        Self {
            lang: "fr",
            zone: view.tenant.settings.time_zone.clone(),
            tenant: view.shown.clone(),
            css: assets.url("socle.css"),
            tenant_css: view.look.sheet_url.clone(),
            js: assets.url("socle.js"),
            agent_js: assets.url("agent.js"),
            pave: view.look.strip.clone(),
            tiles: view.look.tiles.clone(),
            logo: view.look.logo.clone(),
            audience,
            who: None,
            nav: vec![],
            form_key: super::random_key(),
            path: path.to_owned(),
            flash: None,
            theme: view.tenant.settings.theme.clone(),
            density: "compact".into(),
        }
    }
}

impl SiteTenant {
    fn of(tenant: &Tenant) -> Self {
        let settings = &tenant.settings;
        Self {
            name: tenant.name.clone(),
            baseline: settings.baseline.clone(),
            kind: settings.kind.clone(),
            phone: settings.phone.clone(),
            mail: settings.mail.clone(),
            address: settings.address.clone(),
            hours: settings.hours.clone(),
            accessibility: settings.accessibility.clone(),
            theme: settings.theme.clone(),
            radius: settings.radius,
            initial: tenant.name.chars().next().map(String::from).unwrap_or_default(),
        }
    }
}

fn who(actor: &Actor) -> Option<Who> {
    let (name, role) = match actor {
        Actor::Usager { name, .. } => (name, "usager"),
        Actor::Agent(agent) => match agent.role {
            Role::Agent => (&agent.name, "agent"),
            Role::Admin => (&agent.name, "admin"),
            Role::Dpo => (&agent.name, "dpo"),
        },
        _ => return None,
    };
    Some(Who { name: name.clone(), initials: initials(name), role })
}

/// "NR": the first letters of the first and last words.
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
}

/// The place that the path is in: the longest address that the path starts with.
fn mark_current(nav: &mut [NavItem], path: &str) {
    let holds = |href: &str| path == href || (href != "/" && path.starts_with(href) && path[href.len()..].starts_with('/'));
    let best = nav.iter().filter(|item| holds(&item.href)).map(|item| item.href.len()).max();
    for item in nav.iter_mut() {
        item.current = Some(item.href.len()) == best && holds(&item.href);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_longest_address_that_holds_the_path() {
        let mut nav = ["/", "/agent", "/agent/dossiers", "/agent/doss"].map(|href| NavItem::new(href, href));
        let mut at = |path: &str| {
            mark_current(&mut nav, path);
            nav.iter().filter(|item| item.current).map(|item| item.href.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(at("/agent/dossiers/dos_1"), "/agent/dossiers");
        assert_eq!(at("/agent/saisie"), "/agent");
        assert_eq!(at("/"), "/");
        assert_eq!(at("/suivi"), "");
    }

    #[test]
    fn initials_are_two_letters_at_most() {
        assert_eq!(initials("Nadia Ben Ramdane"), "NR");
        assert_eq!(initials("élodie"), "É");
    }

    #[test]
    fn the_host_is_read_without_port_nor_case() {
        let of = |host: &str| {
            let request = axum::http::Request::builder().header("host", host).body(()).unwrap();
            super::host(&request.into_parts().0)
        };
        assert_eq!(of("Villeneuve.localhost:8080").as_deref(), Some("villeneuve.localhost"));
        assert_eq!(of("a.fr."), Some("a.fr".into()));
        assert_eq!(of("[::1]"), Some("[::1]".into()));
        assert_eq!(of(":80"), None);
    }
}

//! The pages of this domain, thin: who signs in, his own account, and what an administrator sets. Signing an usager in
//! ends in `referentiel`, which knows the person behind the account.

pub mod admin;
pub mod agent;
pub mod connexion;
pub mod mon_compte;
pub mod mot_de_passe;
pub mod oidc;
pub mod reveal;

use std::sync::Arc;

use kernel::{
    Actor, App, Error, FieldError, Result, Role, Tenant,
    templates::Sample,
    web::{Audience, Ctx, NavItem, Pages, Routes},
};

use crate::RIGHTS;

/// The routes of this domain.
pub fn routes() -> Routes {
    let public = connexion::pages_of(Pages::new());
    let public = mot_de_passe::pages_of(public);
    let public = mon_compte::pages_of(public);
    let public = agent::public_pages_of(public);
    Routes {
        public,
        agent: agent::pages_of(Pages::new()),
        admin: admin::pages_of(Pages::new()),
        nav: Some(nav),
        partner: Some(partner),
        rights: RIGHTS.iter().map(|(right, label)| (right.0, *label)).collect(),
        ..Routes::default()
    }
}

/// The pages of this domain, with their samples.
pub fn pages() -> Vec<Sample> {
    [connexion::samples_of(), mot_de_passe::samples_of(), mon_compte::samples_of(), reveal::samples_of(), agent::samples_of(), admin::samples_of()]
        .into_iter()
        .flatten()
        .collect()
}

fn nav(cx: &Ctx) -> Vec<NavItem> {
    match (cx.request().audience, cx.actor()) {
        (Audience::Public, Actor::Usager { .. }) => vec![NavItem::new("/mon-compte", "Mon compte").icon("user").last()],
        (Audience::Public, _) => vec![NavItem::new("/connexion", "Se connecter").icon("user").last()],
        (Audience::Agent | Audience::Admin, Actor::Agent(agent)) => {
            let mut items = vec![NavItem::new("/agent/compte", "Mon compte").icon("user").last()];
            if agent.role == Role::Admin {
                items.extend([
                    NavItem::new("/admin", "Administration").icon("grid"),
                    NavItem::new("/admin/agents", "Agents").icon("users"),
                    NavItem::new("/admin/services", "Services").icon("home"),
                    NavItem::new("/admin/partenaires", "Partenaires").icon("plug"),
                    NavItem::new("/admin/identites", "Connexions").icon("lock"),
                    NavItem::new("/admin/apparence", "Apparence").icon("sun"),
                    NavItem::new("/admin/mentions", "Mentions légales").icon("file"),
                ]);
            }
            items
        }
        _ => vec![],
    }
}

fn partner(app: App, tenant: Arc<Tenant>, token_hash: String) -> std::pin::Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send>> {
    Box::pin(async move {
        let scope = tenant.scope(Actor::system("cle"));
        app.db.read(&scope, async |tx| crate::who_holds(tx, &token_hash).await).await
    })
}

/// The faults of a form, or the error itself when it is another.
pub fn faults(error: Error) -> Result<Vec<FieldError>> {
    match error {
        Error::Invalid(errors) => Ok(errors.0),
        other => Err(other),
    }
}

/// The page to come back to, on our host, when the form or query names one.
pub fn back_of(form: &kernel::web::Form, or: &str) -> String {
    match form.filled("retour").map(kernel::web::local) {
        Some("/") | None => or.to_owned(),
        Some(path) => path.to_owned(),
    }
}

//! Who uses the program. Each kind of person has a type of its own, so that a test cannot send an agent's request with
//! a partner's key by mistake. A client sends forms as a browser does: what the page holds, and what was typed.

use std::ops::{Deref, DerefMut};

use axum::Router;
use kernel::{Actor, AgentId, PartenaireId, UsagerId, web::Level};

use super::{
    browser::{Answer, Browser},
    form::Fields,
    html::{self, PageForm},
};
use crate::form;

/// What every person does: open pages, send forms.
pub struct Client {
    pub browser: Browser,
}

impl Client {
    pub fn new(router: &Router, host: &str) -> Self {
        Self { browser: Browser::new(router, host) }
    }

    /// The same client, which also says this each time.
    pub fn with(self, name: &'static str, value: &str) -> Self {
        Self { browser: self.browser.with(name, value) }
    }

    /// Becomes somebody, through the door of the tests.
    pub async fn enter(&mut self, door: &str, actor: &Actor, level: &Level) {
        let acteur = serde_json::to_string(actor).expect("an actor");
        let niveau = serde_json::to_string(level).expect("a level");
        self.post(door, form! { acteur: acteur, niveau: niveau }).await.redirects();
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.browser.get(path).await
    }

    /// Sends a form made by hand, with a fresh key.
    pub async fn post(&mut self, path: &str, fields: Fields) -> Answer {
        let fields = if fields.has("_cle") { fields } else { fields.with("_cle", key()) };
        self.browser.post(path, &fields.encoded()).await
    }

    /// Fills the form of a page that goes to `action`, and sends it as a browser does.
    #[track_caller]
    pub fn submit<'a>(&'a mut self, page: &Answer, action: &str, typed: Fields) -> impl Future<Output = Answer> + use<'a> {
        let form = form_to(page, action);
        let fields = filled(&form, &typed, page);
        async move {
            match (form.is_post, form.is_multipart) {
                (false, _) => self.browser.get(&format!("{}?{}", form.action, fields.encoded())).await,
                (true, false) => self.browser.post(&form.action, &fields.encoded()).await,
                (true, true) => {
                    let parts: Vec<(&str, Option<&str>, &[u8])> =
                        fields.0.iter().map(|(name, value)| (name.as_str(), None, value.as_bytes())).collect();
                    self.browser.post_parts(&form.action, &parts).await
                }
            }
        }
    }

    /// Sends a file by the form of a page that goes to `action`.
    #[track_caller]
    pub fn send_file<'a>(&'a mut self, page: &Answer, action: &str, name: &'a str, bytes: &'a [u8]) -> impl Future<Output = Answer> + use<'a> {
        let form = form_to(page, action);
        assert!(form.is_multipart, "a form of files: {form:?}");
        let text = page.text();
        let tags = html::tags(&text);
        let start = tags.iter().position(|tag| tag.name == "form" && tag.get("action") == Some(&form.action)).expect("the form");
        let control =
            tags[start..].iter().find(|tag| tag.get("type") == Some("file")).and_then(|tag| tag.get("name")).expect("a control for files").to_owned();
        async move {
            let mut parts: Vec<(&str, Option<&str>, &[u8])> =
                form.fields.iter().map(|(name, value)| (name.as_str(), None, value.as_bytes())).collect();
            parts.push((&control, Some(name), bytes));
            self.browser.post_parts(&form.action, &parts).await
        }
    }
}

/// A key of form that was never used.
pub fn key() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

#[track_caller]
fn form_to(page: &Answer, action: &str) -> PageForm {
    let forms = html::forms(&page.text());
    let actions: Vec<&str> = forms.iter().map(|form| form.action.as_str()).collect();
    let Some(form) = forms.iter().find(|form| form.action == action).or_else(|| forms.iter().find(|form| form.action.ends_with(action))) else {
        panic!("no form goes to {action}, only {actions:?} in: {}", page.said());
    };
    form.clone()
}

/// What the form holds, and over it what was typed; a name that the form has not is a fault of the page or of the test.
#[track_caller]
fn filled(form: &PageForm, typed: &Fields, page: &Answer) -> Fields {
    for (name, _) in &typed.0 {
        assert!(form.names.contains(name), "no control « {name} » among {:?} in: {}", form.names, page.said());
    }
    let mut fields: Vec<(String, String)> = form.fields.iter().filter(|(name, _)| !typed.has(name)).cloned().collect();
    fields.extend(typed.0.iter().cloned());
    Fields(fields)
}

/// Somebody of whom nothing is known.
pub struct Visitor(pub Client);

/// A person with an account.
pub struct UsagerClient {
    pub client: Client,
    pub usager: UsagerId,
}

/// A member of the staff.
pub struct AgentClient {
    pub client: Client,
    pub id: AgentId,
    pub actor: Actor,
}

/// An administrator, or the data protection officer.
pub struct AdminClient(pub AgentClient);

/// A partner, by its key.
pub struct PartnerClient {
    pub client: Client,
    pub id: PartenaireId,
}

macro_rules! clients {
    ($($kind:ident $($field:tt).+;)*) => {$(
        impl Deref for $kind {
            type Target = Client;
            fn deref(&self) -> &Client { &self.$($field).+ }
        }
        impl DerefMut for $kind {
            fn deref_mut(&mut self) -> &mut Client { &mut self.$($field).+ }
        }
    )*};
}
clients! { Visitor 0; UsagerClient client; AgentClient client; AdminClient 0.client; PartnerClient client; }

//! What the pages of exchanges show, and examples of it.

use jiff::Timestamp;
use kernel::{
    FieldError,
    templates::{Page, Sample, samples},
};
use serde::Serialize;

/// The pages of exchanges, with their samples.
pub fn pages() -> Vec<Sample> {
    [samples::<ListPage>(), samples::<ApplicationPage>(), samples::<SettingsPage>(), samples::<SecretPage>()].into_iter().flatten().collect()
}

/// How an application fares, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Health {
    /// It does not answer.
    Down,
    /// Messages were set aside.
    Aside,
    /// It has no address and messages wait.
    Unset,
    /// It fails now and then.
    Shaky,
    /// It is paused.
    Paused,
    /// All is well.
    Good,
}

/// An application on the list, and on top of its own page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub slug: String,
    pub name: String,
    /// Its connector, in words.
    pub channel: String,
    pub contact: String,
    pub health: Health,
    pub is_paused: bool,
    /// Why it is paused.
    pub reason: String,
    /// Since when it does not answer.
    pub since: Option<Timestamp>,
    /// Whether that is today, so that the hour says enough.
    pub since_today: bool,
    pub waiting: i64,
    pub set_aside: i64,
    pub last_error: String,
    pub next_try: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
}

/// All applications.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ListPage {
    pub lines: Vec<Line>,
    /// How many are at fault.
    pub faults: usize,
    pub may_manage: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "echanges/admin/liste.html";
    fn samples() -> Vec<Self> {
        let lines = [Health::Down, Health::Aside, Health::Unset, Health::Shaky, Health::Paused, Health::Good].map(Line::sample);
        vec![
            Self { lines: vec![], faults: 0, may_manage: true },
            Self { lines: vec![Line::sample(Health::Good)], faults: 0, may_manage: false },
            Self { lines: lines.to_vec(), faults: 3, may_manage: true },
        ]
    }
}

/// One message.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MessageLine {
    pub id: String,
    pub dossier: String,
    pub event: String,
    pub state: &'static str,
    pub attempts: i64,
    pub created_at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub error: String,
}

/// One file that the application left.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FileRow {
    pub name: String,
    pub is_accepted: bool,
    pub reason: String,
    pub dossier: Option<String>,
    pub received_at: Timestamp,
}

/// One key by which it answers.
#[derive(Debug, Clone, Serialize)]
pub(super) struct KeyRow {
    pub hash: String,
    pub hint: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// One application.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ApplicationPage {
    pub line: Line,
    pub set_aside: Vec<MessageLine>,
    pub waiting: Vec<MessageLine>,
    pub delivered: Vec<MessageLine>,
    /// Address of the next page of delivered messages.
    pub older: Option<String>,
    pub files: Vec<FileRow>,
    pub keys: Vec<KeyRow>,
    pub has_secret: bool,
    pub may_manage: bool,
    pub may_replay: bool,
}

impl Page for ApplicationPage {
    const TEMPLATE: &'static str = "echanges/admin/application.html";
    fn samples() -> Vec<Self> {
        let at = at("2026-09-07T07:12:00Z");
        let message = |state, error: &str| MessageLine {
            id: "env_0190000000007000800000000000000a".into(),
            dossier: "dos_0190000000007000800000000000000b".into(),
            event: "depot".into(),
            state,
            attempts: 3,
            created_at: at,
            next_at: (state == "waiting").then_some(at),
            delivered_at: (state == "delivered").then_some(at),
            error: error.into(),
        };
        let file = |is_accepted| FileRow {
            name: "demande-0012.xml".into(),
            is_accepted,
            reason: if is_accepted { String::new() } else { "TypeActe : ce code n’est pas connu.".into() },
            dossier: is_accepted.then(|| "dos_0190000000007000800000000000000b".into()),
            received_at: at,
        };
        let empty = Self {
            line: Line::sample(Health::Good),
            set_aside: vec![],
            waiting: vec![],
            delivered: vec![],
            older: None,
            files: vec![],
            keys: vec![],
            has_secret: false,
            may_manage: false,
            may_replay: false,
        };
        let full = Self {
            line: Line::sample(Health::Down),
            set_aside: vec![message("set_aside", "message refusé (réponse 422)")],
            waiting: vec![message("waiting", "connexion impossible"), message("paused", "")],
            delivered: vec![message("delivered", ""), message("given_up", "le dossier n’existe plus")],
            older: Some("/admin/echanges/etat-civil?avant=env_1".into()),
            files: vec![file(true), file(false)],
            keys: vec![
                KeyRow { hash: "ab12".into(), hint: "pvapp_x1y2".into(), created_at: at, expires_at: None },
                KeyRow { hash: "cd34".into(), hint: "pvapp_z3w4".into(), created_at: at, expires_at: Some(at) },
            ],
            has_secret: true,
            may_manage: true,
            may_replay: true,
        };
        let others = [Health::Aside, Health::Unset, Health::Shaky, Health::Paused];
        let others = others.map(|health| Self { line: Line::sample(health), ..full.clone() });
        [empty, full].into_iter().chain(others).collect()
    }
}

/// One thing to tell a connector.
#[derive(Debug, Clone, Serialize)]
pub(super) struct OptionRow {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    /// Empty when it is a secret.
    pub value: String,
    pub is_secret: bool,
    /// Whether a secret is kept already.
    pub is_kept: bool,
    pub is_optional: bool,
}

/// A connector that may be chosen.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ChannelRow {
    pub value: &'static str,
    pub label: &'static str,
    pub selected: bool,
}

/// The form of an application.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SettingsPage {
    pub errors: Vec<FieldError>,
    /// Empty: a new one.
    pub known_slug: String,
    pub slug: String,
    pub name: String,
    pub contact: String,
    /// None chosen: only the choice is shown.
    pub channel: String,
    pub channels: Vec<ChannelRow>,
    pub options: Vec<OptionRow>,
    /// Names and labels of the readers of files.
    pub readers: Vec<(String, String)>,
}

impl Page for SettingsPage {
    const TEMPLATE: &'static str = "echanges/admin/reglages.html";
    fn samples() -> Vec<Self> {
        let page = |channel: &str, known: &str, errors: Vec<FieldError>| Self {
            errors,
            known_slug: known.into(),
            slug: known.into(),
            name: "Le logiciel d’état civil".into(),
            contact: "Éditeur, 02 37 00 00 01".into(),
            channel: channel.into(),
            channels: super::words::channels(channel),
            options: super::words::options(channel, &serde_json::json!({"url": "https://etat-civil.exemple.fr/parvis"}), &|_| true),
            readers: vec![("demandes".into(), "Des demandes, lues comme les démarches le disent".into())],
        };
        let wrong = FieldError { field: "url".into(), sentence: "Écrivez une adresse complète.".into() };
        vec![page("", "", vec![]), page("webhook", "", vec![wrong]), page("fichier", "etat-civil", vec![]), page("sftp", "etat-civil", vec![])]
    }
}

/// A key or a secret, shown once.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SecretPage {
    pub slug: String,
    pub name: String,
    /// `key`, `secret`.
    pub what: &'static str,
    pub value: String,
    /// Where the application answers.
    pub address: String,
}

impl Page for SecretPage {
    const TEMPLATE: &'static str = "echanges/admin/secret.html";
    fn samples() -> Vec<Self> {
        let page = |what, value: &str| Self {
            slug: "etat-civil".into(),
            name: "Le logiciel d’état civil".into(),
            what,
            value: value.into(),
            address: "https://exemple.fr/api/v1/liaisons/{dossier}/reponses".into(),
        };
        vec![page("key", "pvapp_x1y2"), page("secret", "whsec_AAAA")]
    }
}

impl Line {
    fn sample(health: Health) -> Self {
        let is_down = health == Health::Down;
        Self {
            slug: "etat-civil".into(),
            name: "Le logiciel d’état civil".into(),
            channel: "Appel signé (webhook)".into(),
            contact: "Éditeur, 02 37 00 00 01".into(),
            health,
            is_paused: health == Health::Paused,
            reason: "Mise à jour de l’éditeur".into(),
            since: (is_down || health == Health::Shaky).then(|| at("2026-09-07T07:12:00Z")),
            since_today: is_down,
            waiting: if health == Health::Good { 0 } else { 14 },
            set_aside: i64::from(health == Health::Aside),
            last_error: if is_down { "connexion impossible".into() } else { String::new() },
            next_try: is_down.then(|| at("2026-09-07T09:00:00Z")),
            last_success: (health != Health::Unset).then(|| at("2026-09-06T15:40:00Z")),
        }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

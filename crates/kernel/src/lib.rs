//! The kernel: what every domain needs and no domain owns. Database, journal, jobs, web, files, mail, secrets.
//! It knows no word of any domain; `ids.rs` alone may name domain nouns, because ids cross borders.

pub mod actor;
pub mod antivirus;
pub mod app;
pub mod calendar;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod error;
pub mod files;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod journal;
mod kept;
pub mod mail;
pub mod mail_page;
pub mod telemetry;
pub mod templates;
pub mod tenant;
pub mod web;
pub mod words;

pub use actor::{Actor, AgentActor, Right, Role};
pub use app::App;
pub use clock::Clock;
pub use config::Config;
pub use db::{Db, Row, Scope, Tx, Type, Value};
pub use error::{Error, FieldError, FieldErrors, Problem, Result};
pub use ids::*;
pub use jobs::NewJob;
pub use journal::{Event, Subject};
pub use kept::Kept;
pub use tenant::{Tenant, TenantSettings};

//! Exchanges with other systems: which applications there are, what leaves for them, what they answer, and what a
//! person sees of it. It knows neither téléservices nor dossiers: those build what leaves (`Outbound`) and act on what
//! comes back (`Answers`, `Inbound`), and `parvis/registries.rs` names them.
//!
//! Invariants: one delivery per event and application; a body is built again at each attempt, in a unit of work that
//! commits its journal line before anything leaves; what was acknowledged is never sent again; a target that is down
//! or paused keeps all its messages. An address or a secret belongs to a tenant, never to a package.

mod answer;
pub mod application;
mod attempt;
pub mod connectors;
mod document;
mod events;
pub mod formats;
mod jobs;
mod model;
mod receive;
mod registry;
mod replay;
mod send;
pub mod signature;
mod store;
mod stuck;
mod web;

pub use answer::{Answer, Answered, Officer, answer};
pub use document::{Document, Field, Format};
pub use events::*;
pub use jobs::jobs;
pub use model::{Application, ApplicationStatus, Delivery, DeliveryState};
pub use registry::{Answers, Around, Built, Inbound, IncomingFile, Outbound, Outcome, Outgoing, Received, Registry, Work};
pub use replay::{give_up, replay, replay_all};
pub use send::{NewDelivery, Sent, of_dossier, send};
pub use stuck::{Stuck, stuck};
pub use web::{Templates, pages, routes};

use kernel::Right;

/// May register applications, change their address and keys, pause them.
pub const MANAGE: Right = Right("echanges.regler");
/// May replay or give up what was set aside.
pub const REPLAY: Right = Right("echanges.rejouer");

//! Persons, for agents: finding one, opening his record.

mod record;
mod search;

use kernel::{
    templates::{Sample, samples},
    web::{AgentCx, Form, Pages},
};

use crate::Registry;

pub(super) use record::{AccessView, access};

/// Every page of this part, with its samples.
pub(super) fn pages() -> Vec<Sample> {
    [samples::<search::SearchPage>(), samples::<record::RecordPage>()].into_iter().flatten().collect()
}

/// The routes of this part.
pub(super) fn routes(registry: Registry) -> Pages {
    Pages::new()
        .get("/agent/usagers", search::show)
        .get("/agent/usagers/{id}", move |cx: AgentCx, path, query: Form| record::show(cx, path, query, registry))
}

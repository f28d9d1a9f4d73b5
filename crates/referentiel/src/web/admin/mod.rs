//! For administrators and the data protection officer: contracts of service, accesses to a record, requests about data.

mod accesses;
mod habilitations;
mod requests;

use kernel::{
    templates::{Sample, samples},
    web::Pages,
};

/// Every page of this part, with its samples.
pub(super) fn pages() -> Vec<Sample> {
    [
        samples::<accesses::AccessesPage>(),
        samples::<habilitations::HabilitationsPage>(),
        samples::<habilitations::NewPage>(),
        samples::<requests::RequestsPage>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The routes of this part.
pub(super) fn routes() -> Pages {
    Pages::new()
        .get("/admin/acces", accesses::show)
        .get("/admin/habilitations", habilitations::list)
        .get("/admin/habilitations/nouvelle", habilitations::blank)
        .post("/admin/habilitations", habilitations::grant)
        .post("/admin/habilitations/{id}/fermeture", habilitations::close)
        .get("/admin/demandes-de-droits", requests::show)
        .post("/admin/demandes-de-droits/{id}/reponse", requests::answer)
}

//! What each domain gives: templates, pages, jobs, routes, profiles. One line per domain; the order is that of the house.

use kernel::{
    Right, Role,
    actor::Profile,
    jobs::JobKind,
    templates::{KernelTemplates, Sample, Source},
    web::Routes,
};

/// The templates of every crate, under its name.
pub fn templates() -> Vec<Source> {
    vec![
        Source::of::<KernelTemplates>(""),
        Source::of::<echanges::Templates>("echanges"),
        Source::of::<dossiers::Templates>("dossiers"),
    ]
}

/// Every page of the program, with its samples.
pub fn pages() -> Vec<Sample> {
    [kernel::web::pages(), echanges::pages(), dossiers::pages()].into_iter().flatten().collect()
}

/// Every kind of background work.
pub fn jobs() -> Vec<JobKind> {
    [kernel::web::jobs(), echanges::jobs(exchanges()), dossiers::jobs()].into_iter().flatten().collect()
}

/// The routes of every domain.
pub fn routes() -> Vec<Routes> {
    vec![echanges::routes(exchanges()), dossiers::routes()]
}

/// Who builds what leaves for other systems, and who acts on what comes back.
pub fn exchanges() -> echanges::Registry {
    echanges::Registry::new()
}

/// What an agent may do, by profile. A profile with a role is held by all who have that role.
pub const PROFILES: &[Profile] = &[];

/// Every right, with its words: for the screens of roles.
pub const RIGHTS: &[(Right, &str)] = &[];

const _: Role = Role::Agent;

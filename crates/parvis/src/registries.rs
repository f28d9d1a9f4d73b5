//! What each domain gives: templates, pages, jobs, routes, profiles. One line per domain; the order is that of the house.

use dossiers::rights as dossier;
use kernel::{
    Role,
    actor::Profile,
    jobs::JobKind,
    templates::{KernelTemplates, Sample, Source},
    web::Routes,
};

/// The templates of every crate, under its name.
pub fn templates() -> Vec<Source> {
    vec![
        Source::of::<KernelTemplates>(""),
        Source::of::<comptes::Templates>("comptes"),
        Source::of::<echanges::Templates>("echanges"),
        Source::of::<referentiel::Templates>("referentiel"),
        Source::of::<teleservices::Templates>("teleservices"),
        Source::of::<dossiers::Templates>("dossiers"),
    ]
}

/// Every page of the program, with its samples.
pub fn pages() -> Vec<Sample> {
    let domains = [kernel::web::pages(), comptes::pages(), echanges::pages(), referentiel::pages()];
    let others = [teleservices::web::pages(), dossiers::pages()];
    domains.into_iter().chain(others).flatten().collect()
}

/// Every kind of background work.
pub fn jobs() -> Vec<JobKind> {
    [kernel::web::jobs(), comptes::jobs(), echanges::jobs(exchanges()), dossiers::jobs()].into_iter().flatten().collect()
}

/// The routes of every domain.
pub fn routes() -> Vec<Routes> {
    vec![
        comptes::routes(),
        echanges::routes(exchanges()),
        referentiel::routes(),
        teleservices::web::routes(),
        dossiers::routes(),
    ]
}

/// Who builds what leaves for other systems, and who acts on what comes back.
pub fn exchanges() -> echanges::Registry {
    let registry = echanges::Registry::new();
    registry.outbound(dossiers::Liaisons).answers(dossiers::Liaisons).inbound(dossiers::Arrivals)
}

/// What an agent may do, by profile. A profile with a role is held by all who have that role.
pub const PROFILES: &[Profile] = &[
    Profile {
        code: "instructeur",
        label: "Instructeur : lit, instruit, décide, saisit",
        role: None,
        rights: &[dossier::READ, dossier::INSTRUCT, dossier::DECIDE, dossier::ENTER, referentiel::CONSULT],
    },
    Profile {
        code: "accueil",
        label: "Accueil : saisit les demandes et les suit",
        role: None,
        rights: &[dossier::READ, dossier::ENTER, referentiel::CONSULT],
    },
    Profile { code: "lecteur", label: "Lecteur : consulte", role: None, rights: &[dossier::READ] },
    Profile {
        code: "admin",
        label: "Administrateur",
        role: Some(Role::Admin),
        rights: &[
            comptes::MANAGE_AGENTS,
            comptes::MANAGE_PARTNERS,
            comptes::MANAGE_TENANT,
            rgpd::HABILITATE,
            rgpd::AUDIT,
            teleservices::PUBLISH,
            echanges::MANAGE,
            echanges::REPLAY,
        ],
    },
    Profile {
        code: "dpo",
        label: "Délégué à la protection des données",
        role: Some(Role::Dpo),
        rights: &[rgpd::AUDIT, rgpd::HABILITATE, dossier::ELIMINATE],
    },
];


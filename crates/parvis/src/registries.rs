//! What each domain gives: templates, pages, jobs, routes, profiles. One line per domain; the order is that of the house.

use dossiers::rights as dossier;
use kernel::{
    Role,
    actor::Profile,
    jobs::JobKind,
    templates::{KernelTemplates, Sample, Source},
    web::Routes,
};
use referentiel::UsagerPanel;
use rgpd::PersonalData;

use crate::event_words::EVENTS;

/// The templates of every crate, under its name.
pub fn templates() -> Vec<Source> {
    vec![
        Source::of::<KernelTemplates>(""),
        Source::of::<comptes::Templates>("comptes"),
        Source::of::<rgpd::Templates>("rgpd"),
        Source::of::<echanges::Templates>("echanges"),
        Source::of::<referentiel::Templates>("referentiel"),
        Source::of::<teleservices::Templates>("teleservices"),
        Source::of::<dossiers::Templates>("dossiers"),
        Source::of::<crate::Templates>("parvis"),
    ]
}

/// Every page of the program, with its samples.
pub fn pages() -> Vec<Sample> {
    [kernel::web::pages(), comptes::pages(), rgpd::pages(), echanges::pages(), referentiel::pages(), teleservices::web::pages(), dossiers::pages()]
        .into_iter()
        .flatten()
        .collect()
}

/// Every kind of background work.
pub fn jobs() -> Vec<JobKind> {
    [kernel::web::jobs(), comptes::jobs(), rgpd::jobs(), echanges::jobs(exchanges()), referentiel::jobs(), dossiers::jobs()]
        .into_iter()
        .flatten()
        .collect()
}

/// The routes of every domain.
pub fn routes() -> Vec<Routes> {
    vec![
        comptes::routes(),
        rgpd::routes(rgpd::Registry { personal: PERSONAL, events: EVENTS, tell: crate::journal_words::tell, find: crate::journal_words::find }),
        echanges::routes(exchanges()),
        referentiel::routes(referentiel::Registry { personal: PERSONAL, panels: PANELS }),
        teleservices::web::routes(),
        dossiers::routes(),
    ]
}

/// Who holds personal data: what a person is given a copy of, and how long each table keeps it.
pub const PERSONAL: &[&dyn PersonalData] =
    &[&referentiel::Persons, &referentiel::Accounts, &referentiel::Sessions, &rgpd::Rights, &dossiers::Dossiers];

/// Who has something to show of a person on his page for agents.
pub const PANELS: &[&dyn UsagerPanel] = &[&dossiers::DossiersPanel];

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

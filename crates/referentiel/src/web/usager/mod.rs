//! "Mes données": what is held, who read it, on what basis, and what the person may do about it.

mod consent;
mod copy;
mod correct;
mod my_data;
mod opposition;
mod readings;
mod rights;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kernel::{
    templates::{Sample, french, samples},
    web::{Pages, SignedUsager},
};

use crate::Registry;

/// Every page of this part, with its samples.
pub(super) fn pages() -> Vec<Sample> {
    [
        samples::<my_data::MyDataPage>(),
        samples::<readings::ReadingsPage>(),
        samples::<consent::ConsentPage>(),
        samples::<opposition::OppositionPage>(),
        samples::<correct::CorrectPage>(),
        samples::<rights::RightPage>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The routes of this part.
pub(super) fn routes(registry: Registry) -> Pages {
    Pages::new()
        .get("/mes-donnees", my_data::show)
        .get("/mes-donnees/lectures", readings::show)
        .get("/mes-donnees/copie.json", move |cx: SignedUsager| copy::download(cx, registry))
        .get("/mes-donnees/accords/{partenaire}/{purpose}", consent::show)
        .post("/mes-donnees/accords/{partenaire}/{purpose}", consent::give)
        .post("/mes-donnees/retraits/{consent}", consent::withdraw)
        .get("/mes-donnees/oppositions/{partenaire}/{purpose}", opposition::show)
        .post("/mes-donnees/oppositions/{partenaire}/{purpose}", opposition::oppose)
        .get("/mes-donnees/corriger/{attribute}", correct::show)
        .post("/mes-donnees/corriger/{attribute}", correct::send)
        .post("/mes-donnees/effacer/{attribute}", correct::erase)
        .get("/mes-donnees/demander/{droit}", rights::show)
        .post("/mes-donnees/demander/{droit}", rights::send)
}

/// "24 novembre 2026"
fn day(at: Timestamp, zone: &TimeZone) -> String {
    french::date(at.to_zoned(zone.clone()).date())
}

/// "24 novembre 2026"
fn date(date: Date) -> String {
    french::date(date)
}

//! Who asks, as FranceConnect certified him: what the rules of a package may know of it. A demand for one's own act
//! needs no other proof when the names stand as they came and the birth date is the certified one.

use jiff::civil::Date;
use referentiel::{Level, Record};
use serde_json::Value as Json;
use teleservices::package::Package;

use crate::model::{Dossier, Origin};

/// Where the certified birth date waits, among the origins: no question can have this name.
const BIRTH: &str = "@naissance";
/// The attributes that name somebody.
const NAMES: [&str; 2] = ["nom_naissance", "prenoms"];

/// Keeps the birth date of a person whose names and birth date are all certified. A date of which only the year or the
/// month is known is not enough.
pub(crate) fn note(record: &Record, dossier: &mut Dossier, today: Date) {
    let of = |attribute: &str| record.get(attribute).map(|golden| &golden.fact).filter(|fact| fact.level == Level::Certified);
    let Some(birth) = of("date_naissance") else { return };
    let is_whole = birth.value.as_str().is_some_and(|date| date.parse::<Date>().is_ok());
    // At the counter, it is the agent who says that this is the person.
    if is_whole && !dossier.channel.is_entered_by_agent() && NAMES.iter().all(|attribute| of(attribute).is_some()) {
        let origin = Origin { label: birth.source_label.clone(), on: Some(today), verified: true, value: Some(birth.value.clone()) };
        dossier.origins.insert(BIRTH.to_owned(), origin);
    }
}

/// The certified birth date, while the names that the package takes up stand as they were certified.
pub(crate) fn birth(package: &Package, dossier: &Dossier) -> Option<String> {
    let stands = |attribute: &&str| {
        let question = package.card.prefills.iter().find(|prefill| prefill.attribute == **attribute);
        question.is_some_and(|prefill| dossier.origins.get(&prefill.question.text).is_some_and(|origin| origin.verified))
    };
    let date = dossier.origins.get(BIRTH).and_then(|origin| origin.value.as_ref()).and_then(Json::as_str);
    date.filter(|_| NAMES.iter().all(stands)).map(ToOwned::to_owned)
}

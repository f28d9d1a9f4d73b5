//! `new`, `check`, `essais`, `pack`, as the command line calls them.

use crate::package::Files;
use crate::tools;
use jiff::civil::date;

#[test]
fn a_new_package_is_whole_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("stationnement");
    let said = tools::new(&folder, "Demander une carte de stationnement", "mobilites");
    assert!(said.is_ok, "{}", said.text);
    assert_eq!(tools::check(&folder).text, "Rien à redire.\n");
    let tried = tools::try_out(&folder, date(2026, 11, 24));
    assert!(tried.is_ok && tried.text.ends_with("2 essais réussis.\n"), "{}", tried.text);
    let again = tools::new(&folder, "Autre", "mobilites");
    assert!(!again.is_ok && again.text.contains("existe déjà"));
    let archive = dir.path().join("stationnement.tar.gz");
    assert!(tools::pack(&folder, &archive).is_ok);
    assert_eq!(tools::read(&archive).unwrap(), Files::read(&folder).unwrap());
}

#[test]
fn a_name_that_cannot_serve_in_an_address_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let said = tools::new(&dir.path().join("Été 2026"), "Été", "accueil");
    assert!(!said.is_ok && said.text.contains("ne peut pas servir dans une adresse"), "{}", said.text);
    assert!(!tools::check(&dir.path().join("rien")).is_ok);
}

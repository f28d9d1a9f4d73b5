//! Finding a démarche: accents, plural, a wrong letter, the words people use, themes; in one statement.

use kernel::db::counting;
use teleservices::{catalogue, publish};

use super::{bench, package};

#[tokio::test]
async fn a_demarche_is_found_by_the_words_of_people() {
    let bench = bench().await;
    let scope = bench.scope();
    for slug in ["acte-etat-civil", "aide-velo", "contact", "reclamation"] {
        bench.db.write(&scope, async |tx| publish(tx, &package(slug)).await).await.expect("published");
    }
    let offered = bench.db.read(&scope, async |tx| catalogue(tx).await).await.expect("a catalogue");
    let first = |words: &str| offered.search(words, None).first().map(|entry| entry.slug.clone()).unwrap_or_default();
    for words in ["extrait de naissance", "actes de naissances", "ACTE DE DECES", "extrait naisance", "état civil", "copie integrale"] {
        assert_eq!(first(words), "acte-etat-civil", "{words}");
    }
    for words in ["prime vélo", "velo", "vélos", "primes velos", "bicyclete", "vleo", "aide vélo électrique"] {
        assert_eq!(first(words), "aide-velo", "{words}");
    }
    assert_eq!(first("ecrire à la mairie"), "contact");
    assert_eq!(first("contester une décision"), "reclamation");
    assert_eq!(first("piscine"), "");
    assert_eq!(offered.search("", None).len(), 4);
    let of_theme: Vec<&str> = offered.search("", Some("deplacements")).iter().map(|entry| entry.slug.as_str()).collect();
    assert_eq!(of_theme, ["aide-velo"]);
    assert_eq!(
        offered.themes().iter().map(|theme| theme.slug).collect::<Vec<_>>(),
        ["etat-civil", "famille", "deplacements", "solidarite", "citoyennete", "contact"]
    );
    assert!(offered.get("aide-velo").expect("offered").has_eligibility && !offered.get("contact").expect("offered").has_eligibility);
}

#[tokio::test]
async fn a_known_catalogue_and_a_known_version_cost_one_statement() {
    let bench = bench().await;
    let scope = bench.scope();
    bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    for (turn, expected) in [("cold", 2), ("warm", 1)] {
        let (_, statements) = counting(bench.db.read(&scope, async |tx| catalogue(tx).await)).await;
        assert_eq!(statements, expected, "catalogue, {turn}");
        let (_, statements) = counting(bench.db.read(&scope, async |tx| teleservices::published(tx, "contact").await)).await;
        assert_eq!(statements, expected, "published, {turn}");
    }
}

#[tokio::test]
async fn another_tenant_sees_nothing_of_it() {
    let bench = bench().await;
    bench.db.write(&bench.scope(), async |tx| publish(tx, &package("contact")).await).await.expect("published");
    let other = kernel::tenant::create(&bench.db, &bench.clock, crate::support::tenant("autre")).await.expect("created");
    let scope = other.scope(kernel::Actor::Visitor);
    let offered = bench.db.read(&scope, async |tx| catalogue(tx).await).await.expect("a catalogue");
    assert!(offered.entries.is_empty());
}

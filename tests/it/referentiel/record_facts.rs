//! Facts: said, corrected, said again.

use ::referentiel::{Level, NewFact, Source};
use serde_json::json;

use crate::rgpd::House;

fn telephone(number: &str) -> Vec<NewFact> {
    vec![NewFact {
        attribute: "telephone".into(),
        value: json!(number),
        source: Source::Usager,
        source_label: "vous".into(),
        level: Level::Declared,
        dossier: None,
    }]
}

#[tokio::test]
async fn what_was_corrected_may_be_said_again_and_what_stands_is_not_written_twice() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let say = async |number: &str| {
        house.bench.clock.advance(jiff::SignedDuration::from_secs(60));
        house.system(async |tx| ::referentiel::record_facts(tx, ines, telephone(number)).await).await;
        let (record, facts) = house.system(async |tx| Ok((::referentiel::record(tx, ines).await?, ::referentiel::facts(tx, ines).await?))).await;
        (record["telephone"].fact.value.clone(), facts.iter().filter(|fact| fact.attribute == "telephone").count())
    };
    assert_eq!(say("+33612345678").await, (json!("+33612345678"), 1));
    assert_eq!(say("+33600000000").await, (json!("+33600000000"), 2));
    assert_eq!(say("+33612345678").await, (json!("+33612345678"), 3));
    assert_eq!(say("+33612345678").await.1, 3);
}

#[tokio::test]
async fn a_less_sure_value_is_a_proposal_written_once() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let quotient = || vec![NewFact { attribute: "quotient_familial".into(), value: json!(100), ..telephone("+33612345678").remove(0) }];
    for _ in 0..2 {
        house.system(async |tx| ::referentiel::record_facts(tx, ines, quotient()).await).await;
    }
    let golden = house.system(async |tx| ::referentiel::record(tx, ines).await).await.remove("quotient_familial").expect("known");
    assert_eq!((golden.fact.value, golden.others), (json!(874), 1));
    assert_eq!(house.events(ines, "FactProposed").await, 1);
}

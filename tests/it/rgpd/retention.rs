//! What is past its time goes, and nothing else.

use ::rgpd::Basis;
use jiff::SignedDuration;

use super::House;

#[tokio::test]
async fn a_proof_goes_five_years_after_the_withdrawal_and_a_live_consent_stays() {
    let house = House::new().await;
    let (ines, leo) = (house.person("Marchetti", "Inès").await, house.person("Marchetti", "Léo").await);
    house.grant("lettre", Basis::Consent).await;
    let partenaire = house.partenaire;
    house
        .system(async |tx| {
            for usager in [ines, leo] {
                ::rgpd::give(tx, usager, partenaire, "lettre", "les mots").await?;
            }
            let given = ::rgpd::consents(tx, &[ines]).await?.remove(0);
            ::rgpd::withdraw(tx, &[ines], given.id).await
        })
        .await;
    house.bench.clock.advance(SignedDuration::from_hours(24 * 365 * 4));
    house.run("PurgeRgpd").await;
    assert_eq!(house.system(async |tx| ::rgpd::consents(tx, &[ines, leo]).await).await.len(), 2);
    house.bench.clock.advance(SignedDuration::from_hours(24 * 370));
    house.run("PurgeRgpd").await;
    let left = house.system(async |tx| ::rgpd::consents(tx, &[ines, leo]).await).await;
    assert_eq!(left.iter().filter(|consent| consent.withdrawn_at.is_none()).count(), left.len());
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn ties_and_oppositions_stay_while_the_partner_may_read() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let contract = house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    let partenaire = house.partenaire;
    house.system(async |tx| ::rgpd::oppose(tx, ines, partenaire, "tarif-cantine", "Mes raisons").await).await;
    house.bench.clock.advance(SignedDuration::from_hours(24 * 365 * 6));
    house.run("PurgeRgpd").await;
    assert_eq!(house.system(async |tx| ::rgpd::oppositions(tx, &[ines]).await).await.len(), 1);
    house.system(async |tx| ::rgpd::close(tx, contract.id).await).await;
    house.bench.clock.advance(SignedDuration::from_hours(24 * 365 * 6));
    house.run("PurgeRgpd").await;
    assert!(house.system(async |tx| ::rgpd::oppositions(tx, &[ines]).await).await.is_empty());
}

#[tokio::test]
async fn every_domain_says_how_long_it_keeps() {
    let house = House::new().await;
    let page = house.as_dpo().await.get("/admin/conservation").await.text();
    for kept in ["Accords", "Informations des fiches", "Comptes des usagers", "Sessions", "Demandes et brouillons"] {
        assert!(page.contains(kept), "{kept} in {page}");
    }
}

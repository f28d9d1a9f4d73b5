//! The journal on screen and as a file, for who has the right; contracts of service, opened and closed.

use ::rgpd::{Basis, HABILITATE};
use kernel::Role;

use super::{House, agent, plain};

#[tokio::test]
async fn the_journal_says_who_what_and_when_and_keeps_to_its_filters() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    house.grant("tarif-cantine", Basis::PublicTask).await;
    house.inform(ines).await;
    house.ask(ines, "tarif-cantine").await;
    let mut dpo = house.as_dpo().await;
    let lines = |text: &str| text.matches("<tr role=\"row\"><th role=\"rowheader\"").count();
    let all = plain(&dpo.get("/admin/journal").await);
    assert!(all.contains("Informations lues par un partenaire") && all.contains("Caisse des écoles"), "{all}");
    assert!(!all.contains("874"), "a value is in the journal");
    let kept = plain(&dpo.get(&format!("/admin/journal?genre=Disclosed&sujet={ines}")).await);
    assert_eq!((lines(&kept), lines(&all) > 3), (1, true));
    let none = plain(&dpo.get("/admin/journal?genre=DossierDecided").await);
    assert!(none.contains("Effacer les filtres") && lines(&none) == 0);
}

#[tokio::test]
async fn the_file_of_the_journal_is_whole_and_leaves_a_line() {
    let house = House::new().await;
    house
        .system(async |tx| {
            for _ in 0..620 {
                ::rgpd::inform(tx, tx_usager()).await?;
                tx.emit(&::rgpd::JournalExported { kinds: vec![], subjects: vec![] }).await?;
            }
            Ok(())
        })
        .await;
    let mut dpo = house.as_dpo().await;
    let file = dpo.get("/admin/journal.csv?genre=JournalExported").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.text().lines().count(), 1 + 620 + 1);
    assert_eq!(file.text().matches("Date;").count(), 1);
}

fn tx_usager() -> kernel::UsagerId {
    uuid::Uuid::from_u128(1).into()
}

#[tokio::test]
async fn the_journal_is_walked_by_key() {
    let house = House::new().await;
    house
        .system(async |tx| {
            for _ in 0..60 {
                tx.emit(&::rgpd::JournalExported { kinds: vec![], subjects: vec![] }).await?;
            }
            Ok(())
        })
        .await;
    let mut dpo = house.as_dpo().await;
    let first = dpo.get("/admin/journal?genre=JournalExported").await.text();
    let next = first.split_once("href=\"/admin/journal?genre=JournalExported&amp;avant=").expect("a next page").1;
    let next = next.split('"').next().unwrap_or_default();
    let second = dpo.get(&format!("/admin/journal?genre=JournalExported&avant={next}")).await.text();
    assert_eq!(second.matches("<tr role=\"row\"><th role=\"rowheader\"").count(), 10);
}

#[tokio::test]
async fn who_has_not_the_right_reads_no_journal() {
    let house = House::new().await;
    let mut admin = house.entered(&agent("Paul Guérin", Role::Admin, &[])).await;
    for path in ["/admin/journal", "/admin/journal.csv", "/admin/acces", "/admin/demandes-de-droits", "/admin/conservation", "/admin/habilitations"] {
        assert_eq!(admin.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_contract_is_opened_by_its_form_and_closed_at_once() {
    let house = House::new().await;
    let ines = house.person("Marchetti", "Inès").await;
    let mut admin = house.entered(&agent("Paul Guérin", Role::Admin, &[HABILITATE])).await;
    let partenaire = house.partenaire;
    let wrong = admin.post("/admin/habilitations", &house.form(&format!("partenaire={partenaire}&basis=public_task&purpose=Tarif"))).await;
    assert!(wrong.status == 422 && plain(&wrong).contains("Choisissez au moins une information"), "{}", plain(&wrong));
    let fields = format!(
        "partenaire={partenaire}&basis=public_task&purpose=tarif-cantine&title=calculer+le+tarif&attributes=quotient_familial&reference=article+1&valid_to.jour=31&valid_to.mois=8&valid_to.annee=2027"
    );
    let done = admin.post("/admin/habilitations", &house.form(&fields)).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, "/admin/habilitations"));
    house.inform(ines).await;
    assert_eq!(house.ask(ines, "tarif-cantine").await.status, 200);
    let list = admin.get("/admin/habilitations").await.text();
    let close = list.split_once("action=\"/admin/habilitations/").expect("a form").1.split('"').next().unwrap_or_default().to_owned();
    assert_eq!(admin.post(&format!("/admin/habilitations/{close}"), &house.form("")).await.status, 303);
    assert_eq!(house.ask(ines, "tarif-cantine").await.status, 403);
}

#[tokio::test]
async fn a_contract_of_another_actor_is_refused() {
    let house = House::new().await;
    let contract = super::contract(house.partenaire, "tarif-cantine", Basis::PublicTask);
    let done = house.act(agent("Nadia Roussel", Role::Agent, &[]), async |tx| ::rgpd::grant(tx, contract).await).await;
    assert!(matches!(done, Err(kernel::Error::Forbidden("rgpd.habiliter"))));
}

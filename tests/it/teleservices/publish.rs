//! Publishing: a new version each time the text changes, the former one kept, a wrong one refused.

use kernel::{
    Actor, Error, Scope,
    journal::{self, Subject},
};
use teleservices::{Files, import, pack, publish, published, restore, take_off, teleservices, version, versions};

use super::{bench, package};

fn changed(files: Files, from: &str, to: &str) -> Files {
    let text = files.get("teleservice.toml").expect("the card").replacen(from, to, 1);
    files.with("teleservice.toml", text)
}

#[tokio::test]
async fn a_text_goes_online_and_the_same_text_twice_is_one_version() {
    let bench = bench().await;
    let scope = bench.scope();
    let first = bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    let again = bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    assert!(first.is_new && !again.is_new);
    assert_eq!((first.version.id, first.version.number), (again.version.id, 1));
    let (online, history) = bench
        .db
        .read(&scope, async |tx| {
            let online = published(tx, "contact").await?;
            Ok((online, journal::history(tx, Subject::Tenant, 10, None).await?))
        })
        .await
        .expect("read");
    assert_eq!(online.id, first.version.id);
    assert_eq!(online.package.card.title, "Contacter la mairie");
    assert_eq!(online.setting("2026-09-07".parse().expect("a date"), false).collectivite, bench.tenant.name);
    assert_eq!(history.iter().filter(|line| line.kind == "TeleservicePublished").count(), 1);
}

#[tokio::test]
async fn a_dossier_keeps_the_version_it_was_made_with() {
    let bench = bench().await;
    let scope = bench.scope();
    let first = bench.db.write(&scope, async |tx| publish(tx, &package("aide-velo")).await).await.expect("published");
    let next = changed(package("aide-velo"), "duree_minutes = 10", "duree_minutes = 12");
    let second = bench.db.write(&scope, async |tx| publish(tx, &next).await).await.expect("published");
    assert_eq!(second.version.number, 2);
    let (old, online) =
        bench.db.read(&scope, async |tx| Ok((version(tx, first.version.id).await?, published(tx, "aide-velo").await?))).await.expect("read");
    assert_eq!((old.package.card.minutes, online.package.card.minutes), (10, 12));
    bench.db.write(&scope, async |tx| restore(tx, "aide-velo", 1).await).await.expect("restored");
    let (online, all) =
        bench.db.read(&scope, async |tx| Ok((published(tx, "aide-velo").await?, versions(tx, "aide-velo").await?))).await.expect("read");
    assert_eq!(online.number, 1);
    assert_eq!(all.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn a_wrong_package_is_refused_in_sentences_and_the_former_goes_on() {
    let bench = bench().await;
    let scope = bench.scope();
    bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    let cases = [
        (
            "silence = \"sans objet\"",
            "silence = \"accord\"",
            "teleservice.toml:21:11: « accord » n’est pas une valeur de « silence » (possible ici : acceptation, rejet, sans objet)",
        ),
        (
            "service = \"accueil\"",
            "service = \"jardins\"",
            "Le service « jardins » n’existe pas dans cet espace : créez-le, ou changez « service » dans teleservice.toml.",
        ),
    ];
    for (from, to, sentence) in cases {
        let wrong = changed(package("contact"), from, to);
        let refused = bench.db.write(&scope, async |tx| publish(tx, &wrong).await).await.expect_err("refused");
        let Error::Invalid(errors) = refused else { panic!("{refused:?}") };
        assert_eq!(errors.of("paquet"), Some(sentence));
    }
    let essai = package("contact").get("essais/message.toml").expect("essais").replacen("refus = []", "refus = [\"nom\"]", 1);
    let failing = package("contact").with("essais/message.toml", essai);
    let refused = bench.db.write(&scope, async |tx| publish(tx, &failing).await).await.expect_err("refused");
    let Error::Invalid(errors) = refused else { panic!("{refused:?}") };
    assert_eq!(
        errors.of("paquet"),
        Some("L’essai « Un message simple part en une page » échoue : questions refusées attendues : nom ; trouvées : aucune")
    );
    let online = bench.db.read(&scope, async |tx| published(tx, "contact").await).await.expect("still online");
    assert_eq!(online.number, 1);
}

#[tokio::test]
async fn a_package_moves_from_one_installation_to_another() {
    let (here, there) = (bench().await, bench().await);
    here.db.write(&here.scope(), async |tx| publish(tx, &package("acte-etat-civil")).await).await.expect("published");
    let archive = here.db.read(&here.scope(), async |tx| pack(tx, "acte-etat-civil").await).await.expect("packed");
    let done = there.db.write(&there.scope(), async |tx| import(tx, &archive).await).await.expect("imported");
    assert_eq!(done.version.digest, package("acte-etat-civil").digest());
    let refused = there.db.write(&there.scope(), async |tx| import(tx, b"not an archive").await).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn taken_off_it_is_no_longer_offered_but_its_dossiers_still_read_it() {
    let bench = bench().await;
    let scope = bench.scope();
    let done = bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    bench.db.write(&scope, async |tx| take_off(tx, "contact").await).await.expect("taken off");
    bench
        .db
        .read(&scope, async |tx| {
            assert!(matches!(published(tx, "contact").await, Err(Error::NotFound)));
            assert_eq!(version(tx, done.version.id).await?.slug, "contact");
            assert_eq!(teleservices(tx).await?.iter().map(|(row, online)| (row.slug.as_str(), *online)).collect::<Vec<_>>(), [("contact", false)]);
            Ok(())
        })
        .await
        .expect("read");
    assert!(matches!(bench.db.write(&scope, async |tx| take_off(tx, "contact").await).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_visitor_cannot_publish() {
    let bench = bench().await;
    let scope: Scope = bench.tenant.scope(Actor::Visitor);
    let refused = bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await;
    assert!(matches!(refused, Err(Error::Forbidden("teleservices.publier"))));
}

#[tokio::test]
async fn new_words_of_the_tenant_are_seen_at_once() {
    let bench = bench().await;
    let scope = bench.scope();
    bench.db.write(&scope, async |tx| publish(tx, &package("contact")).await).await.expect("published");
    let title =
        async |db: &kernel::Db| db.read(&scope, async |tx| Ok(published(tx, "contact").await?.package.card.title.clone())).await.expect("read");
    assert_eq!(title(&bench.db).await, "Contacter la mairie");
    let mut tenant = bench.tenant.clone();
    tenant.settings.kind = "agglomeration".into();
    kernel::tenant::save(&bench.db, &tenant).await.expect("saved");
    assert_eq!(title(&bench.db).await, "Contacter l’agglomération");
}

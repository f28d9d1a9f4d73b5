//! Téléservices as text: published, found, moved, kept for the dossiers of before.

mod catalogue;
mod publish;

use comptes::OrgUnit;
use kernel::{OrgUnitId, Tx};
use std::path::Path;
use teleservices::Files;

use crate::support::Bench;

/// A bench with the services that the packages of the house name.
pub async fn bench() -> Bench {
    bench_with(&[]).await
}

/// The same, with what reacts to events.
pub async fn bench_with(reactions: &[(&'static str, &'static str)]) -> Bench {
    let bench = Bench::new(reactions).await;
    let scope = bench.scope();
    bench.db.write(&scope, async |tx| org_units(tx).await).await.expect("the services are saved");
    bench
}

async fn org_units(tx: &mut Tx) -> kernel::Result<()> {
    for slug in ["etat-civil", "mobilites", "accueil"] {
        let id: OrgUnitId = tx.new_id();
        let unit = OrgUnit {
            id,
            slug: slug.into(),
            name: format!("Service {slug}"),
            mail: "service@essai.example".into(),
            phone: "01 99 00 00 00".into(),
            address: "1 place de la Mairie, 28260 Essai".into(),
        };
        comptes::save_org_unit(tx, unit).await?;
    }
    Ok(())
}

/// A package of the house.
pub fn package(slug: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../teleservices").join(slug);
    Files::read(&folder).expect("a package that reads")
}

//! What the tests of the web share: a tenant that needs no database.

use crate::{Tenant, TenantId, TenantSettings};

/// A tenant served over https.
pub(super) fn tenant() -> Tenant {
    Tenant {
        id: TenantId::from(uuid::Uuid::nil()),
        slug: "essai".into(),
        host: "essai.exemple.fr".into(),
        base_url: "https://essai.exemple.fr".into(),
        name: "Commune d’Essai".into(),
        settings: TenantSettings::default(),
    }
}

#[test]
fn a_way_back_never_leaves_the_host() {
    for path in ["https://autre.fr", "//autre.fr", "/\\autre.fr", "", "suivi", "/a\r\nx: y"] {
        assert_eq!(super::local(path), "/", "{path}");
    }
    assert_eq!(super::local("/agent/dossiers?service=a%20b#x"), "/agent/dossiers?service=a%20b#x");
}

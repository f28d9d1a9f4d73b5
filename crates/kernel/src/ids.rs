//! Opaque identifiers: a UUIDv7 with a prefix that says of what, so that a wrong one is refused on sight.
//! The one file of the kernel that may name domain nouns. It makes no identifier: `Tx::new_id` does.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// What every identifier can do; lets `Tx::new_id` and `Row::get` serve them all.
pub trait Id: From<Uuid> + Copy + fmt::Display {
    /// The letters before the underscore, as in `dos_…`.
    const PREFIX: &'static str;
    /// The bare value, as the database keeps it.
    fn uuid(self) -> Uuid;
}

/// The text was not an identifier of the kind that was expected.
#[derive(Debug, thiserror::Error)]
#[error("not a {0}_… identifier")]
pub struct WrongId(pub &'static str);

macro_rules! id {
    ($(#[$doc:meta] $name:ident $prefix:literal)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self { Self(value) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = WrongId;
            fn from_str(text: &str) -> Result<Self, WrongId> { parse($prefix, text).map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
        impl From<$name> for crate::db::Value {
            fn from(id: $name) -> Self { Self::Uuid(id.0) }
        }
        impl From<Option<$name>> for crate::db::Value {
            fn from(id: Option<$name>) -> Self { id.map(|id| id.0).into() }
        }
        impl crate::db::FromColumn for $name {
            fn from_column(column: &crate::db::Column<'_>) -> anyhow::Result<Self> {
                Uuid::from_column(column).map(Self)
            }
        }
    )*};
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, WrongId> {
    let hex = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).filter(|hex| hex.len() == 32).ok_or(WrongId(prefix))?;
    Uuid::try_parse(hex).map_err(|_| WrongId(prefix))
}

id! {
    /// An isolation boundary, which hosts one or several collectivités.
    TenantId "ten"
    /// A person or body that uses the services.
    UsagerId "usa"
    /// What signs in.
    CompteId "cpt"
    /// A member of the staff of the local authority.
    AgentId "age"
    /// A team that handles dossiers.
    OrgUnitId "org"
    /// A legal body that receives or sends data.
    PartenaireId "par"
    /// A system of a partner or of the collectivité.
    ApplicationId "app"
    /// One usager's file for one téléservice.
    DossierId "dos"
    /// A document that proves an answer.
    PieceId "pie"
    /// A stored file.
    FileId "fic"
    /// A line of the journal.
    EventId "evt"
    /// A piece of background work.
    JobId "job"
    /// A published version of a téléservice.
    VersionId "ver"
    /// One sourced value of one attribute.
    FactId "fai"
    /// A household.
    FoyerId "foy"
    /// A right to read, search, write or certify attributes.
    HabilitationId "hab"
    /// A consent, GDPR article 4(11).
    ConsentId "con"
    /// A demand about one's own data: erasure, rectification, opposition…
    RightsRequestId "dro"
    /// One sending to an application.
    DeliveryId "env"
    /// A letter.
    CourrierId "cou"
    /// A message between an usager and a service.
    MessageId "mes"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_wrote_and_refuses_another_kind() {
        let id = DossierId::from(Uuid::now_v7());
        assert_eq!(id.to_string().parse::<DossierId>().expect("same kind"), id);
        assert!(id.to_string().parse::<PieceId>().is_err());
        assert!("dos_12".parse::<DossierId>().is_err());
    }
}

//! OpenID Connect, as a relying party: FranceConnect, ProConnect and a collectivité's own directory. This folder speaks
//! the protocol and checks every answer; who may enter, and what is done with an identity, is decided elsewhere.
//!
//! The wire is written here and not taken from a crate, whose user-information verifier neither looks at `exp` nor
//! takes ES256 (`docs/decisions/0004-openid-connect-a-la-main.md`). Keys and signatures are
//! `openidconnect`'s.

mod discovery;
mod finish;
mod jws;
mod logout;
mod provider;
mod start;

pub use discovery::Metadata;
pub use finish::{Answer, Failure, Identity, finish};
pub use logout::logout_url;
pub use provider::{
    GroupRule, Kind, Provider, ProviderChanged, ProviderSettings, check_provider, origins_of, provider, providers, remove_provider, save_provider,
    secret_of,
};
pub use start::{Demand, Pending, start};

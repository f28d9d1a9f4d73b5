//! The secrets of an application: sealed with the master key, bound to its id, opened only to make a call.

use jiff::Timestamp;
use kernel::{ApplicationId, Result, crypto::Keys};
use serde::{Deserialize, Serialize};

/// What a connector needs to be believed by the other side.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Secrets {
    /// Sign what leaves; newest first.
    pub signing: Vec<SigningSecret>,
    /// By the name of the connector's option: `mot_de_passe`, `cle_privee`.
    pub options: std::collections::BTreeMap<String, String>,
}

/// A signing secret and its end, if another one replaces it.
#[derive(Clone, Serialize, Deserialize)]
pub struct SigningSecret {
    /// `whsec_…`
    pub secret: String,
    /// Signs no more from then on.
    pub until: Option<Timestamp>,
}

impl Secrets {
    /// The secrets that sign now, newest first.
    pub fn signing_at(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let live = self.signing.iter().filter(move |one| one.until.is_none_or(|until| until > now));
        live.map(|one| one.secret.as_str())
    }

    /// A secret option, when it was given.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn seal(&self, keys: &Keys, application: ApplicationId) -> Result<Vec<u8>> {
        Ok(keys.seal(&context(application), &serde_json::to_vec(self)?))
    }

    /// Opens what `seal` made; none: no secret.
    pub(crate) fn open(keys: &Keys, application: ApplicationId, sealed: Option<&[u8]>) -> Result<Self> {
        match sealed {
            None => Ok(Self::default()),
            Some(sealed) => Ok(serde_json::from_slice(&keys.open(&context(application), sealed)?)?),
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

fn context(application: ApplicationId) -> String {
    format!("application:{application}")
}

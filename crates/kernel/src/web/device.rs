//! Browsers that signed in to an account before: a cookie that says which, under a mark of the master key. It opens
//! nothing; tries from such a browser are counted apart from those of strangers (`throttle.rs`).

use axum::http::HeaderMap;
use jiff::SignedDuration;

use super::{ctx::Ctx, session::cookie_name};
use crate::{Tx, crypto::Mark};

/// End of the name of the cookie of a browser that signed in before.
const DEVICES: &str = "-appareil";
/// How many accounts one browser is known to.
const DEVICES_KEPT: usize = 6;
/// How long a browser stays known.
const DEVICE_LIFE: SignedDuration = SignedDuration::from_hours(180 * 24);

impl Ctx {
    /// Whether this browser has signed in to an account before: which browser it is, to count its tries apart. Says
    /// nothing of who uses it now.
    pub(super) fn device(&self, account: &str) -> Option<String> {
        let mark = self.request().devices().into_iter().find(|mark| self.is_device_of(mark, account))?;
        mark.split('.').next().map(ToOwned::to_owned)
    }

    /// Knows this browser again when it comes back to this account; to be called in the unit that signs it in.
    pub(super) fn know_device(&self, tx: &mut Tx, account: &str) {
        if self.device(account).is_some() {
            return;
        }
        let id = tx.random_token();
        let mark = format!("{id}.{}", self.app.keys.mark(self.device_text(&id, account).as_bytes()));
        let known = self.request().devices().into_iter().take(DEVICES_KEPT - 1);
        let marks: Vec<String> = std::iter::once(mark).chain(known).collect();
        self.jar(|jar| jar.devices = Some(marks.join("~")));
    }

    fn device_text(&self, id: &str, account: &str) -> String {
        format!("device:{}:{account}:{id}", self.tenant.id)
    }

    fn is_device_of(&self, mark: &str, account: &str) -> bool {
        let Some((id, mark)) = mark.split_once('.') else { return false };
        self.app.keys.check_mark(self.device_text(id, account).as_bytes(), mark) == Mark::Ours
    }
}

/// The `Set-Cookie` of these marks, beside the cookie of the session.
pub(super) fn cookie(name: &str, secure: &str, marks: &str) -> String {
    let life = DEVICE_LIFE.as_secs();
    format!("{name}{DEVICES}={marks}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={life}")
}

/// The marks that a browser sent, at most as many as it may keep.
pub(super) fn sent(headers: &HeaderMap, base_url: &str) -> Vec<String> {
    let name = format!("{}{DEVICES}", cookie_name(base_url).0);
    let cookies = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let marks = pairs.find(|(of, _)| *of == name).map(|(_, marks)| marks).unwrap_or_default();
    marks.split('~').filter(|mark| !mark.is_empty() && mark.len() < 200).take(DEVICES_KEPT).map(ToOwned::to_owned).collect()
}

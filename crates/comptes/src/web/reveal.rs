//! A secret that is shown once: a key of a partner, the link of an invitation. It waits, sealed, in the session of the
//! administrator who asked for it, and the page that shows it takes it away.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{
    Error, Problem, Result, Tx,
    templates::{Page, Sample, samples},
    web::Ctx,
};
use serde::{Deserialize, Serialize};

const KEY: &str = "secret_once";

#[derive(Serialize, Deserialize)]
struct Kept {
    title: String,
    about: String,
    sealed: String,
    back: String,
}

/// A secret, once.
#[derive(Debug, Serialize)]
pub struct RevealPage {
    /// What it is.
    pub title: String,
    /// What to do with it.
    pub about: String,
    /// The secret.
    pub secret: String,
    /// Where to go after.
    pub back: String,
}

impl Page for RevealPage {
    const TEMPLATE: &'static str = "comptes/admin/secret.html";
    fn samples() -> Vec<Self> {
        vec![Self {
            title: "Clé de la Caisse des écoles".into(),
            about: "Copiez-la maintenant : elle ne sera plus jamais montrée.".into(),
            secret: "parvis_k3JmQ0v2t1yTt8oV9oQ2m3n4p5q6r7s8t9u0v1w2x3y".into(),
            back: "/admin/partenaires".into(),
        }]
    }
}

/// The samples of the page.
pub(crate) fn samples_of() -> Vec<Sample> {
    samples::<RevealPage>()
}

/// Where the secret is shown.
pub const PATH: &str = "/admin/secret";

/// Keeps a secret for the next page, in the unit that made it.
pub async fn keep(cx: &Ctx, tx: &mut Tx, title: &str, about: &str, secret: &str, back: &str) -> Result<()> {
    let sealed = STANDARD.encode(cx.app.keys.seal(KEY, secret.as_bytes()));
    cx.remember(tx, KEY, Kept { title: title.into(), about: about.into(), sealed, back: back.into() }).await
}

/// Shows it and forgets it.
pub(crate) async fn show(cx: &Ctx) -> Result<Response> {
    let kept: Option<Kept> = cx.write(async |tx| cx.take(tx, KEY).await).await?;
    let gone = || {
        let sentence = "Ce secret a déjà été montré. S’il n’a pas été copié, faites-en un autre.";
        Error::Gone(Problem { code: "secret-shown", sentence: sentence.into() })
    };
    let kept = kept.ok_or_else(gone)?;
    let plain = cx.app.keys.open(KEY, &STANDARD.decode(kept.sealed).map_err(Error::internal)?)?;
    let secret = String::from_utf8(plain).map_err(Error::internal)?;
    cx.page(&RevealPage { title: kept.title, about: kept.about, secret, back: kept.back })
}

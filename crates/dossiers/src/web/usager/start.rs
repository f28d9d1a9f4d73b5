//! "Commencer": a draft, then its first page. Answers given to know whether one may ask are not asked twice.

use axum::extract::Path;
use axum::response::Response;
use kernel::web::{Form, Public, see_other, throttle};
use kernel::{Error, Result};
use teleservices::package::Deposit;

use super::shared::{Reader, sent, step_path};
use crate::channel::Channel;
use crate::start::{Start, start};
use crate::web::mine::give_key;

const TOO_MANY: &str = "Beaucoup de demandes ont été commencées aujourd’hui depuis cette connexion à internet. \
                        Reprenez une demande déjà commencée, connectez-vous, ou revenez demain.";

/// The address that begins, read: to the page that presents the démarche, where one begins by its button.
pub(crate) async fn come_back(Public(cx): Public) -> Result<Response> {
    Ok(see_other(cx.path().trim_end_matches("/commencer")))
}

/// Begins a draft of a démarche on line, and leads to its first page.
pub(crate) async fn begin(Public(cx): Public, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let keys = cx.app.keys.clone();
    let tenant = cx.tenant.clone();
    let given = sent(&form);
    cx.once(&form, async |tx| {
        let version = teleservices::published(tx, &slug).await?;
        if version.package.card.deposit != Deposit::Here {
            return Err(Error::NotFound);
        }
        throttle::quota(&cx, tx, "drafts", cx.app.config.limits.drafts, TOO_MANY).await?;
        let key = match cx.session.is_signed_in() {
            true => None,
            false => Some(give_key(&cx, tx).await?),
        };
        let input = Start { version: &version, channel: Channel::Ligne, usager: None, key_hash: key, given };
        let dossier = start(tx, &keys, input).await?;
        let reader = Reader::new(&tenant, &version, &dossier, tx.today());
        let first = reader.filling(&dossier).first_step();
        Ok(step_path(dossier.id, &first))
    })
    .await
}

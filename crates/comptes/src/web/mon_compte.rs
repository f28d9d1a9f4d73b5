//! U33 and U34: what a person chooses for himself, his sessions, his password, the identities tied to his account.

use axum::{extract::Path, http::StatusCode, response::Response};
use jiff::Timestamp;
use kernel::{
    Error, FieldError, Result,
    templates::{Page, Sample, samples},
    web::{Form, Pages, Session, SignedUsager, see_other, session},
};
use serde::Serialize;
use uuid::Uuid;

use super::{faults, mot_de_passe::change_own};
use crate::{password, store};

/// A browser that is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct SessionLine {
    /// To end it.
    pub id: String,
    /// "Firefox sur Android".
    pub browser: String,
    /// Since when.
    pub since: Timestamp,
    /// Last use.
    pub seen_at: Timestamp,
    /// Whether it is this one.
    pub is_this: bool,
}

impl SessionLine {
    /// The live sessions of an actor, as lines.
    pub(crate) fn all(sessions: Vec<Session>, this: Option<Uuid>) -> Vec<Self> {
        let line = |session: Session| {
            Some(Self {
                id: session.id?.to_string(),
                is_this: session.id == this,
                browser: session.browser,
                since: session.created_at,
                seen_at: session.seen_at,
            })
        };
        sessions.into_iter().filter_map(line).collect()
    }

    pub(crate) fn samples() -> Vec<Self> {
        let at = Timestamp::UNIX_EPOCH;
        let line = |browser: &str, is_this| Self { id: "1".into(), browser: browser.into(), since: at, seen_at: at, is_this };
        vec![line("Firefox sur Linux", true), line("Chrome sur Android", false)]
    }
}

/// An identity tied to the account.
#[derive(Debug, Clone, Serialize)]
pub struct IdentityLine {
    /// Its provider, in words.
    pub title: String,
    /// To untie it.
    pub issuer: String,
    /// Since when.
    pub since: Timestamp,
}

/// "Mon compte".
#[derive(Debug, Serialize)]
pub struct AccountPage {
    /// Login; empty: none.
    pub mail: String,
    /// Whether there is a password.
    pub has_password: bool,
    /// What makes a good one.
    pub advice: &'static str,
    /// `auto`, `light`, `dark`.
    pub theme: String,
    /// CRPA L112-14.
    pub electronic_reply_refused: bool,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionLine>,
    /// FranceConnect.
    pub identities: Vec<IdentityLine>,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "comptes/usager/mon_compte.html";
    fn samples() -> Vec<Self> {
        let page = |errors: Vec<FieldError>, mail: &str, has_password| Self {
            mail: mail.into(),
            has_password,
            advice: password::ADVICE,
            theme: "auto".into(),
            electronic_reply_refused: !has_password,
            sessions: SessionLine::samples(),
            identities: vec![IdentityLine { title: "FranceConnect".into(), issuer: "https://fc.exemple.fr".into(), since: Timestamp::UNIX_EPOCH }],
            errors,
        };
        let fault = FieldError { field: "actuel".into(), sentence: "Ce n’est pas votre mot de passe actuel.".into() };
        vec![page(vec![], "ines.marchetti@exemple.fr", true), page(vec![fault], "a@exemple.fr", true), page(vec![], "", false)]
    }
}

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .get("/mon-compte", show)
        .post("/mon-compte/preferences", prefer)
        .post("/mon-compte/mot-de-passe", change_password)
        .post("/mon-compte/sessions/{id}/fermer", end_session)
        .post("/mon-compte/identites/delier", unlink)
}

pub(super) fn samples_of() -> Vec<Sample> {
    samples::<AccountPage>()
}

async fn show(cx: SignedUsager) -> Result<Response> {
    again(&cx, StatusCode::OK, vec![]).await
}

async fn again(cx: &SignedUsager, status: StatusCode, errors: Vec<FieldError>) -> Result<Response> {
    let (label, this) = (cx.actor().label(), cx.session.id);
    let page = cx
        .read(async |tx| {
            let compte = store::compte(tx, cx.compte).await?.ok_or(Error::NotFound)?;
            let providers = store::providers(tx).await?;
            let identities = store::identities_of(tx, cx.compte).await?;
            let line = |identity: crate::LinkedIdentity| IdentityLine {
                title: providers.iter().find(|p| p.issuer == identity.issuer).map_or_else(|| identity.issuer.clone(), |p| p.title.clone()),
                issuer: identity.issuer,
                since: identity.created_at,
            };
            Ok(AccountPage {
                mail: compte.mail.unwrap_or_default(),
                has_password: compte.password_hash.is_some(),
                advice: password::ADVICE,
                theme: compte.theme,
                electronic_reply_refused: compte.electronic_reply_refused,
                sessions: SessionLine::all(session::list(tx, &label).await?, this),
                identities: identities.into_iter().map(line).collect(),
                errors,
            })
        })
        .await?;
    cx.page_status(status, &page)
}

async fn prefer(cx: SignedUsager, form: Form) -> Result<Response> {
    let theme = form.get("theme").unwrap_or_default().to_owned();
    let refused = form.has("refus_electronique");
    let done = cx
        .once(&form, async |tx| {
            crate::prefer(tx, cx.compte, &theme, refused).await?;
            cx.remember(tx, session::THEME, &theme).await?;
            cx.flash(tx, "Vos choix sont enregistrés.").await?;
            Ok("/mon-compte".to_owned())
        })
        .await;
    match done {
        Err(error) => again(&cx, StatusCode::UNPROCESSABLE_ENTITY, faults(error)?).await,
        done => done,
    }
}

async fn change_password(cx: SignedUsager, form: Form) -> Result<Response> {
    match change_own(&cx, cx.compte, &form).await {
        Ok(()) => Ok(see_other("/mon-compte")),
        Err(error) => again(&cx, StatusCode::UNPROCESSABLE_ENTITY, faults(error)?).await,
    }
}

async fn end_session(cx: SignedUsager, Path(id): Path<Uuid>, form: Form) -> Result<Response> {
    let label = cx.actor().label();
    cx.once(&form, async |tx| {
        session::revoke(tx, &label, id).await?;
        cx.flash(tx, "Cet appareil est déconnecté.").await?;
        Ok("/mon-compte".to_owned())
    })
    .await
}

async fn unlink(cx: SignedUsager, form: Form) -> Result<Response> {
    let issuer = form.filled("emetteur").ok_or(Error::NotFound)?.to_owned();
    cx.once(&form, async |tx| {
        crate::unlink(tx, cx.compte, &issuer).await?;
        cx.flash(tx, "Cette identité n’est plus reliée à votre compte.").await?;
        Ok("/mon-compte".to_owned())
    })
    .await
}

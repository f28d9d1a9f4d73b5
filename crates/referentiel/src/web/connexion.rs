//! How an usager's sign-in ends: by password, by a mailed link, by FranceConnect. The proof is `comptes`'s, the person
//! is found here, and both are in one transaction with the session.

use axum::{extract::Path, http::StatusCode, response::Response};
use comptes::{
    Compte, Purpose,
    oidc::Kind,
    password, redeem,
    web::{
        back_of,
        connexion::{SignInPage, again},
        faults, mot_de_passe, oidc,
    },
};
use kernel::{
    Error, Result, Tx,
    crypto::verify_password,
    web::{
        Ctx, Form, Level, Means, Pages, Public, see_other, session,
        throttle::{Door, Tries},
    },
};

use super::relier::{self, Waiting};
use crate::{Linking, Pivot, actor_of_compte, join, linking};

pub(super) fn pages_of(pages: Pages) -> Pages {
    pages
        .post("/connexion/mot-de-passe", by_password)
        .post("/connexion/lien/{token}", by_link)
        .post("/connexion/mot-de-passe/{token}", new_password)
        .get("/connexion/{fournisseur}/retour", come_back)
}

/// Opens the session of a person, in the unit that proved who he is.
pub(super) async fn enter(cx: &Ctx, tx: &mut Tx, compte: &Compte, actor: kernel::Actor, level: Level, means: &str) -> Result<()> {
    cx.sign_in(tx, actor, level).await?;
    cx.remember(tx, session::THEME, &compte.theme).await?;
    comptes::sign_in(tx, compte.id, means).await
}

async fn by_password(cx: Public, form: Form) -> Result<Response> {
    let back = back_of(&form, "/mes-demandes");
    match check(&cx, &form).await {
        Ok(()) => Ok(see_other(&back)),
        Err(error) => {
            let mail = form.typed("identifiant", comptes::MAX_MAIL);
            let page = SignInPage { back, mail, errors: faults(error)?, ..SignInPage::default() };
            again(&cx, StatusCode::UNPROCESSABLE_ENTITY, page).await
        }
    }
}

/// The try is counted before the secret is looked at, and the same work is done when nobody has this address.
async fn check(cx: &Ctx, form: &Form) -> Result<()> {
    let mail = form.filled("identifiant").and_then(comptes::normal_mail).ok_or_else(password::refusal)?;
    let tries = Tries::at(cx, Door::Usagers, &mail);
    let compte = cx
        .write(async |tx| {
            tries.count(tx).await?;
            comptes::store::compte_by_mail(tx, &mail).await
        })
        .await?;
    let kept = compte.as_ref().and_then(|compte| compte.password_hash.clone());
    let is_right = verify_password(form.get("mot_de_passe").unwrap_or_default().to_owned(), kept).await?;
    let Some(compte) = compte.filter(|_| is_right) else { return Err(password::refusal()) };
    cx.write(async |tx| {
        tries.succeeded(cx, tx).await?;
        let actor = actor_of_compte(tx, &compte).await?;
        enter(cx, tx, &compte, actor, Level::of(Means::Password), "password").await
    })
    .await
}

async fn by_link(cx: Public, Path(token): Path<String>, form: Form) -> Result<Response> {
    let waiting = Waiting::of(&cx)?;
    cx.once(&form, async |tx| {
        let link = redeem(tx, Purpose::SignIn, &token).await?;
        Tries::at(&cx, Door::Usagers, &link.mail).succeeded(&cx, tx).await?;
        let compte = comptes::open(tx, &link.mail).await?;
        let is_proof = link.payload["relier"].as_bool() == Some(true);
        let pivot = waiting.filter(|waiting| is_proof && waiting.pivot.courriel.as_deref() == Some(&link.mail));
        let back = link.payload["retour"].as_str().unwrap_or("/mes-demandes").to_owned();
        match pivot {
            Some(waiting) => {
                let actor = join(tx, &compte, &waiting.pivot).await?;
                enter(&cx, tx, &compte, actor, waiting.level(), "france_connect").await?;
                Waiting::forget(&cx, tx).await?;
                cx.flash(tx, "FranceConnect est relié à votre compte.").await?;
            }
            None => {
                let actor = actor_of_compte(tx, &compte).await?;
                enter(&cx, tx, &compte, actor, Level::of(Means::Link), "link").await?;
                if is_proof {
                    cx.flash(tx, "Vous êtes connecté. Pour relier FranceConnect, ouvrez le lien dans le navigateur où vous l’avez demandé.").await?;
                }
            }
        }
        Ok(kernel::web::local(&back).to_owned())
    })
    .await
}

/// A password that is refused leaves the link alive: it is used in the unit that keeps the new one.
async fn new_password(cx: Public, Path(token): Path<String>, form: Form) -> Result<Response> {
    let hash = match mot_de_passe::chosen(&form).await {
        Ok(hash) => hash,
        Err(error) => return mot_de_passe::again(&cx, token, faults(error)?),
    };
    cx.write(async |tx| {
        let compte = comptes::set_password_by_link(tx, &token, &hash).await?;
        let actor = actor_of_compte(tx, &compte).await?;
        session::revoke_all(tx, &actor.label()).await?;
        enter(&cx, tx, &compte, actor, Level::of(Means::Link), "link").await?;
        cx.flash(tx, "Votre mot de passe est enregistré. Vos autres appareils sont déconnectés.").await
    })
    .await?;
    Ok(see_other("/mes-demandes"))
}

async fn come_back(cx: Public, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let came = oidc::come_back(&cx, &slug, &form).await?;
    if came.provider.kind != Kind::FranceConnect {
        return Err(Error::NotFound);
    }
    let back = came.pending.as_ref().map_or_else(|| "/mes-demandes".to_owned(), |pending| pending.back.clone());
    let trouble = |trouble: String| SignInPage { back: back.clone(), trouble, ..SignInPage::default() };
    let identity = match came.outcome {
        Ok(identity) => identity,
        Err(failure) => return again(&cx, StatusCode::BAD_REQUEST, trouble(oidc::sentence(&came.provider, failure))).await,
    };
    let Some(pivot) = Pivot::of(&identity) else {
        tracing::warn!(request = cx.request_id(), provider = came.provider.slug, "an identity was not whole");
        let sentence = format!("{} n’a pas donné votre identité entière : personne n’a été connecté.", came.provider.title);
        return again(&cx, StatusCode::BAD_REQUEST, trouble(sentence)).await;
    };
    let waiting = Waiting::new(pivot, identity.acr.clone(), &back, cx.app.clock.now());
    let next = cx
        .write(async |tx| {
            let next = settle(&cx, tx, &waiting, &back).await?;
            oidc::hold(&cx, tx, &came.provider, &identity).await?;
            Ok(next)
        })
        .await?;
    Ok(see_other(&next))
}

/// Signs in when the account is sure, else asks.
async fn settle(cx: &Ctx, tx: &mut Tx, waiting: &Waiting, back: &str) -> Result<String> {
    let compte = match linking(tx, &waiting.pivot).await? {
        Linking::Known(compte) => *compte,
        Linking::New => match &waiting.pivot.courriel {
            Some(mail) => comptes::open(tx, mail).await?,
            None => comptes::open_without_mail(tx).await?,
        },
        Linking::SamePivot(_) | Linking::SameMail(_) => {
            waiting.keep(cx, tx).await?;
            return Ok(relier::PATH.to_owned());
        }
    };
    let actor = join(tx, &compte, &waiting.pivot).await?;
    enter(cx, tx, &compte, actor, waiting.level(), "france_connect").await?;
    Ok(back.to_owned())
}

//! A consent: the page that says all before it is given (who, what, why, until when, how to take it back), the form
//! that gives it, the form that withdraws it. The words on the page are those kept as proof.

use axum::{extract::Path, http::StatusCode, response::Response};
use kernel::{
    ConsentId, Error, FieldError, PartenaireId, Result, Tx,
    crypto::hash_token,
    t,
    templates::Page,
    web::{Form, SignedUsager},
};
use rgpd::Offer;
use serde::Serialize;

use super::{date, my_data::said_list};
use crate::read;

/// What is asked, in the words kept as proof.
#[derive(Clone, Serialize)]
pub(super) struct ConsentPage {
    title: String,
    who: String,
    /// The words kept as proof, one paragraph each.
    text: Vec<String>,
    /// Hash of these words: what is accepted is what was read.
    seen: String,
    reference: String,
    action: String,
    /// The form that withdraws it, when it is given.
    withdraw: Option<String>,
    errors: Vec<FieldError>,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "referentiel/usager/accord.html";
    fn samples() -> Vec<Self> {
        let asked = Self {
            title: "recevoir la lettre des familles".into(),
            who: "Centre social".into(),
            text: vec!["Le Centre social pourra lire votre adresse électronique pour : recevoir la lettre des familles.".into()],
            seen: "00".into(),
            reference: "convention du 12 janvier 2026".into(),
            action: "/mes-donnees/accords/par_1/lettre".into(),
            withdraw: None,
            errors: vec![],
        };
        let given = Self { withdraw: Some("/mes-donnees/retraits/con_1".into()), ..asked.clone() };
        let missed = FieldError { field: "accord".into(), sentence: "Cochez la case pour donner votre accord, ou quittez cette page.".into() };
        vec![asked.clone(), given, Self { errors: vec![missed], ..asked }]
    }
}

async fn load(tx: &mut Tx, cx: &SignedUsager, partenaire: PartenaireId, purpose: &str) -> Result<ConsentPage> {
    let offers = rgpd::offers(tx).await?;
    let offer = offers.into_iter().find(|o| o.partenaire == partenaire && o.purpose == purpose).ok_or(Error::NotFound)?;
    let partenaires = comptes::partenaires(tx).await?;
    let who = partenaires.into_iter().find(|p| p.id == partenaire).map(|p| p.name).ok_or(Error::NotFound)?;
    let ids = read::aliases(tx, cx.usager).await?;
    let given = rgpd::consents(tx, &ids).await?;
    let live = given.iter().find(|c| c.partenaire == partenaire && c.purpose == purpose && c.withdrawn_at.is_none() && c.given_at >= offer.since);
    let text = text(&offer, &who);
    Ok(ConsentPage {
        seen: hash_token(&text.join("\n")),
        text,
        title: offer.title,
        who,
        reference: offer.reference,
        action: format!("/mes-donnees/accords/{partenaire}/{purpose}"),
        withdraw: live.map(|c| format!("/mes-donnees/retraits/{}", c.id)),
        errors: vec![],
    })
}

/// The words that the person accepts.
fn text(offer: &Offer, who: &str) -> Vec<String> {
    let until = match offer.valid_to {
        Some(last) => t!("Cet accord vaut jusqu’au {day}, ou jusqu’à ce que vous le retiriez.", day = date(last)),
        None => t!("Cet accord vaut jusqu’à ce que vous le retiriez."),
    };
    vec![
        t!("{who} pourra lire {what} pour : {title}.", who = who, what = said_list(&offer.attributes), title = offer.title),
        until,
        t!(
            "Vous pouvez refuser sans aucune conséquence sur vos demandes, et retirer votre accord à tout moment sur la page Mes données. Ce qui aura été lu avant le restera."
        ),
    ]
}

/// `GET /mes-donnees/accords/{partenaire}/{purpose}`
pub(super) async fn show(cx: SignedUsager, Path((partenaire, purpose)): Path<(String, String)>) -> Result<Response> {
    let partenaire = partenaire.parse()?;
    let page = cx.read(async |tx| load(tx, &cx, partenaire, &purpose).await).await?;
    cx.page(&page)
}

/// `POST /mes-donnees/accords/{partenaire}/{purpose}`
pub(super) async fn give(cx: SignedUsager, Path((partenaire, purpose)): Path<(String, String)>, form: Form) -> Result<Response> {
    let partenaire = partenaire.parse()?;
    let page = cx.read(async |tx| load(tx, &cx, partenaire, &purpose).await).await?;
    let refused = match (form.filled("accord"), form.get("vu") == Some(page.seen.as_str())) {
        (Some(_), true) => None,
        (Some(_), false) => Some(t!("Le texte a changé depuis que vous l’avez lu : relisez-le, puis cochez la case.")),
        (None, _) => Some(t!("Cochez la case pour donner votre accord, ou quittez cette page.")),
    };
    if let Some(sentence) = refused {
        let errors = vec![FieldError { field: "accord".into(), sentence }];
        return cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &ConsentPage { errors, ..page });
    }
    cx.once(&form, async |tx| {
        rgpd::give(tx, cx.usager, partenaire, &purpose, &page.text.join("\n")).await?;
        cx.flash(tx, t!("Votre accord est donné. Vous pouvez le retirer ici à tout moment.")).await?;
        Ok("/mes-donnees#accords".into())
    })
    .await
}

/// `POST /mes-donnees/retraits/{consent}`
pub(super) async fn withdraw(cx: SignedUsager, Path(consent): Path<String>, form: Form) -> Result<Response> {
    let consent: ConsentId = consent.parse()?;
    cx.once(&form, async |tx| {
        let ids = read::aliases(tx, cx.usager).await?;
        rgpd::withdraw(tx, &ids, consent).await?;
        cx.flash(tx, t!("Votre accord est retiré : plus rien ne sera lu pour cette raison.")).await?;
        Ok("/mes-donnees#accords".into())
    })
    .await
}

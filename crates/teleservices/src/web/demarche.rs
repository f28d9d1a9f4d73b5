//! U3: the page of a démarche. For whom, what to have ready, what it costs, how long, what silence means where a text
//! gives it a meaning, and the service's own commitment otherwise, never shown as legal.

use axum::{extract::Path, response::Response};
use kernel::{Result, templates::Page, web::Public};
use serde::Serialize;

use crate::{
    package::{Card, Deposit, Package, PieceWhen, Request, Silence},
    published,
};

/// A piece to have ready.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ready {
    pub label: String,
    pub hint: String,
}

/// What happens when the administration says nothing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SilenceView {
    pub summary: String,
    pub text: String,
    pub article: String,
}

/// U3.
#[derive(Debug, Default, Serialize)]
pub(crate) struct DemarchePage {
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub theme: Option<(String, String)>,
    /// Texts of the package, in Markdown: before the button, under it, and about what comes after.
    pub before: Option<String>,
    pub presentation: Option<String>,
    pub after: Option<String>,
    pub for_whom: Vec<String>,
    pub ready: Vec<Ready>,
    pub minutes: u16,
    pub price: String,
    pub answer: String,
    pub legal: String,
    pub silence: Option<SilenceView>,
    pub channels: Vec<String>,
    pub has_eligibility: bool,
    pub is_here: bool,
    pub elsewhere_url: String,
    pub elsewhere_body: String,
}

impl Page for DemarchePage {
    const TEMPLATE: &'static str = "teleservices/demarche.html";
    fn samples() -> Vec<Self> {
        let here = Self {
            slug: "aide-velo".into(),
            title: "Aide à l’achat d’un vélo".into(),
            summary: "La commune rembourse une partie de votre vélo.".into(),
            theme: Some(("deplacements".into(), "Se déplacer".into())),
            before: Some("Ayez votre **facture** sous les yeux.".into()),
            presentation: Some("## Combien ?\n\n| Vélo neuf | Vélo d’occasion |\n| --- | --- |\n| 400 € | 250 € |".into()),
            after: Some("Le service vérifie la facture, puis vous répond.".into()),
            for_whom: vec!["Vous avez 18 ans ou plus.".into()],
            ready: vec![Ready { label: "La facture du vélo".into(), hint: "Photo ou PDF".into() }],
            minutes: 10,
            price: "Gratuit".into(),
            answer: "2 mois au plus".into(),
            legal: "Le service répond au plus tard en 2 mois.".into(),
            silence: Some(SilenceView {
                summary: "Si vous n’avez pas de réponse en 2 mois".into(),
                text: "Votre demande est considérée comme refusée.".into(),
                article: "L231-4, 3°".into(),
            }),
            channels: vec!["À l’accueil.".into()],
            has_eligibility: true,
            is_here: true,
            ..Self::default()
        };
        let elsewhere = Self {
            slug: "permis".into(),
            title: "Permis de conduire".into(),
            summary: "La demande se fait sur un site de l’État.".into(),
            elsewhere_url: "https://ants.gouv.fr".into(),
            elsewhere_body: "France Titres".into(),
            ..Self::default()
        };
        vec![here, elsewhere]
    }
}

/// `GET /demarches/{slug}`
pub(crate) async fn show(Public(cx): Public, Path(slug): Path<String>) -> Result<Response> {
    let version = cx.read(async |tx| published(tx, &slug).await).await?;
    cx.page(&view(&version.package))
}

fn view(package: &Package) -> DemarchePage {
    let card = &package.card;
    let (elsewhere_url, elsewhere_body) = match &card.deposit {
        Deposit::Here => (String::new(), String::new()),
        Deposit::Elsewhere { url, body } => (url.clone(), body.clone()),
    };
    let request = card.request.as_ref();
    let text = |name: &str| package.texts.get(name).cloned();
    DemarchePage {
        before: text("avant"),
        presentation: text("presentation"),
        after: text("suite"),
        slug: card.slug.clone(),
        title: card.title.clone(),
        summary: card.summary.clone(),
        theme: card.themes.first().map(|theme| (theme.slug.to_owned(), theme.label.to_owned())),
        for_whom: card.for_whom.clone(),
        ready: ready(package),
        minutes: card.minutes,
        price: card.price.clone(),
        answer: request.map(answer).unwrap_or_default(),
        legal: request.map(|request| legal(card, request)).unwrap_or_default(),
        silence: request.and_then(silence),
        channels: card.channels.clone(),
        has_eligibility: package.rules.eligibility.is_some(),
        is_here: card.deposit == Deposit::Here,
        elsewhere_url,
        elsewhere_body,
    }
}

fn ready(package: &Package) -> Vec<Ready> {
    let asked = package.pieces.iter().filter(|piece| piece.when == PieceWhen::Depot);
    asked.map(|piece| Ready { label: piece.label.clone(), hint: piece.hint.clone().unwrap_or_default() }).collect()
}

fn answer(request: &Request) -> String {
    match (request.silence, &request.delay, &request.commitment) {
        (Silence::Acceptation | Silence::Rejet, Some(delay), _) => format!("{delay} au plus"),
        (_, _, Some(commitment)) => format!("{commitment} en général"),
        _ => String::new(),
    }
}

/// The legal delay where a text gives one; the commitment is the service's own and is said so.
fn legal(card: &Card, request: &Request) -> String {
    let commitment = request.commitment.as_ref().map(|c| format!("Le service s’engage à répondre en {c}."));
    match (&request.delay, request.silence) {
        (Some(delay), Silence::Acceptation | Silence::Rejet) => {
            let article = request.article.as_deref().unwrap_or_default();
            let text = format!("La loi donne à l’administration {delay} pour répondre ({article}).");
            commitment.map_or(text.clone(), |commitment| format!("{commitment} {text}"))
        }
        _ => commitment.unwrap_or_else(|| {
            if card.deposit == Deposit::Here { "Vous recevez un accusé de réception tout de suite.".into() } else { String::new() }
        }),
    }
}

fn silence(request: &Request) -> Option<SilenceView> {
    let delay = request.delay.as_ref()?;
    let text = match request.silence {
        Silence::SansObjet => return None,
        Silence::Acceptation => "Votre demande est considérée comme acceptée, si votre dossier est complet. Vous pouvez demander une attestation.",
        Silence::Rejet => "Votre demande est considérée comme refusée. Vous pouvez demander les raisons et contester ce refus.",
    };
    Some(SilenceView {
        summary: format!("Si vous n’avez pas de réponse en {delay}"),
        text: text.into(),
        article: request.article.clone().unwrap_or_default(),
    })
}

//! `/mes-donnees`: who read what, the readings that the person is told of, his consents, what is known, his requests.
//! Showing it is informing him: the partners that the page names are from then on tied to him.

use axum::response::Response;
use jiff::tz::TimeZone;
use kernel::{PartenaireId, Result, Tx, UsagerId, t, templates::Page, web::SignedUsager};
use rgpd::{Basis, Consent, Habilitation, Offer, Opposition, RightsRequest, rights_request::Kind};
use serde::Serialize;

use super::{
    date, day,
    readings::{self, DayView},
};
use crate::{Golden, Level, Record, Source, attributes, can_correct, read, readings as told, readings::Words};

/// Readings shown here; the others are one page away.
const SHOWN: u32 = 12;

/// All that concerns the person's data, in one page.
#[derive(Clone, Default, Serialize)]
pub(super) struct MyDataPage {
    days: Vec<DayView>,
    has_more: bool,
    informed: Vec<InformedView>,
    consents: Vec<ConsentView>,
    facts: Vec<FactView>,
    /// What may be added because nothing is known of it.
    missing: Vec<Link>,
    requests: Vec<RequestView>,
    dpo: String,
}

/// A reading that rests on a text or a public task.
#[derive(Clone, Serialize)]
struct InformedView {
    who: String,
    title: String,
    what: String,
    basis: String,
    reference: String,
    until: String,
    /// Where to oppose; none when the text does not allow it.
    oppose: Option<String>,
    /// What became of an opposition; empty when there is none.
    opposed: String,
    is_stopped: bool,
}

#[derive(Clone, Serialize)]
struct ConsentView {
    title: String,
    who: String,
    what: String,
    /// "Donné le…", "Retiré le…", "Non donné".
    state: String,
    /// The page where it is read and given.
    href: String,
    /// The form that withdraws it, when it is given.
    withdraw: Option<String>,
}

#[derive(Clone, Serialize)]
struct FactView {
    label: String,
    lines: Vec<String>,
    source: String,
    verified: bool,
    act: Option<Act>,
}

#[derive(Clone, Serialize)]
struct Act {
    href: String,
    label: String,
}

#[derive(Clone, Serialize)]
struct Link {
    label: String,
    href: String,
}

#[derive(Clone, Serialize)]
struct RequestView {
    title: String,
    text: String,
    state: String,
    answer: String,
    is_open: bool,
}

impl Page for MyDataPage {
    const TEMPLATE: &'static str = "referentiel/usager/mes-donnees.html";
    fn samples() -> Vec<Self> {
        let informed = InformedView {
            who: "Caisse des écoles".into(),
            title: "calculer le tarif de la cantine".into(),
            what: "votre quotient familial".into(),
            basis: "une mission d’intérêt public".into(),
            reference: "code de l’éducation, article L. 212-10".into(),
            until: String::new(),
            oppose: Some("/mes-donnees/oppositions/par_1/tarif-cantine".into()),
            opposed: String::new(),
            is_stopped: false,
        };
        let stopped =
            InformedView { oppose: None, opposed: "Vous vous êtes opposé le 3 novembre 2026.".into(), is_stopped: true, ..informed.clone() };
        let consent = ConsentView {
            title: "recevoir la lettre des familles".into(),
            who: "Centre social".into(),
            what: "votre adresse électronique".into(),
            state: "Non donné".into(),
            href: "/mes-donnees/accords/par_1/lettre".into(),
            withdraw: None,
        };
        let given =
            ConsentView { state: "Donné le 24 novembre 2026".into(), withdraw: Some("/mes-donnees/retraits/con_1".into()), ..consent.clone() };
        let fact = FactView {
            label: "Adresse postale".into(),
            lines: vec!["14 rue des Tanneurs".into(), "28260 Villebourg".into()],
            source: "Déclaré par vous, le 12 mars 2026".into(),
            verified: false,
            act: Some(Act { href: "/mes-donnees/corriger/adresse".into(), label: "Corriger".into() }),
        };
        let request = RequestView {
            title: "Effacement".into(),
            text: "Mon ancien numéro de téléphone".into(),
            state: "Réponse au plus tard le 24 décembre 2026".into(),
            answer: String::new(),
            is_open: true,
        };
        let refused = RequestView {
            answer: "La facture doit être gardée dix ans.".into(),
            is_open: false,
            state: "Refusée le 2 décembre 2026".into(),
            ..request.clone()
        };
        let full = Self {
            days: DayView::samples(),
            has_more: true,
            informed: vec![informed, stopped],
            consents: vec![consent, given],
            facts: vec![FactView { act: None, verified: true, ..fact.clone() }, fact],
            missing: vec![Link { label: "Téléphone".into(), href: "/mes-donnees/corriger/telephone".into() }],
            requests: vec![request, refused],
            dpo: "dpo@exemple.fr".into(),
        };
        vec![Self::default(), full]
    }
}

/// What was read to draw the page.
struct Held {
    ids: Vec<UsagerId>,
    record: Record,
    lines: Vec<kernel::journal::Recorded>,
    has_more: bool,
    words: Words,
    habilitations: Vec<Habilitation>,
    offers: Vec<Offer>,
    consents: Vec<Consent>,
    oppositions: Vec<Opposition>,
    requests: Vec<RightsRequest>,
}

async fn load(tx: &mut Tx, usager: UsagerId) -> Result<Held> {
    let ids = read::aliases(tx, usager).await?;
    let known = ids.first().copied().unwrap_or(usager);
    let (lines, next) = told::lines(tx, &ids, SHOWN, None).await?;
    Ok(Held {
        record: read::record(tx, known).await?,
        words: Words::load(tx, &lines).await?,
        lines,
        has_more: next.is_some(),
        habilitations: rgpd::habilitations(tx, None).await?,
        offers: rgpd::offers(tx).await?,
        consents: rgpd::consents(tx, &ids).await?,
        oppositions: rgpd::oppositions(tx, &ids).await?,
        requests: rgpd::requests_of(tx, &ids).await?,
        ids,
    })
}

/// `GET /mes-donnees`
pub(super) async fn show(cx: SignedUsager) -> Result<Response> {
    let held = cx.read(async |tx| load(tx, cx.usager).await).await?;
    let zone = cx.tenant.zone();
    let page = MyDataPage {
        days: readings::days(&held.lines, &held.words, &zone),
        has_more: held.has_more,
        informed: held.habilitations.iter().filter(|h| h.basis != Basis::Consent).map(|h| informed(h, &held, &zone)).collect(),
        consents: held.offers.iter().map(|offer| consent(offer, &held, &zone)).collect(),
        facts: facts(&held.record, &zone),
        missing: missing(&held.record),
        requests: held.requests.iter().map(|request| request_view(request, &zone)).collect(),
        dpo: cx.tenant.settings.dpo.clone(),
    };
    let response = cx.page(&page)?;
    let known = held.ids.first().copied().unwrap_or(cx.usager);
    cx.write(async |tx| rgpd::inform(tx, known).await).await?;
    Ok(response)
}

fn informed(h: &Habilitation, held: &Held, zone: &TimeZone) -> InformedView {
    let opposition = held.oppositions.iter().find(|o| o.partenaire == h.partenaire && o.purpose == h.purpose);
    let said = opposition.filter(|_| h.basis.can_be_opposed());
    let is_stopped = said.is_some_and(|o| o.refused_at.is_none());
    let opposed = said.map_or_else(String::new, |o| match (o.accepted_at, o.refused_at) {
        (_, Some(at)) => t!("Votre opposition a été refusée le {day} : les raisons sont dans vos demandes, plus bas.", day = day(at, zone)),
        (Some(_), None) => t!("Vous vous êtes opposé le {day} : cette lecture est arrêtée.", day = day(o.made_at, zone)),
        (None, None) => t!("Vous vous êtes opposé le {day} : cette lecture est arrêtée en attendant notre réponse.", day = day(o.made_at, zone)),
    });
    InformedView {
        who: held.words.partenaire(&h.partenaire.to_string()),
        title: h.title.clone(),
        what: said_list(&h.attributes),
        basis: h.basis.label().into(),
        reference: h.reference.clone(),
        until: h.valid_to.map(date).unwrap_or_default(),
        oppose: (h.basis.can_be_opposed() && !is_stopped).then(|| address("oppositions", h.partenaire, &h.purpose)),
        opposed,
        is_stopped,
    }
}

fn consent(offer: &Offer, held: &Held, zone: &TimeZone) -> ConsentView {
    let of_offer = |c: &&Consent| c.partenaire == offer.partenaire && c.purpose == offer.purpose;
    let live = held.consents.iter().filter(of_offer).find(|c| c.withdrawn_at.is_none());
    let state = match (live, held.consents.iter().find(of_offer).and_then(|c| c.withdrawn_at)) {
        (Some(c), _) if c.given_at < offer.since => t!("Donné le {day}, pour moins d’informations : à redonner", day = day(c.given_at, zone)),
        (Some(c), _) => t!("Donné le {day}", day = day(c.given_at, zone)),
        (None, Some(at)) => t!("Retiré le {day}", day = day(at, zone)),
        (None, None) => t!("Non donné"),
    };
    ConsentView {
        title: offer.title.clone(),
        who: held.words.partenaire(&offer.partenaire.to_string()),
        what: said_list(&offer.attributes),
        state,
        href: address("accords", offer.partenaire, &offer.purpose),
        withdraw: live.map(|c| format!("/mes-donnees/retraits/{}", c.id)),
    }
}

fn address(part: &str, partenaire: PartenaireId, purpose: &str) -> String {
    format!("/mes-donnees/{part}/{partenaire}/{purpose}")
}

/// "votre quotient familial, votre adresse postale"
pub(super) fn said_list(codes: &[String]) -> String {
    codes.iter().map(|code| told::yours(code)).collect::<Vec<_>>().join(", ")
}

fn facts(record: &Record, zone: &TimeZone) -> Vec<FactView> {
    attributes::ALL
        .iter()
        .filter_map(|attribute| record.get(attribute.code).map(|golden| (attribute, golden)))
        .map(|(attribute, golden)| {
            let act = match can_correct(record, attribute) {
                true => Act { href: format!("/mes-donnees/corriger/{}", attribute.code), label: t!("Corriger") },
                false => Act { href: format!("/mes-donnees/demander/rectification?info={}", attribute.code), label: t!("Signaler une erreur") },
            };
            FactView {
                label: attribute.label.into(),
                lines: lines(attribute.kind, attribute.code, golden),
                source: provenance(golden, zone),
                verified: golden.fact.level > Level::Declared,
                act: Some(act),
            }
        })
        .collect()
}

fn lines(kind: &str, code: &str, golden: &Golden) -> Vec<String> {
    match kind {
        "adresse" => kinds::adresse::lines(&golden.fact.value),
        _ => vec![crate::show(code, &golden.fact.value)],
    }
}

/// Where a value comes from and when, as the person reads it: no agent's name.
fn provenance(golden: &Golden, zone: &TimeZone) -> String {
    let (fact, day) = (&golden.fact, day(golden.fact.recorded_at, zone));
    match fact.source {
        Source::Usager if fact.level == Level::Declared => t!("Déclaré par {who}, le {day}", who = fact.source_label, day = day),
        Source::Usager => t!("Donné par vous et confirmé, le {day}", day = day),
        Source::Agent => t!("Relevé par un service sur un document, le {day}", day = day),
        Source::FranceConnect => t!("FranceConnect, le {day}", day = day),
        Source::Partenaire | Source::Import => t!("{who}, le {day}", who = fact.source_label, day = day),
    }
}

fn missing(record: &Record) -> Vec<Link> {
    let free = attributes::ALL.iter().filter(|attribute| !record.contains_key(attribute.code) && can_correct(record, attribute));
    free.map(|attribute| Link { label: attribute.label.into(), href: format!("/mes-donnees/corriger/{}", attribute.code) }).collect()
}

fn request_view(request: &RightsRequest, zone: &TimeZone) -> RequestView {
    let state = match (request.answered_at, request.is_granted) {
        (Some(at), Some(true)) => t!("Acceptée le {day}", day = day(at, zone)),
        (Some(at), _) => t!("Refusée le {day}", day = day(at, zone)),
        (None, _) => t!("Faite le {day}. Réponse au plus tard le {due}.", day = day(request.made_at, zone), due = date(request.due_on)),
    };
    let title = match request.kind {
        Kind::Erasure => t!("Demande d’effacement"),
        Kind::Rectification => t!("Demande de rectification"),
        Kind::Opposition => t!("Opposition à une lecture"),
        Kind::Alert => t!("Lecture qui vous semble anormale"),
    };
    RequestView {
        title,
        text: request.text.clone(),
        state,
        answer: request.answer.clone().unwrap_or_default(),
        is_open: request.answered_at.is_none(),
    }
}

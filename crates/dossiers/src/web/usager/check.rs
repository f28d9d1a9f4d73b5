//! The last page before sending, the deposit, and its confirmation.

use axum::http::StatusCode;
use axum::response::Response;
use kernel::templates::Page;
use kernel::web::{Form, see_other};
use kernel::{Error, FieldError, FieldErrors, Result};
use referentiel::{Notice, notices};
use serde::Serialize;
use teleservices::engine::{Move, Section};
use teleservices::package::{Who, Words};

use super::shared::{Moment, Reader, StepView, back, examples, step_path, steps};
use crate::accuse::SilenceMention;
use crate::course;
use crate::filling::{Filling, Step};
use crate::model::Dossier;
use crate::numbers;
use crate::piece::Piece;
use crate::privacy::Privacy;
use crate::submit::{Submit, submit};
use crate::web::mine::Mine;
use crate::web::summary::named;
use crate::words::long_date;
use crate::{service, version};

/// How a package says that it costs nothing.
const FREE: &str = "Gratuit";

/// Check answers.
#[derive(Debug, Serialize)]
pub(crate) struct CheckPage {
    pub service: String,
    pub sections: Vec<SectionView>,
    pub pieces: Vec<LineView>,
    pub computed: Vec<LineView>,
    /// What silence means, where a text says it.
    pub silence: Option<String>,
    pub commitment: Option<String>,
    pub price: String,
    /// Money comes, none is asked: a price would say nothing.
    pub is_free_aid: bool,
    pub mentions: Vec<String>,
    /// « la mairie ».
    pub keeper: String,
    pub gifts: Vec<GiftView>,
    pub privacy: Option<Privacy>,
    /// Who may read the record besides, without consent: told before sending.
    pub notices: Vec<Notice>,
    pub steps: Vec<StepView>,
    pub back: String,
    pub action: String,
    pub saved: String,
    pub errors: Vec<FieldError>,
}

/// One page of answers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SectionView {
    pub title: String,
    pub lines: Vec<LineView>,
}

/// One answer, as `parts.facts` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineView {
    pub label: String,
    pub value: String,
    pub source: Option<String>,
    pub verified: bool,
    pub act: Option<Act>,
}

/// The link that changes an answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Act {
    pub href: String,
    pub label: String,
}

/// What goes to the registry unless refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GiftView {
    pub attribute: String,
    pub label: String,
    pub value: String,
    pub checked: bool,
}

impl Page for CheckPage {
    const TEMPLATE: &'static str = "dossiers/usager/verification.html";

    fn samples() -> Vec<Self> {
        let line = |value: &str| LineView {
            label: "Prix payé".into(),
            value: value.into(),
            source: Some("Déclaré : vous, dans la demande VSA-2026-000012".into()),
            verified: false,
            act: Some(Act { href: "/dossiers/dos_1/pages/velo#prix".into(), label: "Modifier".into() }),
        };
        let notice = Notice {
            who: "Caisse des écoles".into(),
            what: "votre quotient familial".into(),
            title: "calculer le tarif de la cantine".into(),
            basis: "une mission d’intérêt public (code de l’éducation, article L. 212-10)".into(),
            can_oppose: true,
        };
        let page = |silence: bool, errors: Vec<FieldError>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            sections: vec![SectionView { title: "Votre vélo".into(), lines: vec![line("890 €"), line(&"long ".repeat(80)), line("")] }],
            pieces: vec![line("facture.jpg")],
            computed: if silence { vec![LineView { label: "Aide estimée".into(), act: None, source: None, ..line("150 €") }] } else { vec![] },
            silence: silence.then(|| "Sans réponse à la fin du 24 janvier 2027, votre demande est considérée comme rejetée.".into()),
            commitment: Some("1er décembre 2026".into()),
            price: "Gratuit".into(),
            is_free_aid: silence,
            keeper: "la mairie".into(),
            mentions: vec!["Je certifie que ces informations sont exactes.".into()],
            gifts: if silence {
                vec![GiftView { attribute: "telephone".into(), label: "Téléphone".into(), value: "06 12 34 56 78".into(), checked: true }]
            } else {
                vec![]
            },
            privacy: Some(examples::privacy()),
            notices: if silence { vec![notice.clone()] } else { vec![] },
            steps: examples::steps(),
            back: "/dossiers/dos_1/pieces".into(),
            action: "/dossiers/dos_1/depot".into(),
            saved: "Brouillon enregistré à 14 h 05.".into(),
            errors,
        };
        let fault = FieldError { field: "/dossiers/dos_1/pages/velo#prix".into(), sentence: "Indiquez le prix payé.".into() };
        vec![page(true, vec![]), page(false, vec![]), page(true, vec![fault])]
    }
}

/// "Votre demande est envoyée".
#[derive(Debug, Serialize)]
pub(crate) struct SentPage {
    pub service: String,
    pub number: String,
    pub when: Moment,
    pub mail: Option<String>,
    pub follow: String,
    pub receipt: String,
    pub withdraw: String,
    pub next: Vec<NextView>,
    /// The package's own words, in Markdown.
    pub words: Option<String>,
    pub may_withdraw: bool,
}

/// One thing to come, as `parts.timeline` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NextView {
    pub title: String,
    pub state: &'static str,
    pub at: Option<String>,
    pub when: Option<String>,
    pub text: Option<String>,
}

impl Page for SentPage {
    const TEMPLATE: &'static str = "dossiers/usager/depot.html";

    fn samples() -> Vec<Self> {
        let page = |mail: Option<&str>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            number: "VSA-2026-004127".into(),
            when: Moment { at: "2026-11-24T13:21:00Z".into(), words: "24 novembre 2026 à 14 h 21".into() },
            mail: mail.map(str::to_owned),
            follow: "/dossiers/dos_1".into(),
            receipt: "/dossiers/dos_1/accuse.pdf".into(),
            withdraw: "/dossiers/dos_1/retrait".into(),
            next: vec![NextView {
                title: "Votre demande est reçue".into(), state: "done", at: None, when: Some("Aujourd’hui".into()), text: None
            }],
            words: mail.map(|_| "Pensez à garder la **facture**.".into()),
            may_withdraw: mail.is_some(),
        };
        vec![page(Some("ines@exemple.fr")), page(None)]
    }
}

/// Every answer, and what sending sets off.
pub(crate) async fn show(mine: Mine) -> Result<Response> {
    if !mine.dossier.is_draft() {
        return Ok(see_other(&format!("/dossiers/{}", mine.dossier.id)));
    }
    mine.page(&build(&mine, &[], FieldErrors::new()).await?)
}

/// The deposit. Sent twice, it is one dossier and the same confirmation.
pub(crate) async fn send(mine: Mine, form: Form) -> Result<Response> {
    let (tenant, id) = (mine.tenant.clone(), mine.dossier.id);
    if !mine.dossier.is_draft() {
        return Ok(see_other(&format!("/dossiers/{id}/depot")));
    }
    let number = numbers::take(&mine.app, &mine.scope(), &tenant).await?;
    let proposed: Vec<&str> = form.all("propose").collect();
    let kept: Vec<&str> = form.all("garder").collect();
    let withheld: Vec<String> = proposed.iter().filter(|name| !kept.contains(name)).map(|name| (*name).to_owned()).collect();
    let kept_version = mine.dossier.version;
    let version = mine.read(async |tx| version::of(tx, kept_version).await).await?;
    let input = Submit { id, version: &version, number, withheld: withheld.clone() };
    let done = mine.once(&form, async |tx| submit(tx, &tenant, input).await.map(|_| format!("/dossiers/{id}/depot"))).await;
    match done {
        Err(Error::Invalid(faults)) => {
            let page = build(&mine, &withheld, faults).await?;
            mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        done => done,
    }
}

/// The confirmation, as often as one comes back to it.
pub(crate) async fn sent(mine: Mine) -> Result<Response> {
    let dossier = &mine.dossier;
    let Some(at) = dossier.submitted_at else { return Ok(see_other(&step_path(dossier.id, &Step::Check))) };
    let tenant = mine.tenant.clone();
    let (version, service) =
        mine.read(async |tx| Ok((version::of(tx, dossier.version).await?, service::shown(tx, &tenant, dossier.unit).await?))).await?;
    let package = &version.package;
    let clocks = course::clocks(&tenant, package, dossier, &[], version::day(&tenant, at));
    let page = SentPage {
        service: package.card.title.clone(),
        number: dossier.number_text(),
        when: Moment::new(at, &tenant),
        mail: dossier.contact_mail.clone(),
        follow: format!("/dossiers/{}", dossier.id),
        receipt: format!("/dossiers/{}/accuse.pdf", dossier.id),
        withdraw: format!("/dossiers/{}/retrait", dossier.id),
        next: next(&service.name, &clocks),
        words: package.texts.get("confirmation").or_else(|| package.texts.get("suite")).cloned(),
        may_withdraw: version::led_by(&version, dossier, Move::Withdraw, Who::Usager, version::day(&tenant, at)).is_some(),
    };
    mine.page(&page)
}

/// What will happen, with its dates; the date of a commitment is never said to be legal.
fn next(service: &str, clocks: &crate::delai::Clocks) -> Vec<NextView> {
    let commitment = clocks.engagement.as_ref().and_then(|delai| delai.due);
    let step = |title: String, state: &'static str, when: Option<String>, text: Option<String>| NextView { title, state, at: None, when, text };
    let mut next = vec![
        step("Votre demande est reçue".into(), "done", Some("Aujourd’hui".into()), None),
        step(
            format!("{service} l’examine"),
            "now",
            commitment.map(|day| format!("Le service s’engage à répondre le {} au plus tard", long_date(day))),
            Some("S’il manque une pièce, nous vous écrivons.".into()),
        ),
    ];
    if let Some(mention) = SilenceMention::of(clocks, None) {
        next.push(step("La décision".into(), "next", None, Some(mention.sentence())));
    } else {
        next.push(step("La réponse".into(), "next", None, None));
    }
    next
}

async fn build(mine: &Mine, withheld: &[String], faults: FieldErrors) -> Result<CheckPage> {
    let (tenant, dossier) = (mine.tenant.clone(), &mine.dossier);
    let read = mine.read(async |tx| Ok((version::of(tx, dossier.version).await?, tx.today(), notices(tx).await?)));
    let (version, today, notices) = read.await?;
    let package = &version.package;
    let reader = Reader::new(&tenant, &version, dossier, today);
    let filling = reader.filling(dossier);
    let steps = steps(&filling, dossier, &Step::Check);
    let clocks = course::clocks_if_sent(&tenant, package, today);
    let mention = SilenceMention::of(&clocks, None);
    let gift = |gift: crate::filling::Gift| GiftView {
        checked: !withheld.contains(&gift.attribute),
        attribute: gift.attribute,
        label: gift.label,
        value: gift.shown,
    };
    Ok(CheckPage {
        service: package.card.title.clone(),
        sections: package.summary(&dossier.answers, &reader.setting).into_iter().map(|section| view(dossier, section)).collect(),
        pieces: piece_lines(&filling, dossier, &mine.pieces),
        computed: package.computed_lines(&filling.view).into_iter().map(|line| plain(line.label, line.shown)).collect(),
        silence: mention.map(|mention| mention.sentence()),
        commitment: clocks.engagement.and_then(|delai| delai.due).map(long_date),
        is_free_aid: package.card.price == FREE && package.rules.computed.iter().any(|computed| computed.shown && computed.kind.name() == "montant"),
        price: package.card.price.clone(),
        keeper: Words::of_kind(&tenant.settings.kind).0.to_owned(),
        mentions: package.card.mentions.clone(),
        gifts: filling.gifts().into_iter().map(gift).collect(),
        privacy: Privacy::of(&tenant, package),
        notices,
        back: back(&steps, &dossier.slug),
        steps,
        action: format!("/dossiers/{}/depot", dossier.id),
        saved: reader.saved(dossier),
        errors: links(&filling, dossier, faults),
    })
}

/// A fault of another page leads to its question there.
fn links(filling: &Filling<'_>, dossier: &Dossier, faults: FieldErrors) -> Vec<FieldError> {
    let page_of = |field: &str| {
        let question = field.split('.').next().unwrap_or(field);
        filling.package.pages.iter().find(|page| page.questions.iter().any(|q| q.id == question))
    };
    let link = |fault: FieldError| {
        let path = match page_of(&fault.field) {
            Some(page) => step_path(dossier.id, &Step::Page(page.id.clone())),
            None => step_path(dossier.id, &Step::Pieces),
        };
        FieldError { field: format!("{path}#{}", fault.field), sentence: fault.sentence }
    };
    named(&faults, filling.package.pages.iter().flat_map(|page| &page.questions)).into_iter().map(link).collect()
}

fn view(dossier: &Dossier, section: Section) -> SectionView {
    let lines = section.lines.into_iter().map(|line| {
        let origin = dossier.origins.get(&line.id);
        LineView {
            act: Some(Act { href: format!("/dossiers/{}/pages/{}#{}", dossier.id, section.page, line.id), label: "Modifier".into() }),
            source: origin.map(|origin| origin.label.clone()),
            verified: origin.is_some_and(|origin| origin.verified),
            value: if line.shown.is_empty() { "Pas de réponse".into() } else { line.shown },
            label: line.label,
        }
    });
    SectionView { title: section.title, lines: lines.collect() }
}

fn piece_lines(filling: &Filling<'_>, dossier: &Dossier, pieces: &[Piece]) -> Vec<LineView> {
    let line = |wanted: &&teleservices::package::Piece| {
        let names: Vec<&str> = pieces.iter().filter(|piece| piece.code == wanted.id).map(|piece| piece.name.as_str()).collect();
        let act = Act { href: format!("/dossiers/{}/pieces#{}", dossier.id, wanted.id), label: "Modifier".into() };
        LineView { act: Some(act), ..plain(wanted.label.clone(), if names.is_empty() { "Pas encore envoyé".into() } else { names.join(", ") }) }
    };
    filling.pieces().iter().map(line).collect()
}

fn plain(label: String, value: String) -> LineView {
    LineView { label, value, source: None, verified: false, act: None }
}

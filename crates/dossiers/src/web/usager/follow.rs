//! Following a demand: its state in plain words, what is expected, the clock, what happened, documents, messages.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::templates::{Page, french};
use kernel::web::{Form, see_other};
use kernel::{Error, FieldError, FieldErrors, Result, Tenant};
use serde::Serialize;
use std::sync::Arc;
use teleservices::Version;
use teleservices::engine::Move;
use teleservices::package::{Silence, Who};

use super::check::NextView;
use super::pieces::{FileRow, PieceField, field, row, sample_field};
use super::shared::{Moment, Reader, step_path};
use crate::accuse::Service;
use crate::answer_request::answer_request;
use crate::delai::{Clocks, Delai};
use crate::model::{Dossier, Outcome};
use crate::phase::{self, Phase};
use crate::piece::{Piece, PieceRequest};
use crate::thread::{ACCUSE, Author, Courrier, Message};
use crate::timeline::{Happened, timeline};
use crate::web::mine::Mine;
use crate::words::{long_date, size_text};
use crate::write_message::{mark_read, write_message};
use crate::{course, service, store, version};

/// A demand, followed.
#[derive(Debug, Serialize)]
pub(crate) struct FollowPage {
    pub title: String,
    pub number: String,
    pub path: String,
    pub sent: Moment,
    pub state: String,
    pub tone: &'static str,
    pub fill: &'static str,
    /// Markdown of the package under the name of the state.
    pub state_text: Option<String>,
    pub turn: Option<Turn>,
    pub clock: Option<ClockView>,
    /// Markdown: what is left to do once silence has spoken.
    pub after_silence: Option<String>,
    pub decision: Option<DecisionView>,
    pub timeline: Vec<NextView>,
    pub documents: Vec<FileRow>,
    pub messages: Vec<MessageView>,
    /// The service wrote something that was never shown.
    #[serde(skip)]
    pub has_unread: bool,
    pub may_write: bool,
    pub may_withdraw: bool,
    pub service: ServiceView,
    /// The agent in charge, name and role (L111-2).
    pub in_charge: Option<String>,
    pub is_signed_in: bool,
    pub written: String,
    pub errors: Vec<FieldError>,
}

/// "Action attendue de votre part".
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Turn {
    pub before: String,
    pub is_late: bool,
    pub reason: String,
    pub fields: Vec<PieceField>,
    /// Everything is there: what is left is to say so.
    pub is_ready: bool,
}

/// The legal clock, drawn by `parts.clock`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClockView {
    pub title: String,
    pub label: String,
    pub spent: i64,
    pub stopped: i64,
    pub tone: &'static str,
    pub mark: String,
    pub start: String,
    pub end: String,
    pub reasons: Vec<String>,
}

/// The decision, its reason and how to contest it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DecisionView {
    pub title: String,
    pub when: Moment,
    pub motif: Option<String>,
    pub precision: Option<String>,
    /// Markdown.
    pub remedies: Option<String>,
    pub letter: Option<String>,
}

/// One message, as `parts.thread` wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MessageView {
    pub mine: bool,
    pub author: String,
    pub service: Option<String>,
    pub at: String,
    pub when: String,
    pub text: String,
}

/// Whom to reach.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ServiceView {
    pub name: String,
    pub phone: Option<String>,
    pub mail: Option<String>,
}

impl Page for FollowPage {
    const TEMPLATE: &'static str = "dossiers/usager/suivi.html";

    fn samples() -> Vec<Self> {
        let moment = || Moment { at: "2026-11-24T13:21:00Z".into(), words: "24 novembre 2026 à 14 h 21".into() };
        let page = |turn: Option<Turn>, clock: Option<ClockView>, decision: Option<DecisionView>, errors: Vec<FieldError>| Self {
            title: "Aide à l’achat d’un vélo".into(),
            number: "VSA-2026-004127".into(),
            path: "/dossiers/dos_1".into(),
            sent: moment(),
            state: "Complément attendu".into(),
            tone: "warn",
            fill: "half",
            state_text: decision.as_ref().map(|_| "L’aide sera **versée** sous trois semaines.".into()),
            timeline: vec![NextView { title: "Demande reçue".into(), state: "done", at: Some(moment().at), when: Some(moment().words), text: None }],
            documents: vec![FileRow {
                name: "Accusé de réception".into(),
                href: Some("/dossiers/dos_1/accuse.pdf".into()),
                say: "PDF, 48 Ko".into(),
                tone: "",
                remove: None,
            }],
            messages: turn
                .as_ref()
                .map(|_| MessageView {
                    mine: false,
                    author: "Nadia Roussel".into(),
                    service: Some("Service Mobilités".into()),
                    at: moment().at,
                    when: moment().words,
                    text: "Bonjour,\nvotre facture est bonne.".into(),
                })
                .into_iter()
                .collect(),
            has_unread: false,
            may_write: decision.is_none(),
            may_withdraw: decision.is_none(),
            service: ServiceView { name: "Service Mobilités".into(), phone: Some("02 37 55 10 24".into()), mail: None },
            in_charge: turn.as_ref().map(|_| "Nadia Roussel, instructrice".into()),
            is_signed_in: decision.is_some(),
            written: String::new(),
            after_silence: errors.first().map(|_| "Vous pouvez demander les **raisons** de ce rejet.".into()),
            turn,
            clock,
            decision,
            errors,
        };
        let turn = |is_ready: bool| Turn {
            before: "17 décembre 2026".into(),
            is_late: !is_ready,
            reason: "Le bas du document est coupé.".into(),
            fields: vec![sample_field(vec![], None)],
            is_ready,
        };
        let clock = ClockView {
            title: "Le délai de réponse est suspendu".into(),
            label: "9 jours passés sur 61".into(),
            spent: 16,
            stopped: 22,
            tone: "",
            mark: "J+9".into(),
            start: "24 novembre 2026".into(),
            end: "24 janvier 2027".into(),
            reasons: vec!["Demande reçue le 24 novembre 2026, délai de 2 mois.".into()],
        };
        let decision = DecisionView {
            title: "Votre demande est refusée".into(),
            when: moment(),
            motif: Some("Achat trop ancien.".into()),
            precision: Some("La facture date de 2024.".into()),
            remedies: Some("Recours dans les **deux mois**.".into()),
            letter: Some("/dossiers/dos_1/courriers/cou_1".into()),
        };
        let fault = FieldError { field: "message".into(), sentence: "Écrivez votre texte avant de l’envoyer.".into() };
        vec![
            page(None, None, None, vec![]),
            page(Some(turn(false)), Some(clock.clone()), None, vec![]),
            page(Some(turn(true)), Some(clock.clone()), None, vec![fault]),
            page(None, None, Some(decision), vec![]),
        ]
    }
}

/// The demand as it stands; a draft is taken up again where it was left.
pub(crate) async fn show(mine: Mine) -> Result<Response> {
    if mine.dossier.is_draft() {
        return resume(&mine).await;
    }
    let page = build(&mine, &FieldErrors::new(), "").await?;
    if page.has_unread {
        let id = mine.dossier.id;
        mine.write(async |tx| mark_read(tx, id, Author::Usager).await).await?;
    }
    mine.page(&page)
}

/// The answer to what the service asked for.
pub(crate) async fn answer(mine: Mine, form: Form) -> Result<Response> {
    let (tenant, id) = (mine.tenant.clone(), mine.dossier.id);
    let done = mine.once(&form, async |tx| answer_request(tx, &tenant, id).await.map(|_| format!("/dossiers/{id}"))).await;
    refused(&mine, done, "").await
}

/// A message to the service.
pub(crate) async fn write(mine: Mine, form: Form) -> Result<Response> {
    let id = mine.dossier.id;
    let text = form.get("message").unwrap_or_default();
    let done = mine.once(&form, async |tx| write_message(tx, id, text).await.map(|_| format!("/dossiers/{id}#messages"))).await;
    refused(&mine, done, text).await
}

/// After a file was refused: the page again, with the reason.
pub(crate) async fn after_upload(mine: &Mine, faults: &FieldErrors) -> Result<Response> {
    let page = build(mine, faults, "").await?;
    mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The addresses where one answers and writes, read: to the page that holds their forms.
pub(crate) async fn come_back(mine: Mine) -> Result<Response> {
    Ok(see_other(&format!("/dossiers/{}", mine.dossier.id)))
}

async fn refused(mine: &Mine, done: Result<Response>, written: &str) -> Result<Response> {
    let Err(Error::Invalid(faults)) = done else { return done };
    let page = build(mine, &faults, written).await?;
    mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn resume(mine: &Mine) -> Result<Response> {
    let (tenant, dossier) = (mine.tenant.clone(), &mine.dossier);
    let step = mine
        .read(async |tx| {
            let version = version::of(tx, dossier.version).await?;
            Ok(Reader::new(&tenant, &version, dossier, tx.today()).filling(dossier).resume(&mine.pieces))
        })
        .await?;
    Ok(see_other(&step_path(dossier.id, &step)))
}

/// All that the page is drawn from, read at once.
struct Loaded<'a> {
    version: Arc<Version>,
    pieces: &'a [Piece],
    requests: Vec<PieceRequest>,
    messages: Vec<Message>,
    courriers: Vec<Courrier>,
    happened: Vec<Happened>,
    service: Service,
    in_charge: Option<String>,
    today: Date,
}

async fn load(mine: &Mine) -> Result<Loaded<'_>> {
    let (tenant, dossier) = (mine.tenant.clone(), &mine.dossier);
    mine.read(async |tx| {
        let version = version::of(tx, dossier.version).await?;
        Ok(Loaded {
            pieces: &mine.pieces,
            requests: store::piece::requests(tx, dossier.id).await?,
            messages: store::thread::messages(tx, dossier.id).await?,
            courriers: store::thread::courriers(tx, dossier.id).await?,
            happened: timeline(tx, &version.package, dossier).await?,
            service: service::shown(tx, &tenant, dossier.unit).await?,
            in_charge: service::agent(tx, dossier).await?,
            today: tx.today(),
            version,
        })
    })
    .await
}

async fn build(mine: &Mine, faults: &FieldErrors, written: &str) -> Result<FollowPage> {
    let (all, dossier) = (load(mine).await?, &mine.dossier);
    let (tenant, package) = (&*mine.tenant, &all.version.package);
    let clocks = course::clocks(tenant, package, dossier, &all.requests, all.today);
    let legal = clocks.legal.as_ref().filter(|_| phase::is_open(dossier.phase));
    let remedies = package.card.request.as_ref().and_then(|request| request.remedies_of_silence());
    let state = package.state(&dossier.state);
    let (tone, fill) = mark(dossier.phase);
    Ok(FollowPage {
        title: package.card.title.clone(),
        number: dossier.number_text(),
        path: format!("/dossiers/{}", dossier.id),
        sent: Moment::new(dossier.submitted_at.unwrap_or(dossier.created_at), tenant),
        state: state.map_or_else(|| phase::label(dossier.phase).to_owned(), |state| package.state_name(state, &dossier.details)),
        state_text: state.and_then(|state| package.state_text(state, &dossier.details)),
        tone,
        fill,
        turn: turn(&all, dossier, faults),
        clock: legal.map(|legal| clock(legal, all.today)),
        after_silence: legal.and_then(|legal| after_silence(legal, remedies, all.today)),
        decision: decision(tenant, dossier, &all),
        timeline: course_of(tenant, &all, dossier, &clocks),
        documents: documents(dossier, &all),
        has_unread: all.messages.iter().any(|message| message.author == Author::Service && message.read_at.is_none()),
        messages: all.messages.iter().map(|message| message_view(message, tenant, &all.service)).collect(),
        may_write: !matches!(dossier.phase, Phase::Retire),
        may_withdraw: version::led_by(&all.version, dossier, Move::Withdraw, Who::Usager, all.today).is_some(),
        service: ServiceView { name: all.service.name.clone(), phone: all.service.phone.clone(), mail: all.service.mail.clone() },
        in_charge: all.in_charge.clone(),
        is_signed_in: mine.session.is_signed_in(),
        written: written.to_owned(),
        errors: faults.0.clone(),
    })
}

fn mark(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::AttenteUsager => ("warn", "half"),
        Phase::Accepte => ("good", "full"),
        Phase::Refuse => ("bad", "cross"),
        Phase::SansSuite | Phase::Retire => ("", "cross"),
        _ => ("", "half"),
    }
}

fn turn(all: &Loaded<'_>, dossier: &Dossier, faults: &FieldErrors) -> Option<Turn> {
    let open: Vec<&PieceRequest> = all.requests.iter().filter(|request| request.is_open()).collect();
    let last = open.last().filter(|_| phase::is_open(dossier.phase))?;
    let wanted = |code: &String| {
        let piece = all.version.package.piece(code)?;
        let received: Vec<&Piece> =
            all.pieces.iter().filter(|p| p.code == *code && open.iter().any(|request| p.request == Some(request.id))).collect();
        Some(field(dossier, piece, &received, faults))
    };
    let mut codes: Vec<&String> = open.iter().flat_map(|request| &request.codes).collect();
    codes.dedup();
    Some(Turn {
        before: long_date(last.reply_before),
        is_late: all.today > last.reply_before,
        reason: open.iter().map(|request| request.reason.as_str()).collect::<Vec<_>>().join("\n\n"),
        fields: codes.into_iter().filter_map(wanted).collect(),
        is_ready: open.iter().all(|request| request.missing(all.pieces).next().is_none()),
    })
}

/// The legal clock as the usager sees it.
pub(crate) fn clock(legal: &Delai, today: Date) -> ClockView {
    let spent = legal.percent_spent(today);
    let title = match legal.stopped_since {
        Some(_) => "Le délai de réponse est suspendu".to_owned(),
        None => legal.meaning(today).unwrap_or_else(|| "Le délai de réponse n’a pas commencé".to_owned()),
    };
    let left = legal.days_left(today).unwrap_or(i64::MAX);
    ClockView {
        label: legal.reasons.join(" "),
        title,
        spent,
        stopped: if legal.stopped_since.is_some() { (100 - spent).min(22) } else { 0 },
        tone: if left < 0 {
            "late"
        } else if left < 8 {
            "soon"
        } else {
            ""
        },
        mark: if legal.stopped_since.is_some() { "arrêté".into() } else { "aujourd’hui".into() },
        start: long_date(legal.start),
        end: legal.due.map(long_date).unwrap_or_default(),
        reasons: legal.reasons.clone(),
    }
}

/// What the person may do once silence has rejected his demand (R421-2 of the code of administrative justice, L232-4),
/// or accepted it (L232-3): Markdown.
fn after_silence(legal: &Delai, remedies: Option<&str>, today: Date) -> Option<String> {
    if !legal.is_over(today) {
        return None;
    }
    Some(match legal.silence? {
        Silence::Acceptation => {
            "Vous pouvez demander une attestation de cette acceptation (CRPA, article L232-3) : écrivez-nous depuis cette page.".into()
        }
        _ => format!(
            "Le service peut encore vous répondre. Vous pouvez lui demander les raisons de ce rejet, tant que le délai pour le \
             contester n’est pas passé : il a un mois pour vous les donner (CRPA, article L232-4). Écrivez-nous depuis cette page.\n\n{}",
            remedies.unwrap_or_default()
        ),
    })
}

fn decision(tenant: &Tenant, dossier: &Dossier, all: &Loaded<'_>) -> Option<DecisionView> {
    let made = dossier.decision.as_ref()?;
    let package = &all.version.package;
    let motif = made.motif.as_deref().and_then(|id| package.motif(id));
    let letter = all.courriers.iter().rev().find(|courrier| courrier.model != ACCUSE);
    let is_unfavourable = made.outcome == Outcome::Refuse;
    let remedies = package.card.request.as_ref().and_then(|request| request.remedies.clone());
    Some(DecisionView {
        title: package
            .state(&dossier.state)
            .map_or_else(|| phase::label(dossier.phase).to_owned(), |state| package.state_name(state, &dossier.details)),
        when: Moment::new(made.at, tenant),
        motif: motif.map(|motif| motif.label.clone()),
        precision: made.precision.clone(),
        remedies: remedies.filter(|_| is_unfavourable),
        letter: letter.map(|letter| format!("/dossiers/{}/courriers/{}", dossier.id, letter.id)),
    })
}

/// What happened, then what is to come.
fn course_of(tenant: &Tenant, all: &Loaded<'_>, dossier: &Dossier, clocks: &Clocks) -> Vec<NextView> {
    let is_open = phase::is_open(dossier.phase);
    let count = all.happened.len();
    let told = |(at, happened): (usize, &Happened)| NextView {
        title: happened.title.clone(),
        state: if is_open && at + 1 == count { "now" } else { "done" },
        at: Some(happened.at.to_string()),
        when: Some(moment(happened.at, tenant)),
        text: None,
    };
    let mut course: Vec<NextView> = all.happened.iter().enumerate().map(told).collect();
    if is_open {
        let legal = clocks.legal.as_ref().and_then(|legal| legal.meaning(all.today));
        let promised = clocks.engagement.as_ref().and_then(|delai| delai.meaning(all.today));
        course.push(NextView { title: "Réponse du service".into(), state: "next", at: None, when: promised, text: legal });
    }
    course
}

fn documents(dossier: &Dossier, all: &Loaded<'_>) -> Vec<FileRow> {
    let accuse = FileRow {
        name: "Accusé de réception".into(),
        href: Some(format!("/dossiers/{}/accuse.pdf", dossier.id)),
        say: "PDF".into(),
        tone: "",
        remove: None,
    };
    let letters = all.courriers.iter().filter(|courrier| courrier.model != ACCUSE).map(|courrier| FileRow {
        name: courrier.title.clone(),
        href: Some(format!("/dossiers/{}/courriers/{}", dossier.id, courrier.id)),
        say: format!("PDF, {}", size_text(courrier.size)),
        tone: "",
        remove: None,
    });
    let pieces = all.pieces.iter().map(|piece| FileRow { remove: None, ..row(dossier, piece) });
    std::iter::once(accuse).chain(letters).chain(pieces).collect()
}

fn message_view(message: &Message, tenant: &Tenant, service: &Service) -> MessageView {
    let mine = message.author == Author::Usager;
    MessageView {
        mine,
        author: if mine { "Vous".into() } else { message.author_name.clone() },
        service: (!mine).then(|| service.name.clone()),
        at: message.written_at.to_string(),
        when: moment(message.written_at, tenant),
        text: message.text.clone(),
    }
}

fn moment(at: Timestamp, tenant: &Tenant) -> String {
    let local = tenant.zone().to_datetime(at);
    format!("{}, {}", french::date(local.date()), french::hour(local.time()))
}

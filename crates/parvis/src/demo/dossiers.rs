//! The demands of the demonstration, each filled page by page and moved by its circuit, at its own date.

use std::{collections::BTreeMap, sync::Arc};

use dossiers::{
    add_piece::{AddPiece, add_piece},
    ask_piece::{AskPiece, ask_piece},
    channel::Channel,
    filling::Step,
    judge_piece::{JudgePiece, judge_piece},
    numbers,
    numero::Numero,
    phase::Phase,
    piece::Verdict,
    read::Whole,
    save_page::{How, SavePage, Texts, save_page},
    start::{Start, start},
    submit::{Submit, submit},
    transition::{Given, Step as Taken, transition},
};
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Actor, App, DossierId, Error, OrgUnitId, Result, Tenant,
    files::{FileKey, Stored},
};
use teleservices::{Version, package::Question};
use tokio::task::JoinSet;

use super::data::{self, Demande, Person};

/// Pages saved for one demand, at most.
const MOST_PAGES: usize = 30;

/// A collectivité that is ready to receive.
pub(super) struct Town {
    pub tenant: Tenant,
    /// Those who instruct.
    pub agents: Vec<Actor>,
    /// Its teams, by slug.
    pub units: BTreeMap<String, OrgUnitId>,
    /// Usagers who may sign in, the first of those who may ask.
    pub usagers: Vec<Actor>,
}

/// One demand to make: which line, when, by whom.
struct Plan {
    line: Arc<Demande>,
    town: Arc<Town>,
    at: Timestamp,
    person: Arc<Person>,
    rank: usize,
    /// The team in charge.
    unit: Option<OrgUnitId>,
    /// Taken beforehand, so that numbers follow dates.
    number: Option<Numero>,
}

/// Demands made at once: while one waits for the disk, another is filled.
pub(super) const AT_ONCE: usize = 4;

/// Makes every demand. Each of those made at once has an application of its own, so a clock of its own.
pub(super) async fn seed(apps: Vec<App>, towns: Vec<Town>, people: &[Person], now: Timestamp) -> Result<()> {
    let plans = Arc::new(plans(&apps[0], towns, people, now).await?);
    let mut samples = BTreeMap::new();
    for code in plans.iter().flat_map(|plan| &plan.line.pieces) {
        if !samples.contains_key(code) {
            samples.insert(code.clone(), sample_pdf(code, now.to_zoned(jiff::tz::TimeZone::UTC).date())?);
        }
    }
    let samples = Arc::new(samples);
    let every = apps.len();
    let mut workers = JoinSet::new();
    for (first, app) in apps.into_iter().enumerate() {
        let (plans, samples) = (plans.clone(), samples.clone());
        workers.spawn(async move {
            for plan in plans.iter().skip(first).step_by(every) {
                make(&app, plan, &samples, now).await?;
            }
            Ok(())
        });
    }
    workers.join_all().await.into_iter().collect()
}

/// The demands, oldest first, with their numbers.
async fn plans(app: &App, towns: Vec<Town>, people: &[Person], now: Timestamp) -> Result<Vec<Plan>> {
    let towns: Vec<Arc<Town>> = towns.into_iter().map(Arc::new).collect();
    let asking: Vec<Arc<Person>> = people.iter().filter(|person| person.can_ask()).cloned().map(Arc::new).collect();
    let mut plans = vec![];
    for line in data::demandes()? {
        let line = Arc::new(line);
        let town = towns.iter().find(|town| town.tenant.slug == line.espace);
        let town = town.ok_or_else(|| Error::internal(format!("no espace {}", line.espace)))?;
        let unit = super::packages::org_unit(&line.teleservice).and_then(|slug| town.units.get(&slug).copied());
        for nth in 0..line.nombre {
            let rank = plans.len();
            let person = if line.compte { &asking[0] } else { &asking[(rank * 7 + 2) % asking.len()] };
            let at = deposit_time(&line, nth, now);
            plans.push(Plan { line: line.clone(), town: town.clone(), at, person: person.clone(), rank, unit, number: None });
        }
    }
    plans.sort_by_key(|plan| plan.at);
    for plan in plans.iter_mut().filter(|plan| !plan.line.brouillon) {
        app.clock.set(plan.at);
        let tenant = &plan.town.tenant;
        plan.number = Some(numbers::take(app, &tenant.scope(Actor::system("demonstration")), tenant).await?);
    }
    Ok(plans)
}

/// Spread over the ages of the line, in office hours.
fn deposit_time(line: &Demande, nth: usize, now: Timestamp) -> Timestamp {
    let [youngest, oldest] = line.ages.map(i64::from);
    let share = nth as i64 * (oldest - youngest) / (line.nombre.max(2) as i64 - 1);
    let minutes = (nth as i64 * 97) % 540;
    now - SignedDuration::from_hours((youngest + share) * 24) - SignedDuration::from_mins(minutes)
}

async fn make(app: &App, plan: &Plan, samples: &BTreeMap<String, Vec<u8>>, now: Timestamp) -> Result<()> {
    app.clock.set(plan.at);
    let author = plan.town.usagers.first().filter(|_| plan.line.compte).cloned().unwrap_or(Actor::Visitor);
    let scope = plan.town.tenant.scope(author);
    let (version, draft) = app
        .db
        .write(&scope, async |tx| {
            let version = teleservices::published(tx, &plan.line.teleservice).await?;
            let input = Start { version: &version, channel: Channel::Ligne, usager: None, key_hash: None, given: Texts::new() };
            let draft = start(tx, &app.keys, input).await?;
            fill(tx, plan, &version, draft.id).await?;
            Ok((version, draft))
        })
        .await?;
    let Some(number) = plan.number.clone() else { return Ok(()) };
    let key = FileKey::open(&app.keys, &draft.file_key)?;
    for code in &plan.line.pieces {
        let pdf = samples.get(code).ok_or_else(|| Error::internal(format!("no sample of {code}")))?;
        let stored: Stored = app.files.store_made(&key, &format!("{code}.pdf"), "application/pdf", pdf).await?;
        app.db
            .write(&scope, async |tx| add_piece(tx, &plan.town.tenant, AddPiece { id: draft.id, code: code.clone(), stored }).await.map(drop))
            .await?;
    }
    let input = Submit { id: draft.id, version: &version, number, withheld: vec![] };
    app.db.write(&scope, async |tx| submit(tx, &plan.town.tenant, input).await.map(drop)).await?;
    follow(app, plan, draft.id, now).await
}

/// The steps of the agents, those that are in the past.
async fn follow(app: &App, plan: &Plan, id: DossierId, now: Timestamp) -> Result<()> {
    let tenant = &plan.town.tenant;
    if let Some(asked) = &plan.line.demander {
        app.clock.set(later(plan.at, asked.apres).min(now));
        let input = AskPiece { id, codes: asked.pieces.clone(), reason: asked.raison.clone(), reply_before: None, seen: None };
        act(app, plan, async |tx| ask_piece(tx, tenant, input).await.map(drop)).await?;
    }
    for step in &plan.line.etapes {
        let at = later(plan.at, step.apres);
        if at > now {
            break;
        }
        app.clock.set(at);
        let day = at.to_zoned(tenant.zone()).date().to_string();
        let fields = step.champs.iter().map(|(name, value)| {
            let value = match value.as_str() {
                Some(text) => text.replace("{jour_etape}", &day).into(),
                None => value.clone(),
            };
            (name.clone(), value)
        });
        let mut given = Given { fields: fields.collect(), motif: step.motif.clone(), ..Given::default() };
        act(app, plan, async |tx| {
            let whole = dossiers::read::whole(tx, tenant, id).await?;
            propose(tx, &whole, &step.transition, &mut given);
            look_at_pieces(tx, &whole, &step.transition).await?;
            transition(tx, tenant, Taken { id, transition: step.transition.clone(), given, seen: None }).await.map(drop)
        })
        .await?;
    }
    Ok(())
}

/// Fields that the line does not give take what the package proposes.
fn propose(tx: &kernel::Tx, whole: &Whole, name: &str, given: &mut Given) {
    let package = &whole.version.package;
    let setting = dossiers::version::setting(&whole.version, &whole.dossier, tx.today());
    let view = package.view(&whole.dossier.answers, &setting);
    for field in package.transition(name).into_iter().flat_map(|taken| &taken.fields) {
        if !given.fields.contains_key(&field.id)
            && let Some(value) = field.proposal(&view.known)
        {
            given.fields.insert(field.id.clone(), value);
        }
    }
}

/// Nobody accepts a demand whose pieces were not looked at: in the demonstration they are all good.
async fn look_at_pieces(tx: &mut kernel::Tx, whole: &Whole, name: &str) -> Result<()> {
    let package = &whole.version.package;
    let to = package.transition(name).and_then(|step| package.state(&step.to.text));
    if to.is_some_and(|state| state.phase == Phase::Accepte) {
        for piece in whole.pieces.iter().filter(|piece| piece.verdict == Verdict::AVerifier) {
            judge_piece(tx, JudgePiece { id: whole.dossier.id, piece: piece.id, verdict: Verdict::Acceptee, motif: None }).await?;
        }
    }
    Ok(())
}

/// In a unit of work of an agent who may: the last of the team handles most.
async fn act(app: &App, plan: &Plan, work: impl AsyncFnOnce(&mut kernel::Tx) -> Result<()>) -> Result<()> {
    let able: Vec<&Actor> = plan.town.agents.iter().filter(|actor| actor.may(dossiers::rights::DECIDE, plan.unit)).collect();
    let actor = able.get(plan.rank % able.len().max(1)).copied().cloned().unwrap_or_else(|| Actor::system("demonstration"));
    app.db.write(&plan.town.tenant.scope(actor), work).await
}

async fn fill(tx: &mut kernel::Tx, plan: &Plan, version: &Version, id: DossierId) -> Result<()> {
    let package = &version.package;
    let words = words(plan, tx.today());
    let mut next = package.pages.first().map(|page| Step::Page(page.id.clone()));
    for _ in 0..MOST_PAGES {
        let Some(Step::Page(page)) = next else { return Ok(()) };
        let shown = package.page(&page).ok_or(Error::NotFound)?;
        let mut texts = texts(plan, &words, &shown.questions)?;
        // As somebody who has read what the page says.
        texts.insert(teleservices::engine::input::NOTES.to_owned(), shown.notes.iter().map(|note| note.id.clone()).collect());
        let input = SavePage { id, page: &page, texts: &texts, refuse_proposed: false, how: How::Whole };
        let saved = save_page(tx, input).await.map_err(|error| Error::internal(format!("{} {page}: {error}", plan.line.teleservice)))?;
        next = Some(saved.next);
    }
    Err(Error::internal(format!("{}: the same page comes again and again", plan.line.teleservice)))
}

/// What was typed in the controls of a page.
fn texts(plan: &Plan, words: &BTreeMap<&str, String>, questions: &[Question]) -> Result<Texts> {
    let mut texts = Texts::new();
    for question in questions {
        texts.entry(teleservices::engine::input::SHOWN.to_owned()).or_default().push(question.id.clone());
        let Some(written) = plan.line.reponses.get(&question.id) else { continue };
        let said = replace(written, words);
        let parts = match question.kind.name() {
            "adresse" => question.kind.fill(&plan.person.address()),
            "date" | "date_partielle" => question.kind.fill(&said.clone().into()),
            "commune" => {
                let (name, code) = said.rsplit_once(' ').unwrap_or((said.as_str(), ""));
                question.kind.fill(&serde_json::json!({ "nom": name, "code_postal": code }))
            }
            _ => vec![(String::new(), said)],
        };
        for (part, text) in parts {
            texts.entry(kinds::control_name(&question.id, &part)).or_default().push(text);
        }
    }
    Ok(texts)
}

fn words(plan: &Plan, today: jiff::civil::Date) -> BTreeMap<&'static str, String> {
    let person = &plan.person;
    let before = today.saturating_sub(jiff::Span::new().days(9 + (plan.rank % 60) as i64));
    BTreeMap::from([
        ("{nom}", person.nom.clone()),
        ("{prenoms}", person.prenoms.clone()),
        ("{naissance}", person.naissance.clone()),
        ("{courriel}", person.courriel.clone()),
        ("{telephone}", person.telephone.clone()),
        ("{adresse}", String::new()),
        ("{jour_avant}", before.to_string()),
        ("{prix}", (690 + (plan.rank * 37) % 1_900).to_string()),
        ("{prix_occasion}", (120 + (plan.rank * 13) % 480).to_string()),
        ("{quotient}", (280 + (plan.rank * 71) % 1_500).to_string()),
    ])
}

fn replace(text: &str, words: &BTreeMap<&str, String>) -> String {
    words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
}

/// A small PDF that says what it is, the same for everybody: drawn once.
fn sample_pdf(code: &str, day: jiff::civil::Date) -> Result<Vec<u8>> {
    let (title, lines) = match code {
        "facture" => ("Facture acquittée", ["Cycles du Perche, 4 rue du Pont, 28260 Villeneuve-sur-Aure", "Un vélo, payé par carte bancaire"]),
        _ => ("Relevé d’identité bancaire", ["Titulaire du compte : la personne qui demande", "IBAN FR76 3000 6000 0112 3456 7890 189"]),
    };
    let mut letter = documents::Letter::new(title, day);
    letter.sender.name = "Document de démonstration".into();
    letter.blocks = lines.into_iter().map(documents::Block::text).collect();
    documents::render(&letter).map_err(Error::internal)
}

fn later(at: Timestamp, days: u32) -> Timestamp {
    at + SignedDuration::from_hours(i64::from(days) * 24)
}

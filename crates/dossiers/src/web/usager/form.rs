//! One page of questions: shown, sent, saved while it is typed.

use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::templates::Page;
use kernel::web::question::Question;
use kernel::web::{Ctx, LongForm, see_other};
use kernel::{Error, FieldError, FieldErrors, Result};
use serde::{Deserialize, Serialize};
use teleservices::package;
use teleservices::web::question::Showing;

use super::shared::{Reader, StepView, back, examples, sent, source, step_path, steps};
use crate::adopt::{adopt, is_to_adopt};
use crate::filling::{Filling, Step};
use crate::model::Dossier;
use crate::privacy::Privacy;
use crate::save_page::{How, SavePage, Texts, read_page, save_page};
use crate::version;
use crate::web::mine::Mine;
use crate::web::summary::named;

/// One page of a form.
#[derive(Debug, Serialize)]
pub(crate) struct FormPage {
    pub service: String,
    pub title: String,
    pub intro: Option<String>,
    pub questions: Vec<Question>,
    /// The question that an answer just given calls for: said above it.
    pub revealed: String,
    /// Names of the questions shown, sent back with the answers.
    pub seen: String,
    /// What the answers call for saying, in Markdown.
    pub notes: Vec<String>,
    /// Ids of the notes shown, sent back with the answers.
    pub told: String,
    pub steps: Vec<StepView>,
    /// Answers to come may add steps.
    pub may_grow: bool,
    pub back: String,
    pub path: String,
    pub saved: String,
    /// Some answers were proposed.
    pub has_proposed: bool,
    /// On the first page only.
    pub privacy: Option<Privacy>,
    /// Typed by an agent: for whom.
    pub entered: bool,
    pub errors: Vec<FieldError>,
}

impl Page for FormPage {
    const TEMPLATE: &'static str = "dossiers/usager/page.html";

    fn samples() -> Vec<Self> {
        let page = |errors: Vec<FieldError>, error: Option<&str>| Self {
            service: "Aide à l’achat d’un vélo".into(),
            title: "Votre vélo".into(),
            intro: Some("Ayez la **facture** sous les yeux.".into()),
            questions: kinds::all().iter().map(|kind| examples::question(kind.name(), error)).collect(),
            revealed: if error.is_none() { "q_texte".into() } else { String::new() },
            seen: "q_texte q_date".into(),
            notes: if errors.is_empty() {
                vec!["**Vous n’avez pas besoin de ce document.** Prenez directement rendez-vous.".into()]
            } else {
                vec![]
            },
            told: if errors.is_empty() { "comedec".into() } else { String::new() },
            steps: examples::steps(),
            may_grow: errors.is_empty(),
            back: "/dossiers/dos_1/pages/vous".into(),
            path: "/dossiers/dos_1/pages/velo".into(),
            saved: "Brouillon enregistré à 14 h 05.".into(),
            has_proposed: true,
            privacy: errors.is_empty().then(examples::privacy),
            entered: errors.is_empty(),
            errors,
        };
        let fault = FieldError { field: "q_date.jour".into(), sentence: "Indiquez la date d’achat.".into() };
        vec![page(vec![], None), page(vec![fault], Some("Indiquez la date d’achat."))]
    }
}

/// Why one comes back to a page: a question that an answer just given calls for.
#[derive(Debug, Deserialize)]
pub(crate) struct Back {
    nouvelle: Option<String>,
}

/// The page, with the answers kept.
pub(crate) async fn show(mine: Mine, Path((_, page)): Path<(String, String)>, Query(back): Query<Back>) -> Result<Response> {
    if !mine.dossier.is_draft() {
        return Ok(see_other(&format!("/dossiers/{}", mine.dossier.id)));
    }
    // Begun before signing in: it becomes the account's now, so that what is known is proposed on this page already.
    let dossier = match is_to_adopt(mine.actor(), &mine.dossier) {
        true => mine.write(async |tx| adopt(tx, mine.dossier.id).await).await?,
        false => mine.dossier.clone(),
    };
    let view = build(&mine, &dossier, &page, None, &FieldErrors::new()).await?;
    mine.page(&FormPage { revealed: back.nouvelle.unwrap_or_default(), ..view })
}

/// The page as sent: refused with the values kept, or saved, then the next one.
pub(crate) async fn save(mine: Mine, Path((_, page)): Path<(String, String)>, LongForm(form): LongForm) -> Result<Response> {
    let id = mine.dossier.id;
    let texts = sent(&form);
    let (later, refuses) = (form.has("plus-tard"), form.has("effacer"));
    if !later && !refuses && mine.dossier.is_draft() {
        let faults = faults(&mine, &page, &texts).await?;
        if !faults.is_empty() {
            return refused(&mine, &page, &texts, &faults).await;
        }
    }
    let done = mine
        .once(&form, async |tx| {
            let input = SavePage { id, page: &page, texts: &texts, refuse_proposed: refuses, how: if later { How::Partial } else { How::Whole } };
            let saved = save_page(tx, input).await?;
            let next = step_path(id, &saved.next);
            Ok(match saved.revealed {
                _ if later => format!("/dossiers/{id}/plus-tard"),
                Some(question) => format!("{next}?nouvelle={question}#{question}"),
                None => next,
            })
        })
        .await;
    match done {
        Err(Error::Invalid(faults)) => refused(&mine, &page, &texts, &faults).await,
        done => done,
    }
}

/// What is wrong with a page, from the answers as they were when the request came: a refusal is said without taking a
/// place among those who write. The unit of work looks again.
async fn faults(mine: &Mine, page: &str, texts: &Texts) -> Result<FieldErrors> {
    let dossier = &mine.dossier;
    let (version, today) = mine.read(async |tx| Ok((version::of(tx, dossier.version).await?, tx.today()))).await?;
    let setting = version::setting(&version, dossier, today);
    Ok(read_page(&version.package, page, texts, &dossier.answers, &setting).errors)
}

async fn refused(mine: &Mine, page: &str, texts: &Texts, faults: &FieldErrors) -> Result<Response> {
    let view = build(mine, &mine.dossier, page, Some(texts), faults).await?;
    mine.page_status(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// What is typed so far, kept without a word about what is missing: one sentence in plain text.
pub(crate) async fn autosave(mine: Mine, Path((_, page)): Path<(String, String)>, LongForm(form): LongForm) -> Result<Response> {
    let (tenant, id) = (mine.tenant.clone(), mine.dossier.id);
    let texts = sent(&form);
    let sentence = mine
        .write(async |tx| {
            let input = SavePage { id, page: &page, texts: &texts, refuse_proposed: false, how: How::Partial };
            let saved = save_page(tx, input).await?;
            let version = version::of(tx, saved.dossier.version).await?;
            let sentence = Reader::new(&tenant, &version, &saved.dossier, tx.today()).saved(&saved.dossier);
            Ok(match saved.left.is_empty() {
                true => sentence,
                false => format!("{sentence} Une réponse est encore à corriger ou à finir."),
            })
        })
        .await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], sentence).into_response())
}

async fn build(cx: &Ctx, dossier: &Dossier, page: &str, typed: Option<&Texts>, faults: &FieldErrors) -> Result<FormPage> {
    let (tenant, id) = (cx.tenant.clone(), dossier.version);
    let (version, today) = cx.read(async |tx| Ok((version::of(tx, id).await?, tx.today()))).await?;
    let reader = Reader::new(&tenant, &version, dossier, today);
    let filling = reader.filling(dossier);
    let page = version.package.page(page).ok_or(Error::NotFound)?;
    let current = Step::Page(page.id.clone());
    let steps = steps(&filling, dossier, &current);
    // What was just typed decides which questions show, as it did when it was read.
    let mut answers = dossier.answers.clone();
    if let Some(typed) = typed {
        answers.extend(read_page(&version.package, &page.id, typed, &dossier.answers, &reader.setting).answers);
    }
    let now = Filling::new(&version.package, &reader.setting, &answers);
    let view = |question: &package::Question| {
        let (answer, source) = (dossier.answers.get(&question.id), dossier.origins.get(&question.id).map(source));
        Showing { question, rule: question.rule_now(&now.view.known, &reader.setting), answer, typed, faults, source }.view()
    };
    let questions: Vec<Question> = now.questions(&page.id).into_iter().map(view).collect();
    let notes = version.package.notes(&page.id, &now.view.known);
    let is_first = filling.pages().first().is_some_and(|first| first.id == page.id);
    Ok(FormPage {
        service: version.package.card.title.clone(),
        title: page.title.clone(),
        intro: page.intro.clone(),
        revealed: String::new(),
        seen: questions.iter().map(|question| question.name.as_str()).collect::<Vec<_>>().join(" "),
        told: notes.iter().map(|note| note.id.as_str()).collect::<Vec<_>>().join(" "),
        notes: notes.into_iter().map(|note| note.text.clone()).collect(),
        has_proposed: questions.iter().any(|question| question.source.is_some()),
        questions,
        back: back(&steps, &dossier.slug),
        may_grow: filling.may_grow(),
        steps,
        path: step_path(dossier.id, &current),
        saved: reader.saved(dossier),
        privacy: Privacy::of(&tenant, &version.package).filter(|_| is_first),
        entered: dossier.entered_by.is_some(),
        errors: named(faults, page.questions.iter()),
    })
}

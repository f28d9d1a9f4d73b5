//! The pages of administrators: how exchanges fare, what to do about it, and the settings of each application.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use kernel::{
    ApplicationId, DeliveryId, Error, Result, Tx,
    web::{AdminCx, Form, Pages, see_other},
};
use serde::Deserialize;

use super::{
    pages::{ApplicationPage, Health, ListPage, SecretPage, SettingsPage},
    words,
};
use crate::{
    Registry, application,
    application::{Change, Secrets},
    connectors,
    model::{Application, DeliveryState},
    replay, store,
};

/// Messages on a page.
const SHOWN: i64 = 25;

pub(super) fn routes(registry: &Registry) -> Pages {
    let (new, made, settings, changed) = (registry.clone(), registry.clone(), registry.clone(), registry.clone());
    Pages::new()
        .get("/admin/echanges", list)
        .get("/admin/echanges/nouvelle", move |cx: AdminCx, form: Form| new_application(cx, form, new.clone()))
        .post("/admin/echanges/nouvelle", move |cx: AdminCx, form: Form| register(cx, form, made.clone()))
        .get("/admin/echanges/{application}", show)
        .get("/admin/echanges/{application}/reglages", move |cx: AdminCx, slug: Path<String>, form: Form| {
            show_settings(cx, slug, form, settings.clone())
        })
        .post("/admin/echanges/{application}/reglages", move |cx: AdminCx, slug: Path<String>, form: Form| change(cx, slug, form, changed.clone()))
        .post("/admin/echanges/{application}/pause", pause)
        .post("/admin/echanges/{application}/reprise", resume)
        .post("/admin/echanges/{application}/rejouer", replay_all)
        .post("/admin/echanges/{application}/cle", add_key)
        .post("/admin/echanges/{application}/cle/fermer", close_key)
        .post("/admin/echanges/{application}/secret", rotate_secret)
        .post("/admin/echanges/{application}/messages/{message}/rejouer", replay_one)
        .post("/admin/echanges/{application}/messages/{message}/abandonner", give_up)
}

async fn list(cx: AdminCx) -> Result<Response> {
    let (now, zone) = (cx.app.clock.now(), cx.tenant.zone());
    let lines = cx
        .read(async |tx| {
            seen(tx)?;
            let applications = store::applications(tx).await?;
            let counts = words::Counts::new(store::counts(tx).await?, store::next_tries(tx).await?);
            Ok(words::lines(applications, &counts, now, &zone))
        })
        .await?;
    let faults = lines.iter().filter(|line| line.health <= Health::Unset).count();
    cx.page(&ListPage { lines, faults, may_manage: cx.actor().may(crate::MANAGE, None) })
}

#[derive(Deserialize)]
struct Older {
    avant: Option<String>,
}

async fn show(cx: AdminCx, Path(slug): Path<String>, Query(older): Query<Older>) -> Result<Response> {
    let before = older.avant.map(|id| id.parse::<DeliveryId>()).transpose()?;
    let (now, zone) = (cx.app.clock.now(), cx.tenant.zone());
    let (may_manage, may_replay) = (cx.actor().may(crate::MANAGE, None), cx.actor().may(crate::REPLAY, None));
    let page = cx
        .read(async |tx| {
            seen(tx)?;
            let application = find(tx, &slug).await?;
            let counts = words::Counts::new(store::counts(tx).await?, store::next_tries(tx).await?);
            let line = words::line(&application, &counts, now, &zone);
            let id = application.id;
            let open = store::deliveries(tx, id, &[DeliveryState::SetAside], None, SHOWN).await?;
            let waiting = store::deliveries(tx, id, &[DeliveryState::Waiting, DeliveryState::Paused], None, SHOWN).await?;
            let ended = [DeliveryState::Delivered, DeliveryState::GivenUp];
            let delivered = store::deliveries(tx, id, &ended, before, SHOWN).await?;
            let older = delivered.last().filter(|_| delivered.len() as i64 == SHOWN);
            let older = older.map(|last| format!("/admin/echanges/{slug}?avant={}", last.id));
            Ok(ApplicationPage {
                line,
                set_aside: open.into_iter().map(words::message).collect(),
                waiting: waiting.into_iter().map(words::message).collect(),
                delivered: delivered.into_iter().map(words::message).collect(),
                older,
                files: store::last_files(tx, id).await?.into_iter().map(words::file).collect(),
                keys: store::keys(tx, id).await?.into_iter().map(words::key).collect(),
                has_secret: crate::connectors::signs(&application.channel),
                may_manage,
                may_replay,
            })
        })
        .await?;
    cx.page(&page)
}

async fn new_application(cx: AdminCx, form: Form, registry: Registry) -> Result<Response> {
    cx.read(async |tx| tx.allow_any(crate::MANAGE)).await?;
    cx.page(&settings_page(&form, None, &registry, None))
}

async fn register(cx: AdminCx, form: Form, registry: Registry) -> Result<Response> {
    let slug = form.filled("slug").unwrap_or_default().to_owned();
    let keys = cx.app.keys.clone();
    let made = cx.write(async |tx| application::register(tx, &keys, &slug, said(&form)).await).await;
    match made {
        Ok(made) => after(&cx, &slug, &said(&form).name, made.signing_secret),
        Err(error) => again(&cx, &form, &registry, None, error),
    }
}

async fn show_settings(cx: AdminCx, Path(slug): Path<String>, form: Form, registry: Registry) -> Result<Response> {
    let application = cx
        .read(async |tx| {
            tx.allow_any(crate::MANAGE)?;
            find(tx, &slug).await
        })
        .await?;
    let kept = Secrets::open(&cx.app.keys, application.id, application.sealed.as_deref())?;
    cx.page(&settings_page(&form, Some(&application), &registry, Some(&kept)))
}

async fn change(cx: AdminCx, Path(slug): Path<String>, form: Form, registry: Registry) -> Result<Response> {
    let keys = cx.app.keys.clone();
    let known = cx.read(async |tx| find(tx, &slug).await).await?;
    let changed = cx.write(async |tx| application::change(tx, &keys, known.id, said(&form)).await).await;
    match changed {
        Ok(made) => after(&cx, &slug, &said(&form).name, made.signing_secret),
        Err(error) => again(&cx, &form, &registry, Some(&known), error),
    }
}

/// A secret that was made is shown now or never.
fn after(cx: &AdminCx, slug: &str, name: &str, secret: Option<String>) -> Result<Response> {
    match secret {
        None => Ok(see_other(&format!("/admin/echanges/{slug}"))),
        Some(value) => cx.page(&shown_once(cx, slug, name, "secret", value)),
    }
}

/// The same form with what is wrong; another kind of error goes its way.
fn again(cx: &AdminCx, form: &Form, registry: &Registry, known: Option<&Application>, error: Error) -> Result<Response> {
    let errors = match error {
        Error::Invalid(errors) => errors.0,
        Error::Conflict(problem) => vec![kernel::FieldError { field: "slug".into(), sentence: problem.sentence }],
        other => return Err(other),
    };
    let kept = known.map(|known| Secrets::open(&cx.app.keys, known.id, known.sealed.as_deref())).transpose()?;
    let page = SettingsPage { errors, ..settings_page(form, known, registry, kept.as_ref()) };
    cx.page_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn settings_page(form: &Form, known: Option<&Application>, registry: &Registry, kept: Option<&Secrets>) -> SettingsPage {
    let text = |name: &str, of: &dyn Fn(&Application) -> String| match form.get(name) {
        Some(typed) => typed.to_owned(),
        None => known.map(of).unwrap_or_default(),
    };
    let channel = text("channel", &|application| application.channel.clone());
    let typed = said(form).options;
    let options = match (typed.is_empty(), known) {
        (true, Some(known)) => known.options.clone(),
        _ => typed.into(),
    };
    SettingsPage {
        errors: vec![],
        known_slug: known.map(|known| known.slug.clone()).unwrap_or_default(),
        slug: text("slug", &|application| application.slug.clone()),
        name: text("name", &|application| application.name.clone()),
        contact: text("contact", &|application| application.contact.clone()),
        channels: words::channels(&channel),
        options: words::options(&channel, &options, &|name| kept.is_some_and(|kept| kept.option(name).is_some())),
        readers: registry.readers().into_iter().map(|(name, label)| (name.to_owned(), label)).collect(),
        channel,
    }
}

/// What the form says.
fn said(form: &Form) -> Change {
    let text = |name: &str| form.filled(name).unwrap_or_default().to_owned();
    let fields = connectors::find(&text("channel")).map(|connector| connector.options()).unwrap_or_default();
    let mut options = serde_json::Map::new();
    let mut secrets = BTreeMap::new();
    for field in fields {
        match (form.filled(field.name), field.is_secret) {
            (Some(typed), true) => drop(secrets.insert(field.name.to_owned(), typed.to_owned())),
            (Some(typed), false) => drop(options.insert(field.name.to_owned(), typed.into())),
            (None, _) => {}
        }
    }
    Change { name: text("name"), contact: text("contact"), channel: text("channel"), options, secrets }
}

async fn pause(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let reason = form.filled("motif").unwrap_or_default().to_owned();
    act(&cx, &slug, &form, "L’application est en pause. Ce qui est pour elle attend, rien n’est perdu.", async |tx, id| {
        application::pause(tx, id, &reason).await
    })
    .await
}

async fn resume(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    act(&cx, &slug, &form, "L’application reçoit à nouveau. Ce qui attendait part maintenant.", async |tx, id| application::resume(tx, id).await)
        .await
}

async fn replay_all(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    act(&cx, &slug, &form, "Les messages mis de côté repartent.", async |tx, id| replay::replay_all(tx, id).await.map(drop)).await
}

async fn replay_one(cx: AdminCx, Path((slug, id)): Path<(String, String)>, form: Form) -> Result<Response> {
    let message: DeliveryId = id.parse()?;
    act(&cx, &slug, &form, "Ce message repart.", async |tx, of| {
        belongs(tx, message, of).await?;
        replay::replay(tx, message).await
    })
    .await
}

async fn give_up(cx: AdminCx, Path((slug, id)): Path<(String, String)>, form: Form) -> Result<Response> {
    let message: DeliveryId = id.parse()?;
    act(&cx, &slug, &form, "Ce message ne partira pas.", async |tx, of| {
        belongs(tx, message, of).await?;
        replay::give_up(tx, message).await
    })
    .await
}

async fn close_key(cx: AdminCx, Path(slug): Path<String>, form: Form) -> Result<Response> {
    let hash = form.get("cle").unwrap_or_default().to_owned();
    act(&cx, &slug, &form, "Cette clé n’ouvre plus rien.", async |tx, id| application::close_key(tx, id, &hash).await).await
}

async fn add_key(cx: AdminCx, Path(slug): Path<String>) -> Result<Response> {
    let (name, key) = cx
        .write(async |tx| {
            let application = find(tx, &slug).await?;
            Ok((application.name, application::add_key(tx, application.id).await?))
        })
        .await?;
    cx.page(&shown_once(&cx, &slug, &name, "key", key))
}

async fn rotate_secret(cx: AdminCx, Path(slug): Path<String>) -> Result<Response> {
    let keys = cx.app.keys.clone();
    let (name, secret) = cx
        .write(async |tx| {
            let application = find(tx, &slug).await?;
            Ok((application.name, application::rotate_secret(tx, &keys, application.id).await?))
        })
        .await?;
    cx.page(&shown_once(&cx, &slug, &name, "secret", secret))
}

fn shown_once(cx: &AdminCx, slug: &str, name: &str, what: &'static str, value: String) -> SecretPage {
    let address = cx.tenant.url("/api/v1/liaisons/{dossier}/reponses");
    SecretPage { slug: slug.to_owned(), name: name.to_owned(), what, value, address }
}

/// Does something to an application, once, says that it is done and shows the application.
async fn act(cx: &AdminCx, slug: &str, form: &Form, done: &str, work: impl AsyncFnOnce(&mut Tx, ApplicationId) -> Result<()>) -> Result<Response> {
    cx.once(form, async |tx| {
        let application = find(tx, slug).await?;
        work(tx, application.id).await?;
        cx.flash(tx, done).await?;
        Ok(format!("/admin/echanges/{slug}"))
    })
    .await
}

/// Whoever may do something here may see.
fn seen(tx: &Tx) -> Result<()> {
    tx.allow_any(crate::MANAGE).or_else(|_| tx.allow_any(crate::REPLAY))
}

async fn find(tx: &mut Tx, slug: &str) -> Result<Application> {
    store::application_by_slug(tx, slug).await?.ok_or(Error::NotFound)
}

async fn belongs(tx: &mut Tx, message: DeliveryId, application: ApplicationId) -> Result<()> {
    let delivery = store::delivery(tx, message).await?;
    if delivery.application == application { Ok(()) } else { Err(Error::NotFound) }
}

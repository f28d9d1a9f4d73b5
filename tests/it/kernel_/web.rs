//! The web of the kernel: hosts, errors, sessions, forms sent twice, files, guards, limits, the server itself.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::{Json, extract::State, response::Response};
use futures_util::TryStreamExt;
use jiff::SignedDuration;
use kernel::{
    Actor, AgentActor, App, Error, JobId, NewJob, Result, Role, params,
    web::{
        self, AdminCx, AgentCx, Assembled, Ctx, Form, Level, LongForm, Means, Pages, PartnerCx, Public, Routes, SignedUsager, Upload,
        problem::ErrorPage,
        throttle::{Bucket, Door, Tries},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::support::{Bench, Browser};

const KEY: &str = "_cle=0123456789abcdef0123456789abcdef";

async fn show(cx: Public) -> Result<Response> {
    let pages = <ErrorPage as kernel::templates::Page>::samples();
    cx.page(&pages[0])
}

async fn keep(cx: Ctx, form: Form) -> Result<Response> {
    let work = async |tx: &mut kernel::Tx| {
        cx.remember(tx, "brouillon", form.get("texte")).await?;
        cx.flash(tx, "C’est noté.").await?;
        match form.has("echec") {
            true => Err(Error::invalid("texte", "Non.")),
            false => Ok("/garde".to_owned()),
        }
    };
    cx.once(&form, work).await
}

async fn kept(cx: Ctx) -> Json<Option<String>> {
    Json(cx.session.get("brouillon"))
}

async fn enter(cx: Ctx, form: Form) -> Result<Response> {
    let means = if form.has("oidc") { Means::Oidc } else { Means::Password };
    let level = Level { second_factor: form.has("second"), ..Level::of(means) };
    let actor = match form.get("role") {
        Some("usager") => {
            Actor::Usager { compte: uuid::Uuid::from_u128(1).into(), usager: uuid::Uuid::from_u128(2).into(), name: "Inès Marchetti".into() }
        }
        role => Actor::Agent(AgentActor {
            id: uuid::Uuid::from_u128(3).into(),
            name: "Nadia Ramdane".into(),
            role: if role == Some("admin") { Role::Admin } else { Role::Agent },
            rights: vec![],
        }),
    };
    cx.write(async |tx| cx.sign_in(tx, actor, level).await).await?;
    Ok(web::see_other("/moi"))
}

async fn leave(cx: Ctx) -> Result<Response> {
    cx.write(async |tx| cx.sign_out(tx).await.map(drop)).await?;
    Ok(web::see_other("/"))
}

async fn me(cx: SignedUsager) -> String {
    cx.usager.to_string()
}

async fn desk(cx: AgentCx) -> String {
    cx.agent.name.clone()
}

async fn office(cx: AdminCx) -> String {
    cx.agent.name.clone()
}

/// Enqueues a job, so that a second time is seen.
async fn send_once(cx: Ctx, form: Form) -> Result<Response> {
    let work = async |tx: &mut kernel::Tx| {
        tx.enqueue(NewJob::new("Essayer", serde_json::json!({}))).await?;
        if form.get("texte") == Some("refus") {
            return Err(Error::conflict("non", "Non."));
        }
        Ok(format!("/fait/{}", tx.new_id::<JobId>()))
    };
    cx.once(&form, work).await
}

async fn weigh(_: State<App>, mut upload: Upload) -> Result<Json<(String, String, usize, usize)>> {
    let Some(file) = upload.file().await? else { return Err(Error::invalid("fichier", "Choisissez un fichier.")) };
    let (field, name) = (file.field.clone(), file.name.clone());
    let size = file.try_fold(0, async |size, chunk| Ok(size + chunk.len())).await?;
    let form = upload.finish().await?;
    Ok(Json((field, name, size, form.pairs().count())))
}

async fn at_length(LongForm(form): LongForm) -> String {
    form.get("texte").unwrap_or_default().len().to_string()
}

/// An account that opens to one word.
async fn guess(cx: Ctx, form: Form) -> Result<Response> {
    let door = if form.has("agent") { Door::Agents } else { Door::Usagers };
    let tries = Tries::at(&cx, door, form.get("qui").unwrap_or_default());
    cx.write(async |tx| tries.count(tx).await).await?;
    if form.get("mot") != Some("bon") {
        return Err(Error::invalid("mot", "Non."));
    }
    cx.write(async |tx| tries.succeeded(&cx, tx).await).await?;
    Ok(web::see_other("/"))
}

static LATE: AtomicU32 = AtomicU32::new(0);

async fn late() -> &'static str {
    tokio::time::sleep(Duration::from_millis(200)).await;
    LATE.fetch_add(1, Ordering::SeqCst);
    "fini"
}

async fn panic() -> &'static str {
    panic!("mot de passe : secret")
}

async fn long() -> axum::response::Html<String> {
    axum::response::Html("Une page un peu longue. ".repeat(100))
}

async fn fault() -> Result<Response> {
    Err(Error::internal("mot de passe : secret"))
}

/// Who asks.
#[utoipa::path(get, path = "/api/v1/qui", responses((status = 200, body = String)))]
async fn who(cx: PartnerCx) -> String {
    cx.actor().label()
}

fn pages() -> Routes {
    let public = Pages::new()
        .get("/", show)
        .get("/garde", kept)
        .post("/garde", keep)
        .post("/entrer", enter)
        .post("/sortir", leave)
        .get("/moi", me)
        .post("/une-fois", send_once)
        .post("/deviner", guess)
        .post("/longuement", at_length)
        .get("/tard", late)
        .get("/panique", panic)
        .get("/long", long)
        .get("/faute", fault)
        .upload("/peser", weigh);
    Routes {
        public,
        agent: Pages::new().get("/agent", desk),
        admin: Pages::new().get("/admin", office),
        api: OpenApiRouter::new().routes(routes!(who)),
        partner: Some(|_, _, hash| {
            Box::pin(async move {
                let known = kernel::crypto::hash_token("cle-de-la-caisse-des-ecoles");
                Ok((hash == known).then(|| Actor::system("partenaire")))
            })
        }),
        ..Routes::default()
    }
}

fn assembled(bench: &Bench) -> Assembled {
    web::assemble(&bench.app(), vec![pages()], parvis::migrations::all()).expect("routes in their spaces")
}

async fn browser() -> (Bench, Browser) {
    let bench = Bench::new(&[]).await;
    let browser = Browser::new(&assembled(&bench).router, "essai.localhost:8080");
    (bench, browser)
}

#[tokio::test]
async fn a_host_without_tenant_gets_a_bare_404_and_a_known_one_its_page_and_headers() {
    let (bench, mut browser) = browser().await;
    let router = assembled(&bench).router;
    let nowhere = Browser::new(&router, "ailleurs.localhost").get("/").await;
    assert_eq!((nowhere.status.as_u16(), nowhere.text().as_str()), (404, "Aucun service ne répond sous ce nom d’hôte.\n"));
    let page = browser.get("/").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("Commune de essai"));
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert_eq!((page.header("x-content-type-options"), page.header("set-cookie")), ("nosniff", ""));
    assert_eq!(page.statements, 0);
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let (_bench, mut browser) = browser().await;
    let tag = browser.get("/").await.header("etag").to_owned();
    let again = browser.with("if-none-match", &tag).get("/").await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[tokio::test]
async fn sheets_are_compressed_and_kept_for_ever() {
    let (_bench, mut browser) = browser().await;
    let page = browser.get("/").await.text();
    for start in ["/static/socle.", "/t/"] {
        let from = page.find(start).expect("the page names its sheet");
        let url: String = page[from..].chars().take_while(|c| *c != '"').collect();
        let sheet = browser.clone().with("accept-encoding", "br").get(&url).await;
        assert_eq!((sheet.status.as_u16(), sheet.header("content-encoding")), (200, "br"), "{url}");
        assert!(sheet.header("cache-control").contains("immutable"), "{url}");
    }
    for other in ["/t/0000000000000000.css", "/static/socle.0000000000000000.css"] {
        assert_eq!(browser.get(other).await.header("cache-control"), "no-cache", "{other}");
    }
    assert_eq!(browser.get("/static/rien.css").await.status, 404);
}

#[tokio::test]
async fn an_error_is_a_page_for_people_and_a_problem_for_programs() {
    let (_bench, mut browser) = browser().await;
    let page = browser.get("/rien").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("Page introuvable") && page.text().contains(page.header("x-request-id")));
    let wrong = browser.send("DELETE", "/garde", "", vec![]).await;
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET,HEAD,POST"));
    let problem = browser.get("/api/v1/rien").await;
    assert_eq!((problem.status.as_u16(), problem.header("content-type")), (404, "application/problem+json"));
    assert!(problem.json()["type"].as_str().is_some_and(|kind| kind.ends_with("#not-found")));
}

#[tokio::test]
async fn a_fault_of_ours_gives_a_number_and_says_nothing_else() {
    let (_bench, mut browser) = browser().await;
    for path in ["/faute", "/panique"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 500, "{path}");
        assert!(page.text().contains(page.header("x-request-id")), "{path}");
        assert!(!page.text().contains("secret"), "{path}");
    }
}

#[tokio::test]
async fn what_is_remembered_is_found_again_and_a_unit_undone_leaves_no_cookie() {
    let (_bench, mut browser) = browser().await;
    let undone = browser.post("/garde", "texte=a&echec=1").await;
    assert_eq!((undone.status.as_u16(), undone.header("set-cookie")), (422, ""));
    let done = browser.post("/garde", "texte=brouillon").await;
    let cookie = done.header("set-cookie");
    assert!(cookie.starts_with("parvis=") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let kept = browser.get("/garde").await;
    assert_eq!((kept.json(), kept.statements), (serde_json::json!("brouillon"), 1));
}

#[tokio::test]
async fn the_sentence_for_the_next_page_is_shown_once() {
    let (_bench, mut browser) = browser().await;
    browser.post("/garde", "texte=x").await;
    assert!(browser.get("/").await.text().contains("C’est noté."));
    assert!(!browser.get("/").await.text().contains("C’est noté."));
    assert_eq!(browser.get("/garde").await.json(), "x");
}

#[tokio::test]
async fn signing_in_changes_the_cookie_keeps_the_drafts_and_signing_out_ends_it() {
    let (_bench, mut browser) = browser().await;
    let led = browser.get("/moi?a=1").await;
    assert_eq!((led.status.as_u16(), led.location()), (303, "/connexion?retour=%2Fmoi%3Fa%3D1"));
    browser.post("/garde", "texte=x").await;
    let mut before = browser.clone();
    browser.post("/entrer", "role=usager").await;
    assert_ne!(browser.cookie, before.cookie);
    assert_eq!(browser.get("/moi").await.text(), format!("usa_{:032x}", 2));
    assert_eq!(browser.get("/garde").await.json(), "x");
    assert_eq!(before.get("/garde").await.json(), serde_json::Value::Null);
    let mut stolen = browser.clone();
    browser.post("/sortir", "").await;
    assert_eq!((browser.cookie.as_ref(), stolen.get("/moi").await.status.as_u16()), (None, 303));
}

#[tokio::test]
async fn another_person_on_the_same_browser_does_not_inherit() {
    let (_bench, mut browser) = browser().await;
    browser.post("/entrer", "role=usager").await;
    browser.post("/garde", "texte=x").await;
    browser.post("/entrer", "role=agent").await;
    assert_eq!(browser.get("/garde").await.json(), serde_json::Value::Null);
}

#[tokio::test]
async fn a_session_ends_without_use_and_lives_with_it() {
    let (bench, mut browser) = browser().await;
    browser.post("/entrer", "role=agent").await;
    for _ in 0..4 {
        bench.clock.advance(SignedDuration::from_mins(100));
        assert_eq!(browser.get("/agent").await.status, 200);
    }
    bench.clock.advance(SignedDuration::from_mins(121));
    assert_eq!(browser.get("/agent").await.location(), "/agent/connexion?retour=%2Fagent");
}

#[tokio::test]
async fn sessions_are_listed_and_revoked_by_their_owner_alone() {
    let (bench, mut browser) = browser().await;
    browser.post("/entrer", "role=usager").await;
    let mut other = browser.clone();
    other.cookie = None;
    other.post("/entrer", "role=usager").await;
    let label = format!("usa_{:032x}", 2);
    let list = bench.db.read(&bench.scope(), async |tx| web::session::list(tx, &label).await).await.expect("a list");
    assert_eq!(list.len(), 2);
    let id = list[0].id.expect("a kept session");
    let theft = bench.db.write(&bench.scope(), async |tx| web::session::revoke(tx, "age_x", id).await).await;
    assert!(matches!(theft, Err(Error::NotFound)));
    bench.db.write(&bench.scope(), async |tx| web::session::revoke_all(tx, &label).await).await.expect("revoked");
    assert_eq!(browser.get("/moi").await.status, 303);
}

#[tokio::test]
async fn only_its_audience_enters_a_space() {
    let (_bench, mut browser) = browser().await;
    assert_eq!(browser.get("/admin").await.location(), "/agent/connexion?retour=%2Fadmin");
    browser.post("/entrer", "role=usager").await;
    assert_eq!(browser.get("/agent").await.status, 303);
    browser.post("/entrer", "role=agent").await;
    assert_eq!((browser.get("/agent").await.status.as_u16(), browser.get("/admin").await.status.as_u16()), (200, 403));
    browser.post("/entrer", "role=admin").await;
    assert_eq!(browser.get("/admin").await.status, 403);
    browser.post("/entrer", "role=admin&oidc=1").await;
    assert_eq!(browser.get("/admin").await.status, 403, "an identity provider is not two factors by itself");
    browser.post("/entrer", "role=admin&second=1").await;
    assert_eq!(browser.get("/admin").await.status, 200);
}

#[tokio::test]
async fn the_api_knows_keys_and_no_cookie() {
    let (_bench, mut browser) = browser().await;
    browser.post("/entrer", "role=usager").await;
    let refused = browser.get("/api/v1/qui").await;
    assert_eq!((refused.status.as_u16(), refused.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(browser.clone().with("authorization", "Bearer une-autre-cle-inconnue").get("/api/v1/qui").await.status, 401);
    let answer = browser.with("authorization", "Bearer cle-de-la-caisse-des-ecoles").get("/api/v1/qui").await;
    assert_eq!(answer.text(), "systeme:partenaire");
}

#[tokio::test]
async fn the_description_and_the_list_of_routes_name_every_route() {
    let bench = Bench::new(&[]).await;
    let assembled = assembled(&bench);
    assert_eq!(assembled.routes.len(), 18);
    assert!(assembled.openapi.paths.paths.contains_key("/api/v1/qui"));
    assert_eq!(assembled.openapi.info.title, "Parvis");
    let astray = Routes { agent: Pages::new().get("/ailleurs", desk), ..Routes::default() };
    assert!(web::assemble(&bench.app(), vec![astray], vec![]).is_err());
}

async fn jobs(bench: &Bench) -> usize {
    let sql = "select id from job where tenant_id = $1 and kind = $2";
    bench.db.read(&bench.scope(), async |tx| tx.all(sql, params!["Essayer"]).await).await.expect("rows").len()
}

#[tokio::test]
async fn a_form_sent_twice_is_done_once_and_answered_twice_alike() {
    let (bench, mut browser) = browser().await;
    let first = browser.post("/une-fois", &format!("texte=a&{KEY}")).await;
    let mut other = browser.clone();
    let form = format!("texte=a&{KEY}");
    let (second, third) = tokio::join!(browser.post("/une-fois", &form), other.post("/une-fois", &form));
    assert_eq!((first.status.as_u16(), second.location(), third.location()), (303, first.location(), first.location()));
    assert_eq!(jobs(&bench).await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_steps_aside_and_a_failure_is_not_kept() {
    let (bench, mut browser) = browser().await;
    assert_eq!(browser.post("/une-fois", &format!("texte=refus&{KEY}")).await.status, 409);
    assert_eq!(browser.post("/une-fois", &format!("texte=a&{KEY}")).await.status, 303);
    assert_eq!(browser.post("/une-fois", &format!("texte=b&{KEY}")).await.status, 303);
    assert_eq!(jobs(&bench).await, 2);
}

#[tokio::test]
async fn twenty_presses_at_once_make_one() {
    let (bench, browser) = browser().await;
    let presses = (0..20).map(|_| {
        let mut browser = browser.clone();
        tokio::spawn(async move { browser.post("/une-fois", &format!("texte=a&{KEY}")).await.location().to_owned() })
    });
    let mut places = Vec::new();
    for press in presses.collect::<Vec<_>>() {
        places.push(press.await.expect("an answer"));
    }
    places.dedup();
    assert_eq!((places.len(), jobs(&bench).await), (1, 1));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let (_bench, browser) = browser().await;
    let from = |name, value| browser.clone().with(name, value);
    assert_eq!(from("origin", "https://autre.fr").post("/une-fois", "texte=a").await.status, 403);
    assert_eq!(from("sec-fetch-site", "cross-site").post("/une-fois", "texte=a").await.status, 403);
    assert_eq!(from("origin", "http://essai.localhost:8080").post("/une-fois", "texte=a").await.status, 303);
}

#[tokio::test]
async fn bad_forms_are_refused_in_a_sentence() {
    let (_bench, mut browser) = browser().await;
    let form = "application/x-www-form-urlencoded";
    let cases: [(&str, Vec<u8>, u16, &str); 6] = [
        (form, b"texte=%FF".to_vec(), 400, "UTF-8"),
        (form, b"texte=%00".to_vec(), 400, "invisible"),
        (form, vec!["a=1"; 2_001].join("&").into_bytes(), 413, "2 000 champs"),
        (form, vec![b'a'; (64 << 10) + 1], 413, "64 Ko"),
        ("application/json", b"{}".to_vec(), 415, "formulaire"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Dis".to_vec(), 400, "interrompu"),
    ];
    for (kind, body, status, words) in cases {
        let answer = browser.send("POST", "/une-fois", kind, body).await;
        let text = answer.text().replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(answer.status, status, "{words}");
        assert!(text.contains(words), "{words}: {text}");
    }
    let parts = browser.post_parts("/une-fois", &[("texte", None, b"a"), ("vide", Some(""), b"")]).await;
    assert_eq!(parts.status, 303);
}

#[tokio::test]
async fn a_file_comes_as_a_stream_with_the_texts_around_it() {
    let (_bench, mut browser) = browser().await;
    let file = vec![7_u8; 12 << 20];
    let parts: [(&str, Option<&str>, &[u8]); 3] = [("avant", None, b"1"), ("piece", Some("C:\\\\dossier\\\\rib.pdf"), &file), ("apres", None, b"2")];
    let answer = browser.post_parts("/peser", &parts).await;
    assert_eq!(answer.json(), serde_json::json!(["piece", "rib.pdf", 12 << 20, 2]));
    assert_eq!(browser.post_parts("/peser", &[("piece", Some(""), b"")]).await.status, 422);
    let two: [(&str, Option<&str>, &[u8]); 2] = [("a", Some("a.pdf"), b"a"), ("b", Some("b.pdf"), b"b")];
    assert_eq!(browser.post_parts("/peser", &two).await.status, 400);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_the_work() {
    let (_bench, mut browser) = browser().await;
    let before = LATE.load(Ordering::SeqCst);
    let gone = tokio::time::timeout(Duration::from_millis(50), browser.get("/tard")).await;
    assert!(gone.is_err());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(LATE.load(Ordering::SeqCst) > before);
}

async fn guesses(browser: &mut Browser, form: &str, times: usize) -> Vec<u16> {
    let mut seen = vec![];
    for _ in 0..times {
        seen.push(browser.post("/deviner", form).await.status.as_u16());
    }
    seen
}

#[tokio::test]
async fn guesses_wait_longer_and_longer_and_the_right_one_forgets_them() {
    let (bench, mut browser) = browser().await;
    assert_eq!(guesses(&mut browser, "qui=Ines@Exemple.fr+&mot=faux", 6).await, [422, 422, 422, 422, 422, 429]);
    let refused = browser.post("/deviner", "qui=ines@exemple.fr&mot=bon").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "3"));
    bench.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(browser.post("/deviner", "qui=ines@exemple.fr&mot=bon").await.status, 303);
    assert_eq!(guesses(&mut browser, "qui=ines@exemple.fr&mot=faux", 2).await, [422, 422], "as at first");
}

#[tokio::test]
async fn strangers_who_guess_do_not_shut_out_the_owner_on_his_own_browser() {
    let (bench, mut ines) = browser().await;
    assert_eq!(ines.post("/deviner", "qui=ines&mot=bon").await.status, 303);
    assert!(ines.device.is_some());
    let mut stranger = Browser::new(&assembled(&bench).router, &bench.tenant.host);
    assert_eq!(guesses(&mut stranger, "qui=ines&mot=faux", 6).await[5], 429);
    assert_eq!(stranger.post("/deviner", "qui=ines&mot=bon").await.status, 429);
    assert_eq!(ines.post("/deviner", "qui=ines&mot=bon").await.status, 303);
    // What she holds opens no other account, and cannot be made up.
    stranger.device = ines.device.clone();
    assert_eq!(guesses(&mut stranger, "qui=paul&mot=faux", 6).await[5], 429);
    stranger.device = ines.device.as_ref().map(|mark| mark.replace('.', "x."));
    assert_eq!(stranger.post("/deviner", "qui=ines&mot=bon").await.status, 429);
    // The one who holds it has her own delay all the same.
    assert_eq!(guesses(&mut ines, "qui=ines&mot=faux", 6).await[5], 429);
}

#[tokio::test]
async fn an_address_full_at_one_door_is_not_at_another_and_has_room_again_soon() {
    let (bench, mut browser) = browser().await;
    for n in 0..29 {
        assert_eq!(browser.post("/deviner", &format!("qui=u{n}&mot=faux")).await.status, 422, "{n}");
    }
    assert_eq!(browser.post("/deviner", "qui=ines&mot=bon").await.status, 303);
    assert_eq!(browser.post("/deviner", "qui=u30&mot=faux").await.status, 422, "a success gives its own try back");
    for n in 40..60 {
        let refused = browser.post("/deviner", &format!("qui=u{n}&mot=faux")).await;
        assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "21"), "a success does not forget the others; {n}");
    }
    assert_eq!(browser.post("/deviner", "agent=1&qui=ines&mot=bon").await.status, 303);
    bench.clock.advance(SignedDuration::from_secs(21));
    assert_eq!(browser.post("/deviner", "qui=u61&mot=faux").await.status, 422, "twenty refusals lock nobody");
}

#[tokio::test]
async fn a_bucket_takes_all_or_nothing() {
    let bench = Bench::new(&[]).await;
    let day = SignedDuration::from_hours(24);
    let (wide, narrow) = (Bucket::new("essai", "large", 3, day), Bucket::new("essai", "court", 1, day));
    let take = async |buckets: &[Bucket]| bench.db.write(&bench.scope(), async |tx| Bucket::take_all(tx, buckets).await).await.expect("counted");
    assert_eq!(take(&[wide.clone(), narrow.clone()]).await, None);
    for _ in 0..5 {
        assert!(take(&[wide.clone(), narrow.clone()]).await.is_some());
    }
    assert_eq!((take(std::slice::from_ref(&wide)).await, take(std::slice::from_ref(&wide)).await), (None, None), "what was refused took nothing");
    assert!(take(&[wide]).await.is_some());
}

#[tokio::test]
async fn a_form_is_short_unless_its_page_takes_texts() {
    let (_bench, mut browser) = browser().await;
    let fits = format!("{KEY}&texte={}", "a".repeat(60 << 10));
    assert_eq!(browser.post("/garde", &fits).await.status, 303);
    let long = format!("{KEY}&texte={}", "a".repeat(70 << 10));
    let refused = browser.post("/garde", &long).await;
    assert_eq!(refused.status, 413);
    refused.says(&["64 Ko"]);
    let parts = [("texte", None, long.as_bytes())];
    assert_eq!(browser.post_parts("/garde", &parts).await.status, 413);
    assert_eq!(browser.post("/longuement", &long).await.text(), (70 << 10).to_string());
}

#[tokio::test]
async fn two_hosts_are_one_too_many() {
    let (_bench, browser) = browser().await;
    let answer = browser.with("host", "autre.exemple.fr").get("/").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn readiness_is_looked_at_once_in_five_seconds() {
    let bench = Bench::new(&[]).await;
    let mut probe = Browser::new(&assembled(&bench).router, "10.0.0.5");
    assert_eq!(probe.get("/readyz").await.status, 200);
    bench.database.tamper("delete from migration").await;
    assert_eq!(probe.get("/readyz").await.status, 200);
    bench.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(probe.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn a_key_of_form_is_of_one_session() {
    let (bench, mut ines) = browser().await;
    let mut paul = Browser::new(&assembled(&bench).router, &bench.tenant.host);
    ines.post("/entrer", "role=usager").await;
    paul.post("/entrer", "role=usager").await;
    let form = format!("{KEY}&texte=bonjour");
    let (first, again) = (ines.post("/une-fois", &form).await, ines.post("/une-fois", &form).await);
    assert_eq!(first.location(), again.location());
    assert_ne!(paul.post("/une-fois", &form).await.location(), first.location(), "another browser is not told what this one was");
}

#[tokio::test]
async fn probes_are_answered_without_tenant_and_the_counters_only_at_home() {
    let bench = Bench::new(&[]).await;
    let mut probe = Browser::new(&assembled(&bench).router, "10.0.0.5");
    assert_eq!(probe.get("/healthz").await.text(), "ok\n");
    let ready = probe.get("/readyz").await;
    assert_eq!(ready.json(), serde_json::json!({ "database": "ok", "migrations": "ok", "disk": "ok" }));
    assert_eq!(probe.get("/metrics").await.status, 404);
    let stale = web::assemble(&bench.app(), vec![pages()], vec![]).expect("routes").router;
    assert_eq!(Browser::new(&stale, "10.0.0.5").get("/readyz").await.status, 503);
}

#[tokio::test]
async fn what_is_past_its_time_is_removed() {
    let (bench, mut browser) = browser().await;
    browser.post("/garde", &format!("texte=x&{KEY}")).await;
    bench.clock.advance(SignedDuration::from_hours(24 * 36));
    let kind = web::jobs();
    let job = NewJob::new("PurgeWeb", serde_json::json!({}));
    bench.db.write(&bench.scope(), async |tx| tx.enqueue(job).await).await.expect("enqueued");
    kernel::jobs::drain(&bench.app(), &kind).await.expect("drained");
    for table in ["session", "idempotency"] {
        let sql = format!("select tenant_id from {table} where tenant_id = $1");
        let left = bench.db.read(&bench.scope(), async |tx| tx.all(&sql, &[]).await).await.expect("rows");
        assert!(left.is_empty(), "{table}");
    }
}

/// Starts the real server, and gives its address and what stops it.
async fn served(bench: &Bench) -> (std::net::SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = web::serve_until(assembled(bench), listener, async { drop(stopped.await) });
    (address, stop, tokio::spawn(serving))
}

async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the door is open");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn a_stop_lets_what_was_begun_end_and_accepts_nothing_more() {
    let bench = Bench::new(&[]).await;
    let (address, stop, server) = served(&bench).await;
    let request = "GET /tard HTTP/1.1\r\nhost: essai.localhost\r\n\r\n";
    let begun = tokio::spawn(exchange(address, request));
    tokio::time::sleep(Duration::from_millis(80)).await;
    stop.send(()).expect("a server that runs");
    let answer = begun.await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("fini"), "{answer}");
    server.await.expect("it ended").expect("well");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn clients_that_stop_in_the_middle_make_nobody_wait() {
    let bench = Bench::new(&[]).await;
    let (address, _stop, _server) = served(&bench).await;
    let half = "POST /une-fois HTTP/1.1\r\nhost: essai.localhost\r\ncontent-length: 100\r\n\
                content-type: application/x-www-form-urlencoded\r\n\r\ntexte=a";
    let mut slow = Vec::new();
    for words in [half, "GET / HTTP/1.1\r\nhost: essai"].repeat(20) {
        let mut stream = TcpStream::connect(address).await.expect("the door is open");
        stream.write_all(words.as_bytes()).await.expect("sent");
        slow.push(stream);
    }
    let whole = "POST /une-fois HTTP/1.1\r\nhost: essai.localhost\r\nconnection: close\r\ncontent-length: 7\r\n\
                 content-type: application/x-www-form-urlencoded\r\n\r\ntexte=b";
    let answer = tokio::time::timeout(Duration::from_secs(2), exchange(address, whole)).await.expect("at once");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    drop(slow);
    assert_eq!(jobs(&bench).await, 1);
}

#[tokio::test]
async fn a_refused_body_is_read_to_its_end_so_that_the_refusal_arrives() {
    let bench = Bench::new(&[]).await;
    let (address, _stop, _server) = served(&bench).await;
    let body = "a".repeat(11 << 20);
    let head = "POST /une-fois HTTP/1.1\r\nhost: essai.localhost\r\nconnection: close\r\n\
                content-type: application/x-www-form-urlencoded\r\n";
    let answer = exchange(address, &format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{}", &answer[..answer.len().min(200)]);
}

#[tokio::test]
async fn the_counters_are_read_from_the_machine_itself() {
    let bench = Bench::new(&[]).await;
    let (address, _stop, _server) = served(&bench).await;
    let ask = |head: &str| format!("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
    assert!(exchange(address, &ask("")).await.contains("parvis_requests_total"));
    assert!(exchange(address, &ask("x-forwarded-for: 192.0.2.1\r\n")).await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_answer_is_compressed_for_who_takes_it() {
    let (_bench, browser) = browser().await;
    let page = browser.with("accept-encoding", "gzip, br").get("/long").await;
    assert_eq!(page.header("content-encoding"), "br");
}

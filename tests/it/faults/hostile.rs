//! Forms that no browser of good will sends: refused in a sentence, nothing written, nothing broken for the next one.

use super::Installation;
use crate::{
    form,
    support::{
        TestApp,
        browser::Answer,
        clients::{Visitor, key},
        demands::{id_of, path},
        form::Fields,
    },
};

const FORM: &str = "application/x-www-form-urlencoded";

struct Scene {
    app: TestApp,
    visitor: Visitor,
    page: String,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let mut visitor = app.visitor();
        let page = visitor.post("/demarches/contact/commencer", form! {}).await.redirects();
        Self { app, visitor, page }
    }

    async fn send(&mut self, kind: &str, body: Vec<u8>) -> Answer {
        let page = self.page.clone();
        self.visitor.browser.send("POST", &page, kind, body).await
    }

    /// The page still shows nothing of what was sent, and still takes a good form.
    async fn is_unharmed(mut self) {
        let shown = self.visitor.get(&self.page).await.ok();
        assert!(!shown.text().contains("Intrus"), "{}", shown.said());
        let id = id_of(&self.page);
        self.app.dossier().of("contact").depose_by(&mut self.app.visitor()).await;
        self.visitor.get(&path(id, "verification")).await.ok();
    }
}

#[track_caller]
fn refused(answer: &Answer, status: u16, sentence: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.said());
    answer.says(&[sentence]);
}

#[tokio::test]
async fn two_thousand_fields_and_one_are_refused() {
    let mut scene = Scene::new().await;
    let mut body = format!("_cle={}", key());
    for n in 0..2_001 {
        body.push_str(&format!("&champ{n}=Intrus"));
    }
    refused(&scene.send(FORM, body.into_bytes()).await, 413, "2 000 champs");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn ten_megabytes_and_more_of_text_are_refused() {
    let mut scene = Scene::new().await;
    let body = format!("_cle={}&message=Intrus{}", key(), "a".repeat(10 << 20));
    refused(&scene.send(FORM, body.into_bytes()).await, 413, "10 Mo");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn ten_megabytes_of_answer_below_the_limit_are_refused_by_the_question() {
    let mut scene = Scene::new().await;
    let text = format!("Intrus{}", "a".repeat((10 << 20) - 4_096));
    let body = form! { _cle: key(), _questions: "message", message: text }.encoded();
    let answer = scene.send(FORM, body.into_bytes()).await;
    assert_eq!(answer.status.as_u16(), 422, "{}", answer.said().chars().take(500).collect::<String>());
}

#[tokio::test]
async fn what_is_not_utf_8_is_refused() {
    let mut scene = Scene::new().await;
    refused(&scene.send(FORM, format!("_cle={}&nom=Intrus%FF%FE", key()).into_bytes()).await, 400, "UTF-8");
    refused(&scene.send(FORM, [b"nom=Intrus".as_slice(), &[0xc3, 0x28]].concat()).await, 400, "UTF-8");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn a_nul_is_refused() {
    let mut scene = Scene::new().await;
    refused(&scene.send(FORM, format!("_cle={}&nom=Intrus%00", key()).into_bytes()).await, 400, "invisible");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn a_name_repeated_where_one_answer_is_wanted_is_never_half_kept() {
    let mut scene = Scene::new().await;
    let body = format!("_cle={}&_questions=nom+sujet&nom=Marchetti&nom=Intrus&sujet=question&sujet=Intrus", key());
    let answer = scene.send(FORM, body.into_bytes()).await;
    assert!(matches!(answer.status.as_u16(), 400 | 422), "{} {}", answer.status, answer.said());
    scene.is_unharmed().await;
}

#[tokio::test]
async fn another_kind_of_body_is_refused() {
    let mut scene = Scene::new().await;
    for kind in ["application/json", "text/plain", "application/xml", "", "n’importe quoi"] {
        let answer = scene.send(if kind.is_ascii() { kind } else { "a/b;c" }, b"{\"nom\":\"Intrus\"}".to_vec()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 415 | 422), "{kind}: {} {}", answer.status, answer.said());
    }
    let broken = scene.send("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"nom\"\r\n\r\nIntrus".to_vec()).await;
    assert!(matches!(broken.status.as_u16(), 400 | 422), "{} {}", broken.status, broken.said());
    let file = b"--x\r\nContent-Disposition: form-data; name=\"nom\"; filename=\"i.txt\"\r\n\r\nIntrus\r\n--x--\r\n".to_vec();
    refused(&scene.send("multipart/form-data; boundary=x", file).await, 400, "ne prend pas de fichier");
    scene.is_unharmed().await;
}

#[tokio::test]
async fn an_id_that_was_made_up_or_belongs_to_another_tenant_does_not_exist() {
    let scene = Scene::new().await;
    let neighbour = scene.app.beside("voisine").await;
    let theirs = neighbour.dossier().of("contact").depose().await;
    let mut visitor = scene.app.visitor();
    let wrong = [
        theirs.id.to_string(),
        "dos_00000000000070008000000000000000".into(),
        "dos_x".into(),
        "%27%20or%201%3D1".into(),
        "..%2f..%2fetc".into(),
        "dos_%00".into(),
    ];
    for id in wrong {
        for end in ["", "/pages/message", "/depot", "/accuse.pdf"] {
            let answer = visitor.get(&format!("/dossiers/{id}{end}")).await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{id}{end}: {}", answer.status);
        }
        let answer = visitor.post(&format!("/dossiers/{id}/depot"), Fields::default()).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{id}: {}", answer.status);
    }
    assert!(theirs.author.browser.cookie.is_some());
}

/// Memory of a process that is in use, in KiB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_forms_leave_the_memory_of_the_server_flat() {
    let town = Installation::new().await;
    let server = town.serve().await;
    let mut phone = town.phone();
    let page = phone.post("/demarches/contact/commencer", form! {}).await.location;
    let fields: String = (0..2_001).map(|n| format!("&champ{n}=Intrus")).collect();
    let bodies = [format!("_cle={}&message={}", key(), "a".repeat(10 << 20)), format!("_cle={}{fields}", key())];
    let mut after = vec![];
    for _ in 0..4 {
        for _ in 0..8 {
            for body in &bodies {
                let answer = phone.try_once("POST", &page, FORM, body.as_bytes()).await.expect("an answer");
                assert_eq!(answer.status, 413, "{}", answer.said());
            }
        }
        after.push(resident(server.id()));
    }
    assert!(after[3] < after[0] + 20_000, "KiB after each 16 forms: {after:?}");
    server.kill().await;
}

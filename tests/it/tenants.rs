//! Two tenants with the same people, the same demands, the same names: nothing of one is ever seen from the other, by
//! whatever door. Each one writes a word of its own everywhere, and the other's pages are searched for it.

use std::collections::{BTreeSet, VecDeque};

use crate::support::{TestApp, browser::Answer, clients::Client};

/// One side, with its marks.
struct Side {
    app: TestApp,
    /// What only this side knows: a word that it wrote, and its ids.
    marks: Vec<String>,
    /// Its addresses.
    paths: Vec<String>,
    usager: Client,
    agent: Client,
    admin: Client,
    partner: Client,
}

impl Side {
    async fn furnished(app: TestApp, word: &str) -> Self {
        let mut usager = app.usager("ines@exemple.fr").await;
        let message = format!("Le lampadaire {word} est éteint.");
        let (id, ..) = app.dossier().of("contact").saying("message", &message).depose_by(&mut usager).await;
        let (aid, ..) = app.dossier().saying("nom", word).depose_by(&mut usager).await;
        let agent = app.agent().named(&format!("Nadia {word}")).everywhere().await;
        let partner = app.partner(&format!("Organisme {word}")).await;
        let marks = vec![word.to_owned(), id.to_string(), aid.to_string(), usager.usager.to_string(), agent.id.to_string(), partner.id.to_string()];
        let paths = vec![
            format!("/dossiers/{id}"),
            format!("/dossiers/{aid}/accuse.pdf"),
            format!("/agent/dossiers/{id}"),
            format!("/agent/usagers/{}", usager.usager),
            format!("/admin/agents/{}", agent.id),
            format!("/admin/partenaires/{}", partner.id),
            format!("/api/v1/usagers/{}/attributes/courriel?purpose=test", usager.usager),
        ];
        let admin = app.admin().await.0.client;
        Self { marks, paths, usager: usager.client, agent: agent.client, admin, partner: partner.client, app }
    }

    fn everybody(&mut self) -> [(&'static str, &mut Client); 4] {
        [("usager", &mut self.usager), ("agent", &mut self.agent), ("admin", &mut self.admin), ("partenaire", &mut self.partner)]
    }
}

/// Every page that links lead to, from these.
async fn walk(client: &mut Client, starts: &[&str]) -> Vec<(String, Answer)> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut ahead: VecDeque<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    let mut pages = vec![];
    while let Some(path) = ahead.pop_front() {
        if pages.len() >= 150 || path.contains("deconnexion") || !seen.insert(path.clone()) {
            continue;
        }
        let answer = client.get(&path).await;
        if answer.status.is_redirection() {
            ahead.push_back(answer.location().to_owned());
        }
        if answer.header("content-type").starts_with("text/html") {
            let text = answer.text();
            let links = crate::support::html::tags(&text);
            let links = links.iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.get("href"));
            ahead.extend(links.filter(|href| href.starts_with('/')).map(|href| href.split('#').next().unwrap_or_default().to_owned()));
        }
        pages.push((path, answer));
    }
    pages
}

#[tokio::test]
async fn nothing_of_one_tenant_is_seen_from_the_other() {
    let app = TestApp::new().await;
    let beside = app.beside("voisine").await;
    let mut here = Side::furnished(app, "Mirabelle").await;
    let mut there = Side::furnished(beside, "Quetsche").await;
    let (marks, paths) = (there.marks.clone(), there.paths.clone());
    for (who, client) in here.everybody() {
        let pages = walk(
            client,
            &[
                "/",
                "/demarches?q=Quetsche",
                "/mes-demandes",
                "/mon-compte",
                "/agent",
                "/agent/dossiers?q=Quetsche",
                "/agent/usagers?q=Quetsche",
                "/admin",
                "/admin/journal",
                "/admin/echanges",
                "/api/v1/openapi.json",
            ],
        )
        .await;
        assert!(pages.len() > 10, "{who}: {} pages", pages.len());
        for (path, page) in pages.iter().filter(|(path, _)| !path.contains("Quetsche")) {
            let text = page.text();
            for mark in &marks {
                assert!(!text.contains(mark.as_str()), "{who} sees {mark} on {path}");
            }
        }
        for path in &paths {
            let answer = client.get(path).await;
            assert!(matches!(answer.status.as_u16(), 303 | 401 | 403 | 404), "{who} {path}: {}", answer.status);
            assert!(marks.iter().all(|mark| path.contains(mark) || !answer.text().contains(mark.as_str())), "{who} {path}");
        }
    }
    // The same walk at home finds them: the search is not blind.
    let own = walk(&mut there.usager, &["/mes-demandes"]).await;
    assert!(own.iter().any(|(_, page)| page.text().contains(&marks[1])));
    there.app.run_jobs().await;
}

#[tokio::test]
async fn a_session_of_one_tenant_opens_nothing_in_the_other() {
    let app = TestApp::new().await;
    let beside = app.beside("voisine").await;
    let admin = app.admin().await;
    let mut stolen = beside.visitor();
    stolen.browser.cookie = admin.browser.cookie.clone();
    assert!(stolen.get("/admin").await.redirects().starts_with("/agent/connexion"));
    let usager = app.usager("ines@exemple.fr").await;
    stolen.browser.cookie = usager.browser.cookie.clone();
    assert!(stolen.get("/mon-compte").await.redirects().starts_with("/connexion"));
}

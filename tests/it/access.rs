//! Who may go where: each route of the program, asked by each kind of person, answers as was reviewed. A new route, or
//! an answer that changes, shows in the snapshot; nothing enters the program without being read there.

use std::{collections::HashMap, fmt::Write};

use kernel::DossierId;

use crate::{
    form,
    support::{TestApp, browser::Answer, clients::Client, demands::Demand, form::Fields},
};

/// Who asks, in the order of the columns.
const WHO: [&str; 9] = ["visiteur", "auteur", "autre", "agent", "ailleurs", "admin", "dpo", "partenaire", "voisin"];

/// What the routes are asked about.
struct Scene {
    app: TestApp,
    neighbour: TestApp,
    /// Read by all; never written.
    deposited: DossierId,
    piece: String,
    agent: String,
    unit: String,
    partenaire: String,
    usager: String,
}

impl Scene {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let neighbour = app.beside("voisine").await;
        let mut author = app.usager("auteur@exemple.fr").await;
        let (deposited, _, unit) = app.dossier().mail("auteur@exemple.fr").depose_by(&mut author).await;
        let pieces = app.system(async |tx| dossiers::read::whole(tx, &app.tenant, deposited).await).await.pieces;
        let agent = app.agent().named("Paul Serre").of("accueil").await;
        let partner = app.partner("Caisse des écoles").await;
        Self {
            deposited,
            piece: pieces.first().expect("a piece").id.to_string(),
            agent: agent.id.to_string(),
            unit: unit.expect("a service").to_string(),
            partenaire: partner.id.to_string(),
            usager: author.usager.to_string(),
            app,
            neighbour,
        }
    }

    /// Somebody of this kind, in a browser of his own.
    async fn client(&self, who: &str, path: &str) -> Client {
        let app = &self.app;
        match who {
            "visiteur" => app.visitor().0,
            "auteur" => app.usager("auteur@exemple.fr").await.client,
            "autre" => app.usager("autre@exemple.fr").await.client,
            "agent" => app.agent().of("mobilites").await.client,
            "ailleurs" => app.agent().named("Ali Morin").of("etat-civil").await.client,
            "admin" => app.admin().await.0.client,
            "dpo" => app.dpo().await.0.client,
            "partenaire" => app.partner("Un organisme").await.client,
            // In the other tenant, whoever may the most there.
            _ => match path.split('/').nth(1) {
                Some("admin") => self.neighbour.admin().await.0.client,
                Some("agent") => self.neighbour.agent().everywhere().await.client,
                Some("api") => self.neighbour.partner("Un organisme voisin").await.client,
                _ => self.neighbour.usager("auteur@exemple.fr").await.client,
            },
        }
    }

    /// The address of a route, about things that exist.
    fn concrete(&self, path: &str, dossier: DossierId) -> String {
        let mut out = String::new();
        let mut before = "";
        for part in path.split('/').skip(1) {
            let value = match part.strip_prefix('{').map(|name| name.trim_end_matches('}')) {
                None => part.to_owned(),
                Some(name) => self.value(before, name, dossier),
            };
            out = format!("{out}/{value}");
            before = part;
        }
        out
    }

    fn value(&self, before: &str, name: &str, dossier: DossierId) -> String {
        match (before, name) {
            ("dossiers" | "liaisons" | "saisie", _) => dossier.to_string(),
            ("demarches" | "teleservices", _) => "aide-velo".into(),
            ("pages", _) => "ressources".into(),
            ("etapes", _) => "instruire".into(),
            ("pieces", "code") => "facture".into(),
            ("pieces" | "fichiers", _) => self.piece.clone(),
            ("agents", _) => self.agent.clone(),
            ("services", _) => self.unit.clone(),
            ("partenaires", _) => self.partenaire.clone(),
            ("usagers", _) => self.usager.clone(),
            _ => "inconnu".into(),
        }
    }

    /// A dossier of the author that nobody has touched, and that the agent of the scene handles.
    async fn fresh_dossier(&self, path: &str) -> DossierId {
        let mut author = self.app.usager("auteur@exemple.fr").await;
        let slug = if path.starts_with("/agent") { "aide-velo" } else { "contact" };
        Demand::new(&self.app).of(slug).mail("auteur@exemple.fr").depose_by(&mut author).await.0
    }
}

#[tokio::test]
async fn each_route_answers_each_role_as_reviewed() {
    let scene = Scene::new().await;
    let mut matrix = format!("{:<74} {}\n", "", WHO.map(|who| format!("{who:<11}")).concat().trim_end());
    let mut known: HashMap<(&str, String), Client> = HashMap::new();
    for line in scene.app.routes() {
        let is_read = line.method == "GET";
        let about_dossier = line.path.contains("/dossiers/{");
        let mut row = String::new();
        // What a form changes is not asked about again.
        let dossier = if !is_read && about_dossier { scene.fresh_dossier(&line.path).await } else { scene.deposited };
        for who in WHO {
            let path = scene.concrete(&line.path, dossier);
            let space = path.split('/').nth(1).unwrap_or_default().to_owned();
            let mut client = match known.remove(&(who, space.clone())) {
                Some(client) => client,
                None => scene.client(who, &path).await,
            };
            let answer = match line.method.as_str() {
                "GET" => client.get(&path).await,
                "POST" if line.path.starts_with("/api/") => client.browser.send("POST", &path, "application/json", b"{}".to_vec()).await,
                "POST" => client.post(&path, form! {}).await,
                method => client.browser.send(method, &path, "application/json", b"{}".to_vec()).await,
            };
            let _ = write!(row, "{:<11}", verdict(&answer));
            // A way out, or in, leaves another session behind it.
            if is_read || !(path.contains("deconnexion") || path.contains("connexion")) {
                known.insert((who, space), client);
            }
            assert!(answer.status.as_u16() < 500, "{} {} by {who}: {}", line.method, line.path, answer.said());
        }
        let _ = writeln!(matrix, "{:<74} {}", format!("{} {}", line.method, line.path), row.trim_end());
    }
    scene.app.run_jobs_whatever_happens().await;
    insta::assert_snapshot!("access", matrix);
}

/// The status, or where one is led to sign in.
fn verdict(answer: &Answer) -> String {
    let path = answer.location().split('?').next().unwrap_or_default();
    match (answer.status.as_u16(), path) {
        (303, "/connexion" | "/agent/connexion") => "connexion".into(),
        (status, _) => status.to_string(),
    }
}

#[tokio::test]
async fn a_form_without_its_key_or_from_elsewhere_is_refused_everywhere() {
    let scene = Scene::new().await;
    for line in scene.app.routes().into_iter().filter(|line| line.method == "POST" && !line.path.starts_with("/api/")) {
        let path = scene.concrete(&line.path, scene.deposited);
        let mut client = Client::new(&scene.app.assembled().router, &scene.app.tenant.host)
            .with("origin", "https://ailleurs.example")
            .with("sec-fetch-site", "cross-site");
        let answer = client.post(&path, Fields::default()).await;
        assert_eq!(answer.status.as_u16(), 403, "{path}: {}", answer.said());
    }
}

#[tokio::test]
async fn nothing_of_the_demonstration_is_served_by_an_installation() {
    let app = TestApp::new().await;
    for path in ["/demo/courriels", "/demo/courriels.json", "/demo"] {
        app.visitor().get(path).await.is(404);
    }
    assert!(app.routes().iter().all(|line| !line.path.starts_with("/demo")));
}

#[tokio::test]
async fn no_place_is_twice_in_a_menu() {
    let scene = Scene::new().await;
    for (who, path) in [("visiteur", "/"), ("auteur", "/mes-demandes"), ("agent", "/agent"), ("admin", "/admin"), ("dpo", "/admin")] {
        let page = scene.client(who, path).await.get(path).await.ok().text();
        let menus = page.split("<nav").skip(1).filter_map(|rest| rest.split("</nav>").next());
        for menu in menus {
            let links: Vec<String> = crate::support::html::tags(menu).iter().filter_map(|tag| tag.get("href")).map(str::to_owned).collect();
            let once: std::collections::BTreeSet<&String> = links.iter().collect();
            assert_eq!(once.len(), links.len(), "{who} {path}: {links:?}");
        }
    }
}

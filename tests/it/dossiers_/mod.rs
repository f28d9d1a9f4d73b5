//! Dossiers, lived through their pages: filled, sent, followed, examined.

mod clocks;
mod deposit;
mod examine;
mod fill;
mod keeping;
mod liaisons;
mod post;
mod resume;
mod steps;

use std::ops::Deref;

use axum::http::StatusCode;
use dossiers::Dossier;
use kernel::{Actor, AgentActor, DossierId, Result, Right, Role, Tx};

use crate::support::{Browser, Served, browser::Answer};

/// The program with the three démarches of the house on line.
pub struct Town(Served);

impl Deref for Town {
    type Target = Served;
    fn deref(&self) -> &Served {
        &self.0
    }
}

impl Town {
    pub async fn new() -> Self {
        let bench = crate::teleservices::bench_with(parvis::reactions::TABLE).await;
        let scope = bench.scope();
        for slug in ["aide-velo", "acte-etat-civil", "contact"] {
            let files = crate::teleservices::package(slug);
            bench.db.write(&scope, async |tx| teleservices::publish(tx, &files).await).await.expect("a package on line");
        }
        Self(Served::of(bench))
    }

    pub async fn run_jobs(&self) {
        kernel::jobs::drain(&self.app, &parvis::registries::jobs()).await.expect("jobs run");
        let aside = self.act(Actor::system("essai"), async |tx| kernel::jobs::set_aside(tx, None).await).await.expect("a list");
        assert!(aside.is_empty(), "{aside:?}");
    }

    pub async fn act<T>(&self, actor: Actor, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.bench.db.write(&self.bench.tenant.scope(actor), work).await
    }

    pub async fn dossier(&self, id: DossierId) -> Dossier {
        let whole = self.act(agent("Nadia Roussel"), async |tx| dossiers::read::whole(tx, &self.bench.tenant, id).await).await;
        whole.expect("the agent reads it").dossier
    }

    /// A visitor who has sent a complete demand for the aid; gives the dossier.
    pub async fn aid_sent(&self, browser: &mut Browser) -> DossierId {
        let id = self.aid_ready(browser).await;
        let sent = browser.post(&format!("/dossiers/{id}/depot"), &self.key()).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, format!("/dossiers/{id}/depot").as_str()), "{}", sent.text());
        id
    }

    /// The same, up to the last page.
    pub async fn aid_ready(&self, browser: &mut Browser) -> DossierId {
        let begun = browser.post("/demarches/aide-velo/commencer", &self.key()).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
        let id: DossierId = begun.location().split('/').nth(2).and_then(|id| id.parse().ok()).expect("an id");
        for (page, answers) in AID {
            let shown = browser.get(&format!("/dossiers/{id}/pages/{page}")).await;
            assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
            let form = format!("{}&_questions={}&{answers}", self.key(), questions(&shown));
            let saved = browser.post(&format!("/dossiers/{id}/pages/{page}"), &form).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{page}: {}", saved.text());
        }
        for code in ["facture", "rib"] {
            let added = self.send_file(browser, &format!("/dossiers/{id}/pieces/{code}"), code, &pdf(code)).await;
            assert_eq!(added.status, StatusCode::SEE_OTHER, "{code}: {}", added.text());
        }
        id
    }

    /// A visitor who has sent a complete demand for his own birth certificate; gives the dossier.
    pub async fn act_sent(&self, browser: &mut Browser) -> DossierId {
        let begun = browser.post("/demarches/acte-etat-civil/commencer", &self.key()).await;
        let id: DossierId = begun.location().split('/').nth(2).and_then(|id| id.parse().ok()).expect("an id");
        for (page, answers) in ACT {
            let path = format!("/dossiers/{id}/pages/{page}");
            // Questions that the answers bring up are shown without an error: the page comes back with them.
            for _ in 0..4 {
                let shown = browser.get(&path).await;
                let form = format!("{}&_questions={}&{answers}", self.key(), questions(&shown));
                let saved = browser.post(&path, &form).await;
                assert_eq!(saved.status, StatusCode::SEE_OTHER, "{page}: {}", saved.text());
                if saved.location() != path {
                    break;
                }
            }
        }
        let sent = browser.post(&format!("/dossiers/{id}/depot"), &self.key()).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, format!("/dossiers/{id}/depot").as_str()), "{}", sent.text());
        self.run_jobs().await;
        id
    }

    /// Can the file of a piece still be read from the store?
    pub async fn is_kept(&self, piece: &dossiers::piece::Piece) -> bool {
        let dossier = self.dossier(piece.dossier).await;
        let key = kernel::files::FileKey::open(&self.app.keys, &dossier.file_key).expect("the key of the dossier");
        self.app.files.read(&key, piece.file).await.is_ok()
    }

    pub async fn send_file(&self, browser: &mut Browser, path: &str, code: &str, bytes: &[u8]) -> Answer {
        let key = self.key();
        let name = format!("{code}.pdf");
        browser.post_parts(path, &[("_cle", None, &key.as_bytes()[5..]), (code, Some(&name), bytes)]).await
    }
}

/// The questions a page says it shows.
pub fn questions(page: &Answer) -> String {
    let text = page.text();
    let after = text.split_once("name=\"_questions\" value=\"").expect("the list of questions").1;
    after.split('"').next().unwrap_or_default().replace(' ', "+")
}

/// The pages of the aid, and good answers.
pub const AID: [(&str, &str); 4] = [
    (
        "vous",
        "nom=Marchetti&prenoms=In%C3%A8s&naissance.jour=4&naissance.mois=3&naissance.annee=1991&\
         courriel_contact=Ines%40exemple.fr&telephone_contact=&adresse_domicile.voie=14+rue+des+Tanneurs&\
         adresse_domicile.code_postal=28260&adresse_domicile.commune=Essai",
    ),
    (
        "velo",
        "etat_velo=neuf&assistance=oui&prix=890&date_achat.jour=1&date_achat.mois=9&date_achat.annee=2026&\
         vendeur=Cycles+du+Perche&deja_aide=non",
    ),
    ("ressources", "quotient_familial=874"),
    ("versement", "titulaire_compte=In%C3%A8s+Marchetti&iban_versement=FR7630006000011234567890189"),
];

/// The pages of a demand for one's own birth certificate, and good answers.
pub const ACT: [(&str, &str); 8] = [
    ("acte", "type_acte=naissance"),
    ("document", "nature_acte=integrale"),
    ("lien", "qualite=moi"),
    ("exemplaires", "exemplaires=1"),
    (
        "vous",
        "demandeur_nom=Lef%C3%A8vre&demandeur_prenoms=Camille&demandeur_courriel=camille%40exemple.fr&\
         demandeur_adresse.voie=4+rue+des+Lilas&demandeur_adresse.code_postal=28260&demandeur_adresse.commune=Essai",
    ),
    (
        "naissance",
        "naissance_date.jour=14&naissance_date.mois=5&naissance_date.annee=1990&naissance_lieu.nom=Essai&\
         naissance_lieu.code_postal=28260",
    ),
    ("parents", "parent1_nom=Lef%C3%A8vre&parent1_prenom=Jean"),
    ("remise", "remise=courrier"),
];

/// A small PDF, different for each word.
pub fn pdf(word: &str) -> Vec<u8> {
    let mut letter = documents::Letter::new(word, jiff::civil::date(2026, 9, 7));
    letter.place_date = "Essai".into();
    documents::render(&letter).expect("a letter")
}

/// An agent with every right of this domain.
pub fn agent(name: &str) -> Actor {
    let rights = dossiers::rights::ALL.iter().map(|(Right(code), _)| (None, (*code).to_owned())).collect();
    let id = uuid::Uuid::from_u128(name.bytes().map(u128::from).sum());
    Actor::Agent(AgentActor { id: id.into(), name: name.into(), role: Role::Agent, rights })
}

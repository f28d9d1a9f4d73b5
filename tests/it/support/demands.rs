//! Demands sent as people send them, page by page through the forms that the program shows, with good answers for each
//! téléservice of the house.

use std::sync::OnceLock;

use kernel::{DossierId, OrgUnitId};

use super::{
    app::TestApp,
    browser::Answer,
    clients::{Client, Visitor},
    form::Fields,
};

/// A demand to send.
pub struct Demand<'a> {
    app: &'a TestApp,
    slug: &'static str,
    mail: String,
    changes: Fields,
}

/// A demand that was sent, and the browser that sent it.
pub struct Sent {
    pub id: DossierId,
    pub number: String,
    pub author: Visitor,
}

impl Sent {
    /// A path of the usager's side.
    pub fn path(&self, end: &str) -> String {
        path(self.id, end)
    }
}

/// A path of the usager's side.
pub fn path(id: DossierId, end: &str) -> String {
    match end {
        "" => format!("/dossiers/{id}"),
        end => format!("/dossiers/{id}/{end}"),
    }
}

impl<'a> Demand<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, slug: "aide-velo", mail: "ines@exemple.fr".into(), changes: Fields::default() }
    }

    pub fn of(mut self, slug: &'static str) -> Self {
        self.slug = slug;
        self
    }

    pub fn mail(mut self, mail: &str) -> Self {
        self.mail = mail.into();
        self
    }

    /// Another answer to one question.
    pub fn saying(mut self, question: &str, answer: &str) -> Self {
        self.changes = self.changes.with(question, answer);
        self
    }

    /// Filled and sent by a visitor; its jobs run.
    pub async fn depose(self) -> Sent {
        let mut author = self.app.visitor();
        let sent = self.depose_by(&mut author).await;
        Sent { author, id: sent.0, number: sent.1 }
    }

    /// Filled and sent by this client; its jobs run.
    pub async fn depose_by(&self, client: &mut Client) -> (DossierId, String, Option<OrgUnitId>) {
        let id = self.prepare_by(client).await;
        let check = client.get(&path(id, "verification")).await.ok();
        let sent = client.submit(&check, &path(id, "depot"), Fields::default()).await.redirects();
        client.get(&sent).await.ok();
        self.app.run_jobs().await;
        let dossier = self.app.system(async |tx| dossiers::read::whole(tx, &self.app.tenant, id).await).await.dossier;
        (id, dossier.number_text(), dossier.unit)
    }

    /// Filled by this client up to the last page.
    pub async fn prepare_by(&self, client: &mut Client) -> DossierId {
        let card = client.get(&format!("/demarches/{}", self.slug)).await.ok();
        let begin = format!("/demarches/{}/commencer", self.slug);
        let at = client.submit(&card, &begin, Fields::default()).await.redirects();
        self.fill(client, at).await
    }

    /// The same for a draft that somebody began.
    pub async fn fill(&self, client: &mut Client, mut at: String) -> DossierId {
        let id = id_of(&at);
        for _ in 0..20 {
            let page = client.get(&at).await.ok();
            // A page that comes back with a question more says which one in its address.
            at.truncate(at.find(['?', '#']).unwrap_or(at.len()));
            let next = match at.rsplit_once("/pages/") {
                Some((_, name)) => client.submit(&page, &at, self.answers(name, &page)).await,
                None if at.ends_with("/pieces") => {
                    let page = self.pieces(client, &at, page).await;
                    client.submit(&page, &at, Fields::default()).await
                }
                None => return id,
            };
            at = next.redirects();
        }
        panic!("the form has no end: {at}");
    }

    /// The good answers to the questions that a page shows, with the changes asked for.
    fn answers(&self, page: &str, shown: &Answer) -> Fields {
        let known = answers(self.slug).iter().chain(COMMON);
        let names = super::html::forms(&shown.text()).into_iter().flat_map(|form| form.names).collect::<Vec<_>>();
        let mut typed = Fields::default();
        for (name, value) in known {
            if names.iter().any(|of| of == name) && !typed.has(name) && !self.changes.has(name) {
                let value = if *value == "MAIL" { &self.mail } else { *value };
                typed = typed.with(name, value);
            }
        }
        for (name, value) in self.changes.0.iter().filter(|(name, _)| names.contains(name)) {
            typed = typed.with(name, value);
        }
        assert!(!typed.0.is_empty() || names.len() < 3, "no answer is known for page {page}: {names:?}");
        typed
    }

    async fn pieces(&self, client: &mut Client, at: &str, mut page: Answer) -> Answer {
        let wanted = super::html::forms(&page.text());
        for form in wanted.iter().filter(|form| form.is_multipart) {
            let code = form.action.rsplit('/').next().unwrap_or_default();
            let name = format!("{code}.pdf");
            let added = client.send_file(&page, &form.action, &name, pdf(code)).await;
            assert!(added.status.is_success() || added.status.is_redirection(), "{code}: {}", added.said());
            page = client.get(at).await.ok();
        }
        page
    }
}

/// The dossier of an address.
#[track_caller]
pub fn id_of(path: &str) -> DossierId {
    path.split('/').nth(2).and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no dossier in {path}"))
}

/// A small PDF, one for each word.
pub fn pdf(word: &str) -> &'static [u8] {
    static DRAWN: OnceLock<std::sync::Mutex<std::collections::HashMap<String, &'static [u8]>>> = OnceLock::new();
    let mut drawn = DRAWN.get_or_init(Default::default).lock().expect("no panic");
    let draw = || {
        let mut letter = documents::Letter::new(word, jiff::civil::date(2026, 9, 7));
        letter.place_date = "Essai".into();
        &*documents::render(&letter).expect("a letter").leak()
    };
    drawn.entry(word.to_owned()).or_insert_with(draw)
}

fn answers(slug: &str) -> &'static [(&'static str, &'static str)] {
    match slug {
        "aide-velo" => AID,
        "acte-etat-civil" => ACT,
        _ => CONTACT,
    }
}

const COMMON: &[(&str, &str)] = &[("nom", "Marchetti"), ("prenoms", "Inès"), ("courriel_contact", "MAIL")];

/// A new bike bought for 890 € with a quotient of 874: 250 € of aid.
const AID: &[(&str, &str)] = &[
    ("naissance.jour", "4"),
    ("naissance.mois", "3"),
    ("naissance.annee", "1991"),
    ("adresse_domicile.voie", "14 rue des Tanneurs"),
    ("adresse_domicile.code_postal", "28260"),
    ("adresse_domicile.commune", "Essai"),
    ("etat_velo", "neuf"),
    ("assistance", "oui"),
    ("prix", "890"),
    ("date_achat.jour", "1"),
    ("date_achat.mois", "9"),
    ("date_achat.annee", "2026"),
    ("vendeur", "Cycles du Perche"),
    ("deja_aide", "non"),
    ("quotient_familial", "874"),
    ("titulaire_compte", "Inès Marchetti"),
    ("iban_versement", "FR76 3000 6000 0112 3456 7890 189"),
];

/// The whole copy of one's own birth certificate, by post.
const ACT: &[(&str, &str)] = &[
    ("type_acte", "naissance"),
    ("nature_acte", "integrale"),
    ("qualite", "moi"),
    ("exemplaires", "2"),
    ("demandeur_nom", "Lefèvre"),
    ("demandeur_prenoms", "Camille Anne"),
    ("demandeur_courriel", "MAIL"),
    ("demandeur_adresse.voie", "4 rue des Lilas"),
    ("demandeur_adresse.code_postal", "28260"),
    ("demandeur_adresse.commune", "Essai"),
    ("naissance_date.jour", "14"),
    ("naissance_date.mois", "5"),
    ("naissance_date.annee", "1990"),
    ("naissance_lieu.nom", "Essai"),
    ("naissance_lieu.code_postal", "28260"),
    ("parent1_nom", "Lefèvre"),
    ("parent1_prenom", "Jean"),
    ("parent2_nom", "Moreau"),
    ("parent2_prenom", "Anne"),
    ("remise", "courrier"),
];

const CONTACT: &[(&str, &str)] = &[("sujet", "probleme"), ("message", "Le lampadaire de la rue des Tanneurs est éteint depuis lundi.")];

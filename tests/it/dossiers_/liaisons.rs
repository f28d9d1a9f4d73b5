//! A demand for an act, whole: from the file of service-public to the civil-status software and back to the usager.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use dossiers::Dossier;
use dossiers::phase::Phase;
use echanges::application::{self, Change};
use jiff::SignedDuration;
use kernel::{Actor, DossierId, NewJob, Subject, Tx};
use parvis::demo::etat_civil::{EtatCivil, Settings};
use serde_json::json;

use super::{Town, agent};

fn demand(day: &str, more: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<EnveloppeMetierType canal_utilise="0">
 <DemandeActe>
  <TypeActe><Code>NAISSANCE</Code><Libelle>Acte de naissance</Libelle></TypeActe>
  <NatureActe><Code>COPIE-INTEGRALE</Code><Libelle>Copie intégrale</Libelle></NatureActe>
  <DateActe>{day}</DateActe>
  <LieuActe><CodePostal>28260</CodePostal><Ville>ESSAI</Ville><CodeINSEE>28990</CodeINSEE></LieuActe>
  <NombreExemplaires>2</NombreExemplaires>
  <Demandeur>
   <QualiteDemandeur><Code>PersonneConcernee</Code></QualiteDemandeur>
   <Nom>DUBOIS</Nom><Prenom>MARIE</Prenom>
   <AdresseFrancaise><Voie>4 RUE DES LILAS</Voie><CodePostal>28260</CodePostal><Ville>ESSAI</Ville></AdresseFrancaise>
   <Courriel>marie@exemple.fr</Courriel>
  </Demandeur>
  <Titulaire>
   <NomNaissance>DUBOIS</NomNaissance><Prenoms>Marie Louise</Prenoms><DateDeNaissance>{day}</DateDeNaissance>
   <LieuDeNaissance>ESSAI</LieuDeNaissance>{more}
  </Titulaire>
 </DemandeActe>
</EnveloppeMetierType>"#
    )
}

impl Town {
    async fn declare(&self, slug: &str, channel: &str, options: serde_json::Value) -> echanges::application::Registered {
        let change =
            Change { name: slug.into(), channel: channel.into(), options: options.as_object().cloned().expect("an object"), ..Change::default() };
        self.act(Actor::system("essai"), async |tx| application::register(tx, &self.app.keys, slug, change).await).await.expect("declared")
    }

    /// A demand of service-public in its folder, read; gives the dossiers that there are.
    async fn arrives(&self, name: &str, content: &str) -> Vec<DossierId> {
        let folder: PathBuf = self.app.config.data.join("echanges/essai/service-public/arrivees");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), content).expect("written");
        self.bench.clock.advance(SignedDuration::from_secs(61));
        let job = NewJob::new("FetchArrivals", json!({})).unique("une-fois");
        self.act(Actor::system("essai"), async |tx| tx.enqueue(job).await).await.expect("enqueued");
        self.run_jobs().await;
        let lines = self.act(Actor::system("essai"), async |tx: &mut Tx| kernel::journal::recent(tx, 200, None).await).await.expect("read");
        let made = lines.iter().filter(|line| line.kind == "DossierSubmitted");
        made.filter_map(|line| line.payload["dossier"].as_str()?.parse().ok()).collect()
    }

    async fn from_service_public(&self) {
        let options = json!({
            "dossier": "service-public/departs", "arrivees": "service-public/arrivees", "traitement": "demandes",
        });
        self.declare("service-public", "fichier", options).await;
    }

    /// The civil-status software, running.
    async fn civil_status(&self) -> EtatCivil {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let api = listener.local_addr().expect("an address");
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let made = self.declare("etat-civil", "webhook", json!({"url": "http://127.0.0.1:1/"})).await;
        let key = self.act(Actor::system("essai"), async |tx| application::add_key(tx, made.id).await).await.expect("a key");
        let secret = made.signing_secret.expect("a webhook has one");
        let settings = Settings { secret, key, api, search: Duration::from_millis(10), clock: self.app.clock.clone() };
        let double = EtatCivil::start(settings).await.expect("started");
        let change = Change {
            name: "Le logiciel d’état civil".into(),
            channel: "webhook".into(),
            options: json!({"url": double.url()}).as_object().cloned().expect("an object"),
            ..Change::default()
        };
        let changed = self.act(Actor::system("essai"), async |tx| application::change(tx, &self.app.keys, made.id, change).await).await;
        changed.expect("changed");
        double
    }

    async fn until(&self, id: DossierId, state: &str) -> Dossier {
        for _ in 0..250 {
            let dossier = self.dossier(id).await;
            if dossier.state == state {
                return dossier;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} was awaited, it is {}", state, self.dossier(id).await.state);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demand_of_service_public_goes_to_the_software_and_its_answers_move_it() {
    let town = Town::new().await;
    town.from_service_public().await;
    let double = town.civil_status().await;
    let parents = "<Parent><Nom>DUBOIS</Nom><Prenom>JEAN</Prenom></Parent><Parent><Nom>MOREAU</Nom><Prenom>ANNE</Prenom></Parent>";
    let known = town.arrives("EtatCivil-A-1001.xml", &demand("1948-08-15", parents)).await;
    let [id] = known[..] else { panic!("one dossier: {known:?}") };
    assert_eq!(double.taken(), 1);
    let sent = town.until(id, "parti").await;
    assert_eq!((sent.phase, sent.details["exemplaires_delivres"].as_i64()), (Phase::Accepte, Some(2)), "{:?}", sent.details);
    let kinds = town.act(Actor::system("essai"), async |tx: &mut Tx| kernel::journal::kinds(tx, Subject::Dossier(id)).await).await;
    let kinds = kinds.expect("read");
    assert_eq!((kinds["AnswerReceived"], kinds["DeliverySucceeded"]), (2, 1), "{kinds:?}");

    let again = town.arrives("EtatCivil-A-1001-bis.xml", &demand("1948-08-15", parents)).await;
    assert_eq!((again, double.taken()), (vec![id], 1), "the same demand makes one dossier");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_the_register_lacks_is_told_to_the_usager() {
    let town = Town::new().await;
    town.from_service_public().await;
    let _double = town.civil_status().await;
    let ids = town.arrives("EtatCivil-B.xml", &demand("1949-01-01", "")).await;
    let dossier = town.until(ids[0], "non_trouve").await;
    assert_eq!(dossier.phase, Phase::SansSuite);
    assert!(dossier.number.is_some());
}

#[tokio::test]
async fn what_service_public_says_in_unknown_words_is_left_to_the_agent() {
    let town = Town::new().await;
    town.from_service_public().await;
    let odd = demand("1948-08-15", "").replace("COPIE-INTEGRALE", "EXTRAIT-LUNAIRE");
    let ids = town.arrives("EtatCivil-C.xml", &odd).await;
    let [id] = ids[..] else { panic!("one dossier: {ids:?}") };
    let whole = town.act(agent("Nadia Roussel"), async |tx| dossiers::read::whole(tx, &town.bench.tenant, id).await).await.expect("read");
    let notes: Vec<&str> = whole.notes.iter().map(|note| note.text.as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("EXTRAIT-LUNAIRE")), "{notes:?}");
    let sent = town.act(Actor::system("essai"), async |tx| echanges::of_dossier(tx, id).await).await.expect("read");
    assert_eq!(sent[0].delivery.state, echanges::DeliveryState::Paused, "no software is set up yet: it waits");
}

#[tokio::test]
async fn a_file_that_is_no_demand_is_refused_with_the_reason() {
    let town = Town::new().await;
    town.from_service_public().await;
    assert!(town.arrives("EtatCivil-D.xml", "<Autre><Chose/></Autre>").await.is_empty());
    let folder = town.app.config.data.join("echanges/essai/service-public/arrivees/refuses");
    let why = fs::read_to_string(folder.join("EtatCivil-D.xml.motif.txt")).expect("the reason");
    assert!(why.contains("n’est pas une demande"), "{why}");
}

//! The double of the civil-status software, over HTTP both ways: demand, « en cours », outcome; down, then up again.

use std::{net::SocketAddr, time::Duration};

use echanges::{Format, application};
use kernel::{DossierId, web};
use parvis::demo::etat_civil::{EtatCivil, Settings};

use super::{Exchange, change};

struct Loop {
    exchange: Exchange,
    double: EtatCivil,
}

impl Loop {
    /// The program and the double, each on its port.
    async fn start() -> Self {
        let exchange = Exchange::new().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let api = listener.local_addr().expect("an address");
        let routes = vec![echanges::routes(exchange.small.registry())];
        let router = web::assemble(&exchange.app, routes, parvis::migrations::all()).expect("assembled").router;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let named = exchange.write(async |tx| application::name(tx, "etat-civil").await).await.expect("named");
        let secret = exchange.write(async |tx| application::rotate_secret(tx, &exchange.app.keys, named.id).await).await.expect("a secret");
        let key = exchange.write(async |tx| application::add_key(tx, named.id).await).await.expect("a key");
        let settings = Settings { secret, key, api, search: Duration::from_millis(10), clock: exchange.app.clock.clone() };
        let double = EtatCivil::start(settings).await.expect("started");
        let change = change("webhook", serde_json::json!({"url": double.url()}), &[]);
        exchange.write(async |tx| application::change(tx, &exchange.app.keys, named.id, change).await).await.expect("changed");
        Self { exchange, double }
    }

    async fn ask(&self, date: &'static str) -> DossierId {
        let dossier = self.exchange.write(async |tx| Ok(tx.new_id())).await.expect("an id");
        self.exchange.small.born(dossier, date);
        self.exchange.happen(dossier, "depot", Format::Xml).await;
        dossier
    }

    /// What was answered of a dossier, once as many answers as that came.
    async fn answers(&self, dossier: DossierId, count: usize) -> Vec<String> {
        for _ in 0..200 {
            let said = self.exchange.small.answers().into_iter().filter(|(of, _)| *of == dossier);
            let said: Vec<String> = said.map(|(_, answer)| answer).collect();
            if said.len() >= count {
                return said;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} answers were awaited");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demand_is_looked_up_and_answered() {
    let around = Loop::start().await;
    let (known, unknown) = (around.ask("1948-08-15").await, around.ask("1949-01-01").await);
    around.exchange.work().await;
    assert_eq!(around.answers(known, 2).await, ["en_cours", "delivre"]);
    assert_eq!(around.answers(unknown, 2).await, ["en_cours", "non_trouve"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn down_for_a_while_it_loses_nothing_and_answers_once() {
    let around = Loop::start().await;
    around.double.set_down(true);
    let dossier = around.ask("1948-08-15").await;
    around.exchange.work().await;
    around.exchange.pass(jiff::SignedDuration::from_mins(10), 6).await;
    assert_eq!((around.exchange.state(dossier).await, around.double.taken()), ("waiting", 0));
    around.double.set_down(false);
    around.exchange.pass(jiff::SignedDuration::from_hours(1), 3).await;
    assert_eq!(around.answers(dossier, 2).await, ["en_cours", "delivre"]);
    assert_eq!(around.double.taken(), 1);
}

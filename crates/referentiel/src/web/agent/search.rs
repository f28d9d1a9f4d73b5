//! `/agent/usagers?q=…`: persons by name, mail address or telephone, page by key.

use axum::response::Response;
use kernel::{
    Result, UsagerId,
    templates::Page,
    web::{AgentCx, Form},
};
use serde::Serialize;

use crate::{CONSULT, Card, PAGE, cards, search};

/// What was found.
#[derive(Serialize)]
pub(super) struct SearchPage {
    q: String,
    people: Vec<PersonView>,
    /// The first page of several.
    is_first: bool,
    next: Option<String>,
}

#[derive(Clone, Serialize)]
struct PersonView {
    name: String,
    birth: String,
    commune: String,
    level: String,
    is_sure: bool,
    href: String,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "referentiel/agent/usagers.html";
    fn samples() -> Vec<Self> {
        let person = PersonView {
            name: "Inès Marchetti".into(),
            birth: "1984".into(),
            commune: "Villebourg".into(),
            level: "certifié par FranceConnect".into(),
            is_sure: true,
            href: "/agent/usagers/usa_1".into(),
        };
        let unknown = PersonView { birth: String::new(), commune: String::new(), level: String::new(), is_sure: false, ..person.clone() };
        vec![
            Self { q: String::new(), people: vec![], is_first: true, next: None },
            Self { q: "marchetti".into(), people: vec![], is_first: true, next: None },
            Self { q: "mar".into(), people: vec![person, unknown], is_first: true, next: Some("/agent/usagers?q=mar&apres=usa_1".into()) },
        ]
    }
}

/// `GET /agent/usagers?q=…&nom=…&apres=…`
pub(super) async fn show(cx: AgentCx, query: Form) -> Result<Response> {
    let q = query.typed("q", 200);
    let after = match (query.filled("nom"), query.filled("apres")) {
        (Some(key), Some(id)) => Some((key.to_owned(), id.parse::<UsagerId>()?)),
        _ => None,
    };
    let is_first = after.is_none();
    let (found, people) = cx
        .write(async |tx| {
            tx.allow_any(CONSULT)?;
            let found = search(tx, &q, after, PAGE).await?;
            let ids: Vec<UsagerId> = found.iter().map(|found| found.usager).collect();
            let people = cards(tx, &ids).await?;
            Ok((found, people))
        })
        .await?;
    let last = found.last().filter(|_| found.len() == PAGE as usize && !q.contains('@'));
    let next = last.map(|last| format!("/agent/usagers?q={}&nom={}&apres={}", encoded(&q), encoded(&last.search_key), last.usager));
    cx.page(&SearchPage { people: people.into_iter().map(view).collect(), is_first, q, next })
}

fn view(card: Card) -> PersonView {
    PersonView {
        name: card.name,
        birth: card.birth_year.unwrap_or_default(),
        commune: card.commune.unwrap_or_default(),
        level: card.level.map(|level| level.label().to_owned()).unwrap_or_default(),
        is_sure: card.level.is_some_and(|level| level > crate::Level::Confirmed),
        href: format!("/agent/usagers/{}", card.usager),
    }
}

/// A text inside a query: what is not a letter or a digit of ASCII is escaped.
pub(super) fn encoded(text: &str) -> String {
    let one = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

//! Who may sign in at the double: invented persons, from a file with semicolons.

use serde_json::{Map, Value, json};

/// An invented person, as the platform knows him.
#[derive(Debug, Clone)]
pub struct Person {
    /// His name in the file.
    pub id: String,
    /// On the button: his name.
    pub label: String,
    /// Beside it: what makes him worth choosing.
    pub about: String,
    /// Claims, by name.
    pub claims: Map<String, Value>,
    /// The level he signs in with.
    pub acr: String,
    /// Whether he can show a second factor.
    pub has_second_factor: bool,
}

const IDENTITIES: &str = include_str!("../../../demo/identites.csv");
const AGENTS: &str = include_str!("../../../demo/agents_proconnect.csv");

impl Person {
    /// The identities of FranceConnect's double: presumed dates, births abroad, several first names, a gender that is
    /// not said, no address.
    pub fn identities() -> Vec<Self> {
        rows(IDENTITIES).map(|row| Self::identity(&row)).collect()
    }

    /// The agents of ProConnect's double.
    pub fn agents() -> Vec<Self> {
        rows(AGENTS).map(|row| Self::agent(&row)).collect()
    }

    fn identity(row: &[&str]) -> Self {
        let at = |n: usize| row.get(n).copied().unwrap_or_default();
        let (given, family) = (at(1), at(2));
        let mut claims = Map::new();
        let mut say = |name: &str, value: Value| claims.insert(name.into(), value);
        say("given_name", json!(given));
        say("given_name_array", given.split(' ').collect());
        say("family_name", json!(family));
        say("birthdate", json!(at(3)));
        say("idp_birthdate", json!(if at(4).is_empty() { at(3) } else { at(4) }));
        say("gender", json!(at(5)));
        say("birthplace", json!(at(6)));
        say("birthcountry", json!(at(7)));
        if !at(8).is_empty() {
            say("email", json!(at(8)));
        }
        if !at(9).is_empty() {
            say("preferred_username", json!(at(9)));
        }
        let about = match at(3).split('-').collect::<Vec<_>>()[..] {
            [year, month, day] => format!("naissance le {day}/{month}/{year}"),
            _ => String::new(),
        };
        Self { id: at(0).into(), label: format!("{given} {family}"), about, claims, acr: "eidas1".into(), has_second_factor: false }
    }

    fn agent(row: &[&str]) -> Self {
        let at = |n: usize| row.get(n).copied().unwrap_or_default();
        let names = ["given_name", "usual_name", "email", "uid", "siret", "idp_id"];
        let claims = names.iter().zip(1..).map(|(name, n)| ((*name).to_owned(), json!(at(n)))).collect();
        Self {
            id: at(0).into(),
            label: format!("{} {}", at(1), at(2)),
            about: at(3).into(),
            claims,
            acr: at(7).into(),
            has_second_factor: at(8) == "oui",
        }
    }
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(|line| line.split(';').collect())
}

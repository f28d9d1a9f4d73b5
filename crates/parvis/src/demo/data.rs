//! What the demonstration is made of: two files of text and the population, read once. Nothing here touches a database.

use std::collections::BTreeMap;

use kernel::{Error, Result, TenantSettings};
use serde::Deserialize;

const ESPACES: &str = include_str!("../../demo/espaces.toml");
const DEMANDES: &str = include_str!("../../demo/demandes.toml");
const POPULATION: &str = include_str!("../../demo/population.csv");

/// A collectivité of the demonstration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Espace {
    pub slug: String,
    pub nom: String,
    pub siret: String,
    pub reglages: TenantSettings,
    pub service: Vec<Service>,
    pub agent: Vec<AgentLine>,
    pub partenaire: Vec<PartenaireLine>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub slug: String,
    pub nom: String,
    pub courriel: String,
    pub telephone: String,
    pub adresse: String,
}

/// `profils`: "instructeur@mobilites".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentLine {
    pub prenom: String,
    pub nom: String,
    pub fonction: String,
    pub role: kernel::Role,
    pub profils: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartenaireLine {
    pub nom: String,
    pub siret: String,
    pub contact: String,
    pub finalite: String,
    pub titre: String,
    pub attributs: Vec<String>,
    pub base: rgpd::Basis,
    pub texte: String,
}

/// Demands of one kind: how many, how old in days, what was answered, what agents did.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Demande {
    pub espace: String,
    pub teleservice: String,
    pub nombre: usize,
    pub ages: [u32; 2],
    #[serde(default)]
    pub pieces: Vec<String>,
    /// Answers of another line, to which `changements` apply.
    pub comme: Option<usize>,
    #[serde(default)]
    pub reponses: BTreeMap<String, String>,
    #[serde(default)]
    pub changements: BTreeMap<String, String>,
    pub demander: Option<Asked>,
    /// By the first usager of `acces.json`, signed in.
    #[serde(default)]
    pub compte: bool,
    /// Begun and not sent.
    #[serde(default)]
    pub brouillon: bool,
    pub etapes: Vec<Etape>,
}

/// Pieces asked again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub pieces: Vec<String>,
    pub apres: u32,
    pub raison: String,
}

/// A step of the circuit, so many days after the deposit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Etape {
    pub transition: String,
    pub apres: u32,
    pub motif: Option<String>,
    #[serde(default)]
    pub champs: BTreeMap<String, serde_json::Value>,
}

/// A person of the population.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub foyer: String,
    pub role: String,
    pub nom: String,
    pub nom_usage: String,
    pub prenoms: String,
    pub sexe: String,
    pub naissance: String,
    pub courriel: String,
    pub telephone: String,
    pub voie: String,
    pub complement: String,
    pub code_postal: String,
    pub commune: String,
}

pub(super) fn espaces() -> Result<Vec<Espace>> {
    #[derive(Deserialize)]
    struct File {
        espace: Vec<Espace>,
    }
    toml::from_str::<File>(ESPACES).map(|file| file.espace).map_err(Error::internal)
}

/// The demands, with their answers whole.
pub(super) fn demandes() -> Result<Vec<Demande>> {
    #[derive(Deserialize)]
    struct File {
        demande: Vec<Demande>,
    }
    let mut lines = toml::from_str::<File>(DEMANDES).map_err(Error::internal)?.demande;
    for at in 0..lines.len() {
        if let Some(other) = lines[at].comme {
            lines[at].reponses = lines.get(other).map(|d| d.reponses.clone()).unwrap_or_default();
        }
        let changes = std::mem::take(&mut lines[at].changements);
        lines[at].reponses.extend(changes);
    }
    Ok(lines)
}

/// The population; the address of a household, written on its first line, is carried to the others.
pub(super) fn population() -> Vec<Person> {
    let mut people: Vec<Person> = vec![];
    for line in POPULATION.lines().skip(1) {
        let cells: Vec<&str> = line.split(';').collect();
        let [foyer, role, nom, nom_usage, prenoms, sexe, naissance, _, _, _, courriel, telephone, voie, complement, code_postal, commune] = cells[..]
        else {
            continue;
        };
        let own = |text: &str| text.to_owned();
        let mut person = Person {
            foyer: own(foyer),
            role: own(role),
            nom: own(nom),
            nom_usage: own(nom_usage),
            prenoms: own(prenoms),
            sexe: own(sexe),
            naissance: own(naissance),
            courriel: own(courriel),
            telephone: own(telephone),
            voie: own(voie),
            complement: own(complement),
            code_postal: own(code_postal),
            commune: own(commune),
        };
        if let Some(head) = people.last().filter(|head| head.foyer == person.foyer && person.voie.is_empty()) {
            (person.voie, person.complement) = (head.voie.clone(), head.complement.clone());
            (person.code_postal, person.commune) = (head.code_postal.clone(), head.commune.clone());
        }
        people.push(person);
    }
    people
}

impl Person {
    /// As the kind `adresse` keeps it.
    pub fn address(&self) -> serde_json::Value {
        let mut address = serde_json::json!({
            "voie": self.voie, "code_postal": self.code_postal, "commune": self.commune, "pays": "France",
        });
        if !self.complement.is_empty() {
            address["complement"] = self.complement.clone().into();
        }
        address
    }

    /// Somebody who was of age two years ago already, whose birth date is whole and who can be written to.
    pub fn can_ask(&self) -> bool {
        self.role == "adulte" && self.naissance.len() == 10 && self.naissance.as_str() < "2005" && !self.courriel.is_empty() && !self.voie.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_is_as_large_as_promised() {
        let demandes = demandes().expect("readable");
        assert_eq!(demandes.iter().map(|d| d.nombre).sum::<usize>(), 400);
        assert_eq!(population().len(), 2_000);
        let espaces = espaces().expect("readable");
        assert_eq!(espaces.iter().map(|e| e.agent.len()).sum::<usize>(), 12);
        assert_eq!(espaces.iter().map(|e| e.service.len()).sum::<usize>(), 5);
    }
}

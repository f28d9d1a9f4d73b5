//! Who acted, in words, for who watches over data: the journal keeps ids only.

use std::collections::HashMap;

use kernel::{Result, Tx, t};

/// Names of agents and partners, by id.
pub struct Actors(HashMap<String, String>);

impl Actors {
    /// Reads the names of a tenant.
    pub async fn load(tx: &mut Tx) -> Result<Self> {
        let agents = comptes::store::agents(tx).await?;
        let partenaires = comptes::partenaires(tx).await?;
        let agents = agents.into_iter().map(|agent| (agent.id.to_string(), agent.name()));
        let partenaires = partenaires.into_iter().map(|partenaire| (partenaire.id.to_string(), partenaire.name));
        Ok(Self(agents.chain(partenaires).collect()))
    }

    /// The name of an actor, from its label in the journal.
    pub fn name(&self, label: &str) -> String {
        if let Some(name) = self.0.get(label) {
            return name.clone();
        }
        let prefix = label.split_once([':', '_']).map_or(label, |(prefix, _)| prefix);
        match prefix {
            "systeme" => t!("Le système"),
            "visiteur" => t!("Une personne sans compte"),
            "usa" => t!("La personne elle-même"),
            "age" => t!("Un agent"),
            "par" => t!("Un partenaire qui n’est plus là"),
            "app" => t!("Une application"),
            _ => label.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_has_his_name_or_what_he_is() {
        let actors = Actors([("age_1".to_owned(), "Nadia Roussel".to_owned())].into());
        let names = ["age_1", "age_2", "systeme:PurgeRgpd", "visiteur", "usa_9"].map(|label| actors.name(label));
        assert_eq!(names, ["Nadia Roussel", "Un agent", "Le système", "Une personne sans compte", "La personne elle-même"]);
    }
}

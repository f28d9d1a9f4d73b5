//! An identity of FranceConnect becomes facts, and is tied to an account: the one it was tied to, the one of the same
//! certified identity, the one of the same address once that is proved, else a new one. Never by address alone.

use comptes::{Compte, oidc::Identity};
use kernel::{Actor, CompteId, Error, Problem, Result, Tx, UsagerId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Identity as Names, Level, NewFact, Record, Source, read, record_facts, sign_in::actor_of_compte, store};

/// What FranceConnect says of a person. It never gives a postal address, and none is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pivot {
    /// Whose word.
    pub issuer: String,
    /// The person, there.
    pub sub: String,
    /// Birth name, as the national register has it.
    pub nom_naissance: String,
    /// All first names.
    pub prenoms: String,
    /// `F`, `M`, or `indéterminé`.
    pub sexe: String,
    /// Whole or partial.
    pub date_naissance: String,
    /// Code of the commune at the birth date; empty when born abroad.
    pub lieu_naissance: String,
    /// Code of the country.
    pub pays_naissance: String,
    /// Usage name: the identity provider's word, not the register's.
    pub nom_usage: Option<String>,
    /// Address, normalised.
    pub courriel: Option<String>,
}

impl Pivot {
    /// From verified claims; `None` when the identity is not whole.
    pub fn of(identity: &Identity) -> Option<Self> {
        let text = |claim: &str| identity.text(claim).map(ToOwned::to_owned);
        Some(Self {
            issuer: identity.issuer.clone(),
            sub: identity.sub.clone(),
            nom_naissance: text("family_name")?,
            prenoms: text("given_name").or_else(|| Some(identity.list("given_name_array").join(" ")).filter(|names| !names.is_empty()))?,
            sexe: match identity.text("gender") {
                Some("female") => "F",
                Some("male") => "M",
                _ => "indéterminé",
            }
            .into(),
            date_naissance: birth(identity.text("birthdate")?, identity.text("idp_birthdate")),
            lieu_naissance: text("birthplace").unwrap_or_default(),
            pays_naissance: text("birthcountry")?,
            nom_usage: text("preferred_username"),
            courriel: identity.text("email").and_then(comptes::normal_mail),
        })
    }

    /// The attributes of the pivot and their values, in order.
    fn certified(&self) -> [(&'static str, &str); 6] {
        [
            ("nom_naissance", &self.nom_naissance),
            ("prenoms", &self.prenoms),
            ("sexe", &self.sexe),
            ("date_naissance", &self.date_naissance),
            ("lieu_naissance", &self.lieu_naissance),
            ("pays_naissance", &self.pays_naissance),
        ]
    }

    fn facts(&self) -> Vec<NewFact> {
        let fact = |attribute: &str, value: &str, level| NewFact {
            attribute: attribute.into(),
            value: json!(value),
            source: Source::FranceConnect,
            source_label: "FranceConnect".into(),
            level,
            dossier: None,
        };
        let pivot = self.certified().into_iter().filter(|(_, value)| !value.is_empty());
        let pivot = pivot.map(|(attribute, value)| fact(attribute, value, Level::Certified));
        let others = [("nom_usage", &self.nom_usage), ("courriel", &self.courriel)];
        let others = others.into_iter().filter_map(|(attribute, value)| Some(fact(attribute, value.as_deref()?, Level::Confirmed)));
        pivot.chain(others).collect()
    }

    fn search_key(&self) -> String {
        Names { name: self.nom_naissance.clone(), given_names: self.prenoms.clone(), mail: None }.search_key()
    }
}

/// A presumed date comes completed with 01; the part that is known is in `idp_birthdate`.
fn birth(completed: &str, raw: Option<&str>) -> String {
    let Some(raw) = raw else { return completed.to_owned() };
    let known: Vec<&str> = raw.split('-').take_while(|part| part.bytes().any(|digit| digit != b'0')).collect();
    let partial = known.join("-");
    let is_shape = matches!(partial.len(), 4 | 7) && partial.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if is_shape && completed.starts_with(&partial) { partial } else { completed.to_owned() }
}

/// What to do with an identity.
#[derive(Debug, Clone)]
pub enum Linking {
    /// It was tied to this account before.
    Known(Box<Compte>),
    /// This account has the same certified identity: the person says whether to tie them.
    SamePivot(CompteId),
    /// This account has the same address: the person proves that he holds it.
    SameMail(String),
    /// Nothing is known: a new account.
    New,
}

/// Decides, without changing anything.
pub async fn linking(tx: &mut Tx, pivot: &Pivot) -> Result<Linking> {
    if let Some((Some(compte), _)) = comptes::store::identity(tx, &pivot.issuer, &pivot.sub).await?
        && let Some(compte) = comptes::store::compte(tx, compte).await?
    {
        return Ok(Linking::Known(Box::new(compte)));
    }
    let mut same = vec![];
    for (usager, compte) in store::of_name(tx, &pivot.search_key()).await? {
        if is_same(&read::record(tx, usager).await?, pivot) {
            same.push(compte);
        }
    }
    if let [only] = same[..] {
        return Ok(Linking::SamePivot(only));
    }
    if let Some(mail) = &pivot.courriel
        && comptes::store::compte_by_mail(tx, mail).await?.is_some()
    {
        return Ok(Linking::SameMail(mail.clone()));
    }
    Ok(Linking::New)
}

/// Whether every attribute of the pivot is certified here and equal.
fn is_same(record: &Record, pivot: &Pivot) -> bool {
    pivot.certified().into_iter().all(|(attribute, value)| match record.get(attribute) {
        Some(golden) => golden.fact.level == Level::Certified && golden.fact.value == value,
        None => value.is_empty(),
    })
}

/// Ties an identity to an account and records what it says. `Conflict` when another identity is certified there: two
/// persons share the address, and their data must not mix.
pub async fn join(tx: &mut Tx, compte: &Compte, pivot: &Pivot) -> Result<Actor> {
    let Actor::Usager { usager, .. } = actor_of_compte(tx, compte).await? else {
        return Err(Error::internal("an account is a person's"));
    };
    refuse_another(tx, usager, pivot).await?;
    let known = comptes::store::identity(tx, &pivot.issuer, &pivot.sub).await?;
    match known {
        Some((Some(of), _)) if of == compte.id => {}
        Some(_) => return Err(taken()),
        None => comptes::link(tx, compte.id, &pivot.issuer, &pivot.sub).await?,
    }
    record_facts(tx, usager, pivot.facts()).await?;
    store::rename(tx, usager, &pivot.search_key()).await?;
    actor_of_compte(tx, compte).await
}

/// A name or a birth date may be corrected by the register; both at once are another person.
async fn refuse_another(tx: &mut Tx, usager: UsagerId, pivot: &Pivot) -> Result<()> {
    let record = read::record(tx, usager).await?;
    let differs = |attribute: &str, value: &str| {
        record.get(attribute).is_some_and(|golden| golden.fact.level == Level::Certified && golden.fact.value != value)
    };
    let names = differs("nom_naissance", &pivot.nom_naissance) || differs("prenoms", &pivot.prenoms);
    if names && differs("date_naissance", &pivot.date_naissance) {
        return Err(taken());
    }
    Ok(())
}

fn taken() -> Error {
    let sentence = "Ce compte est déjà relié à une autre personne. Continuez avec un compte séparé.";
    Error::Conflict(Problem { code: "identity-differs", sentence: sentence.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    fn identity(claims: Value) -> Identity {
        Identity {
            issuer: "https://fc.exemple.fr/api/v2".into(),
            sub: "abcv1".into(),
            acr: Some("eidas1".into()),
            amr: vec![],
            claims: claims.as_object().cloned().unwrap_or_else(Map::new),
            id_token: String::new(),
        }
    }

    #[test]
    fn a_presumed_date_keeps_only_what_is_known() {
        assert_eq!(birth("1962-08-24", None), "1962-08-24");
        assert_eq!(birth("1962-08-24", Some("1962-08-24")), "1962-08-24");
        assert_eq!(birth("1962-08-01", Some("1962-08")), "1962-08");
        assert_eq!(birth("1962-01-01", Some("1962")), "1962");
        assert_eq!(birth("1962-01-01", Some("1962-00-00")), "1962");
        assert_eq!(birth("1962-01-01", Some("1970")), "1962-01-01");
    }

    #[test]
    fn an_identity_from_abroad_with_an_unspecified_gender_is_whole() {
        let claims = json!({ "family_name": "NGUYEN", "given_name": "Linh Mai", "gender": "unspecified", "birthdate": "1980-01-01",
            "idp_birthdate": "1980", "birthplace": "", "birthcountry": "99243", "email": "Linh@Exemple.fr" });
        let pivot = Pivot::of(&identity(claims)).expect("whole");
        assert_eq!((pivot.sexe.as_str(), pivot.date_naissance.as_str(), pivot.lieu_naissance.as_str()), ("indéterminé", "1980", ""));
        assert_eq!(pivot.courriel.as_deref(), Some("linh@exemple.fr"));
        let facts = pivot.facts();
        assert!(facts.iter().all(|fact| fact.attribute != "lieu_naissance" && fact.attribute != "adresse"));
        assert!(facts.iter().filter(|fact| fact.level == Level::Certified).count() == 5);
    }

    #[test]
    fn an_identity_that_is_not_whole_gives_no_fact() {
        assert_eq!(Pivot::of(&identity(json!({ "family_name": "NGUYEN", "birthdate": "1980-01-01" }))), None);
    }
}

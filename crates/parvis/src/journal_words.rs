//! The lines of the journal, told to who watches over data: dossiers by their number, démarches, states, services and
//! applications by their names, codes in words. What only machines need (versions, prints, steps) is left out of the
//! page and stays in the journal. A person is named by no line: the link leads to the accesses of her record.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kernel::journal::Recorded;
use kernel::{DossierId, Result, Tx};
use rgpd::{Actors, Basis, Detail, Telling, Told};
use serde_json::Value as Json;
use teleservices::Version;
use teleservices::engine::Answers;

/// What names the ids and the codes of some lines.
struct Names {
    actors: Actors,
    units: HashMap<String, String>,
    applications: HashMap<String, String>,
    /// Number and démarche of each dossier.
    dossiers: HashMap<String, (String, String)>,
    /// The démarches, in their version on line.
    versions: BTreeMap<String, Arc<Version>>,
    /// The reader may open dossiers.
    may_read: bool,
}

/// Tells these lines.
pub fn tell<'a>(tx: &'a mut Tx, lines: &'a [Recorded]) -> Telling<'a, Vec<Told>> {
    Box::pin(async move {
        let names = Names::load(tx, lines).await?;
        Ok(lines.iter().map(|line| names.told(line)).collect())
    })
}

/// The subject that somebody typed: an id as it stands, or the number of a dossier.
pub fn find<'a>(tx: &'a mut Tx, typed: &'a str) -> Telling<'a, String> {
    Box::pin(async move {
        let dossier = dossiers::read::by_number(tx, typed).await?;
        Ok(dossier.map_or_else(|| typed.to_owned(), |id| id.to_string()))
    })
}

impl Names {
    async fn load(tx: &mut Tx, lines: &[Recorded]) -> Result<Self> {
        let told = |line: &Recorded| [line.subject.parse().ok(), member(line, "dossier").and_then(|id| id.parse().ok())];
        let ids: BTreeSet<DossierId> = lines.iter().flat_map(told).flatten().collect();
        let numbers = dossiers::read::numbers(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
        let dossiers: HashMap<_, _> = numbers.into_iter().map(|(id, number, slug)| (id.to_string(), (number, slug))).collect();
        let mut versions = BTreeMap::new();
        for (row, _) in teleservices::teleservices(tx).await? {
            versions.insert(row.slug, teleservices::version(tx, row.id).await?);
        }
        let units = comptes::org_units(tx).await?.into_iter().map(|unit| (unit.id.to_string(), unit.name));
        let applications = echanges::application::all(tx).await?.into_iter().map(|app| (app.id.to_string(), app.name));
        let may_read = tx.actor().may(dossiers::rights::READ, None);
        Ok(Self { may_read, actors: Actors::load(tx).await?, units: units.collect(), applications: applications.collect(), dossiers, versions })
    }

    fn told(&self, line: &Recorded) -> Told {
        let (about, href) = self.about(&line.subject);
        let Json::Object(members) = &line.payload else { return Told { about, href, details: vec![] } };
        let slug = members.get("teleservice").and_then(Json::as_str);
        let slug = slug.or_else(|| self.dossiers.get(&line.subject).map(|(_, slug)| slug.as_str()));
        let details = members.iter().filter(|(_, value)| value.as_str() != Some(&line.subject));
        let details = details.filter_map(|(name, value)| self.detail(name, value, slug));
        Told { about, href, details: details.collect() }
    }

    /// What a subject is called, and where it is read.
    fn about(&self, subject: &str) -> (String, Option<String>) {
        match subject.split_once('_') {
            Some(("dos", _)) => match self.dossiers.get(subject) {
                Some((number, _)) => (number.clone(), self.may_read.then(|| format!("/agent/dossiers/{subject}"))),
                None => ("Dossier effacé".into(), None),
            },
            Some(("usa", _)) => ("Une personne".into(), Some(format!("/admin/acces?usager={subject}"))),
            _ => ("Réglages de l’espace".into(), None),
        }
    }

    fn detail(&self, name: &str, value: &Json, slug: Option<&str>) -> Option<Detail> {
        let label = member_words(name)?;
        let texts: Vec<String> = match value {
            Json::Array(items) => items.iter().filter_map(|item| self.plain(name, item, slug)).collect(),
            other => self.plain(name, other, slug).into_iter().collect(),
        };
        let linked = value.as_str().filter(|_| ["usager", "dossier"].contains(&name));
        let (about, href) = linked.map_or((None, None), |subject| {
            let (about, href) = self.about(subject);
            (Some(about), href)
        });
        let text = about.unwrap_or_else(|| texts.join(", "));
        (!text.is_empty()).then_some(Detail { label: label.into(), text, href })
    }

    /// A value in words; what no word says stands as it is.
    fn plain(&self, name: &str, value: &Json, slug: Option<&str>) -> Option<String> {
        let text = match value {
            Json::Null => return None,
            Json::Bool(is) => return Some(if *is { "oui" } else { "non" }.into()),
            Json::String(text) => text,
            other => return Some(other.to_string()),
        };
        let package = slug.and_then(|slug| self.versions.get(slug)).map(|version| &version.package);
        let known = match name {
            "agent" | "partenaire" | "partenaires" => Some(self.actors.name(text)),
            "unit" | "units" => self.units.get(text).cloned(),
            "application" => self.applications.get(text).cloned(),
            "teleservice" => self.versions.get(text).map(|version| version.package.card.title.clone()),
            "attributes" | "attribute" => referentiel::attribute(text).map(|attribute| attribute.label.to_lowercase()),
            "basis" => Basis::of_code(text).map(|basis| basis.label().to_owned()),
            "from" | "to" => package.and_then(|package| Some(package.state_agent(package.state(text)?, &Answers::new()))),
            "code" | "pieces" | "part" => package.and_then(|package| package.piece(text)).map(|piece| piece.label.clone()),
            "motif" => package.and_then(|package| package.motif(text)).map(|motif| motif.label.clone()),
            "kinds" => crate::event_words::EVENTS.iter().find(|(kind, _)| kind == text).map(|(_, words)| (*words).to_owned()),
            "reply_before" | "due_on" => text.parse().ok().map(kernel::templates::french::date),
            _ => None,
        };
        Some(known.or_else(|| value_words(name, text)).unwrap_or_else(|| text.clone()))
    }
}

fn member<'a>(line: &'a Recorded, name: &str) -> Option<&'a str> {
    line.payload.get(name).and_then(Json::as_str)
}

/// A member in words; none for what only machines need.
fn member_words(name: &str) -> Option<&str> {
    let words = match name {
        "version" | "digest" | "fingerprint" | "transition" | "piece" | "courrier" | "message" | "habilitation" | "compte" | "consent" | "phase"
        | "event" | "request" => return None,
        "agent" => "agent",
        "application" => "application",
        "attributes" | "attribute" => "informations",
        "author" => "écrit par",
        "basis" => "fondement",
        "by" => "par",
        "change" => "changement",
        "channel" => "arrivée",
        "code" => "pièce",
        "decision" => "décision",
        "dossier" => "dossier",
        "due_on" => "réponse avant le",
        "found" => "personnes trouvées",
        "from" => "avant",
        "is_granted" => "accordée",
        "kinds" => "filtre",
        "means" => "moyen",
        "model" => "courrier",
        "motif" => "motif",
        "number" => "version",
        "outcome" => "décision",
        "part" => "partie lue",
        "partenaire" | "partenaires" => "partenaires",
        "pieces" => "pièces",
        "profiles" => "profils",
        "provider" => "fournisseur d’identité",
        "purpose" => "finalité",
        "reply_before" => "réponse avant le",
        "required" => "exigée par un texte",
        "right" => "droit",
        "role" => "rôle",
        "settings" => "réglages",
        "subjects" => "sujets",
        "teleservice" => "démarche",
        "to" => "état",
        "unit" | "units" => "service",
        "usager" => "personne",
        "verdict" => "avis",
        other => other,
    };
    Some(words)
}

/// The codes of a few members, in words.
const VALUES: &[(&str, &str, &str)] = &[
    ("means", "password", "mot de passe"),
    ("means", "invitation", "invitation"),
    ("means", "link", "lien reçu par mail"),
    ("means", "magic-link", "lien reçu par mail"),
    ("means", "agentconnect", "ProConnect"),
    ("means", "totp", "code de l’application"),
    ("author", "service", "le service"),
    ("author", "usager", "la personne"),
    ("by", "mail", "mail"),
    ("by", "espace", "page de suivi"),
    ("by", "poste", "poste"),
    ("channel", "ligne", "en ligne"),
    ("channel", "guichet", "au guichet"),
    ("channel", "telephone", "par téléphone"),
    ("channel", "courrier", "par courrier"),
    ("channel", "service_public", "par service-public.fr"),
    ("outcome", "accepte", "acceptée"),
    ("outcome", "refuse", "refusée"),
    ("outcome", "sans_suite", "sans suite"),
    ("part", "dossier", "le dossier"),
    ("part", "apercu", "l’aperçu de la liste"),
    ("verdict", "acceptee", "acceptée"),
    ("verdict", "refusee", "à renvoyer"),
    ("verdict", "a_verifier", "à vérifier"),
    ("role", "agent", "agent"),
    ("role", "admin", "administrateur"),
    ("role", "dpo", "délégué à la protection des données"),
    ("change", "linked", "rattachée"),
    ("change", "unlinked", "détachée"),
    ("change", "removed", "retiré"),
    ("change", "replay-all", "envois relancés"),
    ("change", "changed", "réglages modifiés"),
    ("change", "saved", "réglages enregistrés"),
    ("change", "registered", "enregistrée"),
    ("change", "named", "renommé"),
    ("change", "issued", "clé créée"),
    ("change", "closed", "fermée"),
    ("change", "key-added", "clé ajoutée"),
    ("change", "key-closed", "clé fermée"),
    ("change", "secret-rotated", "secret de signature renouvelé"),
    ("change", "paused", "mise en pause"),
    ("change", "resumed", "reprise"),
    ("change", "enrolled", "application ajoutée"),
    ("change", "reset", "remis à zéro"),
];

fn value_words(name: &str, value: &str) -> Option<String> {
    let known = VALUES.iter().find(|(of, code, _)| *of == name && *code == value);
    known.map(|(_, _, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_machines_need_is_left_out_and_an_unknown_member_stands_as_it_is() {
        assert_eq!(member_words("digest"), None);
        assert_eq!(member_words("purpose"), Some("finalité"));
        assert_eq!(member_words("nouveau"), Some("nouveau"));
    }

    #[test]
    fn a_code_has_words_for_its_member_alone() {
        assert_eq!(value_words("means", "password").as_deref(), Some("mot de passe"));
        assert_eq!(value_words("by", "password"), None);
    }
}

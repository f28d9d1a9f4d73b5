//! The gallery: every part of Socle in every state, for whoever draws or changes one. A page like the others, whose
//! example is the gallery itself; it is drawn by the tests and by the demonstration, never for users.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    look::{self, Roles},
    question::{Choice, Question},
};
use crate::{FieldError, templates::Page};

/// What the gallery shows. Parts take plain maps; only what many pages share has a type.
#[derive(Debug, Clone, Serialize)]
pub struct Gallery {
    /// Errors of the form, as after a wrong sending.
    pub errors: Vec<FieldError>,
    /// A question of each kind, then some in error, read-only and from elsewhere.
    pub questions: Vec<Question>,
    /// What one colour gives, for some towns.
    pub brands: Vec<Brand>,
    /// Names of all icons.
    pub icons: Vec<&'static str>,
    /// Steps, files, facts, figures, dates, lists: what the macros say they take.
    pub parts: Value,
}

/// A town and its colours.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "plain")]
pub struct Brand {
    pub name: &'static str,
    pub colour: &'static str,
    pub roles: Roles,
    pub tiles: String,
}

impl Page for Gallery {
    const TEMPLATE: &'static str = "galerie.html";

    fn samples() -> Vec<Self> {
        vec![Self::new()]
    }
}

impl Gallery {
    /// The whole gallery.
    pub fn new() -> Self {
        Self { errors: errors(), questions: questions(), brands: brands(), icons: ICONS.to_vec(), parts: parts() }
    }
}

impl Default for Gallery {
    fn default() -> Self {
        Self::new()
    }
}

/// The base set, then the events of life.
const ICONS: [&str; 39] = [
    "search", "check", "cross", "warn", "info", "file", "up", "down", "upw", "dnw", "cal", "clock", "user", "users", "euro", "mail", "phone", "pin",
    "lock", "print", "eye", "left", "right", "menu", "plug", "list", "swap", "chart", "grid", "flow", "sun", "bike", "child", "home", "hand",
    "heart", "ring", "box", "tree",
];

fn errors() -> Vec<FieldError> {
    [
        ("erreur_courriel", "Complétez l'adresse électronique, par exemple nom@exemple.fr"),
        ("erreur_date", "La date d'achat doit être dans les 6 derniers mois"),
        ("erreur_choix", "Répondez oui ou non"),
        ("motif", "Écrivez le motif : il figure dans le courrier"),
    ]
    .map(|(field, sentence)| FieldError { field: field.into(), sentence: sentence.into() })
    .to_vec()
}

fn question(kind: &str, label: &str) -> Question {
    Question { autocomplete: None, ..Question::example(kind, kind, label) }
}

/// The same answered: parts and texts, `""` for the only control.
fn filled(mut question: Question, texts: &[(&str, &str)]) -> Question {
    question.fill(texts.iter().copied());
    question
}

fn choice(value: &str, label: &str, hint: Option<&str>, checked: bool) -> Choice {
    Choice { hint: hint.map(str::to_owned), ..Choice::new(value, label, checked) }
}

fn said(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn questions() -> Vec<Question> {
    let mut all = usual_questions();
    all.extend(grouped_questions());
    all.extend(states());
    all
}

fn usual_questions() -> Vec<Question> {
    vec![
        Question { autocomplete: said("family-name"), ..filled(question("texte", "Nom de famille"), &[("", "Marchetti")]) },
        Question {
            hint: said("Dites ce qui peut aider le service."),
            max_length: Some(1000),
            required: false,
            ..filled(question("texte_long", "Votre message"), &[("", "Bonjour,")])
        },
        filled(question("nombre", "Nombre d'enfants à charge"), &[("", "2")]),
        filled(question("montant", "Prix payé"), &[("", "890,00")]),
        Question { hint: said("Pour vous prévenir de la réponse."), autocomplete: said("email"), ..question("courriel", "Adresse électronique") },
        Question { required: false, autocomplete: said("tel"), ..question("telephone", "Téléphone") },
        Question { hint: said("Sur votre relevé d'identité bancaire, il commence par FR."), ..question("iban", "IBAN du compte à créditer") },
    ]
}

fn grouped_questions() -> Vec<Question> {
    let places = [("voie", "14 rue des Tanneurs"), ("code_postal", "28260")];
    let long = (1..=14).map(|n| choice(&n.to_string(), &format!("École numéro {n}"), None, n == 3)).collect();
    vec![
        Question {
            hint: said("Par exemple 4 3 1991."),
            autocomplete: said("bday"),
            ..filled(question("date", "Quelle est votre date de naissance ?"), &[("jour", "4"), ("mois", "3"), ("annee", "1991")])
        },
        Question {
            hint: said("Laissez vide ce que vous ne savez pas."),
            ..filled(question("date_partielle", "Date de naissance de la personne"), &[("annee", "1948")])
        },
        filled(question("oui_non", "Votre vélo est-il neuf ?"), &[("", "oui")]),
        Question {
            choices: vec![
                choice("creche", "Crèche municipale", None, false),
                choice("assistante", "Assistante maternelle", Some("Agréée par le département"), true),
            ],
            ..question("choix", "Mode de garde")
        },
        Question { name: "choix_long".into(), choices: long, ..question("choix", "École") },
        Question {
            required: false,
            choices: vec![choice("lundi", "Lundi", None, true), choice("mardi", "Mardi", None, false)],
            ..question("choix_multiple", "Jours souhaités")
        },
        filled(question("adresse", "Votre adresse"), &places),
        filled(question("commune", "Commune de l'acte"), &[("nom", "Dreux"), ("code_postal", "28100"), ("code_insee", "28134")]),
    ]
}

fn states() -> Vec<Question> {
    let mut wrong_date =
        filled(Question::example("date", "erreur_date", "Quand l'avez-vous acheté ?"), &[("jour", "12"), ("mois", "9"), ("annee", "2025")]);
    wrong_date.error = said("L'achat doit dater de moins de 6 mois : après le 24 mai 2026. Vérifiez l'année.");
    wrong_date.parts.iter_mut().for_each(|part| part.error = wrong_date.error.clone());
    vec![
        Question {
            name: "erreur_courriel".into(),
            hint: said("Pour vous prévenir de la réponse."),
            error: said("Complétez l'adresse électronique, par exemple nom@exemple.fr"),
            autocomplete: said("email"),
            ..filled(question("courriel", "Adresse électronique, en erreur"), &[("", "ines.marchetti@")])
        },
        wrong_date,
        Question {
            name: "erreur_choix".into(),
            error: said("Répondez oui ou non. Cela ne change pas le montant de votre aide."),
            ..question("oui_non", "Remplace-t-il une voiture ou un deux-roues à moteur ?")
        },
        Question {
            name: "quotient".into(),
            readonly: true,
            source: said("Fourni par la CAF le 24 novembre 2026 à 9 h 12"),
            ..filled(question("nombre", "Votre quotient familial"), &[("", "874")])
        },
        Question {
            name: "choix_fixe".into(),
            readonly: true,
            choices: vec![choice("oui", "Propriétaire", None, true), choice("non", "Locataire", None, false)],
            ..question("choix", "Vous êtes, sans pouvoir changer")
        },
    ]
}

fn brands() -> Vec<Brand> {
    let town = |name: &'static str, colour: &'static str| Brand { name, colour, roles: look::derive(colour), tiles: look::field(name, 8, 2) };
    vec![
        town("Bois-Héroult", "#1d5c3a"),
        town("Saint-Rémy-la-Plaine", "#e2a400"),
        town("Les Tuileries", "#c2410c"),
        town("Port-Aubert", "#3b3f8f"),
        town("Grise-Lande", "#808080"),
        town("Mont-Blanc", "#ffffff"),
    ]
}

fn parts() -> Value {
    let clock = |label: &str, spent: u8, stopped: u8, tone: &str, mark: &str, end: &str| json!({ "label": label, "spent": spent, "stopped": stopped, "tone": tone, "mark": mark, "start": "24 nov. 2026", "end": end });
    json!({
        "steps": [
            { "label": "Vous", "href": "#vous", "done": true, "current": false },
            { "label": "Votre vélo", "href": null, "done": false, "current": true },
            { "label": "Vos documents", "href": null, "done": false, "current": false },
            { "label": "Vérifier et envoyer", "href": null, "done": false, "current": false },
        ],
        "files": [
            { "name": "facture-page-1.jpg", "href": "#f1", "say": "Reçu, 2,1 Mo, sans virus", "tone": "good",
              "remove": { "name": "retirer", "value": "1", "action": "#retirer" } },
            { "name": "facture-velo.pdf", "href": null, "say": "Non envoyé : 14 Mo, la limite est de 10 Mo", "tone": "bad",
              "remove": { "name": "retirer", "value": "2", "action": null } },
            { "name": "rib.pdf", "href": null, "say": "Analyse en cours", "tone": "" },
        ],
        "facts": [
            { "label": "Nom et prénom", "value": "Marchetti Inès", "source": "Fourni par FranceConnect" },
            { "label": "Adresse", "lines": ["14 rue des Tanneurs", "28260 Villeneuve-sur-Aure"], "value": "",
              "source": "Déclaré par vous, 12 mars 2026", "verified": false, "act": { "href": "#adr", "label": "Modifier" } },
        ],
        "figs": [
            { "label": "En retard", "value": 2, "sub": "décision tacite demain", "tone": "bad", "href": "#r" },
            { "label": "À décider cette semaine", "value": 9, "tone": "warn" },
            { "label": "Aide estimée", "value": "1 150 €", "sub": "quotient de moins de 600 €" },
        ],
        "timeline": [
            { "title": "Demande reçue", "state": "done", "at": "2026-11-24T14:21", "when": "24 novembre 2026, 14 h 21", "text": null },
            { "title": "Un document est à renvoyer", "state": "now", "at": "2026-12-03", "when": "3 décembre 2026", "text": "Le bas du RIB est coupé." },
            { "title": "Décision", "state": "next", "at": null, "when": "Date à venir", "text": null },
        ],
        "messages": [
            { "mine": false, "author": "Service Mobilités", "service": null, "at": "2026-12-03T10:42", "when": "3 décembre à 10 h 42", "text": "Bonjour,\nPouvez-vous renvoyer le RIB en entier ?" },
            { "mine": true, "author": "Vous", "service": null, "at": "2026-12-03T12:15", "when": "3 décembre à 12 h 15", "text": "Bonjour, je le renvoie ce soir." },
        ],
        "clocks": [
            clock("9 jours écoulés sur 61", 15, 0, "", "aujourd'hui", "24 janv. 2027"),
            clock("44 jours écoulés sur 61", 72, 0, "soon", "aujourd'hui", "24 janv. 2027"),
            clock("60 jours écoulés sur 61", 98, 0, "late", "aujourd'hui", "24 janv. 2027"),
            clock("Arrêté au neuvième jour", 16, 22, "", "J+9", "reporté"),
            clock("Reçu aujourd'hui", 0, 0, "", "aujourd'hui", "24 janv. 2027"),
        ],
        "rows": [
            { "name": "Garnier Paul", "sub": "Terrasse de commerce, 003870", "state": "En instruction", "tone": "", "amount": "1 240,00 €",
              "due": { "percent": 98, "tone": "bad", "stopped": false, "label": "Demain", "sub": "tacite le 4 déc." } },
            { "name": "Rousseau-Delacroix Marie-Clémence", "sub": "Aide au vélo, 004055", "state": "Complément attendu", "tone": "warn", "amount": "86,50 €",
              "due": { "percent": 15, "tone": "", "stopped": true, "label": "Suspendu", "sub": null } },
            { "name": "Diallo Aminata", "sub": "Inscription cantine, 004098", "state": "Acceptée", "tone": "good", "amount": "0,00 €",
              "due": { "percent": 60, "tone": "warn", "stopped": false, "label": "18 jours", "sub": "21 déc. 2026" } },
        ],
        "lines": [
            { "icon": "clock", "label": "Temps pour remplir", "sub": "15 minutes" },
            { "icon": "bike", "label": "Aide à l'achat d'un vélo électrique", "href": "#velo", "note": "15 min" },
            { "label": "Une ligne sans rien d'autre" },
        ],
        "options": [
            { "value": "velo", "label": "Aide au vélo", "count": 14, "checked": true, "selected": true, "hint": "Le plus demandé" },
            { "value": "acte", "label": "Acte d'état civil", "count": null, "checked": false, "selected": false, "hint": "" },
        ],
        "tabs": [
            { "href": "#dossier", "label": "Dossier", "current": true },
            { "href": "#messages", "label": "Messages", "current": false, "count": 1 },
        ],
        "crumbs": [{ "href": "/", "label": "Accueil" }, { "href": "/demarches", "label": "Démarches" }],
        "chips": [{ "href": "#sans", "label": "Aide au vélo" }],
    })
}

#[cfg(test)]
#[path = "gallery_tests.rs"]
mod tests;

//! What a package is once read: values only. It reads no file and decides nothing;
//! `read` fills it, `check` crosses it, `engine` applies it.

use super::flaw::Place;
use super::formula::Formula;
use super::reader::Located;
use super::themes::Theme;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt;

/// `teleservice.toml`: what the démarche is, for whom, under which law.
#[derive(Clone, Debug)]
pub struct Card {
    pub slug: String,
    pub title: String,
    pub summary: String,
    /// One sentence a condition, for the page of the démarche.
    pub for_whom: Vec<String>,
    pub audience: Audience,
    pub themes: Vec<&'static Theme>,
    pub synonyms: Vec<String>,
    pub minutes: u16,
    pub price: String,
    /// Slug of the org unit that handles the dossiers.
    pub org_unit: Located,
    pub deposit: Deposit,
    /// Other ways to ask, one sentence each.
    pub channels: Vec<String>,
    /// Sentences agreed to by sending, shown with the summary.
    pub mentions: Vec<String>,
    /// Absent when the démarche is deposited elsewhere.
    pub request: Option<Request>,
    /// Absent when the démarche is deposited elsewhere.
    pub data: Option<DataCard>,
    pub gives: Vec<Give>,
    pub prefills: Vec<Prefill>,
    pub place: Place,
}

/// Whom a démarche is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Particuliers,
    Associations,
    Entreprises,
    Tous,
}

impl Audience {
    pub(crate) const WORDS: [(&'static str, Audience); 4] = [
        ("particuliers", Audience::Particuliers),
        ("associations", Audience::Associations),
        ("entreprises", Audience::Entreprises),
        ("tous", Audience::Tous),
    ];
}

/// Where the demand is deposited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deposit {
    /// Here: the package has pages and a circuit.
    Here,
    /// With another body: the démarche is one page that leads there.
    Elsewhere { url: String, body: String },
}

/// `[demande]`: the legal frame of the demand.
#[derive(Clone, Debug)]
pub struct Request {
    pub nature: Nature,
    pub silence: Silence,
    /// Delay after which silence means something; always there unless silence means nothing.
    pub delay: Option<Delai>,
    pub article: Option<String>,
    /// What the service promises by itself; never shown as legal.
    pub commitment: Option<Delai>,
    /// How to contest an unfavourable decision.
    pub remedies: Option<String>,
    /// How long the usager has to send a missing piece.
    pub complement: Delai,
    pub place: Place,
}

/// What kind of demand it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// Delivery of a document or a service that the law opens (R112-4, 2°).
    Document,
    /// Financial: L231-4, 3° says what silence means.
    Aide,
    Autorisation,
    Inscription,
    Declaration,
    Signalement,
    Message,
}

impl Nature {
    pub(crate) const WORDS: [(&'static str, Nature); 7] = [
        ("document", Nature::Document),
        ("aide", Nature::Aide),
        ("autorisation", Nature::Autorisation),
        ("inscription", Nature::Inscription),
        ("declaration", Nature::Declaration),
        ("signalement", Nature::Signalement),
        ("message", Nature::Message),
    ];
}

/// What the silence of the administration means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    Acceptation,
    Rejet,
    SansObjet,
}

impl Silence {
    pub(crate) const WORDS: [(&'static str, Silence); 3] =
        [("acceptation", Silence::Acceptation), ("rejet", Silence::Rejet), ("sans objet", Silence::SansObjet)];
}

/// A delay, legal or promised: « 2 mois », « 5 jours ouvrés ».
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delai {
    pub count: u16,
    pub unit: DelaiUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelaiUnit {
    Days,
    WorkingDays,
    Months,
    Years,
}

impl Delai {
    /// Reads « 2 mois », « 1 an », « 30 jours », « 5 jours ouvrés ».
    pub fn parse(text: &str) -> Option<Delai> {
        let (count, unit) = text.trim().split_once(' ')?;
        let count = count.parse().ok().filter(|n| (1..=1200).contains(n))?;
        let unit = match unit.trim() {
            "jour" | "jours" => DelaiUnit::Days,
            "jour ouvré" | "jours ouvrés" => DelaiUnit::WorkingDays,
            "mois" => DelaiUnit::Months,
            "an" | "ans" => DelaiUnit::Years,
            _ => return None,
        };
        Some(Delai { count, unit })
    }
}

impl fmt::Display for Delai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = self.count > 1;
        let unit = match self.unit {
            DelaiUnit::Days if plural => "jours",
            DelaiUnit::Days => "jour",
            DelaiUnit::WorkingDays if plural => "jours ouvrés",
            DelaiUnit::WorkingDays => "jour ouvré",
            DelaiUnit::Months => "mois",
            DelaiUnit::Years if plural => "ans",
            DelaiUnit::Years => "an",
        };
        write!(f, "{} {unit}", self.count)
    }
}

/// `[donnees]`: what becomes of personal data, for the register and for the usager.
#[derive(Clone, Debug)]
pub struct DataCard {
    pub basis: LegalBasis,
    /// The text that founds the processing.
    pub basis_text: Option<String>,
    pub purpose: String,
    /// Kept this long after the end of the dossier.
    pub retention: Delai,
    /// A draft never sent is kept this long.
    pub draft_retention: Delai,
    pub recipients: Vec<String>,
    pub rights: String,
}

/// Article 6(1) of the GDPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    ObligationLegale,
    MissionInteretPublic,
    Contrat,
    Consentement,
}

impl LegalBasis {
    pub(crate) const WORDS: [(&'static str, LegalBasis); 4] = [
        ("obligation légale", LegalBasis::ObligationLegale),
        ("mission d’intérêt public", LegalBasis::MissionInteretPublic),
        ("contrat", LegalBasis::Contrat),
        ("consentement", LegalBasis::Consentement),
    ];

    /// The basis in a sentence, with its article.
    pub fn label(self) -> &'static str {
        match self {
            LegalBasis::ObligationLegale => "obligation légale (RGPD, article 6, 1, c)",
            LegalBasis::MissionInteretPublic => "mission d’intérêt public (RGPD, article 6, 1, e)",
            LegalBasis::Contrat => "contrat (RGPD, article 6, 1, b)",
            LegalBasis::Consentement => "consentement (RGPD, article 6, 1, a)",
        }
    }
}

/// `[[donne]]`: an answer that may become a fact of the person, if he does not refuse.
#[derive(Clone, Debug)]
pub struct Give {
    pub question: Located,
    /// Code of the attribute in the registry.
    pub attribute: String,
}

/// `[[reprend]]`: what the registry knows of the person, proposed in a question.
#[derive(Clone, Debug)]
pub struct Prefill {
    pub attribute: String,
    pub question: Located,
}

/// One page of the form.
#[derive(Clone, Debug)]
pub struct Page {
    /// `velo` for `pages/02-velo.toml`: its segment in the URL.
    pub id: String,
    pub title: String,
    /// Markdown.
    pub intro: Option<String>,
    pub condition: Option<Formula>,
    pub questions: Vec<Question>,
    pub place: Place,
}

/// One question of a page, of the eligibility, or one field of a transition.
#[derive(Clone)]
pub struct Question {
    pub id: String,
    pub kind: &'static dyn kinds::Kind,
    /// In the eligibility: written with its id alone, it takes everything from the question of the form.
    pub(crate) inherits: bool,
    pub label: String,
    pub hint: Option<String>,
    /// Markdown, behind « Pourquoi cette question ? ».
    pub why: Option<String>,
    pub required: bool,
    pub condition: Option<Formula>,
    pub rule: kinds::Rule,
    /// Choices offered only when a condition holds: value → condition.
    pub choice_conditions: Vec<(String, Formula)>,
    /// What is proposed when nothing was answered yet: a formula over what is known.
    pub proposed: Option<Formula>,
    /// The requester says it of himself; without it nothing may reach the registry.
    pub own: bool,
    /// WCAG 1.3.5 purpose, for what the requester says of himself.
    pub autocomplete: Option<String>,
    pub place: Place,
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Question({}: {})", self.id, self.kind.name())
    }
}

/// `regles.toml`.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub eligibility: Option<Eligibility>,
    pub computed: Vec<Computed>,
}

/// Questions and rules that say, before any form, oui, non, or what is missing.
#[derive(Clone, Debug)]
pub struct Eligibility {
    pub title: String,
    pub intro: Option<String>,
    pub questions: Vec<Question>,
    pub rules: Vec<EligibilityRule>,
    pub place: Place,
}

/// The first rule whose condition holds gives the answer.
#[derive(Clone, Debug)]
pub struct EligibilityRule {
    pub id: String,
    pub condition: Formula,
    pub verdict: Verdict,
    pub reason: String,
    pub article: Option<String>,
    /// Markdown: where to go, what to do.
    pub guidance: Option<String>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Oui,
    Non,
    IlManque,
}

impl Verdict {
    pub(crate) const WORDS: [(&'static str, Verdict); 3] =
        [("oui", Verdict::Oui), ("non", Verdict::Non), ("il manque", Verdict::IlManque)];
}

/// A value that the answers give: the amount of an aid.
#[derive(Clone)]
pub struct Computed {
    pub id: String,
    pub label: String,
    pub kind: &'static dyn kinds::Kind,
    pub rule: kinds::Rule,
    pub formula: Formula,
    /// Shown to the usager with the summary.
    pub shown: bool,
    pub place: Place,
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Computed({} = {})", self.id, self.formula.text)
    }
}

/// `pieces.toml`: a pièce justificative, asked at deposit or only on a written doubt.
#[derive(Clone, Debug)]
pub struct Piece {
    pub id: String,
    pub label: String,
    pub hint: Option<String>,
    pub condition: Option<Formula>,
    /// The text that lets the service ask for it.
    pub legal_text: String,
    /// The file cannot be processed without it (L114-5-1).
    pub indispensable: bool,
    pub when: PieceWhen,
    pub formats: Vec<&'static str>,
    pub max_size: u64,
    pub max_files: u16,
    /// Destroyed as soon as the agent has checked it.
    pub erase_after_check: bool,
    pub models: Vec<PieceModel>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceWhen {
    /// Asked from everybody, before sending.
    Depot,
    /// Never asked but by an agent who writes why.
    Doute,
}

impl PieceWhen {
    pub(crate) const WORDS: [(&'static str, PieceWhen); 2] = [("dépôt", PieceWhen::Depot), ("doute", PieceWhen::Doute)];
}

/// A ready sentence to ask for a piece again.
#[derive(Clone, Debug)]
pub struct PieceModel {
    pub label: String,
    pub text: String,
}

/// `circuit.toml`: the path of a dossier after its deposit.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The state of a dossier just sent.
    pub start: Located,
    pub states: Vec<State>,
    pub transitions: Vec<Transition>,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub struct State {
    pub id: String,
    /// Words for the usager; may hold `{{ name of a field }}`.
    pub name: Located,
    /// Words for the agent.
    pub agent: Located,
    pub phase: Phase,
    /// Markdown for the usager under the name of the state.
    pub text: Option<Located>,
    pub place: Place,
}

/// What the law knows of the life of a dossier; a state of a circuit hangs on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Brouillon,
    Depose,
    EnInstruction,
    AttenteUsager,
    Accepte,
    Refuse,
    SansSuite,
    Retire,
}

impl Phase {
    pub(crate) const WORDS: [(&'static str, Phase); 7] = [
        ("depose", Phase::Depose),
        ("en_instruction", Phase::EnInstruction),
        ("attente_usager", Phase::AttenteUsager),
        ("accepte", Phase::Accepte),
        ("refuse", Phase::Refuse),
        ("sans_suite", Phase::SansSuite),
        ("retire", Phase::Retire),
    ];

    /// The word of the format, of the database and of the API.
    pub fn code(self) -> &'static str {
        Phase::WORDS.iter().find(|(_, phase)| *phase == self).map_or("brouillon", |(word, _)| word)
    }

    /// Nothing is expected from anybody any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Phase::Accepte | Phase::Refuse | Phase::SansSuite | Phase::Retire)
    }
}

/// One step from a state to another.
#[derive(Clone, Debug)]
pub struct Transition {
    pub id: String,
    pub from: Vec<Located>,
    pub to: Located,
    pub who: Vec<Who>,
    /// The verb on the button.
    pub label: String,
    pub hint: Option<String>,
    pub condition: Option<Formula>,
    /// What whoever acts must fill.
    pub fields: Vec<Question>,
    /// Motifs one of which must be chosen.
    pub motifs: Vec<Located>,
    /// Letter produced, to preview and send.
    pub courrier: Option<Located>,
    /// Mail sent to the usager.
    pub mail: Option<Located>,
    /// When the system does it by itself.
    pub trigger: Option<Trigger>,
    pub place: Place,
}

/// Who may take a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Agent,
    Application,
    Usager,
    Systeme,
}

impl Who {
    pub(crate) const WORDS: [(&'static str, Who); 4] =
        [("agent", Who::Agent), ("application", Who::Application), ("usager", Who::Usager), ("système", Who::Systeme)];
}

/// What makes the system take a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The legal delay has passed without a decision.
    Silence,
    /// The usager has not sent in time what was asked.
    ComplementEchu,
}

impl Trigger {
    pub(crate) const WORDS: [(&'static str, Trigger); 2] =
        [("silence", Trigger::Silence), ("complément échu", Trigger::ComplementEchu)];
}

/// A legal reason given with a decision.
#[derive(Clone, Debug)]
pub struct Motif {
    pub id: String,
    /// For the agent who chooses.
    pub label: String,
    /// For the letter; may hold merge fields.
    pub text: Located,
    pub article: Option<String>,
    pub place: Place,
}

/// `courriers/<id>.md`: a letter or a mail with merge fields.
#[derive(Clone, Debug)]
pub struct Courrier {
    pub id: String,
    pub title: String,
    /// Subject line, with merge fields.
    pub subject: Located,
    /// Markdown with merge fields.
    pub body: Located,
    pub place: Place,
}

/// Which event goes to which application, and which answers come back.
#[derive(Clone, Debug)]
pub struct Liaison {
    pub id: String,
    pub label: String,
    pub event: LiaisonEvent,
    /// Slug of the application; its address and secrets are the tenant's.
    pub application: String,
    /// Code of the purpose, which the exit check looks for in the habilitation of the application.
    pub purpose: String,
    pub condition: Option<Formula>,
    pub format: Format,
    /// Root element in XML.
    pub root: String,
    pub fields: Vec<LiaisonField>,
    pub answers: Vec<LiaisonAnswer>,
    pub place: Place,
}

/// What sets a liaison off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiaisonEvent {
    /// The deposit of the dossier.
    Deposit,
    /// A transition, by its id.
    Transition(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Xml,
    Json,
}

impl Format {
    pub(crate) const WORDS: [(&'static str, Format); 3] =
        [("csv", Format::Csv), ("xml", Format::Xml), ("json", Format::Json)];
}

/// One value sent: where it goes, what it is.
#[derive(Clone, Debug)]
pub struct LiaisonField {
    /// Column of a CSV, or path: `Demandeur/Nom`, `Titulaire[2]/Nom`, `@attribut`.
    pub path: String,
    pub formula: Formula,
    pub place: Place,
}

/// An answer the application may give, and what it does to the dossier.
#[derive(Clone, Debug)]
pub struct LiaisonAnswer {
    pub word: String,
    /// What comes with the word.
    pub received: Vec<Question>,
    pub condition: Option<Formula>,
    pub transition: Located,
    /// Field of the transition → formula over what was received.
    pub fields: Vec<(Located, Formula)>,
    /// Motif given with the transition: formula over what was received.
    pub motif: Option<Formula>,
    pub place: Place,
}

/// A recorded try of the package.
#[derive(Clone, Debug)]
pub struct Essai {
    pub name: String,
    pub today: Option<jiff::civil::Date>,
    pub setting: Vec<(Located, Json)>,
    pub eligibility: Vec<(Located, Json)>,
    pub answers: Vec<(Located, Json)>,
    pub expected: Expected,
    pub place: Place,
}

/// What an essai expects; what it does not mention is not looked at.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub verdict: Option<Verdict>,
    /// Id of the rule that answers.
    pub rule: Option<Located>,
    /// Id of the question asked next, when nothing is settled yet.
    pub next: Option<Located>,
    pub pages: Option<Vec<Located>>,
    pub pieces: Option<Vec<Located>>,
    /// Questions refused when the whole is checked; an empty list: the demand can be sent.
    pub refused: Option<Vec<Located>>,
    pub computed: Vec<(Located, Json)>,
    /// Path of a liaison field → text sent, written `liaison:path`.
    pub sent: Vec<(Located, Json)>,
}

//! What every kind of value offers, and the small types that go with it: input, refusal, hints, samples.
//!
//! Nothing here knows a particular kind.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::rule::Rule;

/// A kind of value. See the crate's documentation for what belongs here and what does not.
pub trait Kind: Sync {
    /// The name a package and an attribute use: `"date"`, `"iban"`…
    fn name(&self) -> &'static str;

    /// Suffixes of the controls; a kind with one control has the single part `""`.
    fn parts(&self) -> &'static [&'static str] {
        &[""]
    }

    /// What stands before the control of a part ("Jour"); empty when the question's own label is enough.
    fn part_label(&self, _part: &str) -> &'static str {
        ""
    }

    /// Reads what a person wrote. `None` means that everything was left blank, which is not a fault here:
    /// whether an answer is compulsory depends on the moment (see [`read_answer`]).
    fn parse(&self, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal>;

    /// What the controls hold for this value: parts and texts. Empty when the value is not of this kind.
    fn fill(&self, value: &Json) -> Vec<(String, String)>;

    /// The value in its one canonical form, from a value that came by the API or an import.
    ///
    /// It goes through the controls and `parse`, so that every door applies the same rules.
    fn normalize(&self, value: &Json, rule: &Rule) -> Result<Json, Refusal> {
        let controls = self.fill(value);
        if controls.is_empty() {
            return Err(self.unexpected());
        }
        self.parse(&Input::from_controls(&controls), rule)?.ok_or_else(|| self.unexpected())
    }

    /// Accepts a value only if it is canonical and within the rule.
    fn check(&self, value: &Json, rule: &Rule) -> Result<(), Refusal> {
        match self.normalize(value, rule)? == *value {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    /// The value for a person to read, on one line (`texte_long` keeps its lines).
    fn show(&self, value: &Json, rule: &Rule) -> String;

    /// The value for a cell of a spreadsheet or an outside application: no layout, ISO dates, decimal comma.
    fn export(&self, value: &Json, rule: &Rule) -> String;

    /// The value as the rules see it.
    fn feel(&self, value: &Json) -> FeelValue {
        FeelValue { type_: self.feel_type(), json: value.clone() }
    }

    /// The FEEL type of every value of this kind: `boolean`, `number`, `string`, `date`, `list<string>`, `context`.
    fn feel_type(&self) -> &'static str;

    /// What a person is given to answer with.
    fn control(&self) -> Control {
        Control::Line
    }

    /// How a browser helps to fill the control.
    fn hints(&self) -> Hints;

    /// The same for one part of a kind with several controls.
    fn part_hints(&self, _part: &str) -> Hints {
        self.hints()
    }

    /// The sentence for a compulsory answer left blank.
    fn missing(&self) -> &'static str;

    /// What the API expects, as the end of "La valeur attendue est …".
    fn expected(&self) -> &'static str;

    /// Refuses a rule that makes no sense for this kind, in a French sentence for the author of the package.
    fn check_rule(&self, _rule: &Rule) -> Result<(), String> {
        Ok(())
    }

    /// Good and bad examples, which tests and the gallery of components go through.
    fn samples(&self) -> Vec<Sample>;

    /// The refusal of a value whose shape is not that of this kind.
    fn unexpected(&self) -> Refusal {
        Refusal::new(format!("La valeur attendue est {}.", self.expected()))
    }
}

/// Reads an answer, a blank one being refused when the rule makes it compulsory, and several where one is wanted.
pub fn read_answer(kind: &dyn Kind, input: &Input<'_>, rule: &Rule) -> Result<Option<Json>, Refusal> {
    if kind.name() != "choix_multiple"
        && let Some(part) = kind.parts().iter().find(|part| input.is_said_twice(part))
    {
        let sentence = "Cette réponse est arrivée plusieurs fois, et pas la même. Rechargez la page et donnez-en une seule.";
        return Err(Refusal::new(sentence).on(part));
    }
    match kind.parse(input, rule)? {
        None if rule.required => Err(Refusal::new(kind.missing()).on(first_visible(kind))),
        value => Ok(value),
    }
}

fn first_visible(kind: &dyn Kind) -> &'static str {
    kind.parts().first().copied().unwrap_or("")
}

/// The name of the control of a part: `naissance`, `naissance.jour`.
pub fn control_name(question: &str, part: &str) -> String {
    match part {
        "" => question.to_owned(),
        part => format!("{question}.{part}"),
    }
}

/// Picks out of a form the controls of one question; `all` gives the texts sent under a name.
pub fn gather<'a>(kind: &dyn Kind, question: &str, all: impl Fn(&str) -> Vec<&'a str>) -> Input<'a> {
    kind.parts()
        .iter()
        .fold(Input::new(), |input, part| all(&control_name(question, part)).into_iter().fold(input, |input, text| input.with(part, text)))
}

/// What was sent for one question: the texts of each part.
#[derive(Debug, Clone, Default)]
pub struct Input<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Input<'a> {
    /// Nothing sent.
    pub fn new() -> Self {
        Self::default()
    }

    /// The input of a kind with one control.
    pub fn of(text: &'a str) -> Self {
        Self::new().with("", text)
    }

    /// What `fill` gave, as if a person sent the form back untouched.
    pub fn from_controls(controls: &'a [(String, String)]) -> Self {
        controls.iter().fold(Self::new(), |input, (part, text)| input.with(part, text))
    }

    /// Adds a text to a part.
    pub fn with<'b>(mut self, part: &'b str, text: &'b str) -> Self
    where
        'b: 'a,
    {
        self.0.entry(part).or_default().push(text);
        self
    }

    /// The first text of a part that is not blank, or the empty text.
    pub fn first(&self, part: &str) -> &'a str {
        let texts = self.0.get(part).map(Vec::as_slice).unwrap_or_default();
        texts.iter().copied().find(|text| !text.trim().is_empty()).unwrap_or("")
    }

    /// All the texts of a part.
    pub fn all(&self, part: &str) -> &[&'a str] {
        self.0.get(part).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether two different texts were sent for one part: no form of ours does.
    fn is_said_twice(&self, part: &str) -> bool {
        let mut texts = self.all(part).iter().filter(|text| !text.trim().is_empty());
        let first = texts.next();
        texts.any(|text| Some(text) != first)
    }

    /// Whether nothing but blanks was sent.
    pub fn is_blank(&self) -> bool {
        self.0.values().flatten().all(|text| text.trim().is_empty())
    }
}

/// Why a value is refused: a French sentence that says what to do, and the part to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    pub sentence: String,
    pub part: Option<&'static str>,
}

impl Refusal {
    /// A refusal of the whole value.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), part: None }
    }

    /// The same, pointing at one part.
    pub fn on(self, part: &'static str) -> Self {
        Self { part: (!part.is_empty()).then_some(part), ..self }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refusal {}

/// A value for the rules: its FEEL type and JSON (a date stays ISO text).
#[derive(Debug, Clone, PartialEq)]
pub struct FeelValue {
    pub type_: &'static str,
    pub json: Json,
}

/// What a person is given to answer with; `kernel::web::question` draws each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Control {
    /// One line of text.
    #[default]
    Line,
    /// One line of capitals and digits, copied from a paper.
    Code,
    /// One short line, then its unit in words.
    Measure(&'static str),
    /// Several lines.
    Lines,
    /// Boxes side by side, one per part.
    Boxes,
    /// Boxes one under the other, one per part.
    Stack,
    /// "Oui", "Non".
    YesNo,
    /// One among the choices: all in sight when they are few, a list otherwise.
    One,
    /// Any number of the choices.
    Several,
}

/// How a browser helps to fill a control. `autocomplete` holds only when the question is about the person who fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hints {
    pub input_type: &'static str,
    pub inputmode: Option<&'static str>,
    pub autocomplete: Option<&'static str>,
    /// Width of the control in characters, when the value has a known length.
    pub size: Option<u8>,
}

impl Hints {
    /// A plain text control.
    pub const TEXT: Hints = Hints { input_type: "text", inputmode: None, autocomplete: None, size: None };
}

/// An example of a kind: what is given, and what must come out.
#[derive(Debug, Clone)]
pub struct Sample {
    pub rule: Rule,
    pub input: Vec<(&'static str, &'static str)>,
    pub expect: Expect,
}

/// What must come out of a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    /// Accepted: this value, shown so.
    Value { json: Json, shown: &'static str },
    /// Nothing was answered.
    Blank,
    /// Refused, pointing at this part; the sentence holds this fragment.
    Refused { part: Option<&'static str>, says: &'static str },
}

impl Sample {
    /// An accepted text of a kind with one control.
    pub fn good(text: &'static str, json: Json, shown: &'static str) -> Self {
        Self::parts(&[("", text)], Expect::Value { json, shown })
    }

    /// A refused text of a kind with one control.
    pub fn bad(text: &'static str, says: &'static str) -> Self {
        Self::parts(&[("", text)], Expect::Refused { part: None, says })
    }

    /// Any sample.
    pub fn parts(input: &[(&'static str, &'static str)], expect: Expect) -> Self {
        Self { rule: Rule::default(), input: input.to_vec(), expect }
    }

    /// The same under a rule.
    pub fn under(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    /// The input as it would come from a form.
    pub fn to_input(&self) -> Input<'static> {
        self.input.iter().fold(Input::new(), |input, (part, text)| input.with(part, text))
    }
}

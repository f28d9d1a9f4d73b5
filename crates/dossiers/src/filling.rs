//! A téléservice and the answers of one dossier: the engine of the package applied, with the pieces received, and what
//! this domain needs of it: where to go next, what is missing, how the person is called, what goes to the registry.

use kernel::FieldErrors;
use serde_json::Value as Json;
use teleservices::engine::View;
use teleservices::package::{Formula, Give, Package, Page, Piece as Wanted, PieceWhen, Question, Setting, Truth};

use crate::model::Answers;
use crate::piece::Piece;

/// Where a form goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A page of questions.
    Page(String),
    /// The pieces.
    Pieces,
    /// The last page, before sending.
    Check,
}

/// A package, the answers given so far, and what they make visible.
pub struct Filling<'a> {
    /// The package.
    pub package: &'a Package,
    /// The tenant and the day.
    pub setting: &'a Setting,
    /// The answers.
    pub answers: &'a Answers,
    /// What the engine makes of them.
    pub view: View<'a>,
}

/// How the person is called, and where mails go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// First names then name, as in the address of a letter.
    pub name: Option<String>,
    /// Mail address.
    pub mail: Option<String>,
    /// Lines of the postal address.
    pub address: Vec<String>,
}

/// An answer that may become a fact of the registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Gift {
    /// The attribute.
    pub attribute: String,
    /// The question, as the usager reads it.
    pub label: String,
    /// The value in words.
    pub shown: String,
    /// The value.
    pub value: Json,
}

impl<'a> Filling<'a> {
    /// Applies a package to answers, on the day of the setting.
    pub fn new(package: &'a Package, setting: &'a Setting, answers: &'a Answers) -> Filling<'a> {
        Filling { package, setting, answers, view: package.view(answers, setting) }
    }

    /// Does a condition hold for sure? No condition always holds.
    pub fn holds(&self, condition: Option<&Formula>) -> bool {
        condition.is_none_or(|formula| formula.holds(&self.view.known))
    }

    /// The pages to fill, in order.
    pub fn pages(&self) -> Vec<&'a Page> {
        self.view.pages.iter().filter(|shown| !shown.questions.is_empty()).map(|shown| shown.page).collect()
    }

    /// The questions of a page that show.
    pub fn questions(&self, page: &str) -> Vec<&'a Question> {
        let shown = self.view.pages.iter().find(|shown| shown.page.id == page);
        shown.map(|shown| shown.questions.clone()).unwrap_or_default()
    }

    /// Where a form begins.
    pub fn first_step(&self) -> Step {
        self.pages().first().map_or_else(|| self.end(), |page| Step::Page(page.id.clone()))
    }

    /// Where to go after a page.
    pub fn step_after(&self, page: &str) -> Step {
        let order = |id: &str| self.package.pages.iter().position(|page| page.id == id);
        let here = order(page);
        let next = self.pages().into_iter().find(|next| order(&next.id) > here);
        next.map_or_else(|| self.end(), |next| Step::Page(next.id.clone()))
    }

    /// Where a draft is taken up again: the first page with something missing, else the pieces, else the end.
    pub fn resume(&self, pieces: &[Piece]) -> Step {
        match self.package.check_all(self.answers, self.setting).page {
            Some(page) => Step::Page(page),
            None if self.missing_pieces(pieces).next().is_some() => Step::Pieces,
            None => Step::Check,
        }
    }

    /// Whether answers still to come may add steps to those that show.
    pub fn may_grow(&self) -> bool {
        let is_unsure = |piece: &Wanted| {
            let truth = piece.condition.as_ref().map(|condition| condition.truth(&self.view.known));
            piece.when == PieceWhen::Depot && matches!(truth, Some(Truth::Missing(_)))
        };
        self.view.may_grow || self.pieces().is_empty() && self.package.pieces.iter().any(is_unsure)
    }

    fn end(&self) -> Step {
        if self.pieces().is_empty() { Step::Check } else { Step::Pieces }
    }

    /// The pieces this demand asks for at deposit.
    pub fn pieces(&self) -> Vec<&'a Wanted> {
        self.package.pieces_at_deposit(&self.view)
    }

    /// The pieces of the deposit that are not there.
    pub fn missing_pieces<'b>(&'b self, pieces: &'b [Piece]) -> impl Iterator<Item = &'a Wanted> + 'b {
        let is_missing = move |wanted: &&Wanted| !pieces.iter().any(|piece| piece.code == wanted.id && piece.counts());
        self.pieces().into_iter().filter(is_missing)
    }

    /// The answers to freeze, or all that keeps the demand from being sent.
    pub fn check(&self, pieces: &[Piece]) -> Result<Answers, FieldErrors> {
        let checked = self.package.check_all(self.answers, self.setting);
        let mut faults = checked.errors;
        for wanted in self.missing_pieces(pieces) {
            faults.push(&wanted.id, format!("Ajoutez ce document : {}.", wanted.label));
        }
        if faults.is_empty() { Ok(checked.answers) } else { Err(faults) }
    }

    /// How the person is called and reached, from what he says of himself and its declared purpose.
    pub fn contact(&self) -> Contact {
        let own = |purpose: &str| self.own(|question| question.autocomplete.as_deref() == Some(purpose));
        let whole = [own("given-name"), own("family-name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = own("name").or_else(|| (!whole.is_empty()).then_some(whole)).or_else(|| own("organization"));
        let mail = own("email").or_else(|| self.own(|question| question.kind.name() == "courriel"));
        let address = self.own(|question| question.kind.name() == "adresse");
        Contact {
            name,
            mail: mail.map(|mail| mail.to_lowercase()),
            address: address.map(|text| text.split(", ").map(str::to_owned).collect()).unwrap_or_default(),
        }
    }

    fn own(&self, is_it: impl Fn(&Question) -> bool) -> Option<String> {
        let mut shown = self.view.pages.iter().flat_map(|page| &page.questions);
        let question = shown.find(|question| question.own && is_it(question) && self.answers.contains_key(&question.id))?;
        Some(question.show(self.answers.get(&question.id))).filter(|text| !text.is_empty())
    }

    /// What the package gives to the registry and this dossier holds. Only what the person says of himself.
    pub fn gifts(&self) -> Vec<Gift> {
        let gift = |give: &Give| {
            let question = self.package.question(&give.question.text).filter(|question| question.own)?;
            let value = self.answers.get(&question.id).filter(|value| !value.is_null() && self.view.shows(&question.id))?;
            let shown = question.show(Some(value));
            Some(Gift { attribute: give.attribute.clone(), label: question.label.clone(), shown, value: value.clone() })
        };
        self.package.card.gives.iter().filter_map(gift).collect()
    }
}

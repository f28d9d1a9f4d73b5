//! Applies a package to answers: what is asked, what is accepted, what is computed, what is sent.
//! Pure: the day and the tenant come in `Setting`, the answers in `Answers`; nothing is kept.

pub mod arrive;
pub mod circuit;
pub mod eligibility;
pub mod essais;
pub mod fields;
pub mod input;
pub mod merge;
pub mod reply;
pub mod send;
pub mod summary;
pub mod walk;

pub use arrive::Arrived;
pub use circuit::Move;
pub use eligibility::{Asked, Eligible, Outcome};
pub use essais::EssaiResult;
pub use fields::Applied;
pub use input::{Checked, PageRead};
pub use merge::{Around, Merge, Rendered};
pub use send::Dossier;
pub use summary::{Line, Section};
pub use walk::{View, VisiblePage};

/// Answers by id of question; `null` is « asked, left blank », absence is « not asked yet ».
pub type Answers = serde_json::Map<String, serde_json::Value>;

/// What a form sent under a name; empty when nothing was.
pub type Form<'f, 't> = &'f dyn Fn(&str) -> Vec<&'t str>;

/// No such form: for what is computed without one.
pub fn no_form(_: &str) -> Vec<&'static str> {
    Vec::new()
}

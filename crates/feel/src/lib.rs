//! FEEL, the expression language of the DMN standard, for the whole program: display conditions, eligibility,
//! computed values, routing, exchange filters.
//!
//! A [`Rule`] is a text that was parsed, checked against the [`Names`] it may mention and prepared. It is then asked
//! against [`Facts`], of which some may not be known yet: [`Rule::truth`] says yes, no, or what is still missing.
//! Nothing here reads a clock, a file, a socket or a database: the day's date is a fact like another.
//!
//! The engine is dsntk, and nothing outside this crate sees it. It has no decision tables.

mod budget;
mod check;
mod command;
mod facts;
mod flaw;
mod french;
mod functions;
mod json;
mod names;
mod rule;
mod sentence;
mod syntax;
mod trace;
mod tree;
mod truth;
mod words;
mod writing;

pub use command::{answer_line, evaluate};
pub use facts::Facts;
pub use flaw::Flaw;
pub use names::{Names, Type};
pub use rule::{Outcome, Rule};
pub use trace::Step;
pub use truth::Truth;
pub use words::is_reserved;

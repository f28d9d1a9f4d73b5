//! FEEL, the expression language of the DMN standard, as the rest of the program sees it: a rule is parsed and checked
//! against the names that it may mention, evaluated with unknowns, traced, and said in French. The parser and the
//! evaluator are dsntk's; nobody else sees them.
//!
//! What a rule cannot do: call anything outside (Java, PMML), define a function, run without bound.

mod ast;
mod check;
mod evaluate;
mod facts;
mod names;
mod rule;
mod sentence;
mod truth;
mod value;

pub use evaluate::evaluate;
pub use facts::Facts;
pub use names::{Names, Type};
pub use rule::{Flaw, Outcome, Rule, Step, Truth};

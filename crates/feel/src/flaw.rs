//! What is wrong with a rule, said to the person who wrote it. It names no file: the caller knows which one.

use std::fmt;

/// A fault of a rule: a French sentence and the column (from 1, in characters) where it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong and what to write instead, in French.
    pub message: String,
    /// The column, counted in characters from 1.
    pub column: usize,
}

impl Flaw {
    pub(crate) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), column }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "colonne {} : {}", self.column, self.message)
    }
}

impl std::error::Error for Flaw {}

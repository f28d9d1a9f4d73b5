//! The one error type. What a client may read (a stable code, a sentence in French) and what only the log may
//! read are kept apart: nothing here prints the second to the first. `web/problem.rs` turns it into an answer.

use serde::Serialize;

/// Result of everything that can fail in the program.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or belongs to somebody else: the two are not told apart.
    #[error("not found")]
    NotFound,
    /// The actor lacks this right (its code).
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// Refused to this actor, for a reason that he may read: 403.
    #[error("denied: {}", .0.code)]
    Denied(Problem),
    /// Refused to this actor for now: somebody may open the way at an address. 403.
    #[error("denied: {}", .problem.code)]
    DeniedUntil {
        /// Why.
        problem: Problem,
        /// Name of the member of the answer that holds the address.
        member: &'static str,
        /// The absolute address.
        url: String,
    },
    /// Nobody is signed in.
    #[error("unauthenticated")]
    Unauthenticated,
    /// What was sent cannot be accepted, field by field.
    #[error("invalid: {0}")]
    Invalid(FieldErrors),
    /// The state of things forbids it; the sentence says who did what.
    #[error("conflict: {}", .0.code)]
    Conflict(Problem),
    /// It existed and is no more.
    #[error("gone: {}", .0.code)]
    Gone(Problem),
    /// A stated limit was passed.
    #[error("too large: {}", .0.code)]
    TooLarge(Problem),
    /// The request as a whole is refused, for a stated reason.
    #[error("refused: {}", .0.code)]
    Refused(Problem),
    /// Too many tries; when to come back, in seconds.
    #[error("too many tries, again in {retry_after_s} s")]
    TooMany {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// More of something than one may cause in a day.
    #[error("quota: {}", .0.code)]
    Quota(Problem),
    /// A part that we need is down; its name, in French.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// Our own fault: for the log only.
    #[error("internal: {0:#}")]
    Internal(anyhow::Error),
}

/// A stable code and a sentence in French that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Kebab-case, never changed: partners branch on it.
    pub code: &'static str,
    /// For people.
    pub sentence: String,
}

/// One field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Name of the control, or of the JSON member.
    pub field: String,
    /// In French: what to do, with an example.
    pub sentence: String,
}

/// All that is wrong with a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault.
    pub fn push(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), sentence: sentence.into() });
    }

    /// Whether there is no fault.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentence of a field, if it is at fault.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|e| e.field == field).map(|e| e.sentence.as_str())
    }

    /// `Ok` when nothing is wrong, else `Error::Invalid`.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}

impl std::fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|e| e.field.as_str()).collect();
        f.write_str(&names.join(", "))
    }
}

impl Error {
    /// One field at fault.
    pub fn invalid(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        let mut errors = FieldErrors::new();
        errors.push(field, sentence);
        Self::Invalid(errors)
    }

    /// The state of things forbids it.
    pub fn conflict(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::Conflict(Problem { code, sentence: sentence.into() })
    }

    /// The request is refused as a whole.
    pub fn refused(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::Refused(Problem { code, sentence: sentence.into() })
    }

    /// A fault of ours, with words for the log.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(anyhow::anyhow!("{message}"))
    }
}

macro_rules! internal_from {
    ($($source:ty),* $(,)?) => {$(
        impl From<$source> for Error {
            fn from(error: $source) -> Self { Self::Internal(error.into()) }
        }
    )*};
}
internal_from!(anyhow::Error, serde_json::Error, minijinja::Error, jiff::Error, std::io::Error, std::fmt::Error);

impl From<crate::ids::WrongId> for Error {
    /// A wrong identifier is an unknown one.
    fn from(_: crate::ids::WrongId) -> Self {
        Self::NotFound
    }
}

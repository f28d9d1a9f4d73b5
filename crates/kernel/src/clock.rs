//! Time, in whole microseconds, so that both databases give back what was written.
//! The only reader of the system clock; a test holds a fake one and moves it.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

/// Where "now" comes from.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Timestamp>>>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    pub fn fake(at: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// The present instant, truncated to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn now(&self) -> Timestamp {
        let now = match &self.0 {
            None => Timestamp::now(),
            Some(fixed) => *fixed.lock().expect("no holder of the clock panics"),
        };
        Timestamp::from_microsecond(now.as_microsecond()).expect("a present instant is in range")
    }

    /// Moves a fake clock, forwards or backwards; a system clock cannot be moved and stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Some(fixed) = &self.0 {
            let mut at = fixed.lock().expect("no holder of the clock panics");
            *at = at.saturating_add(by).expect("a duration in seconds always adds");
        }
    }

    /// Sets a fake clock.
    pub fn set(&self, to: Timestamp) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().expect("no holder of the clock panics") = to;
        }
    }
}

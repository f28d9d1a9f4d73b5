//! GDPR by construction: habilitations, consents, oppositions, and the one door by which personal data leaves.
//! It knows neither the attributes' values nor the persons: `referentiel` reads, with the `Permit` given here.
//!
//! Invariants: a `Permit` has no public constructor; its journal line is in the same transaction; an unknown person,
//! another tenant's person and a person without a link to the partner cannot be told apart.

mod consent;
mod disclose;
mod habilitation;
mod personal;
mod store;

pub use consent::{Consent, ConsentGiven, ConsentWithdrawn, consents, give, withdraw};
pub use disclose::{Disclosed, Permit, disclose};
pub use habilitation::{
    Basis, Habilitation, HabilitationClosed, HabilitationGranted, NewHabilitation, UsagerInformed, close, grant,
    habilitations, inform,
};
pub use personal::{PersonalData, Retention};

use kernel::Right;

/// May grant and close habilitations.
pub const HABILITATE: Right = Right("rgpd.habiliter");
/// May read the journal and the accesses to a person's record.
pub const AUDIT: Right = Right("rgpd.auditer");

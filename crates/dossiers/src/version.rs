//! What this domain asks of the téléservice a dossier was made with: its version, its states, its words.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Error, Result, Tenant};
use teleservices::Version;
use teleservices::engine::Move;
use teleservices::package::{Delai, DelaiUnit, Package, Phase, Setting, State, Transition, Who};

use crate::certified::birth;
use crate::model::Dossier;

pub(crate) use teleservices::version as of;

/// What the rules of a dossier may mention beside its answers, on this day.
pub fn setting(version: &Version, dossier: &Dossier, today: Date) -> Setting {
    Setting { naissance_certifiee: birth(&version.package, dossier), ..version.setting(today, dossier.channel.is_entered_by_agent()) }
}

/// The state where a dossier just sent stands.
pub fn start_state(package: &Package) -> Result<&State> {
    package.start().ok_or_else(|| Error::internal(format!("the package {} has no first state", package.card.slug)))
}

/// The step by which the circuit makes a move of that kind, and where it leads, if this one may from where it stands.
pub fn led_by<'a>(version: &'a Version, dossier: &Dossier, wanted: Move, who: Who, today: Date) -> Option<(&'a Transition, &'a State)> {
    let package = &version.package;
    let setting = setting(version, dossier, today);
    let view = package.view(&dossier.answers, &setting);
    let step = package.find_move(wanted, &dossier.state, who, &view)?;
    Some((step, package.state(&step.to.text)?))
}

/// The first state of a phase.
pub fn state_of_phase(package: &Package, phase: Phase) -> Option<&State> {
    package.circuit.as_ref()?.states.iter().find(|state| state.phase == phase)
}

/// How a piece is called.
pub fn piece_label<'a>(package: &'a Package, code: &'a str) -> &'a str {
    package.piece(code).map_or(code, |piece| piece.label.as_str())
}

/// The last day to answer a request made today, when the agent gives none.
pub(crate) fn complement_end(tenant: &Tenant, package: &Package, today: Date) -> Date {
    let given = package.card.request.as_ref().map_or(Delai { count: 1, unit: DelaiUnit::Months }, |request| request.complement);
    given.after(today, crate::course::holidays(tenant))
}

/// The day of an instant, where the collectivité is.
pub fn day(tenant: &Tenant, at: Timestamp) -> Date {
    tenant.zone().to_datetime(at).date()
}

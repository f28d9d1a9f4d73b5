//! What every move of a dossier shares: who acts, the clocks as they stand, and the rows to keep.

use jiff::civil::Date;
use kernel::calendar::HolidayZone;
use kernel::{Result, Tenant, Tx};
use teleservices::package::{Package, Request as Legal};

use crate::delai::{Clocks, DelayRule, Seizure};
use crate::model::{Act, Dossier};
use crate::phase::{Phase, is_open};
use crate::piece::PieceRequest;
use crate::{judge_piece, rights, store};

/// Who acts in this unit, for the value that moves.
pub(crate) fn act(tx: &Tx, dossier: &Dossier) -> Act {
    Act { by: rights::actor_name(tx.actor(), dossier), at: tx.now(), zone: tx.zone().clone() }
}

/// The legal clock and the commitment of a deposited dossier; empty before the deposit.
pub fn clocks(tenant: &Tenant, package: &Package, dossier: &Dossier, requests: &[PieceRequest], today: Date) -> Clocks {
    let (Some(legal), Some(at)) = (&package.card.request, dossier.submitted_at) else { return Clocks::default() };
    let zone = tenant.zone();
    let received = zone.to_datetime(at).date();
    let asked: Vec<_> = requests.iter().map(|request| request.for_clock(&zone)).collect();
    Clocks::reckon(&rule(legal), Seizure::on(received), &asked, holidays(tenant), today)
}

/// The clocks of a demand deposited on that day: what the page before the deposit announces.
pub fn clocks_if_sent(tenant: &Tenant, package: &Package, on: Date) -> Clocks {
    let Some(legal) = &package.card.request else { return Clocks::default() };
    Clocks::reckon(&rule(legal), Seizure::on(on), &[], holidays(tenant), on)
}

/// Which days the tenant does not work.
pub fn holidays(tenant: &Tenant) -> HolidayZone {
    tenant.settings.holidays.parse().unwrap_or_default()
}

/// Keeps a dossier that moved: its nearest date, its row, its counter; once it waits for its author no more, its requests
/// end; at its own end, what was only there for a check is erased. While the author is waited for, the date of the inbox is
/// the one that holds if he answers on the last day.
pub(crate) async fn save(tx: &mut Tx, tenant: &Tenant, package: &Package, dossier: &mut Dossier, before: Option<String>) -> Result<Clocks> {
    let mut requests = store::piece::requests(tx, dossier.id).await?;
    let (today, now) = (tx.today(), tx.now());
    if dossier.phase != Phase::AttenteUsager && requests.iter().any(PieceRequest::is_open) {
        store::piece::close_requests(tx, dossier.id, now).await?;
        requests.iter_mut().filter(|request| request.is_open()).for_each(|request| request.closed_at = Some(now));
    }
    let waiting = requests.iter().filter(|request| request.is_open() && request.satisfied_at.is_none());
    let last_day = waiting.map(|request| request.reply_before).max();
    let sorted_by = clocks(tenant, package, dossier, &requests, last_day.map_or(today, |day| day.max(today)));
    dossier.due = is_open(dossier.phase).then(|| sorted_by.nearest()).flatten();
    dossier.legal_on = sorted_by.legal_on();
    store::dossier::save_course(tx, dossier).await?;
    if dossier.phase.is_ended() {
        judge_piece::erase_copies_for_a_check(tx, package, dossier.id).await?;
    }
    store::counter::shift(tx, before, store::counter::key_of(dossier)).await?;
    Ok(clocks(tenant, package, dossier, &requests, today))
}

/// Notes when what was asked for is there, or is there no more: the clock of the law follows what the service receives,
/// not the moment when the usager says that it is all (L114-5).
pub(crate) async fn settle_requests(tx: &mut Tx, tenant: &Tenant, package: &Package, dossier: &mut Dossier) -> Result<()> {
    let requests = store::piece::requests(tx, dossier.id).await?;
    if !requests.iter().any(PieceRequest::is_open) {
        return Ok(());
    }
    let pieces = store::piece::of_dossier(tx, dossier.id).await?;
    let is_there = |request: &PieceRequest| request.missing(&pieces).next().is_none();
    let changed = requests.iter().filter(|request| request.is_open() && is_there(request) != request.satisfied_at.is_some());
    let now = tx.now();
    let mut has_changed = false;
    for request in changed {
        store::piece::satisfy(tx, request.id, is_there(request).then_some(now)).await?;
        has_changed = true;
    }
    if has_changed {
        let before = store::counter::key_of(dossier);
        save(tx, tenant, package, dossier, before).await?;
    }
    Ok(())
}

fn rule(legal: &Legal) -> DelayRule {
    DelayRule { silence: legal.silence, delay: legal.delay, article: legal.article.clone(), commitment: legal.commitment }
}

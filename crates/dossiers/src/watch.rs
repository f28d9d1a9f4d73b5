//! The clocks of open dossiers, looked at every hour: what the circuit does by itself when silence has got its meaning,
//! or when the usager has not answered in time; and what came back whole though nobody said so.

use jiff::civil::Date;
use kernel::{DossierId, Result, Tenant, Tx};
use teleservices::package::Trigger;

use crate::answer_request::answer_request;
use crate::delai::Clocks;
use crate::filling::Filling;
use crate::piece::PieceRequest;
use crate::transition::{Given, Step, transition};
use crate::{course, store, version};

/// Dossiers looked at in one unit.
const BATCH: i64 = 50;

/// A place in the walk through late dossiers.
pub type Place = (Date, DossierId);

/// Late dossiers after a place, nearest date first.
pub async fn late(tx: &mut Tx, after: Option<Place>) -> Result<Vec<Place>> {
    let today = tx.today();
    store::list::overdue(tx, today, after, BATCH).await
}

/// Dossiers after one whose request for pieces has had no answer in time, or has had everything before today.
pub async fn unanswered(tx: &mut Tx, after: Option<DossierId>) -> Result<Vec<DossierId>> {
    let today = tx.today();
    store::list::unanswered(tx, today, after, BATCH).await
}

/// Does what the circuit wants of a dossier whose time is over, if it wants anything. Says whether something moved.
pub async fn look_at(tx: &mut Tx, tenant: &Tenant, id: DossierId) -> Result<bool> {
    let mut dossier = store::dossier::lock(tx, id).await?;
    let version = version::of(tx, dossier.version).await?;
    // A piece may have been refused since it was received.
    course::settle_requests(tx, tenant, &version.package, &mut dossier).await?;
    let requests = store::piece::requests(tx, id).await?;
    if is_whole(&requests, tx) {
        answer_request(tx, tenant, id).await?;
        return Ok(true);
    }
    let setting = version::setting(&version, &dossier, tx.today());
    let filling = Filling::new(&version.package, &setting, &dossier.answers);
    let clocks = course::clocks(tenant, &version.package, &dossier, &requests, tx.today());
    let over = over(&clocks, &requests, tx.today());
    let mut steps = over.into_iter().filter_map(|trigger| version.package.triggered(trigger, &dossier.state, &filling.view));
    let Some(taken) = steps.next() else { return Ok(false) };
    transition(tx, tenant, Step { id, transition: taken.id.clone(), given: Given::default(), seen: None }).await?;
    Ok(true)
}

/// Everything that was asked for was there before today: whoever sent it has left the page without saying so.
fn is_whole(requests: &[PieceRequest], tx: &Tx) -> bool {
    let today = tx.today();
    let mut open = requests.iter().filter(|request| request.is_open()).peekable();
    let before_today = |request: &PieceRequest| request.satisfied_at.is_some_and(|at| tx.zone().to_datetime(at).date() < today);
    open.peek().is_some() && open.all(before_today)
}

/// What is over: the time given to the usager, the silence of the service; the circuit may know one and not the other.
/// A legal day ends when it ends.
fn over(clocks: &Clocks, requests: &[PieceRequest], today: Date) -> Vec<Trigger> {
    let is_unanswered = |request: &PieceRequest| request.is_open() && request.satisfied_at.is_none() && request.reply_before < today;
    let unanswered = requests.iter().any(is_unanswered).then_some(Trigger::ComplementEchu);
    let is_silent = clocks.legal.as_ref().and_then(|legal| legal.due).is_some_and(|due| due < today);
    unanswered.into_iter().chain(is_silent.then_some(Trigger::Silence)).collect()
}

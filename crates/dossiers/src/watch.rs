//! The clocks of open dossiers, looked at every hour: what the circuit does by itself when silence has got its meaning,
//! or when the usager has not answered in time.

use jiff::civil::Date;
use kernel::{DossierId, Result, Tenant, Tx};
use teleservices::package::Trigger;

use crate::filling::Filling;
use crate::model::Dossier;
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

/// Dossiers whose request for pieces has had no answer in time.
pub async fn unanswered(tx: &mut Tx) -> Result<Vec<DossierId>> {
    let today = tx.today();
    store::list::unanswered(tx, today, 10 * BATCH).await
}

/// Does what the circuit wants of a dossier whose time is over, if it wants anything. Says whether something moved.
pub async fn look_at(tx: &mut Tx, tenant: &Tenant, id: DossierId) -> Result<bool> {
    let dossier = store::dossier::lock(tx, id).await?;
    let Some(trigger) = over(tx, tenant, &dossier).await? else { return Ok(false) };
    let version = version::of(tx, dossier.version).await?;
    let setting = version::setting(&version, &dossier, tx.today());
    let filling = Filling::new(&version.package, &setting, &dossier.answers);
    let clocks = course::clocks(tenant, &version.package, &dossier, &requests, tx.today());
    let over = over(&clocks, &requests, tx.today());
    let mut steps = over.into_iter().filter_map(|trigger| version.package.triggered(trigger, &dossier.state, &filling.view));
    let Some(taken) = steps.next() else { return Ok(false) };
    transition(tx, tenant, Step { id, transition: taken.id.clone(), given: Given::default(), seen: None }).await?;
    Ok(true)
}

/// What is over: the silence of the service, or the time given to the usager. A legal day ends when it ends.
async fn over(tx: &mut Tx, tenant: &Tenant, dossier: &Dossier) -> Result<Option<Trigger>> {
    let today = tx.today();
    let requests = store::piece::requests(tx, dossier.id).await?;
    if requests.iter().any(|request| request.is_open() && request.reply_before < today) {
        return Ok(Some(Trigger::ComplementEchu));
    }
    let version = version::of(tx, dossier.version).await?;
    let clocks = course::clocks(tenant, &version.package, dossier, &requests, today);
    let is_silent = clocks.legal.and_then(|legal| legal.due).is_some_and(|due| due < today);
    Ok(is_silent.then_some(Trigger::Silence))
}

//! The applications for which something waits, for those whose dossiers depend on them: how much, since when, whether
//! somebody must act. How each is mended is on the pages of exchanges.

use kernel::{Result, Tx};

use crate::{
    model::{Application, DeliveryState},
    store,
};

/// An application for which something waits.
#[derive(Debug, Clone)]
pub struct Stuck {
    /// Which.
    pub application: Application,
    /// Sendings that will leave by themselves, or once it is resumed.
    pub waiting: i64,
    /// Sendings that somebody must look at.
    pub set_aside: i64,
}

/// The applications that fail, are paused with something waiting, or have something set aside; by name.
pub async fn stuck(tx: &mut Tx) -> Result<Vec<Stuck>> {
    let counts = store::counts(tx).await?;
    if counts.is_empty() {
        return Ok(vec![]);
    }
    let of = |application: &Application, state: DeliveryState| {
        counts.iter().filter(|(id, of, _)| *id == application.id && *of == state).map(|(_, _, n)| n).sum::<i64>()
    };
    let all = store::applications(tx).await?.into_iter().map(|application| {
        let paused = of(&application, DeliveryState::Paused);
        let waiting = of(&application, DeliveryState::Waiting) + paused;
        let set_aside = of(&application, DeliveryState::SetAside);
        (paused, Stuck { application, waiting, set_aside })
    });
    let is_stuck = |(paused, stuck): &(i64, Stuck)| stuck.set_aside > 0 || *paused > 0 || stuck.application.failures > 0 && stuck.waiting > 0;
    Ok(all.filter(is_stuck).map(|(_, stuck)| stuck).collect())
}

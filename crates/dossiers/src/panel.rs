//! The dossiers of a person, on his page for agents: those of the teams whose dossiers the agent may read.

use std::{future::Future, pin::Pin};

use kernel::{Actor, Result, Tx, UsagerId, t, templates::french};
use referentiel::{Panel, PanelAct, PanelLine, UsagerPanel};

use crate::{model::Dossier, phase, rights, store, version};

/// Dossiers shown.
const SHOWN: i64 = 20;

/// The part "Dossiers" of a person's page.
pub struct DossiersPanel;

impl UsagerPanel for DossiersPanel {
    fn panel<'a>(&'a self, tx: &'a mut Tx, ids: &'a [UsagerId]) -> Pin<Box<dyn Future<Output = Result<Option<Panel>>> + Send + 'a>> {
        Box::pin(panel(tx, ids))
    }
}

async fn panel(tx: &mut Tx, ids: &[UsagerId]) -> Result<Option<Panel>> {
    if !tx.actor().may(rights::READ, None) {
        return Ok(None);
    }
    let mut lines = vec![];
    for dossier in store::list::of_usagers(tx, ids, None, SHOWN).await? {
        if dossier.submitted_at.is_some() && may_read(tx.actor(), &dossier) {
            lines.push(line(tx, &dossier).await?);
        }
    }
    Ok(Some(Panel { title: t!("Dossiers"), empty: t!("Aucun dossier de vos services."), lines, more: None, act: enter(tx.actor(), ids) }))
}

/// Entering a demand for this person, by the identifier that he has now.
fn enter(actor: &Actor, ids: &[UsagerId]) -> Option<PanelAct> {
    let usager = ids.first().filter(|_| actor.may(rights::ENTER, None))?;
    Some(PanelAct { label: t!("Saisir une demande pour cette personne"), href: format!("/agent/saisie/demande?personne={usager}") })
}

fn may_read(actor: &Actor, dossier: &Dossier) -> bool {
    actor.may(rights::READ, dossier.unit)
}

async fn line(tx: &mut Tx, dossier: &Dossier) -> Result<PanelLine> {
    let version = version::of(tx, dossier.version).await?;
    let zone = tx.zone().clone();
    let sent = dossier.submitted_at.map(|at| french::date(at.to_zoned(zone).date())).unwrap_or_default();
    let state = version.package.state(&dossier.state).map(|state| version.package.state_name(state, &dossier.details));
    Ok(PanelLine {
        icon: "file",
        label: version.package.card.title.clone(),
        sub: t!("{number}, envoyé le {day}", number = dossier.number_text(), day = sent),
        href: format!("/agent/dossiers/{}", dossier.id),
        note: state.unwrap_or_else(|| phase::label(dossier.phase).to_owned()),
    })
}

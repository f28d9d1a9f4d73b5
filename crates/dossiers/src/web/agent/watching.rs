//! What left for other applications about a dossier, and whether it arrived; the flows that are stuck, for the home of the
//! day. `echanges` keeps it and mends it; this file only says it in words.

use echanges::{Delivery, DeliveryState, Stuck};
use kernel::web::AgentCx;
use kernel::{Result, Tenant};
use serde::Serialize;

use super::opened::Opened;
use super::shared::moment;

/// What one application was told, in words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DeliveryView {
    pub application: String,
    pub say: String,
    pub tone: &'static str,
}

/// A flow that is stuck, in words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AlertView {
    pub what: String,
    pub say: String,
    /// Where it is watched, for whoever may go there.
    pub href: Option<String>,
}

/// What left about a dossier, or is to leave.
pub(crate) async fn of_dossier(cx: &AgentCx, opened: &Opened) -> Result<Vec<DeliveryView>> {
    let id = opened.dossier().id;
    let sent = cx.read(async |tx| echanges::of_dossier(tx, id).await).await?;
    let view = |sent: echanges::Sent| {
        let (say, tone) = words(&sent.delivery, &cx.tenant);
        DeliveryView { application: sent.application, say, tone }
    };
    Ok(sent.into_iter().map(view).collect())
}

fn words(delivery: &Delivery, tenant: &Tenant) -> (String, &'static str) {
    match delivery.state {
        DeliveryState::Delivered => {
            let when = delivery.delivered_at.map(|at| format!(" le {}", moment(at, tenant))).unwrap_or_default();
            (format!("Remis{when}"), "good")
        }
        DeliveryState::Waiting if delivery.attempts == 0 => ("En cours d’envoi".into(), ""),
        DeliveryState::Waiting => {
            (format!("L’application ne répond pas. Rien n’est perdu : prochain essai le {}", moment(delivery.next_at, tenant)), "warn")
        }
        DeliveryState::Paused => ("Attend que l’application soit réglée ou reprise. Rien n’est perdu".into(), "warn"),
        DeliveryState::SetAside => ("Mis de côté : prévenez votre administrateur".into(), "bad"),
        DeliveryState::GivenUp => ("Annulé : rien n’a été envoyé".into(), ""),
    }
}

/// The flows that are stuck.
pub(crate) async fn alerts(cx: &AgentCx) -> Result<Vec<AlertView>> {
    let stuck = cx.read(async |tx| echanges::stuck(tx).await).await?;
    let href = cx.actor().may(echanges::MANAGE, None).then(|| "/admin/echanges".to_owned());
    let view = |stuck: &Stuck| AlertView { what: stuck.application.name.clone(), say: alert(stuck, &cx.tenant), href: href.clone() };
    Ok(stuck.iter().map(view).collect())
}

fn alert(stuck: &Stuck, tenant: &Tenant) -> String {
    let since = stuck.application.down_since.map(|at| format!(" depuis le {}", moment(at, tenant))).unwrap_or_default();
    let mut said = Vec::new();
    match stuck.waiting {
        0 => {}
        1 => said.push(format!("Un envoi attend{since}. Rien n’est perdu : il repartira seul.")),
        n => said.push(format!("{n} envois attendent{since}. Rien n’est perdu : ils repartiront seuls.")),
    }
    match stuck.set_aside {
        0 => {}
        1 => said.push("Un envoi est mis de côté : prévenez votre administrateur.".into()),
        n => said.push(format!("{n} envois sont mis de côté : prévenez votre administrateur.")),
    }
    said.join(" ")
}

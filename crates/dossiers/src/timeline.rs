//! What happened to a dossier, in the plain words of the usager, from the journal. Codes of the journal become words of
//! the package; agents are not named (L111-2 names only the one in charge, elsewhere).

use jiff::Timestamp;
use kernel::journal::{self, Recorded};
use kernel::{Result, Subject, Tx};
use teleservices::package::Package;

use crate::model::Dossier;
use crate::version;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// In words.
    pub title: String,
    /// When.
    pub at: Timestamp,
}

/// What happened, oldest first.
pub async fn timeline(tx: &mut Tx, package: &Package, dossier: &Dossier) -> Result<Vec<Happened>> {
    let history = journal::history(tx, Subject::Dossier(dossier.id), 200, None).await?;
    let told = |event: &Recorded| Some(Happened { title: title(package, dossier, event)?, at: event.at });
    Ok(history.iter().rev().filter_map(told).collect())
}

fn title(package: &Package, dossier: &Dossier, event: &Recorded) -> Option<String> {
    let text = |name: &str| event.payload.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let state = || Some(package.state_name(package.state(text("to"))?, &dossier.details));
    match event.kind.as_str() {
        "DossierSubmitted" => Some(format!("Demande reçue {}", dossier.channel.label())),
        "DossierMoved" | "DossierDecided" => state(),
        "DossierWithdrawn" => Some("Vous avez retiré votre demande".into()),
        "PieceAsked" => Some("Un document vous est demandé".into()),
        "RequestAnswered" => Some("Vous avez envoyé ce qui était demandé".into()),
        "PieceJudged" if text("verdict") == "acceptee" => Some(format!("Document vérifié : {}", version::piece_label(package, text("code")))),
        "CourrierSent" => Some("Un courrier vous est envoyé".into()),
        _ => None,
    }
}

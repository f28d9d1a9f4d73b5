//! A request for pieces in words: what is asked, by which text, what it does to the clock, what if nothing comes. The same
//! on the mail, on the letter of whoever gets no mail, and before it is sent. Asking itself is [`crate::ask_piece`]'s.

use documents::{Block, Inline, Letter};
use jiff::civil::Date;
use kernel::{Result, Tenant, Tx};

use crate::accuse::Service;
use crate::delai::Delai;
use crate::letters::About;
use crate::model::Dossier;
use crate::piece::PieceRequest;
use crate::post::COMPLEMENT;
use crate::words::{long_date, lower_first};
use crate::{course, service, store, version};

/// The title of the letter that asks.
pub(crate) const TITLE: &str = "Demande de complément";
/// How the mail and the letter begin.
pub(crate) const OPENING: &str = "Le service a besoin d’un complément pour continuer à examiner votre demande.";

/// The subject of the mail that asks, as it is sent and as it is shown before.
pub(crate) fn subject(last_day: Date) -> String {
    format!("Un document à envoyer jusqu’au {} inclus", long_date(last_day))
}

/// A request that waits for its answer, with what the law wants said of it (L114-5, R112-11-1).
pub(crate) struct Asked {
    pub request: PieceRequest,
    /// The pieces, by their names.
    pub labels: Vec<String>,
    /// The texts that require what is asked.
    texts: Vec<String>,
    /// The legal clock, if the answer comes on the last day.
    at_worst: Option<Delai>,
    pub service: Service,
}

impl Asked {
    /// The last request still open.
    pub async fn load(tx: &mut Tx, tenant: &Tenant, dossier: &Dossier) -> Result<Option<Self>> {
        let requests = store::piece::requests(tx, dossier.id).await?;
        let Some(request) = requests.iter().rev().find(|request| request.is_open()).cloned() else { return Ok(None) };
        let version = version::of(tx, dossier.version).await?;
        let package = &version.package;
        let pieces = request.codes.iter().filter_map(|code| package.piece(code));
        let mut texts: Vec<String> = pieces.map(|piece| piece.legal_text.clone()).filter(|text| !text.is_empty()).collect();
        texts.dedup();
        Ok(Some(Self {
            labels: request.codes.iter().map(|code| version::piece_label(package, code).to_owned()).collect(),
            texts,
            at_worst: course::clocks(tenant, package, dossier, &requests, request.reply_before).legal,
            service: service::of(tx, tenant, dossier.unit).await?,
            request,
        }))
    }

    /// The same on paper; none when it was drawn already.
    pub async fn letter(&self, tx: &mut Tx, tenant: &Tenant, dossier: &Dossier) -> Result<Option<Letter>> {
        let known = store::thread::courriers(tx, dossier.id).await?;
        if known.iter().any(|courrier| courrier.model == COMPLEMENT && courrier.produced_at >= self.request.asked_at) {
            return Ok(None);
        }
        let version = version::of(tx, dossier.version).await?;
        let mut about = About::load(tx, tenant, &version, dossier).await?;
        about.author = (self.request.asked_by.clone(), String::new());
        let mut blocks = vec![
            Block::Paragraph(vec![Inline::text(OPENING)]),
            Block::Facts(vec![("À envoyer".into(), self.labels.join(", ")), ("Au plus tard le".into(), long_date(self.request.reply_before))]),
        ];
        let said = self.request.reason.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).chain(self.consequences());
        blocks.extend(said.map(|text| Block::Paragraph(vec![Inline::text(text)])));
        Ok(Some(about.signed(TITLE, blocks)))
    }

    /// The text that asks, what the clock does, what if nothing comes, and how to answer otherwise.
    pub fn consequences(&self) -> Vec<String> {
        let last_day = long_date(self.request.reply_before);
        let mut said = Vec::new();
        if !self.texts.is_empty() {
            said.push(format!("Texte qui le demande : {}.", self.texts.join(" ; ")));
        }
        if let Some(delai) = self.at_worst.as_ref().filter(|_| self.request.required) {
            said.push(format!(
                "Le délai de réponse est suspendu jusqu’à ce que nous recevions votre envoi, et au plus tard jusqu’au {last_day} (CRPA, article L114-5)."
            ));
            let end = delai.meaning(self.request.reply_before);
            said.extend(end.map(|end| format!("Si nous le recevons ce jour-là : {}.", lower_first(&end))));
            said.push(
                "Sans votre envoi à cette date, nous devrons répondre avec ce que nous avons ; une pièce indispensable qui manque conduit au refus."
                    .into(),
            );
        }
        said.extend(
            self.service
                .phone
                .as_ref()
                .map(|phone| format!("Autrement qu’en ligne : apportez le document à l’accueil, envoyez-le par courrier ou appelez le {phone}.")),
        );
        said
    }
}

//! The letters of a dossier: its acknowledgement, and those of its package with the merge fields put in place. Values in,
//! a [`Letter`] out: jobs draw and keep it, pages show it before it is sent.

use documents::{Block, Letter, Sender, Signature};
use kernel::{DossierId, Error, Result, Tenant, Tx};
use teleservices::Version;
use teleservices::engine::merge::{Agent, Around, Demandeur, Merge, PieceWords, Rendered, Service as ServiceWords, SilenceWords};
use teleservices::package::{Motif, Package, Setting};

use crate::accuse::{Accuse, Service, SilenceMention};
use crate::delai::Clocks;
use crate::filling::{Contact, Filling};
use crate::model::{Answers, Dossier};
use crate::piece::{Piece, Verdict};
use crate::rights::{self, READ};
use crate::transition::Given;
use crate::words::{long_date, long_moment};
use crate::{course, decide, service, store, version};

/// All that a letter may say of a dossier.
pub(crate) struct About<'a> {
    pub tenant: &'a Tenant,
    pub package: &'a Package,
    pub setting: Setting,
    pub dossier: &'a Dossier,
    pub service: Service,
    pub clocks: Clocks,
    pub pieces: Vec<Piece>,
    /// Who writes: name and role.
    pub author: (String, String),
    pub today: jiff::civil::Date,
}

impl<'a> About<'a> {
    /// Loads what surrounds a dossier.
    pub async fn load(tx: &mut Tx, tenant: &'a Tenant, version: &'a Version, dossier: &'a Dossier) -> Result<Self> {
        let requests = store::piece::requests(tx, dossier.id).await?;
        let author = match &dossier.decision {
            Some(decision) => (decision.signer.clone(), decision.role.clone()),
            None => (rights::actor_name(tx.actor(), dossier), decide::role(tx).await?),
        };
        Ok(Self {
            service: service::of(tx, tenant, dossier.unit).await?,
            clocks: course::clocks(tenant, &version.package, dossier, &requests, tx.today()),
            pieces: store::piece::of_dossier(tx, dossier.id).await?,
            author,
            today: tx.today(),
            setting: version::setting(version, dossier, tx.today()),
            package: &version.package,
            tenant,
            dossier,
        })
    }

    fn contact(&self) -> Contact {
        let mut contact = Filling::new(self.package, &self.setting, &self.dossier.answers).contact();
        contact.name = contact.name.or_else(|| Some(self.dossier.contact_name.clone())).filter(|name| !name.is_empty());
        contact.mail = self.dossier.contact_mail.clone().or(contact.mail);
        contact
    }

    /// A letter or a mail of the package, its merge fields in place.
    pub fn rendered(&self, id: &str, fields: &Answers, motif: Option<&Motif>) -> Result<Rendered> {
        let around = self.around();
        let merge = Merge { answers: &self.dossier.answers, fields, motif, around: &around };
        self.package.courrier(id, &merge, &self.setting).ok_or(Error::NotFound)?
    }

    /// The same, laid out as a letter.
    pub fn letter(&self, rendered: &Rendered) -> Letter {
        self.signed(&rendered.subject, Letter::markdown(&rendered.markdown))
    }

    /// A letter of the service, signed by its author.
    pub fn signed(&self, title: &str, blocks: Vec<Block>) -> Letter {
        let mut letter = self.empty(title);
        letter.blocks = blocks;
        let (name, role) = self.author.clone();
        letter.signature = Some(Signature { name, role, service: self.service.name.clone() });
        letter
    }

    /// The acknowledgement of the deposit.
    pub fn accuse(&self, privacy: Vec<String>) -> Result<Accuse> {
        let at = self.dossier.submitted_at.ok_or(Error::NotFound)?;
        let zone = self.tenant.zone();
        // As it stood on the day of reception, whatever was asked since.
        let clocks = course::clocks(self.tenant, self.package, self.dossier, &[], zone.to_datetime(at).date());
        let remedies = self.package.card.request.as_ref().and_then(|request| request.remedies_of_silence());
        Ok(Accuse {
            number: self.dossier.number_text(),
            demarche: self.package.card.title.clone(),
            received: long_moment(at, &zone),
            channel: self.dossier.channel.label().to_owned(),
            service: self.service.clone(),
            silence: SilenceMention::of(&clocks, remedies),
            commitment: clocks.engagement.and_then(|delai| delai.due),
            follow_url: self.tenant.url("/suivi"),
            privacy,
        })
    }

    /// The acknowledgement, laid out; it has no signature (L212-2).
    pub fn accuse_letter(&self, accuse: &Accuse) -> Letter {
        let mut letter = self.empty("Accusé de réception de votre demande");
        letter.blocks = accuse.blocks();
        letter
    }

    fn empty(&self, title: &str) -> Letter {
        let mut letter = Letter::new(title, self.today);
        let desk = &self.tenant.settings;
        let lines = [Some(self.service.name.clone()), self.service.postal.clone(), self.service.phone.clone(), self.service.mail.clone()];
        letter.sender = Sender {
            name: self.tenant.name.clone(),
            lines: lines.into_iter().flatten().filter(|line| *line != self.tenant.name).collect(),
            logo_svg: None,
            brand: desk.brand.clone(),
        };
        let contact = self.contact();
        letter.recipient = contact.name.into_iter().chain(contact.address).collect();
        letter.reference = vec![("Demande".into(), self.dossier.number_text())];
        letter.place_date = format!("{}, le {}", self.tenant.name, long_date(self.today));
        letter.footer = vec![format!("{} · {}", self.tenant.name, self.tenant.base_url)];
        letter
    }

    fn around(&self) -> Around {
        let zone = self.tenant.zone();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let contact = self.contact();
        let silence = self.clocks.legal.as_ref().and_then(|legal| legal.silence.zip(legal.due));
        let (nom, fonction) = self.author.clone();
        let refused = self.pieces.iter().filter(|piece| piece.verdict == Verdict::Refusee);
        Around {
            numero: self.dossier.number_text(),
            depose_le: self.dossier.submitted_at.map(|at| long_date(zone.to_datetime(at).date())).unwrap_or_default(),
            aujourdhui: long_date(self.today),
            canal: self.dossier.channel.label().to_owned(),
            lien: self.tenant.url(&format!("/dossiers/{}", self.dossier.id)),
            demandeur: Demandeur { nom: text(&contact.name), courriel: text(&contact.mail), adresse: contact.address.join(", ") },
            agent: Agent { nom, fonction },
            service: ServiceWords {
                nom: self.service.name.clone(),
                telephone: text(&self.service.phone),
                courriel: text(&self.service.mail),
                adresse: text(&self.service.postal),
            },
            silence: silence.map_or_else(SilenceWords::default, |(silence, due)| SilenceWords {
                effet: silence.words().unwrap_or_default().1.to_owned(),
                date: long_date(due),
            }),
            pieces: refused
                .map(|piece| PieceWords {
                    libelle: version::piece_label(self.package, &piece.code).to_owned(),
                    texte: piece.verdict_motif.clone().unwrap_or_default(),
                    date: String::new(),
                })
                .collect(),
        }
    }
}

/// The letter a transition would send, as it would be sent now; nothing is written. `None` when it sends none.
pub async fn preview(tx: &mut Tx, tenant: &Tenant, id: DossierId, transition: &str, given: &Given) -> Result<Option<Letter>> {
    let dossier = store::dossier::load(tx, id).await?;
    rights::allow(tx, READ, &dossier)?;
    let version = version::of(tx, dossier.version).await?;
    let taken = version.package.transition(transition).ok_or(Error::NotFound)?;
    let Some(courrier) = &taken.courrier else { return Ok(None) };
    let motif = given.motif.as_deref().and_then(|id| version.package.motif(id));
    let mut fields = dossier.details.clone();
    fields.extend(given.fields.clone());
    let mut about = About::load(tx, tenant, &version, &dossier).await?;
    if dossier.decision.is_none() {
        about.author = decide::signature(tx, &dossier, given.signer.clone()).await?;
    }
    let rendered = about.rendered(&courrier.text, &fields, motif)?;
    Ok(Some(about.letter(&rendered)))
}

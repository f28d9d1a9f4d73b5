//! A dossier opened by an agent: everything about it, read at once, the agents' names, and who else has it open. The
//! reading is a line of the journal; the same agent coming back within minutes adds none. A draft is its author's.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::journal::{self, Recorded};
use kernel::web::AgentCx;
use kernel::{AgentId, DossierId, Error, Result, Right, Subject};
use serde::Serialize;
use teleservices::package::{Package, Setting};

use super::inbox::shown_name;
use super::shared::{TagView, state};
use super::staff::{Staff, staff};
use crate::filling::Filling;
use crate::model::Dossier;
use crate::post::mail_address;
use crate::read::{self, Whole};
use crate::thread::Author;
use crate::transition::open_steps;
use crate::version;
use crate::write_message::mark_read;

/// Reading again within that time is the same reading.
const SAME_READING: SignedDuration = SignedDuration::from_mins(10);

/// Somebody who read it within that time is taken to have it open.
const OPEN: SignedDuration = SignedDuration::from_mins(15);

/// A dossier and what surrounds it.
pub(crate) struct Opened {
    pub whole: Whole,
    pub staff: Arc<Staff>,
    pub setting: Setting,
    pub today: Date,
    pub now: Timestamp,
    /// The journal of the dossier, newest first.
    pub history: Vec<Recorded>,
    /// The steps of the circuit that the agent may take now.
    pub steps: Vec<String>,
    /// Where mails to the person go; none when what is written to him goes by post.
    pub mail: Option<String>,
}

/// What the other pages of a dossier say of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HeadView {
    pub href: String,
    pub name: String,
    pub number: String,
    pub title: String,
    pub state: TagView,
}

impl HeadView {
    /// An example.
    pub fn sample() -> Self {
        Self {
            href: "/agent/dossiers/dos_1".into(),
            name: "Nguyen Thi Lan".into(),
            number: "VSA-2026-004011".into(),
            title: "Aide à l’achat d’un vélo".into(),
            state: TagView { text: "En instruction".into(), tone: "", fill: "half" },
        }
    }
}

impl Opened {
    /// Reads it, for an agent who may.
    pub async fn of(cx: &AgentCx, id: &str) -> Result<Self> {
        let (tenant, id): (_, DossierId) = (cx.tenant.clone(), id.parse().map_err(|_| Error::NotFound)?);
        let staff = staff(cx).await?;
        cx.read(async |tx| {
            let whole = read::whole(tx, &tenant, id).await?;
            if whole.dossier.is_draft() {
                return Err(Error::NotFound);
            }
            let setting = version::setting(&whole.version, &whole.dossier, tx.today());
            let filling = Filling::new(&whole.version.package, &setting, &whole.dossier.answers);
            let steps = open_steps(tx, &whole.version.package, &whole.dossier, &filling);
            let steps = steps.into_iter().map(|step| step.id.clone()).collect();
            let history = journal::history(tx, Subject::Dossier(id), 200, None).await?;
            let mail = mail_address(tx, &whole.dossier).await?;
            Ok(Self { mail, staff, steps, history, today: tx.today(), now: tx.now(), setting, whole })
        })
        .await
    }

    pub fn dossier(&self) -> &Dossier {
        &self.whole.dossier
    }

    pub fn package(&self) -> &Package {
        &self.whole.version.package
    }

    /// The package applied to the answers.
    pub fn filling(&self) -> Filling<'_> {
        Filling::new(self.package(), &self.setting, &self.dossier().answers)
    }

    /// Where its page is.
    pub fn path(&self) -> String {
        format!("/agent/dossiers/{}", self.dossier().id)
    }

    pub fn head(&self) -> HeadView {
        HeadView {
            href: self.path(),
            name: shown_name(self.dossier()),
            number: self.dossier().number_text(),
            title: self.package().card.title.clone(),
            state: state(Some(self.package()), self.dossier()),
        }
    }

    /// Does the agent hold that right for the team of the dossier?
    pub fn may(&self, cx: &AgentCx, right: Right) -> bool {
        cx.actor().may(right, self.dossier().unit)
    }

    /// Keeps the reading in the journal, and that the messages of the person were read.
    pub async fn note(&self, cx: &AgentCx, part: &str) -> Result<()> {
        let is_mine = |event: &&Recorded| event.kind == "DossierRead" && event.actor == cx.actor().label() && part_of(event) == part;
        let last = self.history.iter().find(is_mine).map(|event| event.at);
        let is_known = last.is_some_and(|at| self.now.duration_since(at) < SAME_READING);
        let has_unread = part == "dossier"
            && self.may(cx, crate::rights::INSTRUCT)
            && self.whole.messages.iter().any(|message| message.author == Author::Usager && message.read_at.is_none());
        if is_known && !has_unread {
            return Ok(());
        }
        let id = self.dossier().id;
        cx.write(async |tx| {
            if !is_known {
                read::note_reading(tx, id, part).await?;
            }
            if has_unread {
                mark_read(tx, id, Author::Service).await?;
            }
            Ok(())
        })
        .await
    }

    /// The other agents who have it open, and since when.
    pub fn others(&self, me: AgentId) -> Vec<(&str, Timestamp)> {
        let mut others: Vec<(&str, Timestamp)> = Vec::new();
        let recent = self.history.iter().filter(|event| event.kind == "DossierRead" && self.now.duration_since(event.at) < OPEN);
        for event in recent {
            let Some(name) = event.actor.parse().ok().filter(|agent| *agent != me).and_then(|agent| self.staff.name(agent)) else { continue };
            match others.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = event.at,
                None => others.push((name, event.at)),
            }
        }
        others
    }
}

fn part_of(event: &Recorded) -> &str {
    event.payload.get("part").and_then(|part| part.as_str()).unwrap_or_default()
}

//! Begins a draft: for a visitor, for somebody signed in, or for somebody an agent has in front of her.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::calendar::HolidayZone;
use kernel::crypto::Keys;
use kernel::files::FileKey;
use kernel::{Actor, DossierId, Result, Tx, UsagerId};
use referentiel::Level;
use teleservices::Version;
use teleservices::package::{Delai, DelaiUnit, Package, Setting};

use crate::channel::Channel;
use crate::events::DossierStarted;
use crate::model::{Answers, Dossier, Origin};
use crate::phase::Phase;
use crate::rights::ENTER;
use crate::save_page::Texts;
use crate::words::upper_first;
use crate::{certified, store, version};

/// Who begins what, by which door.
pub struct Start<'a> {
    /// The version on line of the téléservice.
    pub version: &'a Version,
    /// By which door.
    pub channel: Channel,
    /// The person, when an agent types for somebody already known.
    pub usager: Option<UsagerId>,
    /// The hash of the key of the visitor's session.
    pub key_hash: Option<String>,
    /// Controls filled before: what was answered to know whether one may ask. Only what is a question of the form is kept.
    pub given: Texts,
}

/// Begins a draft, and opens it to the session of its author.
pub async fn start(tx: &mut Tx, keys: &Keys, input: Start<'_>) -> Result<Dossier> {
    let package = &input.version.package;
    let unit = comptes::org_unit_by_slug(tx, &package.card.org_unit.text).await?.map(|unit| unit.id);
    if input.channel.is_entered_by_agent() {
        match unit {
            Some(unit) => tx.allow(ENTER, unit)?,
            None => tx.allow_any(ENTER)?,
        }
    }
    let mut dossier = draft(tx, keys, &input);
    dossier.unit = unit;
    if let Some(usager) = dossier.usager {
        prefill(tx, package, usager, &mut dossier).await?;
    }
    answer_given(package, &version::setting(input.version, &dossier, tx.today()), &input.given, &mut dossier);
    store::dossier::insert(tx, &dossier).await?;
    if let (Some(hash), Some(until)) = (&input.key_hash, dossier.expires_at) {
        store::access::grant(tx, hash, dossier.id, "session", until).await?;
    }
    tx.emit(&DossierStarted { dossier: dossier.id, teleservice: dossier.slug.clone(), version: dossier.version, channel: dossier.channel.code() })
        .await?;
    Ok(dossier)
}

fn draft(tx: &mut Tx, keys: &Keys, input: &Start<'_>) -> Dossier {
    let now = tx.now();
    let (compte, own_usager, entered_by) = match tx.actor() {
        Actor::Usager { compte, usager, .. } => (Some(*compte), Some(*usager), None),
        Actor::Agent(agent) => (None, None, Some(agent.id)),
        _ => (None, None, None),
    };
    let package = &input.version.package;
    Dossier {
        id: tx.new_id::<DossierId>(),
        number: None,
        slug: package.card.slug.clone(),
        version: input.version.id,
        phase: Phase::Brouillon,
        state: String::new(),
        channel: input.channel,
        usager: input.usager.or(own_usager),
        compte,
        unit: None,
        agent: None,
        entered_by,
        answers: Answers::new(),
        origins: BTreeMap::new(),
        withheld: Vec::new(),
        contact_name: String::new(),
        contact_mail: None,
        file_key: FileKey::new(tx).sealed(keys),
        external: None,
        due: None,
        legal_on: None,
        created_at: now,
        saved_at: now,
        submitted_at: None,
        ended_at: None,
        expires_at: Some(draft_end(package, now, tx.zone())),
        details: Answers::new(),
        decision: None,
        moved: None,
    }
}

/// Proposes what the registry knows of the person, where the package says so and nothing else was answered; each value
/// keeps where it comes from, and whoever fills may change or empty it.
pub(crate) async fn prefill(tx: &mut Tx, package: &Package, usager: UsagerId, dossier: &mut Dossier) -> Result<()> {
    if package.card.prefills.is_empty() {
        return Ok(());
    }
    let record = referentiel::record(tx, usager).await?;
    for prefill in &package.card.prefills {
        let Some(question) = package.question(&prefill.question.text) else { continue };
        let Some(known) = record.get(&prefill.attribute) else { continue };
        let rule = question.rule.clone().on_day(tx.today());
        let Ok(value) = question.kind.normalize(&known.fact.value, &rule) else { continue };
        let origin = Origin {
            label: format!("{} : {}", upper_first(known.fact.level.label()), known.fact.source_label),
            on: Some(tx.zone().to_datetime(known.fact.recorded_at).date()),
            verified: known.fact.level >= Level::Confirmed,
            value: None,
        };
        if dossier.answers.get(&question.id).is_some_and(|answer| !answer.is_null() && *answer != value) {
            continue;
        }
        dossier.answers.insert(question.id.clone(), value);
        dossier.origins.insert(question.id.clone(), origin);
    }
    certified::note(&record, dossier, tx.today());
    Ok(())
}

/// Keeps the answers that the form would ask again, each as its question reads it; those it refuses are asked there.
fn answer_given(package: &Package, setting: &Setting, given: &Texts, dossier: &mut Dossier) {
    let of = |name: &str| given.get(name).map(|texts| texts.iter().map(String::as_str).collect()).unwrap_or_default();
    for (question, value) in package.read_given(&of, &dossier.answers, setting) {
        dossier.origins.remove(&question);
        dossier.answers.insert(question, value);
    }
}

/// When an unsent draft goes: what the package says, sixty days otherwise; told on every page of the form.
pub(crate) fn draft_end(package: &Package, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let kept = package.card.data.as_ref().map_or(Delai { count: 60, unit: DelaiUnit::Days }, |data| data.draft_retention);
    let now = zone.to_datetime(now);
    // Which days are worked is the tenant's to say, and what a draft has to be kept is no working matter.
    let last = kept.after(now.date(), HolidayZone::default());
    zone.to_timestamp(last.to_datetime(now.time())).unwrap_or(Timestamp::MAX)
}

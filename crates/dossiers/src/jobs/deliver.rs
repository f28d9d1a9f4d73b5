//! What goes to the usager: the acknowledgement, links, requests, notices, letters, decisions.

use kernel::files::FileKey;
use kernel::jobs::{JobCx, JobResult, Outcome};
use kernel::mail::Attachment;
use kernel::mail_page::{Action, MailPage};
use kernel::{CourrierId, Result, Tenant, Tx};
use serde_json::Value as Json;

use super::{dossier_of, draw, tenant, text};
use crate::asked::{self, Asked};
use crate::events::{AccuseSent, CourrierSent};
use crate::letters::About;
use crate::links::mint;
use crate::model::Dossier;
use crate::post::{COMPLEMENT, mail_address};
use crate::privacy::Privacy;
use crate::thread::{ACCUSE, Author, Courrier};
use crate::words::long_moment;
use crate::{store, version};

/// The acknowledgement: drawn and kept, then mailed to whoever gave an address.
pub(super) async fn send_accuse_reception(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let (dossier, known, letter, accuse, mail) = cx
        .read(async |tx| {
            let dossier = store::dossier::load(tx, id).await?;
            let version = version::of(tx, dossier.version).await?;
            let about = About::load(tx, &tenant, &version, &dossier).await?;
            let privacy = Privacy::of(&tenant, &version.package).map(|privacy| privacy.sentences()).unwrap_or_default();
            let accuse = about.accuse(privacy)?;
            let letter = about.accuse_letter(&accuse);
            let known = store::thread::courriers(tx, id).await?.into_iter().find(|courrier| courrier.model == ACCUSE);
            let mail = mail_address(tx, &dossier).await?;
            Ok((dossier, known, letter, accuse, mail))
        })
        .await?;
    let missing = accuse.missing();
    if !missing.is_empty() {
        let reason = format!("l’accusé de réception n’est pas complet : {}", missing.join(", "));
        return Err(kernel::jobs::JobError::Retry { after: None, reason });
    }
    if known.as_ref().is_some_and(|courrier| courrier.sent_at.is_some()) {
        return Ok(Outcome::Done);
    }
    let pdf = draw(letter).await?;
    let courrier = match known {
        Some(courrier) => courrier,
        None => keep(&cx, &dossier, ACCUSE, "Accusé de réception", &pdf).await?,
    };
    // By post, it waits to be printed: an agent notes when it leaves.
    let Some(to) = mail else { return Ok(Outcome::Done) };
    let link = link(&cx, &tenant, &dossier).await?;
    let page = MailPage {
        subject: format!("Votre demande {} est bien reçue", dossier.number_text()),
        service: accuse.service.name.clone(),
        facts: accuse.facts(),
        paragraphs: vec![greeting(&dossier), "Nous avons bien reçu votre demande. L’accusé de réception est joint à ce mail : gardez-le.".into()],
        markdown: accuse.markdown(),
        action: Some(Action { href: link, label: "Suivre ma demande".into() }),
        ..MailPage::default()
    };
    let mut mail = page.mail(&cx.app, &tenant, &to, cx.job.to_string())?;
    mail.attachments.push(Attachment { name: format!("accuse-{}.pdf", dossier.number_text()), content_type: "application/pdf".into(), bytes: pdf });
    cx.app.mailer.send(&mail).await?;
    cx.write(async |tx| {
        let now = tx.now();
        store::thread::mark_sent(tx, courrier.id, now).await?;
        tx.emit(&AccuseSent { dossier: id, by: "mail" }).await.map(drop)
    })
    .await?;
    Ok(Outcome::Done)
}

/// A link to a draft or a demand, for whoever asked for it.
pub(super) async fn send_resume_link(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let dossier = cx.read(async |tx| store::dossier::load(tx, id).await).await?;
    let Some(to) = &dossier.contact_mail else { return Ok(Outcome::Done) };
    let title = title(&cx, &dossier).await?;
    let href = link(&cx, &tenant, &dossier).await?;
    let page = match dossier.is_draft() {
        true => MailPage {
            subject: format!("Reprendre votre demande : {title}"),
            paragraphs: vec![
                greeting(&dossier),
                "Vos réponses sont enregistrées. Ouvrez ce lien pour reprendre où vous en étiez, sur cet appareil ou sur un autre.".into(),
            ],
            action: Some(Action { href, label: "Reprendre ma demande".into() }),
            after: vec![until(&tenant, &dossier), "Ne le transmettez à personne : il ouvre votre demande.".into()],
            ..MailPage::default()
        },
        false => MailPage {
            subject: format!("Suivre votre demande {}", dossier.number_text()),
            paragraphs: vec![greeting(&dossier), format!("Voici le lien pour suivre votre demande « {title} ».")],
            action: Some(Action { href, label: "Suivre ma demande".into() }),
            after: vec!["Ce lien est valable trente jours. Ne le transmettez à personne : il ouvre votre demande.".into()],
            ..MailPage::default()
        },
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, to, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

/// What the service asks for, why, before when, and what if not.
pub(super) async fn send_piece_request(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let (dossier, asked, letter, mail) = cx
        .read(async |tx| {
            let dossier = store::dossier::load(tx, id).await?;
            let asked = Asked::load(tx, &tenant, &dossier).await?;
            let mail = mail_address(tx, &dossier).await?;
            let letter = match asked.as_ref().filter(|_| mail.is_none()) {
                Some(asked) => asked.letter(tx, &tenant, &dossier).await?,
                None => None,
            };
            Ok((dossier, asked, letter, mail))
        })
        .await?;
    if let Some(letter) = letter {
        keep(&cx, &dossier, COMPLEMENT, asked::TITLE, &draw(letter).await?).await?;
    }
    let (Some(to), Some(asked)) = (mail, asked) else { return Ok(Outcome::Done) };
    let page = MailPage {
        subject: asked::subject(asked.request.reply_before),
        facts: vec![("Demande".into(), dossier.number_text()), ("À envoyer".into(), asked.labels.join(", "))],
        paragraphs: vec![greeting(&dossier), asked::OPENING.into()],
        quote: asked.request.reason.clone(),
        action: Some(Action { href: link(&cx, &tenant, &dossier).await?, label: "Répondre au service".into() }),
        after: asked.consequences(),
        service: asked.service.name,
        ..MailPage::default()
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, &to, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

/// "Le service vous a écrit": where to read it, not what it says.
pub(super) async fn send_message_notice(cx: JobCx, payload: Json) -> JobResult {
    if text(&payload, "author") != Author::Service.code() {
        return Ok(Outcome::Done);
    }
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let dossier = cx.read(async |tx| store::dossier::load(tx, id).await).await?;
    let Some(to) = &dossier.contact_mail else { return Ok(Outcome::Done) };
    let page = MailPage {
        subject: format!("Un message au sujet de votre demande {}", dossier.number_text()),
        paragraphs: vec![greeting(&dossier), "Le service vous a écrit. Lisez son message et répondez-lui depuis la page de votre demande.".into()],
        action: Some(Action { href: link(&cx, &tenant, &dossier).await?, label: "Lire le message".into() }),
        ..MailPage::default()
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, to, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

/// The proof that the person withdrew, and when.
pub(super) async fn send_withdrawal(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let dossier = cx.read(async |tx| store::dossier::load(tx, id).await).await?;
    let Some(to) = &dossier.contact_mail else { return Ok(Outcome::Done) };
    let title = title(&cx, &dossier).await?;
    let at = long_moment(dossier.ended_at.unwrap_or(dossier.saved_at), &tenant.zone());
    let page = MailPage {
        subject: format!("Vous avez retiré votre demande {}", dossier.number_text()),
        paragraphs: vec![
            greeting(&dossier),
            format!("Vous avez retiré votre demande « {title} » le {at}. Le service ne l’examine plus. Ce mail en est la preuve."),
        ],
        after: vec!["Vous pouvez faire une nouvelle demande quand vous voulez.".into()],
        ..MailPage::default()
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, to, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

/// The letter of a transition, if it has one, drawn and kept once; then the mail that tells of it.
pub(super) async fn produce_courrier(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let (step, event) = (text(&payload, "transition").to_owned(), text(&payload, "event").to_owned());
    let (dossier, made, has_mail) = cx
        .read(async |tx| {
            let dossier = store::dossier::load(tx, id).await?;
            let version = version::of(tx, dossier.version).await?;
            let Some(taken) = version.package.transition(&step) else { return Ok((dossier, None, false)) };
            let Some(courrier) = &taken.courrier else { return Ok((dossier, None, taken.mail.is_some())) };
            let about = About::load(tx, &tenant, &version, &dossier).await?;
            let rendered = about.rendered(&courrier.text, &dossier.details, motif(&dossier, &version.package))?;
            let letter = about.letter(&rendered);
            Ok((dossier, Some((courrier.text.clone(), rendered.title, letter)), true))
        })
        .await?;
    if let Some((model, title, letter)) = made {
        let known = cx.read(async |tx| store::thread::courriers(tx, id).await).await?;
        let made_for_it = dossier.moved.as_ref().map(|moved| moved.at);
        if !known.iter().any(|courrier| courrier.model == model && made_for_it.is_none_or(|at| courrier.produced_at >= at)) {
            let pdf = draw(letter).await?;
            keep(&cx, &dossier, &model, &title, &pdf).await?;
        }
    }
    if has_mail {
        let job = kernel::NewJob::new("SendDecision", serde_json::json!({ "dossier": id, "transition": step }));
        cx.write(async |tx| tx.enqueue(job.unique(format!("SendDecision:{event}"))).await).await?;
    }
    Ok(Outcome::Done)
}

/// The mail of a transition, in the words of the package when it has some; the letter is one click away.
pub(super) async fn send_decision(cx: JobCx, payload: Json) -> JobResult {
    let (tenant, id) = (tenant(&cx).await?, dossier_of(&payload)?);
    let step = text(&payload, "transition").to_owned();
    let (dossier, own, letter, service, mail) = cx
        .read(async |tx| {
            let dossier = store::dossier::load(tx, id).await?;
            let version = version::of(tx, dossier.version).await?;
            let words = version.package.transition(&step).and_then(|taken| taken.mail.as_ref());
            let about = About::load(tx, &tenant, &version, &dossier).await?;
            let own = match words {
                Some(words) => Some(about.rendered(&words.text, &dossier.details, motif(&dossier, &version.package))?),
                None => None,
            };
            let name = about.service.name.clone();
            let is_due = |courrier: &Courrier| ![ACCUSE, COMPLEMENT].contains(&courrier.model.as_str()) && courrier.sent_at.is_none();
            let letter = store::thread::courriers(tx, id).await?.into_iter().rev().find(is_due);
            let mail = mail_address(tx, &dossier).await?;
            Ok((dossier, own, letter, name, mail))
        })
        .await?;
    // By post, the letter waits to be printed; without a letter, the service tells the person otherwise.
    let Some(to) = mail else { return Ok(Outcome::Done) };
    let href = link(&cx, &tenant, &dossier).await?;
    let page = MailPage {
        subject: own.as_ref().map_or_else(|| format!("Une réponse à votre demande {}", dossier.number_text()), |own| own.subject.clone()),
        service,
        facts: vec![("Demande".into(), dossier.number_text())],
        paragraphs: if own.is_some() { vec![] } else { vec![greeting(&dossier), "Le service a répondu à votre demande.".into()] },
        markdown: own.map(|own| own.markdown).unwrap_or_default(),
        action: Some(Action { href, label: if letter.is_some() { "Lire la réponse et le courrier".into() } else { "Voir ma demande".into() } }),
        ..MailPage::default()
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, &to, cx.job.to_string())?).await?;
    if let Some(letter) = letter {
        cx.write(async |tx| sent(tx, &dossier, &letter).await).await?;
    }
    Ok(Outcome::Done)
}

async fn sent(tx: &mut Tx, dossier: &Dossier, letter: &Courrier) -> Result<()> {
    let now = tx.now();
    store::thread::mark_sent(tx, letter.id, now).await?;
    tx.emit(&CourrierSent { dossier: dossier.id, courrier: letter.id, model: letter.model.clone() }).await.map(drop)
}

/// Keeps a drawn letter with the key of its dossier.
async fn keep(cx: &JobCx, dossier: &Dossier, model: &str, title: &str, pdf: &[u8]) -> Result<Courrier> {
    let key = FileKey::open(&cx.app.keys, &dossier.file_key)?;
    let stored = cx.app.files.store_made(&key, &format!("{model}.pdf"), "application/pdf", pdf).await?;
    cx.write(async |tx| {
        let courrier = Courrier {
            id: tx.new_id::<CourrierId>(),
            dossier: dossier.id,
            model: model.to_owned(),
            title: title.to_owned(),
            file: stored.id,
            size: i64::try_from(stored.size).unwrap_or(i64::MAX),
            produced_at: tx.now(),
            sent_at: None,
        };
        store::thread::insert_courrier(tx, &courrier).await?;
        Ok(courrier)
    })
    .await
}

async fn link(cx: &JobCx, tenant: &Tenant, dossier: &Dossier) -> Result<String> {
    cx.write(async |tx| mint(tx, tenant, dossier).await).await
}

async fn title(cx: &JobCx, dossier: &Dossier) -> Result<String> {
    cx.read(async |tx| Ok(version::of(tx, dossier.version).await?.package.card.title.clone())).await
}

fn motif<'a>(dossier: &Dossier, package: &'a teleservices::package::Package) -> Option<&'a teleservices::package::Motif> {
    package.motif(dossier.decision.as_ref()?.motif.as_deref()?)
}

fn greeting(dossier: &Dossier) -> String {
    match dossier.contact_name.as_str() {
        "" => "Bonjour,".into(),
        // Anybody may write a name, and to any address: one that holds a link would have us send it.
        name if ["://", "www.", "/"].iter().any(|mark| name.to_lowercase().contains(mark)) => "Bonjour,".into(),
        name => format!("Bonjour {name},"),
    }
}

fn until(tenant: &Tenant, dossier: &Dossier) -> String {
    let at = dossier.expires_at.unwrap_or(dossier.saved_at);
    format!("Ce lien est valable jusqu’au {}. Après, le brouillon est effacé.", long_moment(at, &tenant.zone()))
}

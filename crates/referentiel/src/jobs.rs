//! Background work of this domain: facts withdrawn a year ago are removed; a person who asks something about his data is
//! told by mail that it was received, then what was answered (GDPR article 12.3 and 12.4).

use std::time::Duration;

use jiff::SignedDuration;
use kernel::jobs::{JobCx, JobKind, JobResult, Outcome};
use kernel::mail_page::{Action, MailPage};
use kernel::templates::french;
use kernel::{RightsRequestId, Tenant};
use rgpd::RightsRequest;
use serde_json::Value as Json;

use crate::{read, store};

/// How long a withdrawn fact stays, so that a mistake can be undone.
const WITHDRAWN: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Every kind of job of this domain.
pub fn jobs() -> Vec<JobKind> {
    vec![
        JobKind::new("PurgeFacts", purge).every(Duration::from_secs(24 * 3_600)),
        JobKind::new("AcknowledgeRightsRequest", acknowledge),
        JobKind::new("SendRightsAnswer", send_answer),
    ]
}

async fn purge(cx: JobCx, _: Json) -> JobResult {
    cx.write(async |tx| {
        let before = tx.now().checked_sub(WITHDRAWN)?;
        store::purge_facts(tx, before).await
    })
    .await?;
    Ok(Outcome::Done)
}

async fn acknowledge(cx: JobCx, payload: Json) -> JobResult {
    send(cx, payload, |request, tenant| {
        let made = french::date(tenant.zone().to_datetime(request.made_at).date());
        MailPage {
            subject: "Votre demande sur vos données est reçue".into(),
            facts: vec![("Demande".into(), request.kind.label().into()), ("Faite le".into(), made)],
            paragraphs: vec![
                "Bonjour,".into(),
                format!("Nous avons bien reçu votre demande. Vous aurez une réponse au plus tard le {}.", french::date(request.due_on)),
            ],
            quote: request.text.clone(),
            ..MailPage::default()
        }
    })
    .await
}

async fn send_answer(cx: JobCx, payload: Json) -> JobResult {
    send(cx, payload, |request, _| MailPage {
        subject: "La réponse à votre demande sur vos données".into(),
        facts: vec![
            ("Demande".into(), request.kind.label().into()),
            ("Suite".into(), if request.is_granted == Some(true) { "Acceptée".into() } else { "Refusée".into() }),
        ],
        paragraphs: vec!["Bonjour,".into(), "Le délégué à la protection des données vous a répondu :".into()],
        quote: request.answer.clone().unwrap_or_default(),
        ..MailPage::default()
    })
    .await
}

/// Mails a person about his request, at the address of his account.
async fn send(cx: JobCx, payload: Json, write: impl Fn(&RightsRequest, &Tenant) -> MailPage) -> JobResult {
    let id: RightsRequestId = payload.get("request").and_then(Json::as_str).unwrap_or_default().parse().map_err(kernel::Error::from)?;
    let tenant = kernel::tenant::by_id(&cx.app.db, cx.scope.tenant).await?;
    let (request, to) = cx
        .read(async |tx| {
            let request = rgpd::request(tx, id).await?;
            let ids = read::aliases(tx, request.usager).await?;
            let Some(compte) = store::comptes_of(tx, &ids).await?.first().copied() else { return Ok((request, None)) };
            Ok((request, comptes::store::compte(tx, compte).await?.and_then(|compte| compte.mail)))
        })
        .await?;
    let Some(to) = to else { return Ok(Outcome::Done) };
    let page = MailPage {
        action: Some(Action { href: tenant.url("/mes-donnees#demandes"), label: "Voir mes demandes".into() }),
        after: vec![
            "Si la réponse ne vous convient pas, ou si elle tarde, vous pouvez adresser une réclamation à la CNIL : www.cnil.fr/plaintes.".into(),
        ],
        ..write(&request, &tenant)
    };
    cx.app.mailer.send(&page.mail(&cx.app, &tenant, &to, cx.job.to_string())?).await?;
    Ok(Outcome::Done)
}

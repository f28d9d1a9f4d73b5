//! A signed call (Standard Webhooks): JSON by POST, `webhook-id`, `webhook-timestamp`, `webhook-signature`. The event's
//! id is the idempotency key. Any 2xx is an acknowledgement; the body of the answer is not read.

use std::time::Duration;

use jiff::Timestamp;
use kernel::{FieldErrors, Tenant, http, http::CallError};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use super::{Call, Connector, Folder, Message, OptionField, Target, option};
use crate::{Format, application::Secrets, formats, model::Failure, signature};

pub(super) struct Webhook;

impl Connector for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn label(&self) -> &'static str {
        "Appel signé (webhook)"
    }

    fn signs(&self) -> bool {
        true
    }

    fn options(&self) -> &'static [OptionField] {
        &[OptionField {
            name: "url",
            label: "Adresse appelée",
            hint: "Elle commence par https, par exemple « https://etat-civil.exemple.fr/parvis ».",
            is_secret: false,
            is_optional: false,
        }]
    }

    fn check(&self, options: &Map<String, Value>, _: &Secrets, errors: &mut FieldErrors) {
        let Some(url) = option(options, "url") else { return };
        let parsed = url.parse::<reqwest::Url>();
        if !parsed.is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host()) {
            errors.push("url", "Écrivez une adresse complète, par exemple « https://etat-civil.exemple.fr/parvis ».");
        }
    }

    fn deliver<'a>(&'a self, target: &'a Target<'a>, message: &'a Message<'a>) -> Call<'a, ()> {
        Box::pin(post(target, message))
    }

    fn arrivals<'a>(&'a self, _: &'a Target<'a>) -> Option<Call<'a, Box<dyn Folder>>> {
        None
    }
}

async fn post(target: &Target<'_>, message: &Message<'_>) -> Result<(), Failure> {
    let body = envelope(target.tenant, message)?;
    let now = target.app.clock.now();
    let signatures = signature::sign(target.secrets.signing_at(now), &message.id, now, &body);
    let request = http::get(target.option("url")?)
        .method("POST")
        .header("content-type", "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", now.as_second())
        .header("webhook-signature", signatures)
        .body(body)
        .map_err(|_| Failure::Blocked { reason: "adresse non valable".into() })?;
    match target.app.http.send(request).await {
        Ok(answer) => judge(answer.status().as_u16(), retry_after(answer.headers(), now)),
        Err(CallError::Refused(why)) => Err(Failure::Blocked { reason: format!("adresse refusée : {why}") }),
        Err(error) => Err(Failure::retry(error.to_string())),
    }
}

/// `{"type", "timestamp", "data"}`, as Standard Webhooks advise.
fn envelope(tenant: &Tenant, message: &Message<'_>) -> Result<Vec<u8>, Failure> {
    let unwritable = |error: kernel::Error| Failure::Refused { reason: format!("document impossible à écrire : {error}") };
    let ready = message.ready;
    let delivery = &ready.delivery;
    let document = match delivery.format {
        Format::Json => formats::tree(&ready.document).map_err(unwritable)?,
        Format::Xml | Format::Csv => Value::String(String::from_utf8_lossy(&ready.content).into_owned()),
    };
    let body = json!({
        "type": message.event_name,
        "timestamp": message.at,
        "data": {
            "dossier": delivery.dossier,
            "liaison": delivery.liaison,
            "format": delivery.format,
            "document": document,
            "reponses": tenant.url(&format!("/api/v1/liaisons/{}/reponses", delivery.dossier)),
        },
    });
    serde_json::to_vec(&body).map_err(|error| unwritable(error.into()))
}

/// What a status means. 410 and a refused key stop the application; other 4xx stop the message, but for those that
/// say "later".
fn judge(status: u16, after: Option<Duration>) -> Result<(), Failure> {
    let reason = format!("réponse {status}");
    match status {
        200..=299 => Ok(()),
        410 => Err(Failure::Blocked { reason: "l’application a répondu 410 : elle ne veut plus rien recevoir à cette adresse".into() }),
        401 | 403 => Err(Failure::Blocked { reason: format!("l’application refuse notre signature (réponse {status})") }),
        408 | 409 | 423 | 425 | 429 | 500.. => Err(Failure::Retry { after, reason }),
        300..=399 => Err(Failure::Retry { after, reason: format!("l’application renvoie vers une autre adresse (réponse {status})") }),
        _ => Err(Failure::Refused { reason: format!("message refusé (réponse {status})") }),
    }
}

/// In seconds, or as a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = said.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(7 * 86_400)));
    }
    let at = jiff::fmt::rfc2822::parse(said).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok().map(|wait| wait.min(Duration::from_secs(7 * 86_400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(status: u16) -> &'static str {
        match judge(status, None) {
            Ok(()) => "taken",
            Err(Failure::Retry { .. }) => "later",
            Err(Failure::Refused { .. }) => "refused",
            Err(Failure::Blocked { .. }) => "blocked",
        }
    }

    #[test]
    fn a_status_says_what_to_do() {
        let of = |statuses: &[u16]| statuses.iter().map(|s| word(*s)).collect::<Vec<_>>();
        assert_eq!(of(&[200, 202, 204]), ["taken"; 3]);
        assert_eq!(of(&[408, 409, 423, 425, 429, 500, 502, 503, 302]), ["later"; 9]);
        assert_eq!(of(&[400, 404, 413, 422]), ["refused"; 4]);
        assert_eq!(of(&[401, 403, 410]), ["blocked"; 3]);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_second(784_111_700).expect("an instant");
        let of = |text: &'static str| {
            let headers = HeaderMap::from_iter([(reqwest::header::RETRY_AFTER, reqwest::header::HeaderValue::from_static(text))]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(of("7"), Some(7));
        assert_eq!(of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(77));
        assert_eq!(of("Sun, 06 Nov 1994 08:00:00 GMT"), None, "in the past");
        assert_eq!(of("soon"), None);
        assert_eq!(of("99999999999"), Some(7 * 86_400));
    }
}

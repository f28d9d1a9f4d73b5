//! The one place where an error becomes an answer: a page for people, RFC 9457 for programs. What is internal goes to
//! the log under the number of the request, and nowhere else.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

use super::{
    Web,
    ctx::{Audience, Ctx, RequestInfo},
    guards::ADMIN,
    headers,
    log::{Fault, Statements},
    see_other, site,
};
use crate::{Error, FieldError, Problem, t, templates::Page};

/// The error that an answer stands for, until `render` writes it.
#[derive(Clone)]
struct Failure(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

/// What a client may know of a failure.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// What happened, in a few words.
    pub title: String,
    /// What to do.
    pub sentence: String,
    /// Whether what was typed before is safe in the database, where somebody types.
    pub is_saved: bool,
    /// The number to quote.
    pub number: String,
    /// Whom the page is for: which layout, which links.
    pub audience: Audience,
    /// What is wrong, field by field.
    pub errors: Vec<FieldError>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "errors/erreur.html";
    fn samples() -> Vec<Self> {
        let page = |error: Error, audience| describe(&error, status(&error), audience, "01j9x2", &|_| None);
        vec![
            page(Error::NotFound, Audience::Public),
            page(Error::NotFound, Audience::Agent),
            page(Error::Forbidden(ADMIN), Audience::Admin),
            page(Error::Forbidden("dossier.decide"), Audience::Agent),
            page(Error::invalid("nom", "Indiquez un nom, par exemple « Marchetti »."), Audience::Public),
            page(Error::conflict("already-decided", "Nadia R. a déjà accepté ce dossier à 14 h 02."), Audience::Agent),
            page(Error::TooMany { retry_after_s: 90 }, Audience::Public),
            page(Error::Unavailable("base de données"), Audience::Public),
            page(Error::internal("never shown"), Audience::Admin),
        ]
    }
}

/// Layer: writes the answers that failed.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let web = request.extensions().get::<Arc<Web>>().cloned();
    let info = request.extensions().get::<RequestInfo>().cloned();
    let is_json = wants_json(&request);
    let token = info.as_ref().and_then(|info| info.token(request.headers()));
    let response = next.run(request).await;
    let (Some(web), Some(info)) = (web, info) else { return response };
    let error = match response.extensions().get::<Failure>() {
        Some(failure) => failure.0.clone(),
        None if is_unwritten(&response) => Arc::new(Error::refused("", "")),
        None => return response,
    };
    if let (Error::Unauthenticated, false) = (&*error, is_json) {
        return sign_in(&info);
    }
    let page = describe(&error, response.status(), info.audience, &info.id, &|code| web.right_label(code));
    let mut answer = match is_json {
        true => problem_json(&page, &info, &error),
        false => {
            let known = match response.extensions().get::<Ctx>() {
                Some(ctx) => Some(ctx.clone()),
                None => Ctx::of_failure(&web, &info, token.as_deref()).await,
            };
            html(&web, &info, known.as_ref(), &page)
        }
    };
    if let Some(fault) = fault(&error) {
        answer.extensions_mut().insert(fault);
    }
    if let Some(ctx) = response.extensions().get::<Ctx>() {
        answer.extensions_mut().insert(ctx.clone());
    }
    if let Some(statements) = response.extensions().get::<Statements>() {
        answer.extensions_mut().insert(*statements);
    }
    for name in [header::ALLOW, header::SET_COOKIE] {
        for value in response.headers().get_all(&name) {
            answer.headers_mut().append(&name, value.clone());
        }
    }
    match &*error {
        Error::TooMany { retry_after_s } => {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
        Error::Unavailable(_) => {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        Error::Unauthenticated => {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    answer
}

/// The API, and a script that asks for JSON.
fn wants_json(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Audience::of(request.uri().path()) == Audience::Api || (accept.contains("json") && !accept.contains("text/html"))
}

/// Answers that axum gives by itself: no such path, no such method, a body that is not JSON.
fn is_unwritten(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_plain = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    (response.status().is_client_error() || response.status().is_server_error()) && is_plain
}

/// What the log must know and nobody else.
fn fault(error: &Error) -> Option<Fault> {
    match error {
        Error::Internal(cause) => Some(Fault(format!("{cause:#}"))),
        Error::Unavailable(who) => Some(Fault(format!("down: {who}"))),
        _ => None,
    }
}

/// Leads to the right sign-in page and back.
fn sign_in(info: &RequestInfo) -> Response {
    let door = match info.audience {
        Audience::Agent | Audience::Admin => "/agent/connexion",
        _ => "/connexion",
    };
    let back = match (info.method.is_safe(), &info.query) {
        (true, Some(query)) => format!("{}?{query}", info.path),
        (true, None) => info.path.clone(),
        (false, _) => info.from_page.clone().unwrap_or_else(|| "/".into()),
    };
    let back = percent_encoding::utf8_percent_encode(&back, percent_encoding::NON_ALPHANUMERIC);
    see_other(&format!("{door}?retour={back}"))
}

/// The status of an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Forbidden(_) | Error::Denied(_) | Error::DeniedUntil { .. } => StatusCode::FORBIDDEN,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::Gone(_) => StatusCode::GONE,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Refused(problem) => match problem.code {
            "unsupported-media-type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "other-origin" => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        },
        Error::TooMany { .. } | Error::Quota(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn describe(error: &Error, status: StatusCode, audience: Audience, number: &str, right: &dyn Fn(&str) -> Option<String>) -> ErrorPage {
    let (code, title, sentence) = match (error, audience) {
        (Error::NotFound, Audience::Agent | Audience::Admin) => not_found_inside(),
        _ => words(error, status, right),
    };
    ErrorPage {
        status: status.as_u16(),
        code,
        title,
        sentence,
        is_saved: status.is_server_error() && audience == Audience::Public,
        number: number.to_owned(),
        audience,
        errors: match error {
            Error::Invalid(errors) => errors.0.clone(),
            _ => vec![],
        },
    }
}

/// Code, title and sentence of a failure.
fn words(error: &Error, status: StatusCode, right: &dyn Fn(&str) -> Option<String>) -> (String, String, String) {
    let say = |code: &str, title: String, sentence: String| (code.to_owned(), title, sentence);
    let because = |problem: &Problem, title: String| say(problem.code, title, problem.sentence.clone());
    match error {
        Error::NotFound => not_found(),
        Error::Forbidden("second-factor") => say(
            "second-factor",
            t!("Second facteur demandé"),
            t!("Cette page demande un second facteur. Déconnectez-vous, reconnectez-vous et donnez le code de votre application."),
        ),
        Error::Forbidden(ADMIN) => say(
            "forbidden",
            t!("Cette page est réservée à l’administration"),
            t!("Votre compte est celui d’un agent. Demandez à un administrateur de votre collectivité de faire ce réglage."),
        ),
        Error::Forbidden(code) => {
            let what = right(code).unwrap_or_else(|| (*code).to_owned());
            let sentence = t!("Il vous manque le droit « {what} ». Un administrateur de votre collectivité peut vous le donner.", what = what);
            say("forbidden", t!("Vous n’avez pas ce droit"), sentence)
        }
        Error::Denied(problem) | Error::DeniedUntil { problem, .. } => because(problem, t!("Ce n’est pas permis")),
        Error::Unauthenticated => say("unauthenticated", t!("Identifiez-vous"), t!("Donnez une clé valable dans l’en-tête Authorization: Bearer.")),
        Error::Invalid(_) => say("invalid", t!("Il y a une erreur dans votre saisie"), t!("Corrigez ce qui est signalé, puis envoyez à nouveau.")),
        Error::Conflict(problem) => because(problem, t!("Ce n’est plus possible")),
        Error::Gone(problem) => because(problem, t!("Cette page n’existe plus")),
        Error::TooLarge(problem) => because(problem, t!("Votre envoi est trop grand")),
        Error::Refused(problem) if problem.code.is_empty() => unwritten(status),
        Error::Refused(problem) => because(problem, t!("Nous ne pouvons pas traiter cet envoi")),
        Error::Quota(problem) => because(problem, t!("C’est beaucoup pour une journée")),
        Error::TooMany { retry_after_s } => {
            let sentence = t!("Trop de demandes en peu de temps. Réessayez dans {wait}.", wait = wait(*retry_after_s));
            say("too-many-requests", t!("Un instant"), sentence)
        }
        Error::Unavailable(_) => down(),
        Error::Internal(_) => our_fault(),
    }
}

fn not_found() -> (String, String, String) {
    let sentence = t!("Cette page n’existe pas, ou n’est pas à vous. Vérifiez l’adresse, ou cherchez votre démarche.");
    ("not-found".into(), t!("Page introuvable"), sentence)
}

fn not_found_inside() -> (String, String, String) {
    let sentence = t!("Cette page n’existe pas, ou vos droits ne l’ouvrent pas. Cherchez le dossier ou la personne en haut de la page.");
    ("not-found".into(), t!("Page introuvable"), sentence)
}

fn down() -> (String, String, String) {
    let sentence = t!("Réessayez dans quelques instants.");
    ("unavailable".into(), t!("Le service est momentanément indisponible"), sentence)
}

fn our_fault() -> (String, String, String) {
    let sentence = t!("Réessayez ; si l’erreur revient, appelez-nous en donnant le numéro ci-dessous.");
    ("internal".into(), t!("Une erreur s’est produite de notre côté"), sentence)
}

/// Words for the answers that axum gives by itself.
fn unwritten(status: StatusCode) -> (String, String, String) {
    let (code, title, sentence) = match status {
        StatusCode::NOT_FOUND => return not_found(),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => return down(),
        _ if status.is_server_error() => return our_fault(),
        StatusCode::METHOD_NOT_ALLOWED => (
            "method-not-allowed",
            t!("Cette adresse ne s’ouvre pas directement"),
            t!("Elle sert à l’envoi d’un formulaire. Revenez à la page précédente et utilisez ses boutons : rien n’a été changé."),
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported-media-type", t!("Ce format n’est pas pris ici"), t!("Envoyez le format que cette adresse attend."))
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", t!("Votre envoi est trop grand"), t!("Réduisez-le, ou envoyez-le en plusieurs fois.")),
        StatusCode::UNPROCESSABLE_ENTITY => {
            ("invalid", t!("Il y a une erreur dans votre saisie"), t!("Ce qui est envoyé n’a pas la forme attendue."))
        }
        _ => ("bad-request", t!("Nous ne comprenons pas cet envoi"), t!("Revenez à la page précédente et recommencez.")),
    };
    (code.into(), title, sentence)
}

/// A delay as people say it.
fn wait(seconds: u64) -> String {
    match seconds {
        0..=1 => t!("une seconde"),
        2..=89 => t!("{n} secondes", n = seconds),
        _ => t!("{n} minutes", n = seconds.div_ceil(60)),
    }
}

fn problem_json(page: &ErrorPage, info: &RequestInfo, error: &Error) -> Response {
    let base = info.tenant.as_ref().map(|tenant| tenant.url("/aide/api")).unwrap_or_default();
    let mut body = json!({
        "type": format!("{base}#{}", page.code),
        "title": page.title,
        "status": page.status,
        "detail": page.sentence,
        "instance": format!("urn:parvis:request:{}", page.number),
    });
    if !page.errors.is_empty() {
        let errors = page.errors.iter().map(|error| json!({ "pointer": pointer(&error.field), "detail": error.sentence }));
        body["errors"] = errors.collect();
    }
    if let Error::DeniedUntil { member, url, .. } = error {
        body[*member] = url.as_str().into();
    }
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

/// The JSON pointer of a member, `#/a/b`; a field that is a pointer already stays one.
fn pointer(field: &str) -> String {
    match field.strip_prefix('/') {
        Some(path) => format!("#/{path}"),
        None => format!("#/{}", field.replace('~', "~0").replace('/', "~1").replace('.', "/")),
    }
}

fn html(web: &Web, info: &RequestInfo, ctx: Option<&Ctx>, page: &ErrorPage) -> Response {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let plain = || info.view.as_ref().map(|view| site::Site::plain(web, info, view));
    let written = ctx.map(site::Site::of).or_else(plain).map(|site| web.render(page, &site));
    match written {
        Some(Ok(html)) => headers::html(status, html),
        Some(Err(error)) => {
            tracing::error!(request = %info.id, ?error, "the error page itself failed");
            headers::bare(status, &format!("{}\n{}\nNuméro à rappeler : {}\n", page.title, page.sentence, page.number))
        }
        None => headers::bare(status, &format!("{}\n", page.title)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::{KernelTemplates, Source, Templates};

    #[test]
    fn what_is_internal_is_in_no_answer() {
        let error = Error::internal("select secret from table");
        let page = describe(&error, status(&error), Audience::Public, "42", &|_| None);
        assert!(!serde_json::to_string(&page).unwrap().contains("secret"));
        assert_eq!((page.status, page.is_saved), (500, true));
    }

    #[test]
    fn a_member_is_pointed_at_as_rfc_6901_wants() {
        assert_eq!(pointer("nom"), "#/nom");
        assert_eq!(pointer("adresse.voie"), "#/adresse/voie");
        assert_eq!(pointer("a/b~c"), "#/a~1b~0c");
        assert_eq!(pointer("/items/0/nom"), "#/items/0/nom");
    }

    #[test]
    fn a_missing_right_is_named_in_words() {
        let error = Error::Forbidden("dossier.decide");
        let page = describe(&error, status(&error), Audience::Agent, "1", &|_| Some("Décider un dossier".into()));
        assert!(page.sentence.contains("Décider un dossier"), "{}", page.sentence);
    }

    #[test]
    fn every_failure_has_a_page() {
        let sources = [Source::of::<KernelTemplates>("")];
        let templates = Templates::new(&sources, crate::words::Words::installed()).unwrap();
        for page in ErrorPage::samples() {
            let html = templates.render(&page, &site::Site::sample(page.audience)).unwrap();
            assert!(html.contains("01j9x2") && html.contains("</html>"), "{}", page.title);
        }
    }
}

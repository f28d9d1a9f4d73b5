//! The headers of every answer: what a browser may load, from where, and what it may keep. Pages are compressed by a
//! layer of `mod.rs`; assets carry their own (`assets.rs`).

use std::hash::{DefaultHasher, Hasher};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::ctx::{Ctx, RequestInfo};
use crate::Tenant;

/// For what is somebody's own.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const CHECK: HeaderValue = HeaderValue::from_static("private, no-cache");
const CLOSED: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                           microphone=(), payment=(), usb=(), interest-cohort=()";

/// What the pages of a tenant may load: its own things only, and its forms may lead to its identity and payment hosts.
pub(super) fn csp(tenant: &Tenant) -> HeaderValue {
    let hosts = tenant.settings.form_hosts.iter().filter(|host| is_source(host));
    let hosts: String = hosts.map(|host| format!(" {host}")).collect();
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; frame-src 'self'; form-action 'self'{hosts}; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types socle"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(CLOSED))
}

/// A host or an origin, and nothing that could end the directive.
fn is_source(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:/[]*".contains(&byte))
}

/// Layer: puts the headers that the handler did not put itself.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let info = response.extensions().get::<RequestInfo>().cloned();
    let view = info.as_ref().and_then(|info| info.view.as_ref());
    let is_html = has_type(&response, "text/html");
    let csp = match view {
        Some(view) if is_html => view.csp.clone(),
        _ => HeaderValue::from_static(CLOSED),
    };
    let is_https = view.is_some_and(|view| view.tenant.base_url.starts_with("https:"));
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    put(header::CONTENT_SECURITY_POLICY, csp);
    put(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    put(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    put(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    put(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    put(header::CACHE_CONTROL, NO_STORE);
    if is_https {
        put(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

fn has_type(response: &Response, kind: &str) -> bool {
    let said = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| said.starts_with(kind))
}

/// The answer that carries a page. What a visitor reads may be kept and checked again; what is somebody's is not kept.
pub(super) fn page(ctx: &Ctx, status: StatusCode, page: String) -> Response {
    if status != StatusCode::OK || ctx.session.id.is_some() || !ctx.request().method.is_safe() {
        return html(status, page);
    }
    let mut hasher = DefaultHasher::new();
    hasher.write(page.as_bytes());
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let known = ctx.request().if_none_match.as_deref();
    let mut response = match known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => html(status, page),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, CHECK);
    response
}

/// A file to keep, under its name. Whatever it holds, no browser runs it as a page of ours.
pub fn attachment(name: &str, kind: &str, body: impl Into<Body>) -> Response {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    let full = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ];
    (headers, body.into()).into_response()
}

/// HTML, as it is.
pub(super) fn html(status: StatusCode, html: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// A few words, without any look.
pub(super) fn bare(status: StatusCode, text: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text.to_owned()).into_response()
}

/// Text made safe inside HTML, for the rare page that no template draws.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_cannot_break_its_header() {
        let response = attachment("reçu \"2026\"\r\n.pdf", "application/pdf", "x");
        let said = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(said, "attachment; filename=\"re_u__2026___.pdf\"; filename*=UTF-8''re%C3%A7u%20%222026%22%0D%0A%2Epdf");
    }

    #[test]
    fn a_host_that_would_end_the_directive_is_left_out() {
        let mut tenant = super::super::tests::tenant();
        tenant.settings.form_hosts = vec!["https://fcp.exemple.fr".into(), "x; script-src *".into()];
        let csp = csp(&tenant);
        let csp = csp.to_str().unwrap();
        assert!(csp.contains("form-action 'self' https://fcp.exemple.fr;"), "{csp}");
        assert!(!csp.contains("script-src *"), "{csp}");
    }
}

//! The wire of the double: what is compulsory, what lives how long, what is refused and with which code.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use kernel::{
    crypto::{constant_time_eq, hex, hmac_sha256, sha256},
    web::Form,
};
use serde_json::{Value, json};

use super::{Client, Fault, Fournisseur, Grant, Person, Platform, keys, pages};

const CODE_LIFE: SignedDuration = SignedDuration::from_secs(30);
const TOKEN_LIFE_S: i64 = 60;
const SESSION: &str = "fournisseur_session";

/// `/.well-known/openid-configuration`. Neither platform announces a proof of the code's holder.
pub(super) async fn describe(State(double): State<Fournisseur>) -> Response {
    if double.is_down() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let at = |path: &str| format!("{}{path}", double.0.issuer);
    axum::Json(json!({
        "issuer": double.0.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/session/end"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "userinfo_signing_alg_values_supported": ["ES256", "RS256"],
        "acr_values_supported": double.levels(),
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

pub(super) async fn jwks(State(double): State<Fournisseur>) -> Response {
    if double.is_down() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut state = double.state();
    state.keys_asked += 1;
    axum::Json(state.keys.jwks()).into_response()
}

/// A request that was found good.
struct Asked {
    redirect_uri: String,
    state: String,
    grant: Grant,
    wants_strong: bool,
    prompt: String,
}

/// Why a request is not good: told on a page when the service is not sure, else to the service.
enum Wrong {
    OnPage(&'static str, &'static str),
    ToService { redirect_uri: String, state: String, error: &'static str, code: &'static str },
}

impl Fournisseur {
    fn is_down(&self) -> bool {
        self.state().fault == Some(Fault::Down)
    }

    fn levels(&self) -> &'static [&'static str] {
        match self.0.platform {
            Platform::FranceConnect => &["eidas1"],
            Platform::ProConnect => &["eidas0", "eidas0-mfa", "eidas1", "eidas1-mfa", "eidas2", "eidas3"],
        }
    }

    fn client(&self, id: &str) -> Option<Client> {
        self.state().clients.iter().find(|client| client.id == id).cloned()
    }

    fn read(&self, query: &str) -> Result<Asked, Wrong> {
        let form = Form::parse(query.as_bytes()).map_err(|_| Wrong::OnPage("Y030007", "La demande n’est pas lisible."))?;
        let get = |name: &str| form.get(name).unwrap_or_default().to_owned();
        let client = self.client(&get("client_id")).ok_or(Wrong::OnPage("Y030007", "Ce service n’est pas déclaré."))?;
        let redirect_uri = get("redirect_uri");
        if !client.redirect_uris.contains(&redirect_uri) {
            return Err(Wrong::OnPage("Y030007", "L’adresse de retour n’est pas celle qui est déclarée."));
        }
        let state = get("state");
        let wrong =
            |error: &'static str, code: &'static str| Wrong::ToService { redirect_uri: redirect_uri.clone(), state: state.clone(), error, code };
        let compulsory = ["acr_values", "client_id", "nonce", "redirect_uri", "response_type", "scope", "state"];
        if compulsory.iter().any(|name| get(name).is_empty()) {
            return Err(wrong("invalid_request", "Y030007"));
        }
        let (least, known): (usize, &[&str]) = match self.0.platform {
            Platform::FranceConnect => (22, &["claims", "idp_hint", "ui_locales", "prompt"]),
            Platform::ProConnect => (32, &["claims", "idp_hint", "login_hint", "siret_hint", "prompt"]),
        };
        let is_unknown = |name: &str| !compulsory.contains(&name) && !known.contains(&name);
        if self.0.platform == Platform::ProConnect && form.pairs().any(|(name, _)| is_unknown(name)) {
            return Err(wrong("invalid_request", "Y000400"));
        }
        if get("nonce").len() < least || get("response_type") != "code" || !get("scope").split(' ').any(|scope| scope == "openid") {
            return Err(wrong("invalid_request", "Y030007"));
        }
        if self.0.platform == Platform::ProConnect && state.len() < least {
            return Err(wrong("invalid_request", "Y030007"));
        }
        if !get("acr_values").split(' ').any(|acr| self.levels().contains(&acr)) {
            return Err(wrong("invalid_acr", "Y100002"));
        }
        let prompt = get("prompt");
        let is_prompt = matches!(prompt.as_str(), "login" | "consent" | "login consent" | "consent login")
            || (self.0.platform == Platform::ProConnect && prompt == "none");
        if form.has("prompt") && !is_prompt {
            return Err(wrong("invalid_request", "Y030007"));
        }
        let claims: Value = match form.filled("claims") {
            Some(text) => serde_json::from_str(text).map_err(|_| wrong("invalid_request", "Y030007"))?,
            None => Value::Null,
        };
        let levels = claims["id_token"]["acr"]["values"].as_array().cloned().unwrap_or_default();
        let grant = Grant {
            client: client.id,
            redirect_uri: redirect_uri.clone(),
            nonce: get("nonce"),
            scope: get("scope"),
            person: String::new(),
            acr: String::new(),
            amr: vec![],
            wants_amr: !claims["id_token"]["amr"].is_null(),
            at: self.now(),
        };
        Ok(Asked { redirect_uri, state, grant, wants_strong: !levels.is_empty(), prompt })
    }

    /// Leads back to the service, with `iss` as always.
    fn answer(&self, redirect_uri: &str, pairs: &[(&str, &str)]) -> Response {
        let issuer = match self.state().fault {
            Some(Fault::WrongIssuerOfAnswer) => "https://autre.exemple.fr/api/v2".to_owned(),
            _ => self.0.issuer.clone(),
        };
        let all = pairs.iter().copied().chain([("iss", issuer.as_str())]);
        let query: Vec<String> = all.map(|(name, value)| format!("{name}={}", quote(value))).collect();
        let join = if redirect_uri.contains('?') { '&' } else { '?' };
        Redirect::to(&format!("{redirect_uri}{join}{}", query.join("&"))).into_response()
    }

    fn refuse(&self, wrong: Wrong) -> Response {
        match wrong {
            Wrong::OnPage(code, sentence) => (StatusCode::BAD_REQUEST, pages::refusal(self, code, sentence)).into_response(),
            Wrong::ToService { redirect_uri, state, error, code } => {
                let about = format!("la demande est refusée (code d'erreur : {code})");
                self.answer(&redirect_uri, &[("error", error), ("error_description", &about), ("state", &state)])
            }
        }
    }

    /// A code for somebody, and his session at the platform.
    fn grant(&self, asked: Asked, person: &Person) -> Response {
        let is_strong = asked.wants_strong && person.has_second_factor;
        let level = if is_strong { "eidas1-mfa".to_owned() } else { person.acr.clone() };
        let grant =
            Grant { person: person.id.clone(), acr: level, amr: if is_strong { vec!["pwd", "totp", "mfa"] } else { vec!["pwd"] }, ..asked.grant };
        let (code, session) = (random(), random());
        {
            let mut state = self.state();
            state.codes.insert(code.clone(), grant);
            state.sessions.insert(session.clone(), (person.id.clone(), self.now()));
        }
        let mut response = self.answer(&asked.redirect_uri, &[("code", &code), ("state", &asked.state)]);
        let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Lax");
        response.headers_mut().insert(header::SET_COOKIE, cookie.parse().expect("hexadecimal signs"));
        response
    }

    /// ProConnect remembers an agent twelve hours: signing in again is silent.
    fn remembered(&self, headers: &HeaderMap) -> Option<&Person> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let session = cookies.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == SESSION)?.1;
        let (person, at) = self.state().sessions.get(session).cloned()?;
        let is_live = self.now().duration_since(at) < SignedDuration::from_hours(12);
        self.person(&person).filter(|_| is_live)
    }

    fn client_of(&self, form: &Form) -> Option<Client> {
        let client = self.client(form.get("client_id")?)?;
        constant_time_eq(client.secret.as_bytes(), form.get("client_secret")?.as_bytes()).then_some(client)
    }

    /// A token with these claims, and the fault that was asked for.
    fn sign(&self, client: &Client, mut claims: Value) -> String {
        let state = self.state();
        let (now, fault) = (self.now().as_second(), state.fault);
        claims["iat"] = now.into();
        claims["exp"] = (now + TOKEN_LIFE_S).into();
        match fault {
            Some(Fault::Expired) => {
                claims["iat"] = (now - 3_600).into();
                claims["exp"] = (now - 3_540).into();
            }
            Some(Fault::WrongAudience) => claims["aud"] = "un-autre-service".into(),
            Some(Fault::WrongIssuer) => claims["iss"] = "https://autre.exemple.fr/api/v2".into(),
            _ => {}
        }
        match fault {
            Some(Fault::AlgNone) => keys::token("none", None, &claims, |_| vec![]),
            Some(Fault::Hs256) => keys::token("HS256", None, &claims, |signed| hmac_sha256(client.secret.as_bytes(), signed).to_vec()),
            Some(Fault::WrongKey) => state.keys.forge(client.alg, &claims),
            _ => state.keys.sign(client.alg, &claims),
        }
    }
}

pub(super) async fn authorize(State(double): State<Fournisseur>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let asked = match double.read(&query) {
        Ok(asked) => asked,
        Err(wrong) => return double.refuse(wrong),
    };
    let known = double.remembered(&headers).cloned().filter(|_| double.0.platform == Platform::ProConnect);
    match known {
        Some(person) if !asked.prompt.contains("login") => double.grant(asked, &person),
        None if asked.prompt == "none" => double.answer(&asked.redirect_uri, &[("error", "login_required"), ("state", &asked.state)]),
        _ => pages::choose(&double, &query).into_response(),
    }
}

pub(super) async fn interact(State(double): State<Fournisseur>, body: Bytes) -> Response {
    let form = Form::parse(&body).unwrap_or_default();
    let asked = match double.read(form.get("demande").unwrap_or_default()) {
        Ok(asked) => asked,
        Err(wrong) => return double.refuse(wrong),
    };
    match form.filled("personne").and_then(|id| double.person(id)).cloned() {
        Some(person) => double.grant(asked, &person),
        None => {
            let pairs = [("error", "access_denied"), ("error_description", "User auth aborted (Y030030)"), ("state", &asked.state)];
            double.answer(&asked.redirect_uri, &pairs)
        }
    }
}

fn token_error(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": error }))).into_response()
}

pub(super) async fn token(State(double): State<Fournisseur>, body: Bytes) -> Response {
    if double.is_down() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let form = Form::parse(&body).unwrap_or_default();
    let Some(client) = double.client_of(&form) else { return token_error("invalid_client") };
    if form.get("grant_type") != Some("authorization_code") {
        return token_error("unsupported_grant_type");
    }
    let grant = double.state().codes.remove(form.get("code").unwrap_or_default());
    let now = double.now();
    let is_good = |grant: &Grant| {
        grant.client == client.id && form.get("redirect_uri") == Some(&grant.redirect_uri) && now.duration_since(grant.at) <= CODE_LIFE
    };
    let Some(grant) = grant.filter(is_good) else { return token_error("invalid_grant") };
    let (nonce, acr) = match double.state().fault {
        Some(Fault::WrongNonce) => ("autre-nonce-que-celui-qui-fut-donne".to_owned(), grant.acr.clone()),
        Some(Fault::LowLevel) => (grant.nonce.clone(), "eidas0".to_owned()),
        _ => (grant.nonce.clone(), grant.acr.clone()),
    };
    let mut claims = json!({
        "sub": sub(&client, &grant.person), "acr": acr, "auth_time": now.as_second(), "nonce": nonce, "aud": client.id, "iss": double.0.issuer,
    });
    if grant.wants_amr {
        claims["amr"] = json!(grant.amr);
    }
    let (id_token, access_token, scope) = (double.sign(&client, claims), random(), grant.scope.clone());
    double.state().tokens.insert(access_token.clone(), Grant { at: now, ..grant });
    axum::Json(json!({
        "access_token": access_token, "expires_in": TOKEN_LIFE_S, "id_token": id_token, "scope": scope, "token_type": "Bearer",
    }))
    .into_response()
}

pub(super) async fn userinfo(State(double): State<Fournisseur>, headers: HeaderMap) -> Response {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let grant = said.strip_prefix("Bearer ").and_then(|token| double.state().tokens.get(token).cloned());
    let is_live = |grant: &Grant| double.now().duration_since(grant.at) <= SignedDuration::from_secs(TOKEN_LIFE_S);
    let Some(grant) = grant.filter(is_live) else { return StatusCode::UNAUTHORIZED.into_response() };
    let (Some(client), Some(person)) = (double.client(&grant.client), double.person(&grant.person)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let fault = double.state().fault;
    let subject = if fault == Some(Fault::OtherSub) { "quelqu-un-d-autre" } else { &grant.person };
    let mut claims = json!({ "sub": sub(&client, subject), "aud": client.id, "iss": double.0.issuer });
    for (name, value) in person.claims.iter().filter(|(name, _)| is_in_scope(&grant.scope, name)) {
        claims[name] = value.clone();
    }
    if fault == Some(Fault::UnsignedUserinfo) {
        return axum::Json(claims).into_response();
    }
    ([(header::CONTENT_TYPE, "application/jwt")], double.sign(&client, claims)).into_response()
}

/// Which scopes give which claims.
fn is_in_scope(scope: &str, claim: &str) -> bool {
    let pivot = ["given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry"];
    scope.split(' ').any(|scope| match scope {
        "identite_pivot" => pivot.contains(&claim),
        "profile" => ["preferred_username", "given_name", "given_name_array", "family_name", "birthdate", "gender"].contains(&claim),
        "birth" => ["birthplace", "birthcountry"].contains(&claim),
        "given_name" => ["given_name", "given_name_array"].contains(&claim),
        one => one == claim,
    })
}

pub(super) async fn end_session(State(double): State<Fournisseur>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (Some(hint), Some(state), Some(to)) = (form.filled("id_token_hint"), form.filled("state"), form.filled("post_logout_redirect_uri")) else {
        return double.refuse(Wrong::OnPage("Y190001", "Il manque un paramètre à la déconnexion."));
    };
    let audience = hint.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let audience = audience.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok()).unwrap_or_default();
    let client = audience["aud"].as_str().and_then(|id| double.client(id));
    if !client.is_some_and(|client| client.logout_uris.iter().any(|uri| uri == to)) {
        return double.refuse(Wrong::OnPage("Y190004", "L’adresse de retour n’est pas celle qui est déclarée."));
    }
    if let Some(cookies) = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()) {
        for (_, session) in cookies.split(';').filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == SESSION) {
            double.state().sessions.remove(session);
        }
    }
    let mut response = Redirect::to(&format!("{to}?state={}", quote(state))).into_response();
    let gone = format!("{SESSION}=; Path=/; Max-Age=0");
    response.headers_mut().insert(header::SET_COOKIE, gone.parse().expect("signs of ASCII"));
    response
}

/// 64 hexadecimal signs and `v1`, another for each service.
fn sub(client: &Client, person: &str) -> String {
    format!("{}v1", hex(&sha256(format!("{}\n{person}", client.id).as_bytes())))
}

fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives randomness");
    hex(&bytes)
}

fn quote(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(sign).collect()
}

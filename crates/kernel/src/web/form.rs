//! What a form sent: names and texts, in order, read whole before any unit of work opens. Limits are refused in a
//! sentence. Files do not come this way (`upload.rs`), and no value is judged here: kinds and use cases do.

use std::{fmt, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{Method, header},
};
use http_body_util::BodyExt;
use multer::{Constraints, Multipart, SizeLimit};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{App, Error, Problem, Result, t};

/// More fields than any page of ours has.
pub const MAX_FIELDS: usize = 2_000;
/// More text than a page of ours takes.
pub const MAX_BYTES: usize = 64 << 10;
/// More text than the longest of them takes: a page of a démarche.
pub const MAX_LONG: usize = 10 << 20;
/// Bytes of forms that this process holds at once, from their first byte to their answer.
const ROOM: usize = 128 << 20;
static IN_FLIGHT: Semaphore = Semaphore::const_new(ROOM);
/// The hidden control that makes a form safe to send twice.
pub const KEY: &str = "_cle";

/// The fields of a form or of a query, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>, Held);

/// A form that may be long: for the pages of a démarche, where people write texts.
pub struct LongForm(pub Form);

/// The room that a form takes while it is read and handled.
#[derive(Clone, Default)]
struct Held(Option<Arc<SemaphorePermit<'static>>>);

impl Held {
    /// Makes room for more bytes, or refuses: whoever sends waits, rather than the process growing.
    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.grow_in(&IN_FLIGHT, bytes)
    }

    fn grow_in(&mut self, room: &'static Semaphore, bytes: usize) -> Result<()> {
        let full = || Error::Unavailable("trop d’envois à la fois");
        let bytes = u32::try_from(bytes).map_err(|_| full())?;
        let more = room.try_acquire_many(bytes).map_err(|_| full())?;
        match self.0.as_mut().and_then(Arc::get_mut) {
            Some(held) => held.merge(more),
            None => self.0 = Some(Arc::new(more)),
        }
        Ok(())
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// The room that it takes is no part of what a form says.
impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl Form {
    /// A form made by hand, for a test or a use case that replays one.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, text)| (name.into(), text.into())).collect(), Held::default())
    }

    /// Reads `a=1&b=2`; `Refused` when it is not text or has too many fields.
    pub fn parse(encoded: &[u8]) -> Result<Self> {
        let mut form = Self::default();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let cut = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let text = pair.get(cut + 1..).unwrap_or_default();
            form.add(decode(&pair[..cut])?, decode(text)?)?;
        }
        Ok(form)
    }

    /// The first text of this name, even when it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| of == name).map(|(_, text)| text.as_str())
    }

    /// The first text of this name, trimmed; `None` when nothing was typed.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// What was typed under this name, to be shown again in its control, which takes so many signs; nothing when it
    /// is longer: no browser of good will sends that.
    pub fn typed(&self, name: &str, at_most: usize) -> String {
        self.filled(name).filter(|text| text.chars().count() <= at_most).unwrap_or_default().to_owned()
    }

    /// All the texts of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(of, _)| of == name).map(|(_, text)| text.as_str())
    }

    /// Whether this name came, as a ticked box does.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every name and text, the key of the form excepted.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.0.iter().filter(|(name, _)| name != KEY);
        own.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The key of this rendering of the form, when it has a believable one.
    pub fn key(&self) -> Option<&str> {
        self.get(KEY).filter(|key| (16..=128).contains(&key.len()))
    }

    /// A hash of all that was typed: two sendings of the same thing have the same.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, text) in self.pairs() {
            for part in [name, text] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
        }
        crate::crypto::hex(&hasher.finalize())
    }

    /// Adds a field; `Refused` beyond the limits or when the text holds a null character.
    pub(super) fn add(&mut self, name: String, text: String) -> Result<()> {
        if self.0.len() >= MAX_FIELDS {
            return Err(Error::TooLarge(Problem {
                code: "too-many-fields",
                sentence: t!("Ce formulaire contient plus de 2 000 champs. Rechargez la page et recommencez."),
            }));
        }
        if name.contains('\0') || text.contains('\0') {
            let sentence = t!("Le texte envoyé contient un caractère invisible interdit (nul). Effacez-le, ou tapez le texte à nouveau.");
            return Err(Error::refused("null-character", sentence));
        }
        self.0.push((name, text));
        Ok(())
    }
}

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        receive(request, MAX_BYTES).await
    }
}

impl FromRequest<App> for LongForm {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        receive(request, MAX_LONG).await.map(Self)
    }
}

async fn receive(request: Request, limit: usize) -> Result<Form> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    }
    let mut held = Held::default();
    match media_type(&request) {
        "application/x-www-form-urlencoded" => {
            let Form(fields, _) = Form::parse(&read(request.into_body(), limit, &mut held).await?)?;
            Ok(Form(fields, held))
        }
        "multipart/form-data" => parts(request, limit, held).await,
        "" => match read(request.into_body(), limit, &mut held).await?.is_empty() {
            true => Ok(Form::default()),
            false => Err(wrong_type()),
        },
        _ => Err(wrong_type()),
    }
}

/// The media type of a request, without its parameters; empty when it says none.
pub(super) fn media_type(request: &Request) -> &str {
    let full = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    full.and_then(|full| full.split(';').next()).unwrap_or_default().trim()
}

/// The refusal of a body that is no form.
pub(super) fn wrong_type() -> Error {
    let sentence = t!("Cet envoi n’est pas un formulaire que nous savons lire. Rechargez la page et recommencez.");
    Error::refused("unsupported-media-type", sentence)
}

/// The refusal of a body that broke off.
pub(super) fn broken_off() -> Error {
    let sentence = t!("L’envoi s’est interrompu avant la fin. Vérifiez votre connexion, puis envoyez à nouveau.");
    Error::refused("body-interrupted", sentence)
}

fn too_long(limit: usize) -> Error {
    let size = if limit > MAX_BYTES { "10 Mo" } else { "64 Ko" };
    Error::TooLarge(Problem {
        code: "form-too-large",
        sentence: t!("Vos réponses dépassent {size} de texte. Raccourcissez-les, ou joignez un document à la place.", size = size),
    })
}

async fn read(mut body: Body, limit: usize, held: &mut Held) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(broken_off()) };
        if let Some(data) = frame.data_ref() {
            if whole.len() + data.len() > limit {
                return Err(too_long(limit));
            }
            held.grow(data.len())?;
            whole.extend_from_slice(data);
        }
    }
    Ok(whole)
}

async fn parts(request: Request, limit: usize, held: Held) -> Result<Form> {
    let mut multipart = multipart(request, Some(limit))?;
    let mut form = Form(vec![], held);
    let refusal = |error| match refusal(error) {
        Error::TooLarge(_) => too_long(limit),
        other => other,
    };
    while let Some(field) = multipart.next_field().await.map_err(refusal)? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let bytes = field.bytes().await.map_err(refusal)?;
        form.1.grow(bytes.len())?;
        match is_file {
            false => form.add(name, text(bytes.into())?)?,
            true if bytes.is_empty() => {}
            true => return Err(Error::refused("unexpected-file", t!("Cette page ne prend pas de fichier."))),
        }
    }
    Ok(form)
}

/// The parts of a body; `Refused` when it has none.
pub(super) fn multipart(request: Request, limit: Option<usize>) -> Result<Multipart<'static>> {
    let full = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = full.and_then(|full| multer::parse_boundary(full).ok()).ok_or_else(wrong_type)?;
    let size = limit.map_or(SizeLimit::new(), |limit| SizeLimit::new().whole_stream(limit as u64));
    let stream = request.into_body().into_data_stream();
    Ok(Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(size)))
}

/// What went wrong in a body made of parts, in a sentence.
pub(super) fn refusal(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => too_long(MAX_LONG),
        _ => broken_off(),
    }
}

/// The text of these bytes; `Refused` when they are not UTF-8.
pub(super) fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        let sentence = t!("Le texte envoyé n’est pas lisible (il n’est pas en UTF-8). Tapez-le à nouveau dans la page.");
        Error::refused("not-utf8", sentence)
    })
}

fn decode(encoded: &[u8]) -> Result<String> {
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    text(percent_encoding::percent_decode(&spaced).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<Form>) -> &'static str {
        match result.expect_err("the form is refused") {
            Error::Refused(problem) | Error::TooLarge(problem) => problem.code,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_form_is_read_in_order_with_its_repeated_names() {
        let form = Form::parse(b"nom=D%C3%A9sir%C3%A9e+B&choix=a&choix=b&vide=&_cle=0123456789abcdef").unwrap();
        assert_eq!(form.get("nom"), Some("Désirée B"));
        assert_eq!(form.all("choix").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((form.get("vide"), form.filled("vide"), form.get("absent")), (Some(""), None, None));
        assert_eq!(form.key(), Some("0123456789abcdef"));
        assert!(form.pairs().all(|(name, _)| name != KEY));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(code(Form::parse(b"nom=%FF%FE")), "not-utf8");
        assert_eq!(code(Form::parse(b"nom=a%00b")), "null-character");
        assert_eq!(code(Form::parse(b"no%00m=a")), "null-character");
    }

    #[test]
    fn two_thousand_fields_pass_and_one_more_does_not() {
        let fields = |n: usize| vec!["a=1"; n].join("&");
        assert!(Form::parse(fields(MAX_FIELDS).as_bytes()).is_ok());
        assert_eq!(code(Form::parse(fields(MAX_FIELDS + 1).as_bytes())), "too-many-fields");
    }

    #[test]
    fn the_hash_tells_where_a_name_ends_and_ignores_the_key() {
        let hash = |text: &str| Form::parse(text.as_bytes()).unwrap().hash();
        assert_ne!(hash("ab=c"), hash("a=bc"));
        assert_eq!(hash("a=b&_cle=0123456789abcdef"), hash("_cle=fedcba9876543210&a=b"));
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused_and_one_at_the_limit_is_not() {
        for limit in [MAX_BYTES, MAX_LONG] {
            let read = |length| async move { read(Body::from(vec![b'a'; length]), limit, &mut Held::default()).await };
            assert_eq!(read(limit).await.unwrap().len(), limit);
            assert!(matches!(read(limit + 1).await, Err(Error::TooLarge(_))));
        }
    }

    #[test]
    fn what_is_held_is_bounded_and_given_back() {
        static SMALL: Semaphore = Semaphore::const_new(10);
        let (mut all, mut other) = (Held::default(), Held::default());
        assert!((0..5).all(|_| all.grow_in(&SMALL, 2).is_ok()));
        assert!(matches!(other.grow_in(&SMALL, 1), Err(Error::Unavailable(_))));
        let shared = all.clone();
        drop(all);
        assert!(other.grow_in(&SMALL, 1).is_err(), "a clone of the form holds it still");
        drop(shared);
        assert!(other.grow_in(&SMALL, 10).is_ok());
    }

    #[test]
    fn what_is_shown_again_is_no_longer_than_its_control() {
        let form = Form::parse(b"mail=+a%40b.fr+&long=abcdef").unwrap();
        assert_eq!((form.typed("mail", 254).as_str(), form.typed("long", 5).as_str(), form.typed("absent", 9).as_str()), ("a@b.fr", "", ""));
    }
}

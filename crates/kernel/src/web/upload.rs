//! One file on its way in, handed over as a stream: it is never whole in memory. Whether it is welcome (size, kind,
//! virus) is judged where it is stored (`files.rs`), before any unit of work opens.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use futures_util::Stream;
use multer::{Field, Multipart};

use super::form::{self, Form};
use crate::{App, Error, Problem, Result, t};

/// Longest name kept for a file.
const MAX_NAME: usize = 180;
/// Longest text of a field that comes with a file.
const MAX_TEXT: usize = 64 << 10;

/// A form with one file: the texts that stand before it, then the file.
pub struct Upload {
    multipart: Multipart<'static>,
    form: Form,
}

/// The file of an `Upload`, as it comes.
pub struct IncomingFile {
    /// Name of the control.
    pub field: String,
    /// Name given by the person's machine, without folders or control characters.
    pub name: String,
    stream: Field<'static>,
}

impl FromRequest<App> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        if form::media_type(&request) != "multipart/form-data" {
            return Err(form::wrong_type());
        }
        // The size of a file is judged as it is stored, against the limit of the page that asked for it.
        Ok(Self { multipart: form::multipart(request, None)?, form: Form::default() })
    }
}

impl Upload {
    /// The next file; `None` when there is none left. A control left empty counts for none.
    pub async fn file(&mut self) -> Result<Option<IncomingFile>> {
        loop {
            let Some(next) = self.multipart.next_field().await.map_err(form::refusal)? else { return Ok(None) };
            let name = next.name().unwrap_or_default().to_owned();
            match next.file_name().map(clean_name) {
                None => self.form.add(name, short_text(next).await?)?,
                Some(file_name) if file_name.is_empty() => drop(next),
                Some(file_name) => {
                    return Ok(Some(IncomingFile { field: name, name: file_name, stream: next }));
                }
            }
        }
    }

    /// The texts read so far: those that stand before the file in the page.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Reads the texts that stand after the file, and gives all of them.
    pub async fn finish(mut self) -> Result<Form> {
        match self.file().await? {
            None => Ok(self.form),
            Some(_) => Err(Error::refused("one-file-at-a-time", t!("Envoyez un seul fichier à la fois."))),
        }
    }
}

impl Stream for IncomingFile {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.stream).poll_next(cx).map_err(broken)
    }
}

fn broken(error: multer::Error) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, error)
}

async fn short_text(mut field: Field<'static>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(form::refusal)? {
        if bytes.len() + chunk.len() > MAX_TEXT {
            let sentence = t!("Le texte joint au fichier est trop long. Raccourcissez-le.");
            return Err(Error::TooLarge(Problem { code: "form-too-large", sentence }));
        }
        bytes.extend_from_slice(&chunk);
    }
    form::text(bytes)
}

/// A file name as it may be shown and kept: no folder, no control character, not too long.
fn clean_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim();
    match plain.chars().count() > MAX_NAME {
        false => plain.to_owned(),
        true => shorten(plain),
    }
}

/// Cuts the middle, so that the extension stays.
fn shorten(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let tail = &chars[chars.len() - 20..];
    chars[..MAX_NAME - 21].iter().chain(['…'].iter()).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_loses_its_folders_and_keeps_its_extension() {
        assert_eq!(clean_name("C:\\Users\\moi\\RIB é.pdf"), "RIB é.pdf");
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("a\r\nb\0.pdf"), "ab.pdf");
        let long = clean_name(&format!("{}.pdf", "é".repeat(400)));
        assert_eq!((long.chars().count(), long.ends_with(".pdf")), (MAX_NAME, true));
    }
}

//! What a file is, by its content: its name and declared type are not believed. Says in French what was found and
//! what to do. It does not look for viruses, and does not decode images.

use memchr::memmem;

/// The kinds that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pdf,
    Jpeg,
    Png,
    Webp,
    Heic,
}

/// How much of a file is enough to know.
pub(super) const HEAD: usize = 8 * 1024;

impl Kind {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
        }
    }
}

/// The kind of a file by its first bytes, or what it is instead, in French, and what to do.
pub(super) fn kind(head: &[u8]) -> Result<Kind, String> {
    // Readers accept a PDF whose mark comes within the first kilobyte.
    let start = &head[..head.len().min(1024)];
    if start.windows(5).any(|mark| mark == b"%PDF-") {
        return Ok(Kind::Pdf);
    }
    let found = infer::get(head).map(|kind| kind.mime_type());
    match found {
        Some("image/jpeg") => Ok(Kind::Jpeg),
        Some("image/png") => Ok(Kind::Png),
        Some("image/webp") => Ok(Kind::Webp),
        Some("image/heif") => Ok(Kind::Heic),
        _ => Err(refusal(found, head)),
    }
}

fn refusal(found: Option<&str>, head: &[u8]) -> String {
    let what = match found {
        Some("application/msword" | "application/vnd.openxmlformats-officedocument.wordprocessingml.document") => {
            return "Ce fichier est un document Word. Dans Word, choisissez « Enregistrer sous », puis « PDF », et envoyez le PDF.".into();
        }
        Some("application/vnd.oasis.opendocument.text") => {
            return "Ce fichier est un document LibreOffice. Choisissez « Fichier », « Exporter au format PDF », et envoyez le PDF.".into();
        }
        Some(
            "application/vnd.ms-excel"
            | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            | "application/vnd.oasis.opendocument.spreadsheet",
        ) => "est un tableur",
        Some(
            "application/vnd.ms-powerpoint"
            | "application/vnd.openxmlformats-officedocument.presentationml.presentation"
            | "application/vnd.oasis.opendocument.presentation",
        ) => "est une présentation",
        Some("application/zip" | "application/vnd.rar" | "application/x-7z-compressed" | "application/gzip" | "application/x-tar") => {
            return "Ce fichier est une archive compressée. Ouvrez-la, puis envoyez un par un les documents qu’elle contient.".into();
        }
        Some("application/rtf") => "est un document RTF",
        Some("text/html") => "est une page web",
        Some(image) if image.starts_with("image/") => "est une image d’un format que nous ne lisons pas",
        Some(film) if film.starts_with("video/") => "est une vidéo",
        Some(sound) if sound.starts_with("audio/") => "est un enregistrement sonore",
        Some(
            "application/x-executable"
            | "application/vnd.microsoft.portable-executable"
            | "text/x-shellscript"
            | "application/x-mach-binary"
            | "application/vnd.android.dex"
            | "application/java",
        ) => "est un programme",
        _ if is_text(head) => "est un fichier de texte",
        _ => "n’est pas d’un format que nous lisons",
    };
    format!("Ce fichier {what}. Envoyez un PDF ou une photo (JPEG, PNG, WebP ou HEIC).")
}

fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last letter may be cut.
        Err(error) if head.len() - error.valid_up_to() < 4 => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        Err(_) => return false,
    };
    !whole.is_empty() && !whole.chars().any(|letter| letter.is_control() && !letter.is_whitespace())
}

/// Looks for `/Encrypt` in the trailers of a PDF while it streams. A trailer is a dictionary that also holds
/// `/Root`: the word in a page's text, or in another dictionary, is not taken for one. Each byte is searched once, each
/// dictionary read once, and a file that holds the word in more of them than any true one is refused unread.
#[derive(Default)]
pub(super) struct EncryptWatch {
    window: Vec<u8>,
    /// What of the window was searched.
    searched: usize,
    /// End of the last dictionary read, in the window.
    read: usize,
    dictionaries: u32,
    found: bool,
}

/// A trailer is far shorter than this.
const REACH: usize = 4 * 1024;
/// No true file says the word in so many dictionaries.
const DICTIONARIES: u32 = 64;
const WORD: &[u8] = b"/Encrypt";

impl EncryptWatch {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(4 * REACH) {
            if self.found {
                return;
            }
            self.window.extend_from_slice(piece);
            if self.window.len() > 4 * REACH {
                self.look(self.window.len() - REACH);
                self.forget(self.window.len() - 2 * REACH);
            }
        }
    }

    pub(super) fn finish(mut self) -> bool {
        self.look(self.window.len());
        self.found
    }

    fn forget(&mut self, bytes: usize) {
        self.window.drain(..bytes);
        self.searched -= bytes;
        self.read = self.read.saturating_sub(bytes);
    }

    /// Searches up to `until`; a word cut there is left for the next time.
    fn look(&mut self, until: usize) {
        while !self.found
            && let Some(at) = memmem::find(&self.window[self.searched..until], WORD).map(|at| at + self.searched)
        {
            self.searched = at + WORD.len();
            let is_whole = self.window.get(self.searched).is_some_and(|byte| !byte.is_ascii_alphanumeric());
            if is_whole && at >= self.read {
                self.dictionaries += 1;
                let (from, end) = self.dictionary(at);
                self.found = self.dictionaries > DICTIONARIES || memmem::find(&self.window[from..end], b"/Root").is_some();
                self.read = end;
            }
        }
        self.searched = self.searched.max((until + 1).saturating_sub(WORD.len()));
    }

    /// What surrounds a word, up to the ends of its object.
    fn dictionary(&self, at: usize) -> (usize, usize) {
        let before = &self.window[at.saturating_sub(REACH)..at];
        let after = &self.window[at..(at + REACH).min(self.window.len())];
        let starts = [&b"endobj"[..], b"endstream", b"trailer", b"%%EOF"];
        let start = starts.iter().filter_map(|mark| memmem::rfind(before, mark)).max().unwrap_or(0);
        let ends = [&b"stream"[..], b"endobj", b"startxref", b"xref"];
        let end = ends.iter().filter_map(|mark| memmem::find(after, mark)).min().unwrap_or(after.len());
        (at - before.len() + start, at + end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_kinds_are_known_by_their_content() {
        let heads: [(&[u8], Kind); 6] = [
            (b"%PDF-1.7\n", Kind::Pdf),
            (b"\xef\xbb\xbf junk\n%PDF-1.4\n", Kind::Pdf),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Png),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Kind::Webp),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Kind::Heic),
        ];
        for (head, expected) in heads {
            assert_eq!(kind(head), Ok(expected), "{head:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_was_found_and_what_to_do() {
        let cases: [(&[u8], &str); 6] = [
            (b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0a.txt", "archive"),
            (b"GIF89a\x01\0", "image d’un format"),
            (b"MZ\x90\0\x03", "programme"),
            ("Bonjour à tous".as_bytes(), "fichier de texte"),
            (b"<!DOCTYPE html><html>", "page web"),
            (b"\x01\x02\x03\x04", "n’est pas d’un format"),
        ];
        for (head, expected) in cases {
            let refusal = kind(head).expect_err("refused");
            assert!(refusal.contains(expected), "{refusal}");
            assert!(refusal.contains("nvoyez"), "{refusal}");
        }
    }

    fn is_encrypted(pdf: &[u8], step: usize) -> bool {
        let mut watch = EncryptWatch::default();
        pdf.chunks(step).for_each(|piece| watch.feed(piece));
        watch.finish()
    }

    #[test]
    fn an_encrypted_pdf_is_seen_in_a_trailer_or_a_cross_reference_stream() {
        let classic = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer\n<</Size 9 /Encrypt 8 0 R/Root 1 0 R>>\nstartxref\n9\n%%EOF";
        let stream = b"%PDF-1.5\n7 0 obj\n<</Type/XRef/Root 1 0 R/Encrypt<</V 4>>/W[1 2 1]>>\nstream\nxx\nendstream";
        let padding = vec![b' '; 50_000];
        let far = [&b"%PDF-1.4\n"[..], &padding, &classic[..], &padding].concat();
        for (pdf, step) in [(&classic[..], 7), (&stream[..], 1000), (&far[..], 1000), (&far[..], 64 * 1024)] {
            assert!(is_encrypted(pdf, step));
        }
    }

    #[test]
    fn each_dictionary_is_read_once_and_no_more_than_a_few() {
        let mut watch = EncryptWatch::default();
        let object = [&b"endobj"[..], &b"/Encrypt ".repeat(100)].concat();
        watch.feed(&object.repeat(20));
        assert_eq!((watch.dictionaries, watch.found), (20 - 4, false), "the last kilobytes wait");
        watch.feed(&object.repeat(1000));
        assert_eq!((watch.dictionaries, watch.found), (DICTIONARIES + 1, true));
        assert!(watch.window.len() < 10 * REACH, "nothing more is kept once it is known");
    }

    #[test]
    fn a_word_is_seen_wherever_the_pieces_are_cut() {
        let trailer = b"trailer<</Root 1 0 R/Encrypt 8 0 R>>startxref";
        for shift in 0..20 {
            let pdf = [vec![b' '; 3 * REACH - 30 + shift], trailer.to_vec(), vec![b' '; 6 * REACH]].concat();
            for step in [1, 7, 4 * REACH, 5 * REACH] {
                assert!(is_encrypted(&pdf, step), "{shift} {step}");
            }
        }
    }

    #[test]
    fn the_word_elsewhere_is_not_encryption() {
        let plain = b"%PDF-1.4\n1 0 obj<</EncryptMetadata true>>endobj 2 0 obj<</Length 20>>stream\n(about /Encrypt 8 0 R)\nendstream endobj\ntrailer<</Root 1 0 R/Size 3>>startxref 9 %%EOF";
        assert!(!is_encrypted(plain, 1000));
        assert!(!is_encrypted(plain, 3));
        assert!(!is_encrypted(b"", 1));
    }
}

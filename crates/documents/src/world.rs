//! The little world in which typst runs: our layout, our fonts, one letter. Nothing else exists.
//!
//! Two traps of the engine are held here. The paths of files live in a table that is never freed:
//! they are three, and fixed. Results are remembered for the whole process: they are forgotten
//! after each letter, which also keeps personal data from lingering in memory.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::Error;
use crate::data::Prepared;

/// How many letters ago a remembered result may date from.
const MEMORY: usize = 2;

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files: [&'static [u8]; 3] = [
        include_bytes!("../fonts/LiberationSans-Regular.ttf"),
        include_bytes!("../fonts/LiberationSans-Bold.ttf"),
        include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    ];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| {
    // Needed to say that the first column of a table names the line.
    let features = [Feature::A11yExtras].into_iter().collect();
    LazyHash::new(Library::builder().with_features(features).build())
});
static LAYOUT: LazyLock<Source> = LazyLock::new(|| Source::new(*MAIN, include_str!("letter.typ").to_owned()));
static MAIN: LazyLock<FileId> = LazyLock::new(|| path("letter.typ"));
static DATA: LazyLock<FileId> = LazyLock::new(|| path("letter.json"));
static LOGO: LazyLock<FileId> = LazyLock::new(|| path("logo.svg"));

fn path(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("our three names are paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// Tells whether all our fonts have a drawing for a character.
pub(crate) fn can_draw(c: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(u32::from(c)))
}

/// Composes one letter.
pub(crate) fn compile(prepared: &Prepared) -> Result<Vec<u8>, Error> {
    let world = LetterWorld {
        data: Bytes::from_string(prepared.json.clone()),
        logo: prepared.logo.clone().map(Bytes::from_string),
        today: datetime(prepared.date),
    };
    let result = typst::compile::<PagedDocument>(&world)
        .output
        .and_then(|document| typst_pdf::pdf(&document, &options(&prepared.json)))
        .map_err(|reasons| Error::Layout(sentences(&reasons)));
    comemo::evict(MEMORY);
    result
}

/// PDF/A-3a and PDF/UA-1: the engine refuses to write a file that is not both.
fn options(data: &str) -> PdfOptions {
    PdfOptions {
        ident: Smart::Custom(data.to_owned()),
        creator: Smart::Custom(Some("Parvis".into())),
        standards: PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1]).expect("these two standards go together"),
        ..PdfOptions::default()
    }
}

fn datetime(date: jiff::civil::Date) -> Option<Datetime> {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    Datetime::from_ymd(date.year().into(), month, day)
}

fn sentences(reasons: &[SourceDiagnostic]) -> String {
    let messages: Vec<&str> = reasons.iter().map(|reason| reason.message.as_str()).collect();
    messages.join("; ")
}

struct LetterWorld {
    data: Bytes,
    logo: Option<Bytes>,
    today: Option<Datetime>,
}

impl World for LetterWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == *MAIN { Ok(LAYOUT.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.logo {
            _ if id == *DATA => Ok(self.data.clone()),
            Some(logo) if id == *LOGO => Ok(logo.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

//! What `parvis teleservice …` does with folders and archives, away from any database: new, check, essais, pack.
//! Each function takes paths and gives what to print; the command prints and chooses the status.

mod scaffold;

use crate::engine::essais;
use crate::package::{Files, Package, Report, Words};
use jiff::civil::Date;
use std::path::Path;

/// What a command says, and whether it succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub text: String,
    pub is_ok: bool,
}

impl Said {
    fn well(text: impl Into<String>) -> Said {
        Said { text: text.into(), is_ok: true }
    }

    fn ill(text: impl Into<String>) -> Said {
        Said { text: text.into(), is_ok: false }
    }
}

/// The files of a folder or of a `.tar.gz`; the report in words when they cannot be read.
pub fn read(path: &Path) -> Result<Files, String> {
    let say = |report: Report| report.render(&Files::default());
    if path.is_dir() {
        return Files::read(path).map_err(say);
    }
    let bytes = std::fs::read(path).map_err(|e| format!("Impossible de lire « {} » : {e}.\n", path.display()))?;
    Files::unpack(&bytes).map_err(say)
}

/// `check`: every flaw with its place and its mend.
pub fn check(path: &Path) -> Said {
    match read(path) {
        Err(text) => Said::ill(text),
        Ok(files) => {
            let checked = Package::check(&files, &Words::default());
            Said { text: checked.report.render(&files), is_ok: checked.package.is_some() }
        }
    }
}

/// `essais`: runs them all.
pub fn try_out(path: &Path, today: Date) -> Said {
    let files = match read(path) {
        Ok(files) => files,
        Err(text) => return Said::ill(text),
    };
    match Package::load(&files, &Words::default()) {
        Err(report) => Said::ill(report.render(&files)),
        Ok(package) => {
            let results = package.run_essais(today);
            let is_ok = results.iter().all(|result| result.failures.is_empty());
            Said { text: essais::report(&results, &files), is_ok }
        }
    }
}

/// `pack`: checks, then writes the archive.
pub fn pack(path: &Path, archive: &Path) -> Said {
    let checked = check(path);
    if !checked.is_ok {
        return checked;
    }
    let written = read(path).and_then(|files| {
        let bytes = files.pack().map_err(|e| e.to_string())?;
        std::fs::write(archive, bytes).map_err(|e| e.to_string())
    });
    match written {
        Ok(()) => Said::well(format!("Archive écrite : {}.\n", archive.display())),
        Err(e) => Said::ill(format!("Impossible d’écrire « {} » : {e}.\n", archive.display())),
    }
}

/// `new`: a package that can be filled, sent and instructed at once, in a folder that does not exist yet.
pub fn new(folder: &Path, title: &str, org_unit: &str) -> Said {
    let slug = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if folder.exists() {
        return Said::ill(format!("« {} » existe déjà : choisissez un autre dossier.\n", folder.display()));
    }
    let files = match scaffold::files(slug, title, org_unit) {
        Ok(files) => files,
        Err(sentence) => return Said::ill(format!("{sentence}\n")),
    };
    let write = |(path, text): (&str, &str)| {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, text)
    };
    match files.iter().try_for_each(write) {
        Ok(()) => Said::well(format!(
            "Téléservice écrit dans « {0} ».\nEnsuite : parvis teleservice check {0}, puis parvis teleservice publish {0}\n",
            folder.display()
        )),
        Err(e) => Said::ill(format!("Impossible d’écrire dans « {} » : {e}.\n", folder.display())),
    }
}

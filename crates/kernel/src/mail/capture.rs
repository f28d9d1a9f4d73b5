//! Mails that stay here: in a folder, one JSON file each, so that several processes and a restart see them; or in
//! memory. Only the last ones are kept.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Mail, WHO};
use crate::{Error, Result, crypto};

const KEPT: usize = 1_000;

pub(super) struct Capture {
    folder: Option<PathBuf>,
    memory: Mutex<Vec<Mail>>,
    down: AtomicBool,
}

impl Capture {
    pub(super) fn in_memory() -> Self {
        Self { folder: None, memory: Mutex::default(), down: AtomicBool::new(false) }
    }

    pub(super) fn in_folder(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|error| {
            let sentence = format!("Le dossier des courriels {} ne peut pas être créé : {error}.", folder.display());
            Error::refused("mail", sentence)
        })?;
        Ok(Self { folder: Some(folder.into()), ..Self::in_memory() })
    }

    pub(super) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    pub(super) fn keep(&self, mail: Mail) -> Result<()> {
        if self.down.load(Ordering::Relaxed) {
            return Err(Error::Unavailable(WHO));
        }
        match &self.folder {
            Some(folder) => write(folder, &mail),
            None => {
                let mut memory = self.memory.lock().map_err(|_| Error::internal("a holder of the mails panicked"))?;
                memory.push(mail);
                let over = memory.len().saturating_sub(KEPT);
                memory.drain(..over);
                Ok(())
            }
        }
    }

    pub(super) fn all(&self) -> Vec<Mail> {
        match &self.folder {
            Some(folder) => names(folder).iter().filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect(),
            None => self.memory.lock().map(|memory| memory.clone()).unwrap_or_default(),
        }
    }
}

/// Written beside and moved, so that a reader never sees half a mail. The name sorts by time.
fn write(folder: &Path, mail: &Mail) -> Result<()> {
    let at = mail.captured_at.map_or(0, |at| at.as_microsecond());
    let name = format!("{at:020}-{}", crypto::hex(&crypto::random::<4>()));
    let beside = folder.join(format!("{name}.tmp"));
    fs::write(&beside, serde_json::to_vec_pretty(mail)?)?;
    fs::rename(&beside, folder.join(format!("{name}.json")))?;
    let kept = names(folder);
    for old in &kept[..kept.len().saturating_sub(KEPT)] {
        // Another process may have removed it first.
        let _ = fs::remove_file(old);
    }
    Ok(())
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut names: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    names.sort_unstable();
    names
}

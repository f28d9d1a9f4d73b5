//! What the program writes is for its own account alone, whatever the mask it was started with.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

/// Every file and folder below, with its mode.
fn modes(folder: &Path, found: &mut Vec<(String, u32)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let mode = entry.metadata().expect("there").permissions().mode() & 0o777;
        found.push((entry.path().display().to_string(), mode));
        if entry.path().is_dir() {
            modes(&entry.path(), found);
        }
    }
}

#[test]
fn nothing_that_it_writes_is_open_to_other_accounts() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["key", "new"][..], &["migrate"], &["check"]] {
        let program = format!("umask 022; exec {} {}", env!("CARGO_BIN_EXE_parvis"), arguments.join(" "));
        let done = Command::new("sh")
            .args(["-c", &program])
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("PARVIS_DATABASE", format!("sqlite:{}", folder.path().join("parvis.db").display()))
            .env("PARVIS_DATA", folder.path().join("data"))
            .env("PARVIS_KEY", folder.path().join("parvis.key"))
            .output()
            .expect("it starts");
        assert!(folder.path().join("parvis.key").exists(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let mut found = vec![];
    modes(folder.path(), &mut found);
    assert!(found.iter().any(|(path, _)| path.ends_with("parvis.db")) && found.len() >= 3, "{found:?}");
    let open: Vec<_> = found.iter().filter(|(_, mode)| mode & 0o077 != 0).collect();
    assert!(open.is_empty(), "{open:?}");
}
